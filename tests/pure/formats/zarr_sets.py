"""Zarr arrays and UMI replay buffers written by the tests, chunk by chunk as the format has it."""

import json
import zipfile
from collections.abc import Callable, Mapping
from itertools import product
from pathlib import Path
from typing import Any

import imagecodecs
import numcodecs
import numpy as np
from numpy.typing import NDArray

Pack = Callable[[NDArray[Any]], bytes]
JPEGXL = {"id": "imagecodecs_jpegxl", "level": 99, "lossless": False}


def jpegxl(chunk: NDArray[Any]) -> bytes:
    return bytes(imagecodecs.jpegxl_encode(chunk[0], lossless=True))


def packer(compressor: Mapping[str, Any] | None) -> Pack:
    if compressor is None:
        return lambda chunk: chunk.tobytes()
    if compressor["id"] == "imagecodecs_jpegxl":
        return jpegxl
    codec = numcodecs.get_codec(dict(compressor))
    return lambda chunk: bytes(codec.encode(np.ascontiguousarray(chunk)))


def members(
    path: str,
    values: NDArray[Any],
    chunks: tuple[int, ...],
    compressor: Mapping[str, Any] | None = None,
    **said: Any,
) -> dict[str, bytes]:
    """The values of every key of an array; chunks at the edges are padded, as Zarr does."""
    described = {
        "zarr_format": 2,
        "shape": list(values.shape),
        "chunks": list(chunks),
        "dtype": values.dtype.str,
        "compressor": compressor,
        "fill_value": 0,
        "order": "C",
        "filters": None,
    } | said
    found = {f"{path}/.zarray": json.dumps(described).encode()}
    pack = packer(compressor)
    counts = [-(-n // c) for n, c in zip(values.shape, chunks, strict=True)]
    for place in product(*map(range, counts)):
        window = tuple(slice(p * c, (p + 1) * c) for p, c in zip(place, chunks, strict=True))
        part = values[window]
        full = np.zeros(chunks, values.dtype)
        full[tuple(slice(0, n) for n in part.shape)] = part
        order = np.asfortranarray(full).ravel("F") if described["order"] == "F" else full
        found[f"{path}/{'.'.join(map(str, place))}"] = pack(order)
    return found


BLOSC = {"id": "blosc", "cname": "lz4", "clevel": 5, "shuffle": 1, "blocksize": 0}


def umi_arrays(lengths: tuple[int, ...] = (5, 7), side: int = 24) -> dict[str, NDArray[Any]]:
    total, dice = sum(lengths), np.random.default_rng(4)
    pose = dice.normal(size=(total, 6))
    return {
        "camera0_rgb": dice.integers(0, 256, (total, side, side, 3), np.uint8),
        "robot0_demo_end_pose": np.repeat(pose[-1:], total, axis=0),
        "robot0_demo_start_pose": np.repeat(pose[:1], total, axis=0),
        "robot0_eef_pos": pose[:, :3].astype(np.float32),
        "robot0_eef_rot_axis_angle": pose[:, 3:].astype(np.float32),
        "robot0_gripper_width": dice.random((total, 1)).astype(np.float32),
    }


def umi_members(lengths: tuple[int, ...] = (5, 7), **more: NDArray[Any]) -> dict[str, bytes]:
    found = {".zgroup": b'{"zarr_format": 2}'}
    for group in ("data", "meta"):
        found[f"{group}/.zgroup"] = b'{"zarr_format": 2}'
    for name, values in (umi_arrays(lengths) | more).items():
        if values.ndim == 4 and values.dtype == np.uint8:
            found |= members(f"data/{name}", values, (1, *values.shape[1:]), JPEGXL)
        else:
            found |= members(f"data/{name}", values, (4, *values.shape[1:]), BLOSC)
    ends = np.cumsum(lengths).astype(np.int64)
    return found | members("meta/episode_ends", ends, ends.shape)


def write_folder(root: Path, contents: Mapping[str, bytes]) -> Path:
    for key, value in contents.items():
        path = root / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(value)
    return root


def write_zip(path: Path, contents: Mapping[str, bytes], below: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as file:
        for key, value in contents.items():
            file.writestr(below + key, value)
    return path
