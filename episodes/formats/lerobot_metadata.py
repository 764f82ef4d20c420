"""meta/ of a LeRobot dataset: its files, and what its lists of episodes have in common."""

import hashlib
from pathlib import Path
from typing import Any

from episodes.records import BrokenEpisode, Reason


def metadata_files(root: Path) -> tuple[Path, ...]:
    """Every regular file below meta/, in path order."""
    found = sorted((root / "meta").rglob("*"))
    return tuple(path for path in found if path.is_file() and not path.is_symlink())


def metadata_fingerprint(root: Path) -> str:
    """sha256 over path and sha256 of every file of the metadata."""
    total = hashlib.sha256()
    for path in metadata_files(root):
        relative = path.relative_to(root).as_posix()
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        total.update(f"{digest}  {relative}\n".encode())
    return total.hexdigest()


def broken_listing(key: str, message: str) -> BrokenEpisode:
    return BrokenEpisode(
        key,
        Reason.LISTING_BROKEN,
        message,
        "Restore the dataset's episode list from the source; the copy may be incomplete.",
    )


def episode_key(index: int) -> str:
    return f"episode_{index:06d}"


def whole_number(value: Any) -> int | None:
    """``value`` when it is an integer; None for anything else, True and 3.0 included."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None
