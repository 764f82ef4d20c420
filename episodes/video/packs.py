"""Fallback packs: every frame of a slice as JPEG, in files of a few frames each.

A pack is "TLPK", uint32 LE count, (count + 1) uint32 LE offsets from the file's start, then the
JPEG bytes.
"""

import json
import struct
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import groupby, pairwise
from pathlib import Path

from episodes.video.files import write_whole
from episodes.video.images import fit, stills
from episodes.video.slices import EpisodeIndex

MAGIC = b"TLPK"
LAYOUT_NAME = "index.json"


@dataclass(frozen=True, slots=True)
class PackProfile:
    """``width`` in pixels is the most a picture may have; quality is that of ``images.stills``."""

    name: str
    width: int
    frames_per_pack: int


PROFILES = {profile.name: profile for profile in (PackProfile("jpeg640", 640, 30),)}


@dataclass(frozen=True, slots=True)
class PackLayout:
    """What the client reads before it asks for packs: sizes in pixels after rotation."""

    profile: str
    frames_per_pack: int
    frames: int
    packs: int
    width: int
    height: int


def pack_name(number: int) -> str:
    return f"{number:05d}.bin"


def pack_layout(part: EpisodeIndex, profile: PackProfile) -> PackLayout:
    """Known from the index alone, before anything is decoded."""
    width, height = fit(part.source.display_size, (profile.width, 1 << 16))
    packs = -(-part.frames // profile.frames_per_pack)
    return PackLayout(profile.name, profile.frames_per_pack, part.frames, packs, width, height)


def write_packs(path: Path, part: EpisodeIndex, profile: PackProfile, folder: Path) -> int:
    """Write the layout and every pack that is not there yet; the number of packs written.

    Files appear whole or not at all, the layout first, so that a reader can start on pack 0 while
    the rest is made, and an interrupted run goes on where it stopped.
    """
    folder.mkdir(parents=True, exist_ok=True)
    layout = pack_layout(part, profile)
    write_whole(folder / LAYOUT_NAME, json.dumps(asdict(layout)).encode())
    per_pack = profile.frames_per_pack
    missing = [n for n in range(layout.packs) if not (folder / pack_name(n)).exists()]
    wanted = [f for n in missing for f in range(n * per_pack, (n + 1) * per_pack)]
    pictures = stills(path, part, [f for f in wanted if f < part.frames], profile.width)
    for number, group in groupby(pictures, key=lambda item: item[0] // per_pack):
        write_whole(folder / pack_name(number), pack_bytes([jpeg for _, jpeg in group]))
    return len(missing)


def pack_bytes(pictures: list[bytes]) -> bytes:
    """The file of one pack."""
    at = len(MAGIC) + 4 + 4 * (len(pictures) + 1)
    offsets = [at]
    for picture in pictures:
        offsets.append(offsets[-1] + len(picture))
    head = struct.pack(f"<4sI{len(offsets)}I", MAGIC, len(pictures), *offsets)
    return head + b"".join(pictures)


def pack_pictures(pack: bytes) -> Iterator[bytes]:
    """The JPEGs of a pack; raises ValueError when it is not one."""
    if pack[:4] != MAGIC or len(pack) < 12:
        raise ValueError("not a pack")
    (count,) = struct.unpack_from("<I", pack, 4)
    offsets = struct.unpack_from(f"<{count + 1}I", pack, 8)
    if offsets[-1] != len(pack):
        raise ValueError("the pack is cut off")
    for start, end in pairwise(offsets):
        yield pack[start:end]
