"""Depth in colours: near is bright, far is dark, black is no measurement (the value 0).

The same colours as the browser's (decode/depthcolour.ts): five points of viridis, from far to near
(Smith and van der Walt, CC0), even to the eye and told apart by every kind of colour vision.
"""

import numpy as np
from numpy.typing import NDArray

POINTS = np.array(
    [(68, 1, 84), (59, 82, 139), (33, 145, 140), (94, 201, 98), (253, 231, 37)], dtype=np.float64
)
# What lies outside is strays; they would flatten the picture.
SHARE = 0.02
STEPS = 256

DepthRange = tuple[int, int]


def _table() -> NDArray[np.uint8]:
    at = np.linspace(0, len(POINTS) - 1, STEPS)
    columns = [np.interp(at, np.arange(len(POINTS)), POINTS[:, c]) for c in (2, 1, 0)]
    return np.round(np.stack(columns, axis=1)).astype(np.uint8)


COLOURS = _table()


def depth_range(values: NDArray[np.uint16]) -> DepthRange:
    """The near and the far value, the 2nd and 98th hundredth of what was measured; far > near."""
    measured = np.sort(values[values > 0], axis=None)
    if not len(measured):
        return 0, 1
    near = int(measured[int((len(measured) - 1) * SHARE)])
    far = int(measured[int(np.ceil((len(measured) - 1) * (1 - SHARE)))])
    return near, max(far, near + 1)


def depth_colours(values: NDArray[np.uint16], limits: DepthRange) -> NDArray[np.uint8]:
    """BGR uint8 (height, width, 3) of depth uint16 (height, width)."""
    near, far = limits
    shades = (far - values.astype(np.float64)) * ((STEPS - 1) / (far - near))
    colours: NDArray[np.uint8] = COLOURS[np.clip(np.round(shades), 0, STEPS - 1).astype(np.intp)]
    colours[values == 0] = 0
    return colours
