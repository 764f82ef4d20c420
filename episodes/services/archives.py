"""Unpacking somebody else's zip: only plain files, only below the target, only so many bytes."""

import shutil
import stat
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from episodes.errors import UploadRefused
from episodes.selectors.imports import FOLDER_SUFFIXES

MARKER = ("meta", "info.json")
ALLOWED = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
# Left by file managers; no dataset needs them.
LITTER = ("__MACOSX", ".DS_Store", "Thumbs.db")
ZIP_AGAIN = "Pack the dataset's folder again as a plain zip, and upload that."


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """What no dataset exceeds. Video and parquet are compressed already: a high ratio is a bomb."""

    total_bytes: int
    files: int = 200_000
    ratio: int = 100
    ratio_from_bytes: int = 100 * 2**20


def unpack(archive: Path, target: Path, limits: ArchiveLimits) -> Path:
    """Unpack into ``target``, a new folder, and return the dataset's folder or file in it.

    Raises UploadRefused for a damaged archive, a path that leaves the target, links, passwords,
    too many bytes or files, or anything but one dataset; ``target`` then does not exist.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            members = list(_members(opened))
            _check_sizes(members, archive.stat().st_size, limits)
            _check_single(members)
            target.mkdir(parents=True)
            for member, path in members:
                _extract(opened, member, target / path)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, ValueError) as error:
        shutil.rmtree(target, ignore_errors=True)
        raise UploadRefused(f"The zip is damaged: {error}", remedy=ZIP_AGAIN) from error
    except BaseException:
        shutil.rmtree(target, ignore_errors=True)
        raise
    return dataset_root(target)


def _members(opened: zipfile.ZipFile) -> Iterator[tuple[zipfile.ZipInfo, PurePosixPath]]:
    seen: set[PurePosixPath] = set()
    for member in opened.infolist():
        path = PurePosixPath(member.filename)
        if member.is_dir() or any(part in LITTER for part in path.parts):
            continue
        outside = path.is_absolute() or ".." in path.parts or not path.parts
        if outside or "\\" in member.filename or ":" in path.parts[0]:
            raise UploadRefused(
                f"The zip holds “{member.filename}”, which leads out of its folder.",
                remedy=ZIP_AGAIN,
            )
        kind = stat.S_IFMT(member.external_attr >> 16)
        if kind not in (0, stat.S_IFREG):
            raise UploadRefused(
                f"The zip holds “{member.filename}”, which is a link or a device, not a file.",
                remedy="Copy the dataset with its links resolved (cp -rL), then zip the copy.",
            )
        if member.flag_bits & 0x1 or member.compress_type not in ALLOWED:
            raise UploadRefused(
                f"“{member.filename}” in the zip is encrypted or packed in an unusual way.",
                remedy=ZIP_AGAIN,
            )
        if path in seen:
            raise UploadRefused(f"The zip holds “{path}” twice.", remedy=ZIP_AGAIN)
        seen.add(path)
        yield member, path


def _check_sizes(
    members: list[tuple[zipfile.ZipInfo, PurePosixPath]], packed: int, limits: ArchiveLimits
) -> None:
    total = sum(member.file_size for member, _ in members)
    suspicious = total > limits.ratio_from_bytes and total > limits.ratio * packed
    if total > limits.total_bytes or len(members) > limits.files or suspicious:
        raise UploadRefused(
            f"The zip of {packed:,} bytes unpacks to {total:,} bytes in {len(members):,} files;"
            f" at most {limits.total_bytes:,} bytes, {limits.files:,} files and"
            f" {limits.ratio} times its size are unpacked.",
            remedy="Split the dataset, or put its folder into an import root on the server.",
        )


def _check_single(members: list[tuple[zipfile.ZipInfo, PurePosixPath]]) -> None:
    """One dataset, as far as LeRobot's marker tells; of other formats the reader decides."""
    found = [path for _, path in members if path.parts[-2:] == MARKER]
    if not members or len(found) > 1:
        count = "no dataset" if not members else f"{len(found)} datasets"
        raise UploadRefused(
            f"The zip holds {count}: it needs one dataset.",
            remedy="Zip the folder, or the file, of one dataset.",
        )


def dataset_root(tree: Path) -> Path:
    """The dataset in an unpacked archive: where LeRobot's marker is, else what all of it lies in.

    A folder around everything is passed over, and a lone file is the dataset itself.
    """
    marker = next(iter(tree.rglob("/".join(MARKER))), None)
    if marker is not None:
        return marker.parent.parent
    entries = list(tree.iterdir())
    while len(entries) == 1:
        tree = entries[0]
        if tree.is_file() or tree.suffix.lower() in FOLDER_SUFFIXES:
            break
        entries = list(tree.iterdir())
    return tree


def _extract(opened: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path) -> None:
    """zipfile reads no more than the announced size and checks the CRC at the end."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with opened.open(member) as source, target.open("xb") as file:
        shutil.copyfileobj(source, file, 2**20)
