"""The same promises on real AV1 recordings, against PyAV's own sequential decode."""

import json
import random
from pathlib import Path

import av
import numpy as np
import pytest

from episodes.video import build_index, slice_index
from episodes.video.extract import read_frames


def recordings(shared_data: Path) -> list[Path]:
    return sorted(shared_data.glob("unitree_g1_*/videos/**/*.mp4"))


@pytest.mark.slow
def test_random_positions_equal_the_sequential_decode(shared_data: Path) -> None:
    rng = random.Random(7)
    for path in recordings(shared_data):
        index = build_index(path)
        wanted = rng.sample(range(index.frames), 20)
        got = dict(read_frames(path, index, wanted))
        with av.open(str(path)) as container:
            for position, frame in enumerate(container.decode(video=0)):
                if position in got:
                    reference = frame.to_ndarray(format="bgr24").astype(int)
                    assert np.abs(got[position].astype(int) - reference).mean() < 3
            assert position + 1 == index.frames


def test_the_v3_file_is_the_v21_files_end_to_end(shared_data: Path) -> None:
    """The same recordings in both layouts: a slice of the one decodes as the file of the other."""
    joined = shared_data / "unitree_g1_lerobot_v30/videos/observation.images.cam_high"
    whole_path = joined / "chunk-000/file-000.mp4"
    whole = build_index(whole_path)
    start = 0
    for path in sorted(shared_data.glob("unitree_g1_lerobot_v21/videos/**/*.mp4")):
        own = build_index(path)
        part = slice_index(whole, start, own.frames)
        assert part.times_ns.tolist() == own.times_ns(0, own.frames).tolist()
        for position in (0, own.frames // 2, own.frames - 1):
            [(_, alone)] = read_frames(path, own, [position])
            [(_, cut)] = read_frames(whole_path, whole, [start + position])
            assert np.array_equal(alone, cut)
        start += own.frames
    assert start == whole.frames == 1214


@pytest.mark.parametrize("setting", ["codec", "frames"])
def test_the_recordings_are_what_their_dataset_says(shared_data: Path, setting: str) -> None:
    info = json.loads((shared_data / "unitree_g1_lerobot_v30/meta/info.json").read_text())
    index = build_index(recordings(shared_data)[-1])
    if setting == "codec":
        assert index.codec == "av01.0.04M.08"
        assert (index.width, index.height, index.max_gop) == (640, 480, 2)
    else:
        assert index.frames == info["total_frames"]
