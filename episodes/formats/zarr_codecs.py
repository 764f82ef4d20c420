"""Unpacking the chunks of Zarr arrays to no more than their size.

Sources: numcodecs' formats (https://numcodecs.readthedocs.io), c-blosc README_CHUNK_FORMAT.rst,
ISO/IEC 18181-1 (JPEG XL) 9.2 for the size in its header.
"""

import bz2
import io
import lzma
import struct
import zlib
from collections.abc import Mapping
from typing import Any

import imagecodecs
import numcodecs
import numpy as np
import zstandard

# The id that imagecodecs registers, and the names under which others wrote the same pictures.
JPEGXL = frozenset({"imagecodecs_jpegxl", "jpegxl", "imagecodecs_jpeg_xl"})
RATIOS = ((1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))


class CodecFailed(Exception):
    """A chunk that does not unpack, or to more than it may."""


def codec_name(compressor: Mapping[str, Any] | None) -> str:
    """The compressor's id; empty where chunks are stored as they are."""
    return str(compressor.get("id", "?")) if compressor else ""


def unpacked(
    data: bytes, compressor: Mapping[str, Any] | None, chunks: tuple[int, ...], size: int
) -> bytes:
    """A chunk's bytes, at most ``size`` of them. Raises CodecFailed."""
    name = codec_name(compressor)
    try:
        if name in JPEGXL:
            return _jpegxl(data, chunks)
        return _packed(data, name, size)
    except CodecFailed:
        raise
    except Exception as error:  # each library raises its own, RuntimeError and ValueError included
        raise CodecFailed(f"it does not unpack as {name}: {error}") from error


def _packed(data: bytes, name: str, size: int) -> bytes:
    match name:
        case "":
            found = data
        case "blosc":
            _check(int.from_bytes(data[4:8], "little"), size)
            found = bytes(numcodecs.Blosc().decode(data))
        case "lz4":
            _check(int.from_bytes(data[:4], "little"), size)
            found = bytes(numcodecs.LZ4().decode(data))
        case "zstd":
            with zstandard.ZstdDecompressor().stream_reader(io.BytesIO(data)) as reader:
                found = reader.read(size + 1)
        case "zlib" | "gzip":
            found = zlib.decompressobj(wbits=47).decompress(data, size + 1)
        case "bz2":
            found = bz2.BZ2Decompressor().decompress(data, size + 1)
        case "lzma":
            found = lzma.LZMADecompressor().decompress(data, size + 1)
        case _:
            raise CodecFailed(f"its compressor “{name}” is none that is read")
    _check(len(found), size)
    return found


def _check(found: int, size: int) -> None:
    if found > size:
        raise CodecFailed(f"it unpacks to more than the {size:,} bytes of a chunk")


def _jpegxl(data: bytes, chunks: tuple[int, ...]) -> bytes:
    """One picture; its size is read before it is unpacked, further frames are not."""
    if len(chunks) not in (3, 4) or (len(chunks) == 4 and chunks[0] != 1):
        raise CodecFailed(f"chunks of {chunks} are not one picture each")
    height, width = chunks[-3:-1]
    found = jpegxl_size(data)
    if found != (width, height):
        raise CodecFailed(f"it is a picture of {found}, not of {(width, height)} pixels")
    picture = np.asarray(imagecodecs.jpegxl_decode(data, index=0))
    return picture.tobytes()


def jpegxl_size(data: bytes) -> tuple[int, int]:
    """(width, height) in the size header. Raises CodecFailed for what is no JPEG XL."""
    codestream = _codestream(data)
    if codestream[:2] != b"\xff\x0a":
        raise CodecFailed("it is no JPEG XL picture")
    bits = int.from_bytes(codestream[2:14].ljust(12, b"\0"), "little")
    at = 0

    def take(count: int) -> int:
        nonlocal at
        value = (bits >> at) & ((1 << count) - 1)
        at += count
        return value

    small = take(1)

    def side() -> int:
        if small:
            return 8 * (1 + take(5))
        return 1 + take((9, 13, 18, 30)[take(2)])

    height = side()
    ratio = take(3)
    if ratio == 0:
        return side(), height
    over, under = RATIOS[ratio - 1]
    return height * over // under, height


def _codestream(data: bytes) -> bytes:
    """The start of the codestream: bare, or in the first box that holds some of it."""
    if data[:2] == b"\xff\x0a":
        return data[:16]
    at = 0
    while at + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        head = 8
        if length == 1 and at + 16 <= len(data):
            (length,) = struct.unpack_from(">Q", data, at + 8)
            head = 16
        if kind in (b"jxlc", b"jxlp"):
            start = at + head + (4 if kind == b"jxlp" else 0)
            return data[start : start + 16]
        if length < head:
            break
        at += length
    return b""
