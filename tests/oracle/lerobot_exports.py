"""Releases of sources that are not LeRobot, and what LeRobot's own reader has to find in them.

Generated sets stand for the sources: ALOHA with pictures that are coded anew, packed ALOHA, and a
recording of ROS 2 topics, whose signals run at their own rates and whose depth is put on a scale.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from annotation.labels.schema import core_schema
from episodes.export_records import ReleaseRecord
from episodes.formats import open_dataset
from episodes.formats.registry import WRITERS
from episodes.records import EpisodeRecord, SignalRecord
from episodes.timebase import rate_times_ns
from tests.pure.formats.exporting import export_episode
from tests.pure.formats.hdf5_sets import write_aloha
from tests.pure.formats.mcap_sets import write_robot

Json = dict[str, Any]
# float64 seconds since 1970 are that far apart: a sample so little late is of the step.
ROUNDING_NS = 1_000


@dataclass(frozen=True)
class Export:
    """A source, the answers it asks for, and each signal's name by the feature that holds it."""

    name: str
    write: Callable[[Path], Path]
    features: Mapping[str, str]
    answers: Mapping[str, str]


ALOHA = {
    "action": "action",
    "observation.state": "qpos",
    "observation.qvel": "qvel",
    "observation.effort": "effort",
}
SAID = {"rate": "50", "instruction": "Put the cube over"}
EXPORTS = (
    Export("aloha", lambda path: write_aloha(path, (30, 20)), ALOHA, SAID),
    Export("aloha_packed", lambda path: write_aloha(path, (30, 20), packed=True), ALOHA, SAID),
    Export(
        "mcap",
        lambda path: write_robot(path.with_suffix(".mcap"), 40, depth_size=(48, 64)),
        {
            "observation.state": "joint_states.position",
            "observation.ft_sensor.wrench": "ft_sensor.wrench",
        },
        {},
    ),
)


def exported(
    one: Export, labels: Callable[[EpisodeRecord], list[Json]], folder: Path
) -> tuple[Path, dict[str, list[Json]], list[dict[str, list[list[float]]]]]:
    """Where the release lies, its labels by the key it reads them under, its signals by step."""
    source = one.write(folder / f"{one.name}-source")
    reader = open_dataset(source, one.answers)
    found = [episode for episode in reader.episodes() if isinstance(episode, EpisodeRecord)]
    out = folder / one.name
    WRITERS["lerobot_v30_classic"].write(
        reader.dataset,
        (export_episode(e, folder / f"{one.name}-media", labels(e)) for e in found),
        out,
        ReleaseRecord(one.name, "2026-01-01T00:00:00Z", core_schema().to_json()),
        total=len(found),
    )
    keys = [entry.key for entry in open_dataset(out).listing()]
    marked = {key: labels(episode) for key, episode in zip(keys, found, strict=True)}
    return out, marked, [_held(one, episode) for episode in found]


def _held(one: Export, episode: EpisodeRecord) -> dict[str, list[list[float]]]:
    """The last sample at or before each step, by feature; written here anew, step by step."""
    by_name = {signal.name: signal for signal in episode.signals}
    steps = rate_times_ns(episode.frames, episode.rate).tolist()
    return {
        feature: [_at(by_name[name], step) for step in steps]
        for feature, name in one.features.items()
    }


def _at(signal: SignalRecord, step_ns: int) -> list[float]:
    past = np.flatnonzero(signal.t_ns <= step_ns + ROUNDING_NS)
    values: list[float] = signal.values[past[-1] if len(past) else 0].astype(float).tolist()
    return values
