"""RLDS datasets written by the tests: the layouts of DROID and of BridgeData, small."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from episodes.formats.tfrecord import FeatureValues, encode_example, write_record

CORE = "tensorflow_datasets.core.features"
Features = dict[str, FeatureValues]


def tensor(dtype: str, *shape: int, encoding: str = "none") -> dict[str, Any]:
    sides = {"dimensions": [str(n) for n in shape]} if shape else {}
    return {
        "pythonClassName": f"{CORE}.tensor_feature.Tensor",
        "tensor": {"shape": sides, "dtype": dtype, "encoding": encoding},
    }


def text() -> dict[str, Any]:
    return {"pythonClassName": f"{CORE}.text_feature.Text", "text": {}}


def image(dtype: str = "uint8", coding: str = "jpeg", channels: int = 3) -> dict[str, Any]:
    shape = {"dimensions": ["32", "48", str(channels)]}
    return {
        "pythonClassName": f"{CORE}.image_feature.Image",
        "image": {"shape": shape, "dtype": dtype, "encodingFormat": coding},
    }


def group(**features: Any) -> dict[str, Any]:
    name = f"{CORE}.features_dict.FeaturesDict"
    return {"pythonClassName": name, "featuresDict": {"features": features}}


def steps_of(**features: Any) -> dict[str, Any]:
    return {
        "pythonClassName": f"{CORE}.dataset_feature.Dataset",
        "sequence": {"feature": group(**features), "length": "-1"},
    }


def jpegs(count: int, seed: int = 0) -> list[bytes]:
    dice = np.random.default_rng(seed)
    pictures = dice.integers(0, 256, (count, 32, 48, 3), np.uint8)
    return [cv2.imencode(".jpg", picture)[1].tobytes() for picture in pictures]


def black(count: int) -> list[bytes]:
    return [cv2.imencode(".jpg", np.zeros((32, 48, 3), np.uint8))[1].tobytes()] * count


def depths(count: int) -> list[bytes]:
    pictures = [np.arange(32 * 48, dtype=np.uint16).reshape(32, 48) + n for n in range(count)]
    return [cv2.imencode(".png", picture)[1].tobytes() for picture in pictures]


def flags(count: int) -> Features:
    steps = np.arange(count)
    return {
        "steps/is_first": (steps == 0).astype(np.int64),
        "steps/is_last": (steps == count - 1).astype(np.int64),
        "steps/is_terminal": (steps == count - 1).astype(np.int64),
        "steps/discount": np.ones(count, np.float32),
        "steps/reward": (steps == count - 1).astype(np.float32),
    }


FLAGS = {name: tensor("bool") for name in ("is_first", "is_last", "is_terminal")}
DROID_CAMERAS = ("exterior_image_1_left", "exterior_image_2_left", "wrist_image_left")
DROID_OBSERVATIONS = {"cartesian_position": 6, "joint_position": 7, "gripper_position": 1}
DROID_ACTIONS = {
    f"{what}_{how}": size
    for what, size in (("cartesian", 6), ("gripper", 1), ("joint", 7))
    for how in ("position", "velocity")
}


def droid_features() -> dict[str, Any]:
    observation = {name: image() for name in DROID_CAMERAS}
    observation |= {name: tensor("float64", n) for name, n in DROID_OBSERVATIONS.items()}
    return group(
        steps=steps_of(
            **FLAGS,
            action=tensor("float64", 7),
            action_dict=group(**{name: tensor("float64", n) for name, n in DROID_ACTIONS.items()}),
            discount=tensor("float32"),
            language_instruction=text(),
            language_instruction_2=text(),
            language_instruction_3=text(),
            observation=group(**observation),
            reward=tensor("float32"),
        ),
        episode_metadata=group(file_path=text(), recording_folderpath=text()),
    )


def droid_episode(number: int, count: int = 6) -> Features:
    """Even ones succeed, which only the path says; every third has no third text."""
    word = "failure" if number % 2 else "success"
    found = flags(count)
    found["steps/reward"] = np.zeros(count, np.float32)
    for name, size in {
        "action": 7,
        **{f"action_dict/{name}": n for name, n in DROID_ACTIONS.items()},
        **{f"observation/{name}": n for name, n in DROID_OBSERVATIONS.items()},
    }.items():
        values = np.random.default_rng(number + size).normal(size=count * size)
        found[f"steps/{name}"] = values.astype(np.float32)
    for place, camera in enumerate(DROID_CAMERAS):
        found[f"steps/observation/{camera}"] = jpegs(count, 10 * number + place)
    for place, suffix in enumerate(("", "_2", "_3")):
        said = f"text {place} of {number}" if place < 2 or number % 3 else ""
        found[f"steps/language_instruction{suffix}"] = [said.encode()] * count
    path = f"/nfs/droid/AUTOLab/{word}/2023-07-0{number + 1}/trajectory.h5"
    found["episode_metadata/file_path"] = [path.encode()]
    found["episode_metadata/recording_folderpath"] = [b"/nfs/droid/recordings"]
    return found


def write_rlds(
    root: Path,
    features: Mapping[str, Any],
    shards: list[list[Features]],
    change: Callable[[dict[str, Any]], object] = lambda info: None,
) -> Path:
    """A TFDS folder of one split with a file for each list of episodes."""
    root.mkdir(parents=True)
    for number, episodes in enumerate(shards):
        path = shard_path(root, number, len(shards))
        with path.open("wb") as file:
            for episode in episodes:
                write_record(file, encode_example(episode))
    info: dict[str, Any] = {
        "fileFormat": "tfrecord",
        "name": "small",
        "redistributionInfo": {"license": "CC BY 4.0"},
        "splits": [
            {
                "filepathTemplate": "{DATASET}-{SPLIT}.{FILEFORMAT}-{SHARD_X_OF_Y}",
                "name": "train",
                "numBytes": "1",
                "shardLengths": [str(len(episodes)) for episodes in shards],
            }
        ],
        "version": "1.0.1",
    }
    change(info)
    (root / "dataset_info.json").write_text(json.dumps(info))
    (root / "features.json").write_text(json.dumps(features))
    return root


def shard_path(root: Path, number: int = 0, of: int = 1) -> Path:
    return root / f"small-train.tfrecord-{number:05d}-of-{of:05d}"


def write_droid(root: Path) -> Path:
    return write_rlds(
        root, droid_features(), [[droid_episode(0), droid_episode(1)], [droid_episode(2)]]
    )
