"""Copying a video and hashing it in one reading."""

import errno
import hashlib
import mmap
import os
from contextlib import suppress
from fcntl import F_GETFL, F_SETFL, fcntl
from pathlib import Path

# What fits the processor's cache: four times as quick as pieces of some megabytes.
PIECE = 256 * 2**10
DIRECT = getattr(os, "O_DIRECT", 0)


def copy_hashed(source: Path, target: Path) -> str:
    """Copy a file's bytes to the disk, where ``target`` is not yet; their sha256 in hex.

    Written past the page cache where the file system can: that is cheaper, and a dataset of
    terabytes does not push out what the machine works with.
    """
    digest = hashlib.sha256()
    piece = memoryview(mmap.mmap(-1, PIECE))  # direct writing wants whole pages
    with source.open("rb", buffering=0) as reading, target.open("xb", buffering=0) as writing:
        file = writing.fileno()
        with suppress(OSError):  # not every file system can
            fcntl(file, F_SETFL, fcntl(file, F_GETFL) | DIRECT)
        while count := _filled(reading.fileno(), piece):
            digest.update(piece[:count])
            _write(file, piece[:count])
        os.fsync(file)
    return digest.hexdigest()


def _filled(file: int, piece: memoryview) -> int:
    """Read until the piece is full or the file ends."""
    count = 0
    while count < len(piece) and (got := os.readv(file, [piece[count:]])):
        count += got
    return count


def _write(file: int, data: memoryview) -> None:
    while data:
        try:
            data = data[os.write(file, data) :]
        except OSError as error:
            flags = fcntl(file, F_GETFL)
            if error.errno != errno.EINVAL or not flags & DIRECT:
                raise
            # The end of the file fills no block, or the file system only seemed to be able to.
            fcntl(file, F_SETFL, flags & ~DIRECT)
