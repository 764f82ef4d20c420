"""Records the demo dataset again: `make demo-record` (see README.md)."""

import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from demo.camera import HEIGHT, WIDTH, Cameras, Image
from demo.dataset import Recorded, write
from demo.features import describe_images, vectors
from demo.physics import World, run
from demo.scenarios import EPISODES, Scenario
from demo.trace import PAIR_NAMES, Trace, runs
from demo.truth import Truth, derive
from demo.video import Clip

HERE = Path(__file__).parent
DATASET = "so101_pick_place"
# LeRobot takes image statistics from every third pixel of at most 100 frames an episode this long.
STATS_STRIDE = 3
STATS_FRAMES = 100


def main() -> int:
    """Record every episode, check it against its scenario, then replace the dataset."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=HERE, help="folder to write into")
    parser.add_argument(
        "--labels-only", action="store_true", help="derive the labels again, keep the recording"
    )
    arguments = parser.parse_args()
    world = World()
    cameras = None if arguments.labels_only else Cameras(world)
    with tempfile.TemporaryDirectory() as folder:
        recorded: list[Recorded] = []
        truths: list[Truth] = []
        touches: list[dict[str, Any]] = []
        for number, scenario in enumerate(EPISODES):
            episode = _Episode(world, cameras, scenario, number, Path(folder))
            truths.append(episode.truth)
            touches.append({"episode_index": number, **_touches(episode.trace)})
            recorded.append(episode.recorded)
            print(
                f"{number:3d} {scenario.name:14s} {len(episode.trace.frames):4d} frames", flush=True
            )
        if cameras is not None:
            cameras.close()
            _replace(arguments.out, recorded)
    _write_lines(arguments.out / "truth.jsonl", [truth.to_json() for truth in truths])
    _write_lines(arguments.out / "touches.jsonl", touches)
    print(f"{len(truths)} episodes, {sum(len(t.labels) for t in truths)} labels")
    return 0


class _Episode:
    """Runs one scenario on construction."""

    def __init__(
        self,
        world: World,
        cameras: Cameras | None,
        scenario: Scenario,
        number: int,
        folder: Path,
    ) -> None:
        self._cameras = cameras
        self._clips: dict[str, Clip] = {}
        self._small: dict[str, list[Image]] = {}
        self._prefix = folder / f"episode-{number:03d}"
        if cameras is not None:
            cameras.paint_block(scenario.colour)
        self.trace = run(world, scenario, self._film)
        for clip in self._clips.values():
            clip.close()
        self.truth = derive(number, scenario.name, scenario.colour, self.trace)
        if self.truth.outcome != scenario.outcome:
            raise RuntimeError(
                f"episode {number} ({scenario.name}) was to end in {scenario.outcome} and ended "
                f"in {self.truth.outcome}: choose another seed"
            )
        self.recorded = Recorded(
            task=scenario.task,
            vectors=vectors(self.trace),
            clips={key: clip.path for key, clip in self._clips.items()},
            image_stats={key: describe_images(_sample(s)) for key, s in self._small.items()},
        )

    def _film(self) -> None:
        if self._cameras is None:
            return
        for key, image in self._cameras.images().items():
            if key not in self._clips:
                self._clips[key] = Clip(Path(f"{self._prefix}-{key}.mp4"), WIDTH, HEIGHT)
            self._clips[key].add(image)
            self._small.setdefault(key, []).append(image[::STATS_STRIDE, ::STATS_STRIDE].copy())


def _sample(images: list[Image]) -> Image:
    wanted = np.linspace(0, len(images) - 1, min(STATS_FRAMES, len(images))).round().astype(int)
    return np.stack([images[index] for index in wanted])


def _touches(trace: Trace) -> dict[str, list[list[int]]]:
    """Every touch of every pair before any debouncing, ns."""
    return {
        pair: [[t.start_ns, t.end_ns] for t in runs([pair in step for step in trace.touching])]
        for pair in PAIR_NAMES
    }


def _replace(out: Path, recorded: list[Recorded]) -> None:
    """Write beside the old dataset and swap, so that a failure leaves the old one whole."""
    fresh = out / f".{DATASET}.new"
    shutil.rmtree(fresh, ignore_errors=True)
    write(fresh, recorded)
    shutil.rmtree(out / DATASET, ignore_errors=True)
    fresh.rename(out / DATASET)


def _write_lines(path: Path, rows: list[dict[str, Any]]) -> None:
    lines = (json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in rows)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
