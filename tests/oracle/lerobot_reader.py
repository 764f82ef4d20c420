"""Opens a dataset with LeRobot 0.4.4 and compares what it hands to training with expectations.

Runs in the throw-away environment of check_lerobot.py and imports nothing of Touchline:
``python lerobot_reader.py EXPECTATIONS.json``. Prints the problems as a JSON list.
"""

import json
import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import torch

# The torchvision that pip offers beside the CPU build of torch has no compiled operators; reading
# a dataset needs none, but its import wants to know these two.
_OPERATORS = torch.library.Library("torchvision", "DEF")
_OPERATORS.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
_OPERATORS.define("qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")

import torchvision  # noqa: E402
import torchvision.io  # noqa: E402


class VideoReader:
    """The video reader that torchvision had and LeRobot still asks for, on PyAV.

    LeRobot seeks to a time, reads on, takes the frame nearest to each timestamp and refuses one
    further away than its tolerance: that code runs unchanged on top of this.
    """

    def __init__(self, path: str, _stream: str) -> None:
        self.container = av.open(path)
        self._stream = self.container.streams.video[0]

    def seek(self, time_s: float, keyframes_only: bool = False) -> None:
        assert self._stream.time_base is not None
        self.container.seek(int(time_s / self._stream.time_base), stream=self._stream)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for frame in self.container.decode(self._stream):
            picture = torch.from_numpy(frame.to_ndarray(format="rgb24")).permute(2, 0, 1)
            yield {"pts": float(frame.time or 0), "data": picture}


torchvision.io.VideoReader = VideoReader
torchvision.set_video_backend = lambda _name: None

from lerobot.datasets.lerobot_dataset import LeRobotDataset  # noqa: E402


def frames_by_count(path: str, wanted: set[int]) -> dict[int, Any]:
    """Decode from the first frame and count: independent of every timestamp and index."""
    found: dict[int, Any] = {}
    with av.open(path) as container:
        for number, frame in enumerate(container.decode(video=0)):
            if number in wanted:
                found[number] = frame.to_ndarray(format="rgb24")
            if number >= max(wanted):
                break
    return found


def check(expected: dict[str, Any]) -> Iterator[str]:
    """Every difference between the dataset as LeRobot sees it and the expectations."""
    dataset = LeRobotDataset("local/release", root=expected["root"], video_backend="pyav")
    episodes = expected["episodes"]
    if dataset.meta.total_episodes != len(episodes):
        yield f"LeRobot sees {dataset.meta.total_episodes} episodes, {len(episodes)} were released"
    if len(dataset) != sum(one["frames"] for one in episodes):
        yield f"LeRobot sees {len(dataset)} frames in all"
    start = 0
    for number, one in enumerate(episodes):
        for problem in check_episode(dataset, start, number, one):
            yield f"episode {number} ({one['key']}): {problem}"
        start += one["frames"]


def check_episode(dataset: Any, start: int, number: int, expected: dict[str, Any]) -> Iterator[str]:
    length = dataset.meta.episodes[number]["length"]
    if length != expected["frames"]:
        yield f"{length} frames, {expected['frames']} expected"
        return
    rows = dataset.hf_dataset.select(range(start, start + length)).with_format(None)
    if set(rows["episode_index"]) != {number}:
        yield f"rows of episodes {sorted(set(rows['episode_index']))}"
    if list(rows["frame_index"]) != list(range(length)):
        yield "frame_index does not count from 0"
    yield from compare("annotation.contact", rows["annotation.contact"], expected["contacts"])
    yield from compare("annotation.outcome", rows["annotation.outcome"], expected["outcome"])
    yield from compare("next.success", rows["next.success"], expected["success"])
    subtasks = [dataset.meta.subtasks.iloc[index].name for index in rows["subtask_index"]]
    yield from compare("subtask", subtasks, expected["subtasks"])
    yield from check_items(dataset, start, expected)


def compare(name: str, found: Any, expected: list[Any]) -> Iterator[str]:
    """``expected`` holds one value a frame, or a list of those allowed."""
    for frame, (value, wanted) in enumerate(zip(found, expected, strict=True)):
        allowed = wanted if isinstance(wanted, list) else [wanted]
        if value not in allowed:
            yield f"{name} is {value!r} at frame {frame}, expected {wanted!r}"
            return


def check_items(dataset: Any, start: int, expected: dict[str, Any]) -> Iterator[str]:
    """First, middle and last item as a training loop gets them, pictures included."""
    frames = sorted({0, expected["frames"] // 2, expected["frames"] - 1})
    pictures = {
        camera["feature"]: frames_by_count(
            camera["path"], {camera["first_frame"] + frame for frame in frames}
        )
        for camera in expected["cameras"]
    }
    for frame in frames:
        item = dataset[start + frame]
        if item["task"] != expected["task"]:
            yield f"task {item['task']!r}, expected {expected['task']!r}"
        if item["subtask"] != expected["subtasks"][frame]:
            yield f"item {frame} has subtask {item['subtask']!r}"
        for feature, values in expected.get("signals", {}).items():
            if not np.allclose(np.ravel(item[feature]), values[frame], rtol=1e-6):
                yield f"{feature} is {item[feature].tolist()} at frame {frame}"
        for camera in expected["cameras"]:
            found = (item[camera["feature"]].permute(1, 2, 0) * 255).round().to(torch.uint8)
            wanted = pictures[camera["feature"]][camera["first_frame"] + frame]
            if not np.array_equal(found.numpy(), wanted):
                apart = np.abs(found.numpy().astype(int) - wanted.astype(int)).mean()
                yield (
                    f"{camera['feature']} shows another picture at frame {frame} "
                    f"(mean difference {apart:.2f} of 255)"
                )


def main() -> int:
    logging.disable(logging.WARNING)
    expected = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    problems = list(check(expected))
    print(json.dumps(problems))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
