"""A video's copy: every byte, its sha256, and what a file system may not be able to do."""

import errno
import hashlib
import os
from fcntl import F_GETFL, F_SETFL, fcntl
from pathlib import Path
from typing import Any

import pytest

from episodes.video import copying
from episodes.video.copying import DIRECT, PIECE, copy_hashed

SIZES = (0, 1, 4095, 4096, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE + 12_345)


@pytest.fixture(params=SIZES)
def content(request: pytest.FixtureRequest) -> bytes:
    return os.urandom(request.param)


def copied(content: bytes, folder: Path) -> None:
    source, target = folder / "source.mp4", folder / "target.mp4"
    source.write_bytes(content)
    assert copy_hashed(source, target) == hashlib.sha256(content).hexdigest()
    assert target.read_bytes() == content


def test_every_byte_and_its_hash(content: bytes, tmp_path: Path) -> None:
    copied(content, tmp_path)


def test_where_a_file_system_refuses_to_write_past_the_cache(
    content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refusing(file: int, what: int, flags: int = 0) -> int:
        if what == F_SETFL and flags & DIRECT:
            raise OSError(errno.EINVAL, "Invalid argument")
        return fcntl(file, what, flags)

    monkeypatch.setattr(copying, "fcntl", refusing)
    copied(content, tmp_path)


def test_where_it_only_says_so_when_written_to(
    content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = os.write

    def refusing(file: int, data: Any) -> int:
        if fcntl(file, F_GETFL) & DIRECT:
            raise OSError(errno.EINVAL, "Invalid argument")
        return written(file, data)

    monkeypatch.setattr(os, "write", refusing)
    copied(content, tmp_path)


def test_reads_and_writes_that_end_early(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read, written = os.readv, os.write
    monkeypatch.setattr(os, "readv", lambda file, parts: read(file, [parts[0][:70_001]]))
    monkeypatch.setattr(os, "write", lambda file, data: written(file, data[:32_768]))
    copied(os.urandom(2 * PIECE + 77), tmp_path)


def test_what_is_there_is_not_written_over(tmp_path: Path) -> None:
    source, target = tmp_path / "source.mp4", tmp_path / "target.mp4"
    source.write_bytes(b"new")
    target.write_bytes(b"old")
    with pytest.raises(FileExistsError):
        copy_hashed(source, target)
    assert target.read_bytes() == b"old"


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EINVAL, errno.EIO])
def test_a_write_that_fails_is_no_copy(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: Any) -> int:
        raise OSError(number, "cannot be written")

    (tmp_path / "source.mp4").write_bytes(b"x" * PIECE)
    monkeypatch.setattr(os, "write", failing)
    with pytest.raises(OSError, match="cannot be written"):
        copy_hashed(tmp_path / "source.mp4", tmp_path / "target.mp4")
