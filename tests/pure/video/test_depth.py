"""Depth in colours, in the browser's own: near bright, far dark, nothing black."""

import numpy as np

from episodes.video.depth import depth_colours, depth_range


def test_near_is_bright_far_is_dark_no_measurement_is_black() -> None:
    values = np.array([[500, 4000, 0]], dtype=np.uint16)
    assert depth_colours(values, (500, 4000)).tolist() == [[[37, 231, 253], [84, 1, 68], [0, 0, 0]]]


def test_beyond_the_range_the_last_colour_holds() -> None:
    values = np.array([[1, 65_535]], dtype=np.uint16)
    assert depth_colours(values, (500, 4000)).tolist() == [[[37, 231, 253], [84, 1, 68]]]


def test_strays_and_holes_do_not_set_the_range() -> None:
    values = np.array([*range(1000, 1100), 0, 0, 0, 65_535], dtype=np.uint16)
    assert depth_range(values) == (1002, 1098)
    assert depth_range(np.zeros((2, 2), dtype=np.uint16)) == (0, 1)
    assert depth_range(np.full((2, 2), 700, dtype=np.uint16)) == (700, 701)
