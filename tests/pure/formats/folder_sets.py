"""A plain folder with a bit of everything, and changes to its manifest."""

import json
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pyarrow as pa
import pyarrow.csv as pc

from episodes.formats import open_dataset
from episodes.records import BrokenEpisode, EpisodeRecord
from tests.pure.formats.sets import write_json, write_video

START_S = 1_700_000_000
FRAMES = 6
Change = Callable[[dict[str, Any]], object]


def write_pictures(folder: Path, count: int, *, depth: bool) -> None:
    folder.mkdir(parents=True)
    for number in range(count):
        kind = np.uint16 if depth else np.uint8
        picture = np.full((24, 32) if depth else (24, 32, 3), 1000 * number % 256, kind)
        cv2.imwrite(str(folder / f"{number}.{'png' if depth else 'jpg'}"), picture)


def write_wav(path: Path, samples: int = 1600, rate: int = 16_000, width: int = 2) -> None:
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(2)
        sound.setsampwidth(width)
        sound.setframerate(rate)
        sound.writeframes(np.arange(samples * 2, dtype="<i2").tobytes()[: samples * 2 * width])


def state(count: int = 12) -> pa.Table:
    return pa.table(
        {
            "stamp": [START_S + n / 60 for n in range(count)],
            "shoulder": [float(n) for n in range(count)],
            "gripper": [0.5] * count,
            "note": ["x"] * count,
        }
    )


def episode(key: str = "pour") -> dict[str, Any]:
    return {
        "key": key,
        "instruction": "pour the tea",
        "facts": {"scene": "kitchen", "objects": ["pot", "cup"], "operator": "o7"},
        "cameras": [
            {"camera": "front", "file": "a/front.mp4", "offset_s": 0.02},
            {"camera": "cam2", "folder": "a/cam2", "role": "wrist", "rate": 10},
            {
                "camera": "range",
                "folder": "a/depth",
                "role": "external",
                "depth": True,
                "unit_m": 0.001,
            },
        ],
        "signals": [
            {
                "name": "arm state",
                "file": "a/state.csv",
                "kind": "state",
                "time": {"column": "stamp", "unit": "s", "zero": START_S},
                "dimensions": [
                    {"column": "shoulder", "name": "shoulder_pan", "unit": "rad"},
                    {"column": "gripper"},
                ],
            }
        ],
        "audio": [{"name": "mic", "file": "a/mic.wav"}],
        "labels": [
            {"kind": "segment", "class": "reach", "start_s": 0.05, "end_s": 0.1, "text": "go"},
            {"kind": "outcome", "class": "spilled"},
        ],
    }


def write_folder(root: Path, change: Change = lambda manifest: None) -> Path:
    write_video(root / "a/front.mp4", FRAMES)
    write_pictures(root / "a/cam2", 11, depth=False)
    write_pictures(root / "a/depth", 4, depth=True)
    pc.write_csv(state(), root / "a/state.csv")
    write_wav(root / "a/mic.wav")
    manifest = {
        "touchline": 1,
        "name": "Tea",
        "robot": "ur5",
        "licence": "cc0",
        "domain": "real",
        "rate": 30,
        "episodes": [episode()],
    }
    change(manifest)
    write_json(root / "touchline.json", manifest)
    return root


def rewrite(root: Path, change: Change) -> Path:
    path = root / "touchline.json"
    manifest = json.loads(path.read_text())
    change(manifest)
    path.write_text(json.dumps(manifest))
    return root


def read(root: Path, key: str = "pour", **answers: str) -> EpisodeRecord:
    found = open_dataset(root, answers).episode(key)
    assert isinstance(found, EpisodeRecord), found
    return found


def broken(root: Path, key: str = "pour") -> BrokenEpisode:
    found = open_dataset(root).episode(key)
    assert isinstance(found, BrokenEpisode)
    assert found.remedy
    return found


def signal_entry(manifest: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = manifest["episodes"][0]["signals"][0]
    return found
