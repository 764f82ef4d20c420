"""Datasets, episodes and how they come in."""

import base64
import hashlib
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from touchline_client import shapes
from touchline_client.resource import Resource

CHUNK_BYTES = 8 * 2**20
POLL_S = 1.0


class Datasets(Resource):
    def list(self, **filters: str) -> Iterator[shapes.Dataset]:
        """Those that one may see; ``name``, ``format`` and ``domain`` narrow it."""
        return self.http.pages("datasets", filters)

    def get(self, dataset_id: int) -> shapes.Dataset:
        found: shapes.Dataset = self.http.get(f"datasets/{dataset_id}")
        return found


class Episodes(Resource):
    def list(self, **filters: str) -> Iterator[shapes.Episode]:
        """Newest first; the filters are those of the page: ``q``, ``dataset``, ``tag``, …"""
        return self.http.pages("episodes", filters)

    def get(self, episode_id: str) -> shapes.Episode:
        """With its cameras and signals."""
        found: shapes.Episode = self.http.get(f"episodes/{episode_id}")
        return found


class Tasks(Resource):
    def list(self, text: str | None = None) -> Iterator[shapes.Task]:
        return self.http.pages("tasks", {"text": text})

    def get(self, task_id: int) -> shapes.Task:
        found: shapes.Task = self.http.get(f"tasks/{task_id}")
        return found


class SavedFilters(Resource):
    def list(self) -> Iterator[shapes.SavedFilter]:
        return self.http.pages("saved-filters")

    def save(self, name: str, query: str) -> shapes.SavedFilter:
        body = {"name": name, "query": query}
        made: shapes.SavedFilter = self.http.ask("POST", "saved-filters", json=body)
        return made

    def delete(self, filter_id: int) -> None:
        self.http.ask("DELETE", f"saved-filters/{filter_id}")


class Imports(Resource):
    def list(self, **filters: str | int) -> Iterator[shapes.Import]:
        return self.http.pages("imports", filters)

    def get(self, run_id: str) -> shapes.Import:
        """With its progress."""
        found: shapes.Import = self.http.get(f"imports/{run_id}")
        return found

    def items(self, run_id: str, state: str | None = None) -> Iterator[shapes.ImportItem]:
        """Its episodes; ``state="quarantined"`` are those that stayed out, with the reason."""
        return self.http.pages(f"imports/{run_id}/items", {"state": state})

    def start(
        self,
        path: str,
        *,
        name: str = "",
        mode: str = "copy",
        answers: Mapping[str, str] | None = None,
    ) -> shapes.Import:
        """Import what lies in an import root of the server. Invalid with the code
        ``answers_needed`` carries ``questions`` about what the files do not say."""
        body = {"path": path, "name": name, "mode": mode, "answers": dict(answers or {})}
        made: shapes.Import = self.http.ask("POST", "imports", json=body)
        return made

    def pause(self, run_id: str) -> shapes.Import:
        done: shapes.Import = self.http.ask("POST", f"imports/{run_id}/pause")
        return done

    def resume(self, run_id: str) -> shapes.Import:
        done: shapes.Import = self.http.ask("POST", f"imports/{run_id}/resume")
        return done

    def retry(self, run_id: str, item: int | None = None) -> shapes.Import:
        """All that are quarantined, or one."""
        done: shapes.Import = self.http.ask("POST", f"imports/{run_id}/retry", json={"item": item})
        return done

    def upload(
        self, file: Path, *, dataset_name: str = "", chunk_bytes: int = CHUNK_BYTES
    ) -> shapes.Upload:
        """Send a zipped dataset, or one that is a single file, in chunks with checksums.

        A chunk that does not arrive is sent again from where the server stands. Afterwards it is
        unpacked and imported: ``wait_for_upload`` follows that.
        """
        size = file.stat().st_size
        with file.open("rb") as source:
            whole = hashlib.file_digest(source, "sha256").hexdigest()
            announced: shapes.Upload = self.http.ask(
                "POST",
                "uploads",
                json={
                    "filename": file.name,
                    "size": size,
                    "sha256": whole,
                    "dataset_name": dataset_name,
                },
            )
            received = announced["received"]
            while received < size:
                source.seek(received)
                received = self._chunk(announced["id"], source.read(chunk_bytes), received, size)
        done: shapes.Upload = self.http.ask("POST", f"uploads/{announced['id']}/complete")
        return done

    def _chunk(self, upload_id: str, body: bytes, start: int, size: int) -> int:
        """How many bytes the server has afterwards."""
        digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
        answer: shapes.Upload = self.http.ask(
            "PUT",
            f"uploads/{upload_id}",
            content=body,
            headers={
                "Content-Type": "application/octet-stream",
                "Content-Range": f"bytes {start}-{start + len(body) - 1}/{size}",
                "Content-Digest": f"sha-256=:{digest}:",
            },
        )
        return answer["received"]

    def get_upload(self, upload_id: str) -> shapes.Upload:
        found: shapes.Upload = self.http.get(f"uploads/{upload_id}")
        return found

    def answer_upload(self, upload_id: str, answers: Mapping[str, str]) -> shapes.Upload:
        """What the dataset does not say, by the ids of its ``questions``."""
        done: shapes.Upload = self.http.ask(
            "POST", f"uploads/{upload_id}/answers", json={"answers": dict(answers)}
        )
        return done

    def wait_for_upload(self, upload_id: str, *, timeout_s: float = 600.0) -> shapes.Upload:
        """Until it is complete, refused, or asks something. Raises TimeoutError."""
        until = time.monotonic() + timeout_s
        while True:
            found = self.get_upload(upload_id)
            if found["state"] not in ("receiving", "checking"):
                return found
            if time.monotonic() > until:
                raise TimeoutError(f"The upload is still {found['state']}.")
            time.sleep(POLL_S)
