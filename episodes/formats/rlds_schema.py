"""The features of an RLDS release: named after its first episode, described as TFDS does.

Class names and nesting as TFDS's own feature files have them (tensorflow_datasets/core/features).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Self

import cv2
import numpy as np

from episodes.errors import ExportFailed
from episodes.export_records import ExportCamera, ExportEpisode
from episodes.formats.rlds_labels import CONTACT, OUTCOME, SUBTASK
from episodes.records import Modality, SignalKind, SignalRecord

CLASSES = "tensorflow_datasets.core.features"
ACTION, ACTIONS, OBSERVATION = "action", "action_dict", "observation"

FLAGS = {
    "is_first": ("bool", "The first step of the episode."),
    "is_last": ("bool", "The last step of the episode."),
    "is_terminal": ("bool", "The last step: the recording was not cut."),
    "reward": ("float32", "1 on the last step of an episode that was labelled a success."),
    "discount": ("float32", "1."),
}
TEXTS = {
    "language_instruction": "The episode's instruction.",
    SUBTASK: "The atomic instruction that was labelled here; empty where none is.",
    CONTACT: "The class of the contact that was labelled on this step; empty where none is.",
    OUTCOME: "The class of the episode's outcome; empty without one.",
}


@dataclass(slots=True)
class CameraPlan:
    """A camera's feature: its name, and what its pictures turned out to be."""

    camera: str
    name: str
    width: int
    height: int
    depth: bool
    codings: set[str] = field(default_factory=set)
    sizes: set[tuple[int, int]] = field(default_factory=set)

    @property
    def leaf(self) -> str:
        return self.name.rpartition("/")[2]

    def saw(self, coding: str, width: int, height: int) -> None:
        self.codings.add(coding)
        self.sizes.add((width, height))

    def black(self) -> bytes:
        """The picture that stands for one that is not there, as in BridgeData."""
        self.saw("png" if self.depth else "jpeg", self.width, self.height)
        if self.depth:
            empty = np.zeros((self.height, self.width), np.uint16)
            return cv2.imencode(".png", empty)[1].tobytes()
        return cv2.imencode(".jpg", np.zeros((self.height, self.width, 3), np.uint8))[1].tobytes()

    def feature(self) -> dict[str, Any]:
        same = len(self.sizes) <= 1
        sides = [self.height, self.width] if same else [-1, -1]
        coding = next(iter(self.codings)) if len(self.codings) == 1 else ""
        image = {
            "shape": {"dimensions": [str(n) for n in (*sides, 1 if self.depth else 3)]},
            "dtype": "uint16" if self.depth else "uint8",
        }
        return {
            "pythonClassName": f"{CLASSES}.image_feature.Image",
            "image": image | ({"encodingFormat": coding} if coding else {}),
            "description": f"Camera {self.camera}.",
        }


@dataclass(slots=True)
class Plan:
    """What every record of the release holds: signals by feature name, and cameras."""

    signals: dict[str, tuple[tuple[str, int], ...]]
    described: dict[str, str]
    cameras: tuple[CameraPlan, ...]

    @classmethod
    def of(cls, episode: ExportEpisode) -> Self:
        """After the first episode, whose signals and cameras the others have to have.

        Raises ExportFailed without an action, which every reader of RLDS expects.
        """
        taken: set[str] = set()
        signals: dict[str, list[SignalRecord]] = {}
        usable = [one for one in episode.signals if _is_series(one)]
        actions = [one for one in usable if one.kind is SignalKind.ACTION]
        if not actions:
            raise ExportFailed(
                f"{episode.key} has no actions, which RLDS needs on every step.",
                remedy="Leave it out of the release, or release in another format.",
                key=episode.key,
            )
        main = next((one for one in actions if one.name == ACTION), None)
        signals[ACTION] = [main] if main else actions
        for one in usable:
            if one.kind is SignalKind.ACTION:
                if one is main or len(actions) == 1:
                    continue
                signals[_place(ACTIONS, one.name, taken)] = [one]
            else:
                signals[_place(OBSERVATION, one.name, taken)] = [one]
        return cls(
            {name: tuple((s.name, _width(s)) for s in found) for name, found in signals.items()},
            {name: _described(found) for name, found in signals.items()},
            tuple(_camera(camera, taken) for camera in episode.cameras),
        )

    def check(self, episode: ExportEpisode) -> None:
        """Raises ExportFailed for an episode without one of the signals, or another width of it."""
        widths = {one.name: _width(one) for one in episode.signals if _is_series(one)}
        for source, width in {pair for found in self.signals.values() for pair in found}:
            if widths.get(source) != width:
                raise ExportFailed(
                    f"{episode.key} has no signal “{source}” of {width} dimensions, as the first"
                    " episode has; the steps of an RLDS dataset are all alike.",
                    remedy="Release episodes of one robot and recorder together.",
                    key=episode.key,
                )

    def further(self, episode: ExportEpisode) -> set[str]:
        """Names of signals and cameras that the release has no place for."""
        known = {source for found in self.signals.values() for source, _ in found}
        cameras = {camera.camera for camera in self.cameras}
        return {one.name for one in episode.signals if one.name not in known} | {
            camera.camera for camera in episode.cameras if camera.camera not in cameras
        }

    def sources(self, episode: ExportEpisode) -> Iterator[tuple[str, list[SignalRecord]]]:
        """Each feature with the episode's signals that lie side by side in it."""
        by_name = {one.name: one for one in episode.signals}
        for name, found in self.signals.items():
            yield name, [by_name[source] for source, _ in found]

    def features(self) -> dict[str, Any]:
        """features.json."""
        steps: dict[str, Any] = {name: _scalar(*said) for name, said in FLAGS.items()}
        steps |= {name: _text(said) for name, said in TEXTS.items()}
        for name, found in self.signals.items():
            steps[name] = _tensor(sum(width for _, width in found), self.described[name])
        steps |= {camera.name: camera.feature() for camera in self.cameras}
        metadata = {
            "source_key": _text("The episode's key in the source."),
            "outcome": _text("The class of the episode's outcome; empty without one."),
            "rate_hz": _scalar("float32", "Steps a second."),
            **{
                f"has_{camera.leaf}": _scalar("bool", f"Whether {camera.camera} has pictures.")
                for camera in self.cameras
            },
        }
        return _dict(
            {
                "steps": {
                    "pythonClassName": f"{CLASSES}.dataset_feature.Dataset",
                    "sequence": {"feature": _dict(_nested(steps)), "length": "-1"},
                },
                "episode_metadata": _dict(metadata),
            }
        )


def _is_series(one: SignalRecord) -> bool:
    """Sound has no value at a step."""
    return one.kind is not SignalKind.AUDIO and len(one.t_ns) > 0


def _width(one: SignalRecord) -> int:
    return int(one.values.shape[1])


def _described(signals: Iterable[SignalRecord]) -> str:
    named = [
        f"{dimension.name} [{dimension.unit}]" if dimension.unit else dimension.name
        for one in signals
        for dimension in one.dimensions
    ]
    return ", ".join(named)


def _place(group: str, name: str, taken: set[str]) -> str:
    """``group/name``, used once; slashes part the levels of a step, so the name has none."""
    place = f"{group}/{name.removeprefix(f'{group}.').replace('/', '_').replace('.', '_')}"
    found, number = place, 2
    while found in taken:
        found, number = f"{place}_{number}", number + 1
    taken.add(found)
    return found


def _camera(camera: ExportCamera, taken: set[str]) -> CameraPlan:
    return CameraPlan(
        camera=camera.camera,
        name=_place(OBSERVATION, camera.camera, taken),
        width=camera.width,
        height=camera.height,
        depth=camera.modality is Modality.DEPTH,
    )


def _dict(features: dict[str, Any]) -> dict[str, Any]:
    return {
        "pythonClassName": f"{CLASSES}.features_dict.FeaturesDict",
        "featuresDict": {"features": features},
    }


def _nested(features: dict[str, Any]) -> dict[str, Any]:
    """``observation/state`` becomes ``state`` in the FeaturesDict ``observation``."""
    found: dict[str, Any] = {}
    for name, feature in features.items():
        group, _, leaf = name.rpartition("/")
        if group:
            found.setdefault(group, _dict({}))["featuresDict"]["features"][leaf] = feature
        else:
            found[name] = feature
    return found


def _text(described: str) -> dict[str, Any]:
    name = f"{CLASSES}.text_feature.Text"
    return {"pythonClassName": name, "text": {}, "description": described}


def _scalar(dtype: str, described: str) -> dict[str, Any]:
    return {
        "pythonClassName": f"{CLASSES}.scalar.Scalar",
        "tensor": {"shape": {}, "dtype": dtype, "encoding": "none"},
        "description": described,
    }


def _tensor(size: int, described: str) -> dict[str, Any]:
    return {
        "pythonClassName": f"{CLASSES}.tensor_feature.Tensor",
        "tensor": {
            "shape": {"dimensions": [str(size)]},
            "dtype": "float32",
            "encoding": "none",
        },
        "description": described,
    }
