"""The committed demo dataset, read with pyarrow and json alone."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from numpy.typing import NDArray

DEMO = Path(__file__).resolve().parents[2] / "demo"

Json = dict[str, Any]


@dataclass(frozen=True)
class Demo:
    """The dataset and what lies beside it. Frame columns are arrays over the whole dataset."""

    root: Path
    info: Json
    episodes: list[Json]
    columns: dict[str, NDArray[Any]]
    truth: list[Json]
    touches: list[Json]

    @property
    def cameras(self) -> list[str]:
        return [key for key, f in self.info["features"].items() if f["dtype"] == "video"]

    def rows(self, episode_index: int, column: str) -> NDArray[Any]:
        """One column of one episode."""
        episode = self.episodes[episode_index]
        return self.columns[column][episode["dataset_from_index"] : episode["dataset_to_index"]]

    def video(self, camera: str, episode_index: int) -> Path:
        """The file that holds the episode."""
        episode = self.episodes[episode_index]
        template = str(self.info["video_path"])
        return self.root / template.format(
            video_key=camera,
            chunk_index=episode[f"videos/{camera}/chunk_index"],
            file_index=episode[f"videos/{camera}/file_index"],
        )


@pytest.fixture(scope="session")
def demo() -> Demo:
    root = DEMO / "so101_pick_place"
    frames = pq.read_table(root / "data/chunk-000/file-000.parquet")
    return Demo(
        root=root,
        info=json.loads((root / "meta/info.json").read_text()),
        episodes=pq.read_table(root / "meta/episodes/chunk-000/file-000.parquet").to_pylist(),
        columns={name: np.array(frames[name].to_pylist()) for name in frames.column_names},
        truth=_lines(DEMO / "truth.jsonl"),
        touches=_lines(DEMO / "touches.jsonl"),
    )


def _lines(path: Path) -> list[Json]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
