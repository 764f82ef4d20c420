"""Real AV1 recordings carry no numbers: each picture is held against PyAV's, bit by bit."""

import random
from pathlib import Path

import pytest

from tests.bench.frames_data import Camera, camera
from tests.e2e.frames.conftest import Harness
from tests.e2e.frames.site import Site

pytestmark = pytest.mark.browser

# Where the four recordings begin in the concatenated file, and how many frames each has.
JOINED = ((0, 221), (221, 277), (498, 389), (887, 327))


def _videos(shared_data: Path, name: str) -> list[Path]:
    return sorted((shared_data / name / "videos").rglob("*.mp4"))


def _check(harness: Harness, site: Site, name: str, made: Camera) -> None:
    """Every seek gives the picture of its position. A camera slower than its file repeats some."""
    stream = site.add_stream(name, made.path, made.part.start_frame, made.part.frames)
    assert harness.open([stream]) is None
    frames = made.part.frames
    chance = random.Random(frames)
    positions = [*(chance.randrange(frames) for _ in range(75)), *range(100, 112), frames - 1, 0]
    found = harness.hashes(positions)
    assert found == [made.hashes[position] for position in positions]
    assert len(set(made.hashes)) > 0.7 * frames


@pytest.mark.parametrize("number", range(4))
def test_a_recording_of_its_own(
    harness: Harness, site: Site, shared_data: Path, number: int
) -> None:
    path = _videos(shared_data, "unitree_g1_lerobot_v21")[number]
    _check(harness, site, f"recording{number}", camera(path, 0, JOINED[number][1]))


@pytest.mark.parametrize(("start", "frames"), JOINED)
def test_a_recording_in_a_concatenated_file(
    harness: Harness, site: Site, shared_data: Path, start: int, frames: int
) -> None:
    (path,) = _videos(shared_data, "unitree_g1_lerobot_v30")
    _check(harness, site, f"from{start}", camera(path, start, frames))
