"""A small site for the frame tests: the page, videos by byte range, indexes, packs, faults."""

import gzip
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from episodes.video.index import build_index
from episodes.video.packs import PROFILES, write_packs
from episodes.video.slices import EpisodeIndex, slice_index

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript",
    ".mp4": "video/mp4",
    ".json": "application/json",
}
WHOLE = re.compile(r"bytes=(\d+)-(\d*)")
PROFILE = PROFILES["jpeg640"]


@dataclass
class Fault:
    """How to answer a path instead: ``times`` times (-1: always) with ``status``, 0 hangs up."""

    status: int
    times: int = -1
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Site:
    """What is served, and a log of what was sent: path, status and bytes of the body."""

    pages: Path
    address: str = ""
    documents: dict[str, bytes] = field(default_factory=dict)
    files: dict[str, Path] = field(default_factory=dict)
    faults: dict[str, Fault] = field(default_factory=dict)
    ranges: bool = True
    log: list[tuple[str, int, int]] = field(default_factory=list)

    def add_stream(
        self,
        name: str,
        video: Path,
        start: int = 0,
        frames: int | None = None,
        *,
        offset_ns: int = 0,
        packs: Path | None = None,
        **changed: Any,
    ) -> dict[str, Any]:
        """Serve a slice of a video; the stream as the editor payload gives it.

        ``packs`` is a folder to write fallback packs to, ``changed`` replaces fields of the index.
        """
        part = self._slice(video, start, frames, offset_ns)
        index = part.to_json() | {
            "stream_id": name,
            "camera": name,
            "sha256": "0" * 64,
            "offset_ns": offset_ns,
            "url": f"/media/{name}.mp4",
        }
        document = json.dumps(index | changed, separators=(",", ":")).encode()
        self.documents[f"/index/{name}"] = gzip.compress(document)
        self.files[f"/media/{name}.mp4"] = video
        if packs is not None:
            write_packs(video, part, PROFILE, packs)
            for file in packs.iterdir():
                self.files[f"/packs/{name}/{file.name}"] = file
        pack_url = f"/packs/{name}/" if packs is not None else None
        return {"id": name, "index_url": f"/index/{name}", "pack_url": pack_url}

    @staticmethod
    def _slice(video: Path, start: int, frames: int | None, offset_ns: int) -> EpisodeIndex:
        whole = build_index(video)
        return slice_index(
            whole, start, whole.frames - start if frames is None else frames, offset_ns
        )

    def bytes_sent(self, prefix: str = "/") -> int:
        return sum(size for path, _, size in self.log if path.startswith(prefix))


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def __init__(self, site: Site, *args: Any) -> None:
        self.site = site
        super().__init__(*args)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""

    def do_GET(self) -> None:
        path = self.path.split("?")[0]
        if self._answer_fault(path):
            return
        body = self.site.documents.get(path)
        if body is not None:
            self._send(200, body, ".json", **{"Content-Encoding": "gzip"})
        elif path in self.site.files:
            self._send_file(self.site.files[path])
        else:
            self._send_page("index.html" if path == "/" else path.lstrip("/"))

    def do_HEAD(self) -> None:
        """mediabunny asks for sizes this way."""
        path = self.path.split("?")[0]
        file = self.site.files.get(path)
        self.send_response(200 if file else 404)
        self.send_header("Content-Length", str(file.stat().st_size if file else 0))
        self.send_header("Accept-Ranges", "bytes")
        self.end_headers()

    def _answer_fault(self, path: str) -> bool:
        fault = self.site.faults.get(path)
        if fault is None or fault.times == 0:
            return False
        fault.times -= 1
        self.site.log.append((path, fault.status, 0))
        if fault.status == 0:
            self.close_connection = True
            return True
        self._send(fault.status, b"{}", ".json", **fault.headers)
        return True

    def _send_file(self, file: Path) -> None:
        wanted = WHOLE.fullmatch(self.headers.get("Range", ""))
        size = file.stat().st_size
        if wanted is None or not self.site.ranges:
            self._send(200, file.read_bytes(), file.suffix)
            return
        first, last = int(wanted[1]), min(int(wanted[2] or size), size - 1)
        with file.open("rb") as source:
            source.seek(first)
            body = source.read(last - first + 1)
        found = {"Content-Range": f"bytes {first}-{last}/{size}"}
        self._send(206, body, file.suffix, **found)

    def _send_page(self, name: str) -> None:
        file = (self.site.pages / name).resolve()
        if file.is_relative_to(self.site.pages.resolve()) and file.is_file():
            self._send(200, file.read_bytes(), file.suffix)
        else:
            self._send(404, b"", ".html")

    def _send(self, status: int, body: bytes, kind: str, **headers: str) -> None:
        self.site.log.append((self.path.split("?")[0], status, len(body)))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", TYPES.get(kind, "application/octet-stream"))
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Accept-Ranges", "bytes")
        self.end_headers()
        self.wfile.write(body)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Browsers hang up on requests they gave up; that is no news."""


@contextmanager
def running_site(pages: Path) -> Iterator[Site]:
    """A site on a free port of 127.0.0.1 until the block ends."""
    site = Site(pages)
    server = _Server(("127.0.0.1", 0), partial(_Handler, site))
    site.address = f"http://127.0.0.1:{server.server_port}"
    # shutdown() waits for the next look.
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
