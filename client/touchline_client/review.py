"""Batches with their verdicts, and releases."""

import hashlib
import json
import time
import uuid
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from touchline_client import shapes
from touchline_client.problems import DownloadDamaged
from touchline_client.resource import Resource

BLOCK = 2**20
POLL_S = 2.0


class Batches(Resource):
    def list(self, project_id: int, **filters: str) -> Iterator[shapes.Batch]:
        return self.http.pages(f"projects/{project_id}/batches", filters)

    def get(self, batch_id: int) -> shapes.Batch:
        """With its items."""
        found: shapes.Batch = self.http.get(f"batches/{batch_id}")
        return found

    def create(self, project_id: int) -> shapes.Batch:
        """Of every finished episode that is in no batch."""
        made: shapes.Batch = self.http.ask("POST", f"projects/{project_id}/batches")
        return made

    def approve_item(self, item: shapes.BatchItem, set_id: str) -> shapes.BatchItem:
        """Let a set stand for the episode. Raises Stale after another reviewer's verdict."""
        return self._verdict(item, "approved", [set_id], "")

    def return_item(
        self, item: shapes.BatchItem, set_ids: Sequence[str], comment: str
    ) -> shapes.BatchItem:
        """Send sets back to their annotators."""
        return self._verdict(item, "returned", list(set_ids), comment)

    def _verdict(
        self, item: shapes.BatchItem, decision: str, sets: Sequence[str], comment: str
    ) -> shapes.BatchItem:
        body = {
            "decision": decision,
            "annotation_sets": sets,
            "comment": comment,
            "version": item["version"],
            "request_id": str(uuid.uuid4()),
        }
        done: shapes.BatchItem = self.http.ask(
            "POST", f"batch-items/{item['id']}/verdicts", json=body
        )
        return done

    def approve(self, batch_id: int) -> shapes.Batch:
        """All of whose items are approved."""
        done: shapes.Batch = self.http.ask("POST", f"batches/{batch_id}/approve")
        return done


class Releases(Resource):
    def list(self, project_id: int, **filters: str) -> Iterator[shapes.Release]:
        return self.http.pages(f"projects/{project_id}/releases", filters)

    def get(self, release_id: str) -> shapes.Release:
        found: shapes.Release = self.http.get(f"releases/{release_id}")
        return found

    def create(
        self, project_id: int, batches: Sequence[int], *, format: str = ""
    ) -> shapes.Release:
        """Of approved batches; it is built by a worker."""
        body: shapes.Json = {"batches": list(batches)}
        if format:
            body["format"] = format
        made: shapes.Release = self.http.ask("POST", f"projects/{project_id}/releases", json=body)
        return made

    def wait(self, release_id: str, *, timeout_s: float = 3600.0) -> shapes.Release:
        """Until it is ready or has failed. Raises TimeoutError."""
        until = time.monotonic() + timeout_s
        while True:
            found = self.get(release_id)
            if found["state"] in ("ready", "failed"):
                return found
            if time.monotonic() > until:
                raise TimeoutError(f"The release is still {found['state']}.")
            time.sleep(POLL_S)

    def manifest(self, release_id: str) -> shapes.ReleaseManifest:
        """Every file with its size and sha256."""
        found: shapes.ReleaseManifest = self.http.get(f"releases/{release_id}/manifest")
        return found

    def download(self, release_id: str, target: Path) -> Path:
        """The release as a zip at ``target``, each of its files held to the manifest.

        It appears under that name when it is whole and right. Raises DownloadDamaged.
        """
        manifest = self.manifest(release_id)
        partial = target.with_name(f".{target.name}.partial")
        try:
            with (
                self.http.stream(f"releases/{release_id}/archive") as answer,
                partial.open("wb") as sink,
            ):
                for block in answer.iter_bytes(BLOCK):
                    sink.write(block)
            check_archive(partial, manifest)
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)
        return target


def check_archive(archive: Path, manifest: shapes.ReleaseManifest) -> None:
    """Raises DownloadDamaged for a file that is missing or has other bytes."""
    wanted = {file["path"]: file["sha256"] for one in manifest["datasets"] for file in one["files"]}
    for one in manifest["datasets"]:
        wanted[f"{one['folder']}/manifest.json"] = one["manifest_sha256"]
    try:
        with zipfile.ZipFile(archive) as opened:
            names = {name.split("/", 1)[1]: name for name in opened.namelist() if "/" in name}
            for path, sha256 in wanted.items():
                if path not in names:
                    raise DownloadDamaged(f"{path} is not in the archive.")
                with opened.open(names[path]) as file:
                    found = hashlib.sha256()
                    while block := file.read(BLOCK):
                        found.update(block)
                if found.hexdigest() != sha256:
                    raise DownloadDamaged(f"{path} has other bytes than the manifest says.")
    except zipfile.BadZipFile as error:
        raise DownloadDamaged(f"The archive is not whole: {error}.") from error
    if content_sum(manifest) != manifest["content_sha256"]:
        raise DownloadDamaged("The manifest is not the one that the release was signed with.")


def content_sum(manifest: shapes.ReleaseManifest) -> str:
    """As the server makes it: over paths and checksums, then over the manifests' own."""
    lines = [
        f"{file['sha256']}  {file['path']}\n"
        for one in manifest["datasets"]
        for file in one["files"]
    ]
    sums = json.dumps([one["manifest_sha256"] for one in manifest["datasets"]])
    return hashlib.sha256("".join([*sorted(lines), sums]).encode()).hexdigest()
