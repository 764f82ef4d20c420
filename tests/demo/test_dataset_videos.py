"""Frame n of an episode is the picture at from_timestamp + n / 50 of its shared file."""

from collections import defaultdict
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.demo.conftest import Demo

CAMERAS = ("observation.images.front", "observation.images.side")


@pytest.mark.parametrize("camera", CAMERAS)
def test_episodes_fill_several_files_back_to_back(demo: Demo, camera: str) -> None:
    lengths: dict[int, int] = defaultdict(int)
    for episode in demo.episodes:
        file = episode[f"videos/{camera}/file_index"]
        assert episode[f"videos/{camera}/from_timestamp"] == lengths[file] / 50
        lengths[file] += episode["length"]
        assert episode[f"videos/{camera}/to_timestamp"] == lengths[file] / 50
    assert sorted(lengths) == list(range(len(lengths)))
    assert len(lengths) >= 2
    starts = [e[f"videos/{camera}/from_timestamp"] for e in demo.episodes]
    assert any(start > 0 for start in starts)


@pytest.mark.parametrize("camera", CAMERAS)
def test_every_file_has_one_packet_a_frame_on_the_grid(demo: Demo, camera: str) -> None:
    for path, episodes in _by_file(demo, camera).items():
        with av.open(path) as container:
            stream = container.streams.video[0]
            assert (stream.width, stream.height) == (480, 360)
            packets = [p for p in container.demux(stream) if p.size]
            assert stream.time_base is not None
            per_frame = 1 / (50 * stream.time_base)
        assert [p.pts for p in packets] == [n * per_frame for n in range(len(packets))]
        assert [p.dts for p in packets] == [p.pts for p in packets], "B-frames"
        keys = [n for n, packet in enumerate(packets) if packet.is_keyframe]
        assert max(np.diff([*keys, len(packets)])) <= 15
        first = 0
        for number in episodes:
            assert first in keys, f"episode {number} does not start on a key frame"
            first += demo.episodes[number]["length"]
        assert first == len(packets)


@pytest.mark.parametrize("camera", CAMERAS)
def test_the_video_info_is_what_the_file_says(demo: Demo, camera: str) -> None:
    feature = demo.info["features"][camera]
    assert feature["shape"] == [360, 480, 3]
    assert feature["info"]["video.codec"] == "h264"
    assert feature["info"]["video.fps"] == 50
    assert feature["info"]["has_audio"] is False


def test_the_block_moves_in_the_picture_when_it_moves_in_the_signals(demo: Demo) -> None:
    """Of all shifts by a few frames none fits best, in a file that is not the first."""
    camera = "observation.images.front"
    number = _last_red_success(demo)
    assert demo.episodes[number][f"videos/{camera}/file_index"] > 0
    assert demo.episodes[number][f"videos/{camera}/from_timestamp"] > 0
    across = np.array([_red_centre(image) for image in _frames(demo, camera, number)])
    sideways = demo.rows(number, "observation.environment_state")[:, 1]
    seen, true = np.diff(across), np.diff(sideways)
    fits = {
        shift: float(np.corrcoef(seen[5 + shift : len(seen) - 5 + shift], true[5:-5])[0, 1])
        for shift in range(-4, 5)
    }
    assert max(fits, key=lambda shift: abs(fits[shift])) == 0, fits
    assert abs(fits[0]) > 0.9


def _by_file(demo: Demo, camera: str) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for number in range(len(demo.episodes)):
        found[str(demo.video(camera, number))].append(number)
    return found


def _last_red_success(demo: Demo) -> int:
    return max(
        int(line["episode_index"])
        for line in demo.truth
        if line["scenario"] == "clean" and "red" in demo.episodes[line["episode_index"]]["tasks"][0]
    )


def _frames(demo: Demo, camera: str, number: int) -> list[NDArray[np.uint8]]:
    first = round(demo.episodes[number][f"videos/{camera}/from_timestamp"] * 50)
    last = first + demo.episodes[number]["length"]
    with av.open(str(demo.video(camera, number))) as container:
        decoded: Any = enumerate(container.decode(video=0))
        return [f.to_ndarray(format="rgb24") for n, f in decoded if first <= n < last]


def _red_centre(image: NDArray[np.uint8]) -> float:
    """Mean column of the red pixels."""
    red, green, blue = (image[..., channel].astype(int) for channel in range(3))
    columns = np.nonzero((red > 90) & (red > 2.2 * green) & (red > 2.2 * blue))[1]
    assert len(columns) > 100
    return float(columns.mean())
