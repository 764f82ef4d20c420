"""A release as RLDS: a TFDS folder that tfds.builder_from_directory opens.

Everything is on the step table: a step has the last sample and the last picture at or before its
time. Labels are on the steps (see rlds_labels) and in full in meta/annotations.jsonl.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from episodes.errors import ExportFailed
from episodes.export_records import ExportCamera, ExportEpisode, ExportRecord, ReleaseRecord
from episodes.formats import lerobot_classic as classic
from episodes.formats.contract import Progress
from episodes.formats.release_files import each_once, release_folder
from episodes.formats.release_ledger import Ledger, step_notices
from episodes.formats.rlds_labels import CONTACT, OUTCOME, SUBTASK
from episodes.formats.rlds_schema import CameraPlan, Plan
from episodes.formats.rlds_shards import ShardWriter
from episodes.formats.step_table import Times, latest, on_steps
from episodes.formats.tfrecord import FeatureValues, encode_example
from episodes.records import DatasetRecord, Modality, Notice
from episodes.timebase import rate_times_ns

WRITER_ID = "rlds"
# What video containers round times to: a picture so little after its step belongs to it.
PICTURE_ROUNDING_NS = 1_000_000
JPEG_QUALITY = 95
OWN_FILES = {"jpeg": "jpeg", "png": "png"}


class RldsWriter:
    """The writer; see ``Writer``."""

    id = WRITER_ID
    title = "RLDS / TFDS"

    def write(
        self,
        dataset: DatasetRecord,
        episodes: Iterable[ExportEpisode],
        out: Path,
        release: ReleaseRecord,
        *,
        total: int,
        progress: Progress | None = None,
    ) -> ExportRecord:
        """See ``Writer``. Raises ExportFailed too for episodes that differ in their signals."""
        with release_folder(out) as partial:
            records = _Records(partial, dataset, release)
            for episode in each_once(episodes, release, total=total, progress=progress):
                records.add(episode)
            records.close()
            return records.ledger.finish(partial, out, tuple(records.notices()))


class _Records:
    """Takes episodes one by one: each is a record, and gone when it is written."""

    def __init__(self, root: Path, dataset: DatasetRecord, release: ReleaseRecord) -> None:
        self.dataset, self.release = dataset, release
        self.shards = ShardWriter(root, release.name)
        self.plan: Plan | None = None
        self.ledger = Ledger(WRITER_ID, dataset, release)
        self.left_out: set[str] = set()
        self.hidden = self.early = self.black = 0

    def add(self, episode: ExportEpisode) -> None:
        plan = self.plan = self.plan or Plan.of(episode)
        plan.check(episode)
        self.left_out |= plan.further(episode)
        marked = self._marked(episode)
        features = self._flags(episode, marked)
        features |= self._signals(episode, plan)
        features |= self._metadata(episode, plan, marked)
        for name, pictures in self._pictures(episode, plan):
            features[name] = pictures
        self.shards.add(encode_example(features), episode.key)
        self.ledger.note(episode)
        self.hidden += marked.hidden

    def _marked(self, episode: ExportEpisode) -> classic.ClassicColumns:
        self.subtasks = classic.Vocabulary()
        steps = rate_times_ns(episode.frames, episode.rate)
        end_ns = episode.rate.time_ns(episode.frames)
        return classic.classic_columns(
            episode.labels, self.release.schema, steps, end_ns, self.subtasks
        )

    def _flags(
        self, episode: ExportEpisode, marked: classic.ClassicColumns
    ) -> dict[str, FeatureValues]:
        """What RLDS has on every step, the language and the labels."""
        steps = np.arange(episode.frames)
        last = steps == episode.frames - 1
        subtasks = self.subtasks.texts
        codes = classic.class_codes(self.release.schema, "instant")
        classes = {0: ""} | {code: name for name, code in codes.items()}
        success = last & (marked.outcome == classic.SUCCESS_CLASS)
        found: dict[str, FeatureValues] = {
            "is_first": (steps == 0).astype(np.int64),
            "is_last": last.astype(np.int64),
            "is_terminal": last.astype(np.int64),
            "reward": success.astype(np.float32),
            "discount": np.ones(episode.frames, np.float32),
            "language_instruction": [episode.task.encode()] * episode.frames,
            SUBTASK: [subtasks[n].encode() for n in marked.columns[classic.SUBTASK]],
            CONTACT: [classes[int(n)].encode() for n in marked.columns[classic.CONTACT]],
            OUTCOME: [marked.outcome.encode()] * episode.frames,
        }
        return {f"steps/{name}": values for name, values in found.items()}

    def _signals(self, episode: ExportEpisode, plan: Plan) -> dict[str, FeatureValues]:
        steps = rate_times_ns(episode.frames, episode.rate)
        found: dict[str, FeatureValues] = {}
        for name, signals in plan.sources(episode):
            parts = []
            for one in signals:
                self.early += int(np.count_nonzero(steps < one.t_ns[0] - PICTURE_ROUNDING_NS))
                parts.append(np.asarray(on_steps(one, steps), np.float32))
            found[f"steps/{name}"] = np.concatenate(parts, axis=1).ravel()
        return found

    def _metadata(
        self, episode: ExportEpisode, plan: Plan, marked: classic.ClassicColumns
    ) -> dict[str, FeatureValues]:
        present = {camera.camera for camera in episode.cameras}
        found: dict[str, FeatureValues] = {
            "source_key": [episode.key.encode()],
            "outcome": [marked.outcome.encode()],
            "rate_hz": np.array([episode.rate.num / episode.rate.den], np.float32),
            **{
                f"has_{camera.leaf}": np.array([camera.camera in present], np.int64)
                for camera in plan.cameras
            },
        }
        return {f"episode_metadata/{name}": values for name, values in found.items()}

    def _pictures(self, episode: ExportEpisode, plan: Plan) -> Iterator[tuple[str, list[bytes]]]:
        steps = rate_times_ns(episode.frames, episode.rate)
        by_name = {camera.camera: camera for camera in episode.cameras}
        for planned in plan.cameras:
            camera = by_name.get(planned.camera)
            if camera is None:
                self.black += 1
                yield f"steps/{planned.name}", [planned.black()] * episode.frames
            else:
                self.early += int(np.count_nonzero(steps < camera.t_ns[0] - PICTURE_ROUNDING_NS))
                yield f"steps/{planned.name}", list(_on_steps(camera, planned, steps))

    def close(self) -> None:
        """The descriptions, which say how many shards there are."""
        if self.plan is not None:
            self.shards.close(self.plan.features(), self.dataset)

    def notices(self) -> Iterator[Notice]:
        for name in sorted(self.left_out):
            text = f"“{name}” is not in the first episode, or no series of steps; it is left out."
            yield Notice("feature_left_out", text)
        yield from step_notices(early=self.early, hidden=self.hidden)
        if self.black:
            text = f"{self.black} times an episode lacks a camera; its pictures are black there."
            yield Notice("camera_missing", text)


def _on_steps(camera: ExportCamera, planned: CameraPlan, steps: Times) -> Iterator[bytes]:
    """The coded picture of every step; each is coded once, one is held at a time."""
    at = latest(camera.t_ns, steps, PICTURE_ROUNDING_NS)
    repeats = np.bincount(at, minlength=len(camera.t_ns))
    for count, picture in zip(repeats.tolist(), _coded(camera, planned, repeats), strict=True):
        for _ in range(count):
            yield picture


def _coded(
    camera: ExportCamera, planned: CameraPlan, repeats: NDArray[np.int64]
) -> Iterator[bytes]:
    """The source's own files where it has some; else JPEG, or PNG of distances."""
    if camera.codec in OWN_FILES:
        planned.saw(OWN_FILES[camera.codec], camera.width, camera.height)
        yield from camera.coded()
        return
    depth = camera.modality is Modality.DEPTH
    planned.saw("png" if depth else "jpeg", camera.width, camera.height)
    for wanted, picture in zip(repeats.tolist(), camera.pictures(), strict=True):
        yield encoded(picture) if wanted else b""


def encoded(picture: NDArray[Any]) -> bytes:
    """uint8 (height, width, 3) RGB as JPEG, uint16 (height, width) as PNG."""
    if picture.dtype == np.uint16:
        return cv2.imencode(".png", picture)[1].tobytes()
    bgr = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
    found = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    if not found[0]:
        raise ExportFailed("A picture cannot be coded as JPEG.", remedy="Leave the episode out.")
    return found[1].tobytes()
