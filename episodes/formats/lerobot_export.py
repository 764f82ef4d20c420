"""Any dataset as LeRobot v3.0: signals on a table of steps, one video a camera and episode.

A row is a step at the episode's rate, and holds what was known then: the last sample of each
signal that is not after it (a step before the first sample takes the first). Nothing is
interpolated.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from episodes.errors import ExportFailed
from episodes.export_records import ExportCamera, ExportEpisode, ExportRecord, ReleaseRecord
from episodes.formats.contract import Progress
from episodes.formats.lerobot_files import FILES_PER_CHUNK
from episodes.formats.lerobot_info import ROW_COLUMNS
from episodes.formats.lerobot_profiles import PROFILES, Profile
from episodes.formats.lerobot_v30 import VIDEO_PATH
from episodes.formats.lerobot_v30_writer import NewEpisode, V30Writer, video_place
from episodes.formats.lerobot_video import DEPTH_INFO, write_camera
from episodes.formats.paths import fill
from episodes.formats.release_files import each_once, release_folder
from episodes.formats.step_table import on_steps
from episodes.records import DatasetRecord, Json, Modality, Notice, SignalKind, SignalRecord
from episodes.timebase import rate_times_ns

MAIN = {SignalKind.STATE: "observation.state", SignalKind.ACTION: "action"}
IMAGES = "observation.images."
# ALOHA's qpos, ROS 2's joint_states.position.
_POSITIONS = re.compile(r"(?:^|[./_])(?:q?pos|positions?)$")


class LeRobotExport:
    """``Writer`` for datasets of every format, in one of the profiles."""

    def __init__(self, profile: str) -> None:
        self.id = f"lerobot_v30_{profile}"
        self.title = f"LeRobot v3.0, {profile} profile"
        self._profile = profile

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
        """See ``Writer``. All episodes have to be of one rate and have the same signals and
        cameras, as LeRobot demands; sound stays behind. Raises ExportFailed."""
        with release_folder(out) as partial:
            writer = ExportWriter(dataset, partial, release, PROFILES[self._profile](release))
            for episode in each_once(episodes, release, total=total, progress=progress):
                writer.add_export(episode)
            return writer.finish(out)


class ExportWriter(V30Writer):
    """Declares the features of the first episode and holds the others to them."""

    def __init__(
        self, dataset: DatasetRecord, root: Path, release: ReleaseRecord, profile: Profile
    ) -> None:
        super().__init__(dataset, root, release, profile)
        self.metadata = {"robot_type": dataset.embodiment or None}
        self._said: set[str] = set()

    def add_export(self, episode: ExportEpisode) -> None:
        steps_ns = rate_times_ns(episode.frames, episode.rate)
        signals = self._signals(episode)
        cameras = self._cameras(episode)
        features = {n: _signal_feature(s) for n, s in signals.items()}
        if not self.contents:
            fps = episode.rate.num if episode.rate.den == 1 else episode.rate.num / episode.rate.den
            self.dataset = replace(self.dataset, rate=episode.rate)
            self.metadata = {**self.metadata, "fps": fps}
            self.declared = {**features, **_row_features()}
        places, stats, videos = self._videos(episode, cameras)
        if not self.contents:
            self.declared = {**self.declared, **videos}
            self.cameras = set(videos)
        self._check_alike(episode, {**features, **videos})
        rows = _rows(signals, steps_ns, episode)
        new = NewEpisode(
            key=episode.key,
            rows=rows,
            task_texts=[episode.task] * episode.frames,
            tasks=[episode.task],
            places=places,
            stats=stats,
            facts={"duration_ns": episode.duration_ns, "facts": asdict(episode.facts)},
        )
        self.add(new, episode.labels, episode.provenance)

    def _signals(self, episode: ExportEpisode) -> dict[str, SignalRecord]:
        """The signals by feature; LeRobot has no place for sound."""
        kept = []
        for signal in episode.signals:
            if signal.kind is SignalKind.AUDIO or not len(signal.t_ns):
                self._say("signal_left_out", f"The signal “{signal.name}” is left out of the rows.")
            else:
                kept.append(signal)
        return dict(zip(feature_names(kept), kept, strict=True))

    def _cameras(self, episode: ExportEpisode) -> dict[str, ExportCamera]:
        """The cameras by feature; depth without a unit cannot be put on LeRobot's scale."""
        found: dict[str, ExportCamera] = {}
        for camera in episode.cameras:
            if camera.modality is Modality.DEPTH and camera.depth_unit_m is None:
                text = f"The depth camera “{camera.camera}” is left out: its unit is not known."
                self._say("camera_left_out", text)
                continue
            if camera.modality is Modality.DEPTH:
                text = (
                    f"The depth of “{camera.camera}” is rounded to LeRobot's 12 bits between"
                    " 1 cm and 10 m; the source has it in full."
                )
                self._say("depth_rounded", text)
            found[_unused(camera_feature(camera), found)] = camera
        return found

    def _say(self, code: str, text: str) -> None:
        if text not in self._said:
            self._said.add(text)
            self.notices.append(Notice(code, text))

    def _videos(
        self, episode: ExportEpisode, cameras: Mapping[str, ExportCamera]
    ) -> tuple[dict[str, Any], dict[str, dict[str, Any]], dict[str, Json]]:
        """Write the episode's videos: places, statistics and declarations by feature."""
        places: dict[str, Any] = {}
        stats: dict[str, dict[str, Any]] = {}
        features: dict[str, Json] = {}
        seconds = episode.frames * episode.rate.den / episode.rate.num
        chunk, file = divmod(len(self.contents), FILES_PER_CHUNK)
        for name, camera in cameras.items():
            place: dict[str, str | int] = {"chunk_index": chunk, "file_index": file}
            relative = fill(VIDEO_PATH, place | {"video_key": name})
            done = write_camera(camera, episode.frames, episode.rate, self.root / relative)
            if done.sha256 is not None:
                self.known[relative] = done.sha256
            span = (done.from_s, done.from_s + seconds)
            places |= video_place(name, (chunk, file), span)
            stats[name] = done.stats
            features[name] = _video_feature(camera, done.width, done.height, self.metadata["fps"])
        return places, stats, features

    def _check_alike(self, episode: ExportEpisode, features: Mapping[str, Json]) -> None:
        """LeRobot demands one rate, and the same features of every episode."""
        wrong = None
        if episode.rate != self.dataset.rate:
            wrong = f"runs at {episode.rate} Hz, the first at {self.dataset.rate} Hz"
        for name, feature in self.declared.items():
            mine = features.get(name)
            if name not in ROW_COLUMNS and (mine is None or mine["shape"] != feature["shape"]):
                was, now = feature["shape"], mine["shape"] if mine else "nothing"
                wrong = f"has {now} for “{name}”, the first has {was}"
        extra = features.keys() - self.declared.keys()
        if extra:
            wrong = f"has “{min(extra)}”, the first has not"
        if wrong:
            raise ExportFailed(
                f"A LeRobot dataset is of one kind: episode “{episode.key}” {wrong}.",
                remedy="Release episodes of one recording setup at a time, or as a plain folder.",
            )


def camera_feature(camera: ExportCamera) -> str:
    """LeRobot's own name where the source has one; no name of its has a slash."""
    if camera.source_key.startswith("observation."):
        return camera.source_key.replace("/", ".")
    return IMAGES + camera.camera.replace("/", ".")


def feature_names(signals: Sequence[SignalRecord]) -> list[str]:
    """A feature for every signal, in order.

    Names that LeRobot would give stay. The only state and the only action become
    `observation.state` and `action`, which policies look for: of several, the one that is of
    positions. Others get their own name below `observation.` or `action.`.
    """
    names: dict[str, None] = {}
    main = {kind: _main(signals, kind) for kind in MAIN}
    for signal in signals:
        plain = signal.name.replace("/", ".")
        if plain == "action" or plain.startswith(("observation.", "action.")):
            wanted = plain
        elif signal is main.get(signal.kind):
            wanted = MAIN[signal.kind]
        else:
            wanted = ("action." if signal.kind is SignalKind.ACTION else "observation.") + plain
        names[_unused(wanted, names)] = None
    return list(names)


def _main(signals: Sequence[SignalRecord], kind: SignalKind) -> SignalRecord | None:
    """The one that stands for the kind; None where several could."""
    found = [signal for signal in signals if signal.kind is kind]
    if len(found) > 1:
        found = [signal for signal in found if _POSITIONS.search(signal.name)]
    return found[0] if len(found) == 1 else None


def _unused(wanted: str, taken: Iterable[str]) -> str:
    used, name, number = {*taken, *ROW_COLUMNS}, wanted, 2
    while name in used:
        name, number = f"{wanted}_{number}", number + 1
    return name


def _dtype(values: NDArray[Any]) -> str:
    if values.dtype.kind != "f":
        return "int64"
    return "float64" if values.dtype.itemsize > 4 else "float32"


def _signal_feature(signal: SignalRecord) -> Json:
    return {
        "dtype": _dtype(signal.values),
        "shape": [len(signal.dimensions)],
        "names": [dimension.name for dimension in signal.dimensions],
    }


def _row_features() -> dict[str, Json]:
    def scalar(dtype: str) -> Json:
        return {"dtype": dtype, "shape": [1], "names": None}

    return {name: scalar("float32" if name == "timestamp" else "int64") for name in ROW_COLUMNS}


def _video_feature(camera: ExportCamera, width: int, height: int, fps: float) -> Json:
    depth = camera.modality is Modality.DEPTH
    channels = 1 if depth else 3
    info: dict[str, Any] = {
        "video.height": height,
        "video.width": width,
        "video.channels": channels,
        "video.fps": fps,
        "video.is_depth_map": depth,
        "has_audio": False,
    }
    return {
        "dtype": "video",
        "shape": [height, width, channels],
        "names": ["height", "width", "channels"],
        "info": info | (DEPTH_INFO if depth else {}),
    }


def _rows(
    signals: Mapping[str, SignalRecord], steps_ns: NDArray[np.int64], episode: ExportEpisode
) -> pa.Table:
    """The signals at the steps; ``timestamp`` is frame_index / fps, as LeRobot writes it."""
    columns: dict[str, Any] = {}
    for name, signal in signals.items():
        values = np.ascontiguousarray(on_steps(signal, steps_ns)).reshape(-1)
        flat: pa.Array[Any] = pa.array(values.astype(_dtype(signal.values)))
        size = len(signal.dimensions)
        columns[name] = flat if size == 1 else _lists(flat, size)
    frame_index = np.arange(episode.frames)
    seconds = frame_index * episode.rate.den / episode.rate.num
    columns["timestamp"] = pa.array(seconds.astype(np.float32))
    columns["frame_index"] = pa.array(frame_index, pa.int64())
    return pa.table(columns)


def _lists(flat: "pa.Array[Any]", size: int) -> "pa.Array[Any]":
    offsets = pa.array(np.arange(0, len(flat) + 1, size), pa.int32())
    return pa.ListArray.from_arrays(offsets, flat)
