"""Machine-readable frame numbers burnt into test pictures; geometry in fixtures/barcode.json."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

SPEC: dict[str, Any] = json.loads((Path(__file__).parent / "fixtures" / "barcode.json").read_text())
Image = NDArray[np.uint8]


class Unreadable(Exception):
    """The cells do not hold a number: the picture is another one, or damaged."""


def checksum(values: dict[str, int]) -> int:
    spec = SPEC["checksum"]
    terms = (
        ((values[term["field"]] >> term["shift"]) & term["mask"]) * term["factor"]
        for term in spec["terms"]
    )
    return int((spec["constant"] + sum(terms)) % spec["modulus"])


def _cells(width: int, height: int) -> Iterator[tuple[float, float, float, float]]:
    """Left, top, width and height of every cell, pixels."""
    wide = SPEC["width"] * width / SPEC["columns"]
    high = SPEC["height"] * height / SPEC["rows"]
    for row in range(SPEC["rows"]):
        for column in range(SPEC["columns"]):
            yield SPEC["x"] * width + column * wide, SPEC["y"] * height + row * high, wide, high


def draw(image: Image, camera: int, frame: int) -> None:
    """Burn the number into an upright picture, in place."""
    height, width = image.shape[:2]
    values = {"camera": camera, "frame": frame}
    values["checksum"] = checksum(values)
    bits = "".join(f"{values[field['name']]:0{field['bits']}b}" for field in SPEC["fields"])
    margin = SPEC["margin"]
    left, right = SPEC["x"] - margin, SPEC["x"] + SPEC["width"] + margin
    top, bottom = SPEC["y"] - margin, SPEC["y"] + SPEC["height"] + margin
    image[
        round(top * height) : round(bottom * height), round(left * width) : round(right * width)
    ] = 128
    for bit, (x, y, wide, high) in zip(bits, _cells(width, height), strict=True):
        image[round(y) : round(y + high), round(x) : round(x + wide)] = 255 * int(bit)


def read(image: Image) -> tuple[int, int]:
    """(camera, frame) of an upright BGR or grey picture of any size; raises Unreadable."""
    grey = image if image.ndim == 2 else image @ np.array([0.114, 0.587, 0.299])
    height, width = grey.shape
    part = SPEC["central_part"]
    value = 0
    for x, y, wide, high in _cells(width, height):
        top, left = y + high * (1 - part) / 2, x + wide * (1 - part) / 2
        patch = grey[
            round(top) : max(round(top) + 1, round(top + high * part)),
            round(left) : max(round(left) + 1, round(left + wide * part)),
        ]
        value = value * 2 + int(patch.mean() >= SPEC["threshold"])
    values = {}
    for field in reversed(SPEC["fields"]):
        values[field["name"]] = value & ((1 << field["bits"]) - 1)
        value >>= field["bits"]
    if values["checksum"] != checksum(values):
        raise Unreadable(f"checksum of {values} is wrong")
    return values["camera"], values["frame"]
