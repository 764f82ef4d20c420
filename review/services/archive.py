"""A release's folder as one zip, written while it is read, the same bytes every time."""

import io
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from review.errors import ReleaseNotReady
from review.models import Release

BLOCK = 2**20
# Zip knows no year before 1980; a fixed date makes equal releases equal archives.
EPOCH = (1980, 1, 1, 0, 0, 0)


class _Sink(io.RawIOBase):
    """Collects what the archive writes until somebody takes it; cannot seek, so nothing is kept."""

    def __init__(self) -> None:
        self._chunks: list[bytes] = []
        self._position = 0

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        chunk = bytes(memoryview(data))  # type: ignore[arg-type]
        self._chunks.append(chunk)
        self._position += len(chunk)
        return len(chunk)

    def tell(self) -> int:
        return self._position

    def taken(self) -> bytes:
        data = b"".join(self._chunks)
        self._chunks.clear()
        return data


def zip_chunks(folder: Path, root: str, beside: Mapping[str, bytes]) -> Iterator[bytes]:
    """The files of ``folder`` below a folder ``root``, stored: video does not get smaller.

    ``beside``: files that are written from records, by name, before all others.
    """
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:
        for name, content in beside.items():
            info = zipfile.ZipInfo(f"{root}/{name}", EPOCH)
            info.external_attr = 0o644 << 16
            archive.writestr(info, content)
            yield sink.taken()
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            info = zipfile.ZipInfo(f"{root}/{path.relative_to(folder).as_posix()}", EPOCH)
            info.external_attr = 0o644 << 16
            with path.open("rb") as source, archive.open(info, "w", force_zip64=True) as target:
                while block := source.read(BLOCK):
                    target.write(block)
                    yield sink.taken()
    yield sink.taken()


def refuse_incomplete(release: Release, folder: Path) -> None:
    """Raises ReleaseNotReady when a file of the release is gone or has another size.

    Before the first byte goes out: an archive that breaks off looks like a bad connection.
    """
    for dataset in release.manifest["datasets"]:
        for file in dataset["files"]:
            path = folder / file["path"]
            if not path.is_file() or path.stat().st_size != file["size"]:
                raise ReleaseNotReady(
                    f"{file['path']} of this release is not as it was written.",
                    remedy="Make the release again, or restore the data folder from its backup.",
                )
