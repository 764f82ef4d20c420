"""Files that are whole or absent."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def write_whole(target: Path, content: bytes) -> None:
    """Write a file so that nobody ever sees a part of it."""
    with whole_file(target) as draft:
        draft.write_bytes(content)


@contextmanager
def whole_file(target: Path) -> Iterator[Path]:
    """A draft beside ``target`` that takes its place when the block ends without an error."""
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.{uuid.uuid4().hex}")
    try:
        yield draft
        # Without this a power cut could leave the name in place and the content behind.
        with draft.open("rb+") as file:
            os.fsync(file.fileno())
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
