"""A release as robomimic HDF5: one file of demonstrations, read by robomimic as it is.

Everything is put on the step table: a step has the last sample and the last picture at or before
its time. Labels are beside the arrays (``labels``, ``annotations``) and in meta/annotations.jsonl.
"""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from episodes.errors import ExportFailed
from episodes.export_records import ExportCamera, ExportEpisode, ExportRecord, ReleaseRecord
from episodes.formats.contract import Progress
from episodes.formats.lerobot_classic import (
    CONTACT,
    OUTCOME,
    SUBTASK,
    SUCCESS_CLASS,
    ClassicColumns,
    Vocabulary,
    class_codes,
    classic_columns,
)
from episodes.formats.release_files import each_once, release_folder
from episodes.formats.release_ledger import Ledger, step_notices
from episodes.formats.robomimic_info import ACTIONS, ANNOTATIONS, DATA, MASK
from episodes.records import DatasetRecord, Modality, Notice, SignalKind, SignalRecord
from episodes.timebase import Rate, rate_times_ns

WRITER_ID = "robomimic_hdf5"
FILE_NAME = "demos.hdf5"
# What containers round times to; a picture so little after its step belongs to it.
MAX_SLACK_NS = 1_000_000
GZIP_LEVEL = 1
# Attributes above 64 kB need the layout of HDF5 1.8; 1.10 reads all of it.
LIBVER = ("v108", "v110")
REWARDS, DONES, STATES = "rewards", "dones", "states"

Times = NDArray[np.int64]


class RobomimicWriter:
    """The writer; see ``Writer``."""

    id = WRITER_ID
    title = "robomimic HDF5"

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
        """See ``Writer``. Raises ExportFailed too for an episode without actions."""
        with release_folder(out) as partial:
            with h5py.File(partial / FILE_NAME, "w", libver=LIBVER) as file:
                demos = _Demos(file, dataset, release)
                for episode in each_once(episodes, release, total=total, progress=progress):
                    demos.add(episode)
                demos.close()
            return demos.ledger.finish(partial, out, tuple(demos.notices()))


class _Demos:
    """Takes episodes one by one; keeps no more than their entries."""

    def __init__(self, file: Any, dataset: DatasetRecord, release: ReleaseRecord) -> None:
        self.dataset, self.release = dataset, release
        self.file, self.data = file, file.create_group(DATA)
        self.subtasks = Vocabulary()
        self.ledger = Ledger(WRITER_ID, dataset, release)
        self.splits: dict[str, list[str]] = {}
        self.early = self.hidden = 0
        self.rates: list[Rate] = []

    def add(self, episode: ExportEpisode) -> None:
        number = len(self.ledger)
        demo = self.data.create_group(f"demo_{number}")
        demo.attrs["num_samples"] = episode.frames
        demo.attrs["source_key"] = episode.key
        demo.attrs["ep_meta"] = json.dumps({"lang": episode.task}, ensure_ascii=False)
        steps = rate_times_ns(episode.frames, episode.rate)
        slack = min(MAX_SLACK_NS, int(episode.rate.period_ns) // 10)
        self._actions(demo, episode, steps, slack)
        self._observations(demo, episode, steps, slack)
        marked = classic_columns(
            episode.labels,
            self.release.schema,
            steps,
            episode.rate.time_ns(episode.frames),
            self.subtasks,
        )
        _labels(demo, episode, marked)
        self.hidden += marked.hidden
        if marked.outcome:
            self.splits.setdefault(marked.outcome, []).append(f"demo_{number}")
        self.ledger.note(episode)
        self.rates.append(episode.rate)

    def _actions(self, demo: Any, episode: ExportEpisode, steps: Times, slack: int) -> None:
        """Several action signals are put side by side, in their order in the source."""
        found = [one for one in episode.signals if one.kind is SignalKind.ACTION]
        if not found:
            raise ExportFailed(
                f"{episode.key} has no actions, which robomimic needs.",
                remedy="Leave it out of the release, or release in another format.",
                key=episode.key,
            )
        values = np.concatenate([self._on_steps(one, steps, slack) for one in found], axis=1)
        written = demo.create_dataset(ACTIONS, data=values)
        _describe(written, found)

    def _observations(self, demo: Any, episode: ExportEpisode, steps: Times, slack: int) -> None:
        obs = demo.create_group("obs")
        for one in episode.signals:
            if one.kind is SignalKind.ACTION or one.name in (REWARDS, DONES):
                continue
            target, name = (demo, STATES) if one.name == STATES else (obs, _key(one.name))
            written = target.create_dataset(name, data=self._on_steps(one, steps, slack))
            _describe(written, [one])
        for camera in episode.cameras:
            self._pictures(obs, camera, steps, slack)

    def _on_steps(self, one: SignalRecord, steps: Times, slack: int) -> NDArray[Any]:
        if not len(one.t_ns):
            raise ExportFailed(
                f"The signal “{one.name}” has no samples.", remedy="Leave the episode out."
            )
        at = np.searchsorted(one.t_ns, steps + slack, side="right") - 1
        self.early += int(np.count_nonzero(at < 0))
        return np.asarray(one.values[np.maximum(at, 0)])

    def _pictures(self, obs: Any, camera: ExportCamera, steps: Times, slack: int) -> None:
        depth = camera.modality is Modality.DEPTH
        shape = (camera.height, camera.width, 1 if depth else 3)
        written = obs.create_dataset(
            _picture_key(camera),
            shape=(len(steps), *shape),
            dtype=np.uint16 if depth else np.uint8,
            chunks=(1, *shape),
            compression="gzip",
            compression_opts=GZIP_LEVEL,
        )
        if depth and camera.depth_unit_m is not None:
            written.attrs["unit_m"] = camera.depth_unit_m
        self.early += int(np.count_nonzero(steps + slack < camera.t_ns[0]))
        for step, picture in _held(camera, steps, slack):
            written[step] = picture.reshape(shape)

    def close(self) -> None:
        """The attributes that robomimic opens a file by, splits by outcome, codes of labels."""
        self.data.attrs["total"] = self.ledger.frames
        self.data.attrs["env_args"] = json.dumps(self._env_args(), ensure_ascii=False)
        codes = {kind: class_codes(self.release.schema, kind) for kind in ("instant", "outcome")}
        self.data.attrs["label_classes"] = json.dumps(codes, ensure_ascii=False)
        text = h5py.string_dtype()
        # Beside ``data``: robomimic takes whatever lies in that for a demonstration.
        self.file.create_dataset("subtasks", data=self.subtasks.texts, dtype=text)
        for outcome, names in self.splits.items():
            self.file.create_dataset(f"{MASK}/{outcome}", data=np.array(names, dtype="S"))

    def _env_args(self) -> dict[str, Any]:
        """The source's own where it is robomimic; else a nameless environment at this rate."""
        own = self.dataset.metadata.get("env_args")
        if isinstance(own, dict) and own:
            found = dict(own)
        else:
            found = {"env_name": self.dataset.name, "type": None, "env_kwargs": {}}
        rate = self.rates[0]
        kwargs = found.get("env_kwargs")
        hertz = rate.num if rate.den == 1 else rate.num / rate.den
        kwargs = {**(kwargs if isinstance(kwargs, dict) else {}), "control_freq": hertz}
        # Rewards of a release are 1 at the end of a success: sparse, whatever the source's were.
        return {**found, "env_kwargs": {**kwargs, "reward_shaping": False}}

    def notices(self) -> Iterator[Notice]:
        yield from step_notices(early=self.early, hidden=self.hidden)
        if len(set(self.rates)) > 1:
            text = "The episodes have several rates; control_freq is that of the first."
            yield Notice("rates_differ", text)


def _held(
    camera: ExportCamera, steps: Times, slack: int
) -> Iterator[tuple[int, NDArray[np.integer[Any]]]]:
    """For every step the last picture at or before it; each is decoded once, two are held."""
    step = 0
    shown: NDArray[np.integer[Any]] | None = None
    for t_ns, picture in zip(camera.t_ns.tolist(), camera.pictures(), strict=True):
        while shown is not None and step < len(steps) and steps[step] + slack < t_ns:
            yield step, shown
            step += 1
        shown = picture
    while shown is not None and step < len(steps):
        yield step, shown
        step += 1


def _labels(demo: Any, episode: ExportEpisode, marked: ClassicColumns) -> None:
    """Rewards and dones of the outcome; labels by step, and in full as JSON."""
    success = marked.outcome == SUCCESS_CLASS
    end = np.arange(episode.frames) == episode.frames - 1
    demo.create_dataset(REWARDS, data=(end & success).astype(np.float64))
    demo.create_dataset(DONES, data=end.astype(np.int64))
    steps = demo.create_group("labels")
    for column, name in ((SUBTASK, "subtask"), (CONTACT, "contact"), (OUTCOME, "outcome")):
        steps.create_dataset(name, data=marked.columns[column])
    if marked.outcome:
        demo.attrs["outcome"] = marked.outcome
    full = json.dumps(list(marked.labels), ensure_ascii=False)
    demo.create_dataset(ANNOTATIONS, data=full, dtype=h5py.string_dtype())


def _describe(written: Any, signals: list[SignalRecord]) -> None:
    """Kind and dimensions as attributes: an HDF5 array has no place of its own for them."""
    written.attrs["kind"] = signals[0].kind.value
    named = [
        {
            "name": f"{one.name}.{d.name}" if len(signals) > 1 else d.name,
            "unit": d.unit,
            "group": d.group,
        }
        for one in signals
        for d in one.dimensions
    ]
    written.attrs["dimensions"] = json.dumps(named, ensure_ascii=False)


def _key(name: str) -> str:
    """A key of ``obs``: slashes would make groups of it."""
    return name.removeprefix("obs.").replace("/", ".")


def _picture_key(camera: ExportCamera) -> str:
    if camera.source_key.startswith("obs/"):
        return _key(camera.source_key.removeprefix("obs/"))
    name = _key(camera.camera)
    if camera.modality is Modality.RGB:
        return f"{name}_image"
    return name if "depth" in name else f"{name}_depth"
