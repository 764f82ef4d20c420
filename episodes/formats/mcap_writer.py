"""A release as MCAP: one file an episode, to open in Foxglove and to read back.

Cameras become foxglove.CompressedImage or CompressedVideo, signals messages with a field for each
dimension, sound foxglove.RawAudio, labels the topic /touchline/annotations. What those cannot say
(roles, kinds, units, the origin of the clock) is in the metadata of channels and of the file.
"""

import json
import re
from collections.abc import Iterable, Iterator
from heapq import merge
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from mcap.writer import CompressionType, Writer
from mcap_protobuf.schema import build_file_descriptor_set

from episodes.export_records import ExportCamera, ExportEpisode, ExportRecord, ReleaseRecord
from episodes.formats.contract import Progress
from episodes.formats.foxglove import RAW_AUDIO, F, field_names, message_class
from episodes.formats.mcap_pictures import CameraMessages
from episodes.formats.release_files import each_once, release_folder
from episodes.formats.release_ledger import Ledger
from episodes.formats.ros2_audio import OWN_AUDIO
from episodes.formats.ros2_bag import OWN_METADATA
from episodes.formats.ros2_lanes import ANNOTATIONS_TYPE
from episodes.formats.ros2_messages import OWN_SIGNAL
from episodes.formats.ros2_pictures import OWN_CAMERA, OWN_DEPTH, OWN_ROLE
from episodes.formats.wire_labels import KINDS
from episodes.records import DatasetRecord, Json, Modality, Notice, SignalKind, SignalRecord
from episodes.timebase import NS

WRITER_ID = "mcap"
PROFILE = "touchline"
# Where the episode clock's 0 lies on the file's: a stamp of 0 would read as none.
ORIGIN_NS = NS
CHUNK_BYTES = 4 * 2**20
AUDIO_BLOCK_NS = 100_000_000
SLICE_ROWS = 4096
MAX_FILE_NAME = 150
ANNOTATIONS_TOPIC = "/touchline/annotations"
_TIME = {"type": ["integer", "null"], "description": "ns on the episode clock"}
ANNOTATION_SCHEMA = {
    "title": ANNOTATIONS_TYPE,
    "type": "object",
    "properties": {
        "timestamp": {
            "type": "object",
            "title": "time",
            "properties": {"sec": {"type": "integer"}, "nsec": {"type": "integer"}},
        },
        "id": {"type": "string"},
        "kind": {"enum": list(KINDS)},
        "label_class": {"type": "string"},
        "start_ns": _TIME,
        "end_ns": _TIME,
        "text": {"type": "string"},
        "effector": {"type": "string"},
        "attributes": {"type": "object"},
        "uncertainty_ns": {"type": "integer"},
    },
    "required": ["kind", "label_class"],
}


class Timed(NamedTuple):
    """A message to write: at ``log_ns`` of the file, on a channel."""

    log_ns: int
    channel: int
    data: bytes


class McapWriter:
    """The writer; see ``Writer``."""

    id = WRITER_ID
    title = "MCAP (Foxglove)"

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
        ledger = Ledger(self.id, dataset, release)
        notices: dict[str, Notice] = {}
        taken: set[str] = set()
        with release_folder(out) as partial:
            for episode in each_once(episodes, release, total=total, progress=progress):
                name = file_name(episode.key, taken)
                line = ledger.note(episode, file=name)
                for notice in write_episode(partial / name, episode, release, line):
                    notices.setdefault(notice.message, notice)
            return ledger.finish(partial, out, tuple(notices.values()))


def file_name(key: str, taken: set[str]) -> str:
    """A file's name for the key, unique without regard to case; the key itself is inside."""
    wanted = re.sub(r"[^\w.-]+", "_", key)[:MAX_FILE_NAME].strip("._") or "episode"
    name, number = wanted, 1
    while name.lower() in taken:
        number += 1
        name = f"{wanted}_{number}"
    taken.add(name.lower())
    return f"{name}.mcap"


def write_episode(
    path: Path, episode: ExportEpisode, release: ReleaseRecord, entry: Json
) -> tuple[Notice, ...]:
    """One file; the notices say which pictures could not stay as they were stored."""
    with path.open("xb") as file:
        writer = Writer(file, chunk_size=CHUNK_BYTES, compression=CompressionType.ZSTD)
        writer.start(profile=PROFILE, library=PROFILE)
        cameras = [CameraMessages(camera) for camera in episode.cameras]
        sources = [
            *(_camera(writer, camera) for camera in cameras),
            *(_signal(writer, signal) for signal in episode.signals if len(signal.t_ns)),
            _annotations(writer, episode),
        ]
        for number, message in enumerate(merge(*sources, key=lambda timed: timed.log_ns)):
            writer.add_message(
                message.channel,
                log_time=message.log_ns,
                publish_time=message.log_ns,
                data=message.data,
                sequence=number,
            )
        sidecar = json.dumps(entry, ensure_ascii=False, indent=1).encode()
        writer.add_attachment(
            create_time=ORIGIN_NS,
            log_time=ORIGIN_NS,
            name="annotations.json",
            media_type="application/json",
            data=sidecar,
        )
        writer.add_metadata(OWN_METADATA, _metadata(episode, release))
        writer.finish()  # type: ignore[no-untyped-call]
    return tuple(notice for camera in cameras for notice in camera.notices)


def _metadata(episode: ExportEpisode, release: ReleaseRecord) -> dict[str, str]:
    return {
        "key": episode.key,
        "task": episode.task,
        "release": release.name,
        "rate_num": str(episode.rate.num),
        "rate_den": str(episode.rate.den),
        "frames": str(episode.frames),
        "duration_ns": str(episode.duration_ns),
        "origin_ns": str(ORIGIN_NS),
        "label_schema": json.dumps(release.schema, ensure_ascii=False),
        "provenance": json.dumps(episode.provenance, ensure_ascii=False, default=str),
    }


def _channel(writer: Writer, topic: str, kind: Any, said: dict[str, str]) -> int:
    schema = writer.register_schema(
        kind.DESCRIPTOR.full_name,
        "protobuf",
        build_file_descriptor_set(kind).SerializeToString(),
    )
    return writer.register_channel(topic, "protobuf", schema, metadata=said)


def _stamp(message: Any, log_ns: int) -> None:
    message.timestamp.seconds, message.timestamp.nanos = divmod(log_ns, NS)


def topic_part(name: str) -> str:
    return re.sub(r"[^\w.\-/]+", "_", name)


def _camera(writer: Writer, messages: CameraMessages) -> Iterator[Timed]:
    camera: ExportCamera = messages.camera
    said = {OWN_CAMERA: camera.camera, OWN_ROLE: camera.role.value}
    if camera.modality is Modality.DEPTH:
        said[OWN_DEPTH] = str(camera.depth_unit_m or "unknown")
    kind = messages.message
    channel = _channel(writer, f"/camera/{topic_part(camera.camera)}", kind, said)
    for t_ns, data in zip(camera.t_ns.tolist(), messages.data(), strict=True):
        log_ns = ORIGIN_NS + t_ns
        message = kind(data=data, format=messages.format, frame_id=camera.camera)
        _stamp(message, log_ns)
        yield Timed(log_ns, channel, message.SerializeToString())


def _signal(writer: Writer, signal: SignalRecord) -> Iterator[Timed]:
    if signal.kind is SignalKind.AUDIO and signal.values.dtype == np.int16:
        return _sound(writer, signal)
    return _numbers(writer, signal)


def _described(signal: SignalRecord) -> dict[str, str]:
    dimensions = [{"name": d.name, "unit": d.unit, "group": d.group} for d in signal.dimensions]
    said = {"name": signal.name, "kind": signal.kind.value, "dimensions": dimensions}
    return {OWN_SIGNAL: json.dumps(said, ensure_ascii=False)}


def _numbers(writer: Writer, signal: SignalRecord) -> Iterator[Timed]:
    names = field_names([dimension.name for dimension in signal.dimensions])
    type_ = F.TYPE_FLOAT if signal.values.dtype == np.float32 else F.TYPE_DOUBLE
    title = "Signal_" + re.sub(r"\W+", "_", signal.name, flags=re.ASCII)
    fields = [(name, number, type_) for number, name in enumerate(names, start=2)]
    kind = message_class("touchline", title, fields)
    topic = f"/signal/{topic_part(signal.name)}"
    channel = _channel(writer, topic, kind, _described(signal))
    for first in range(0, len(signal.t_ns), SLICE_ROWS):
        part = slice(first, first + SLICE_ROWS)
        rows = zip(signal.t_ns[part].tolist(), signal.values[part].tolist(), strict=True)
        for t_ns, row in rows:
            message = kind(**dict(zip(names, map(float, row), strict=True)))
            _stamp(message, ORIGIN_NS + t_ns)
            yield Timed(ORIGIN_NS + t_ns, channel, message.SerializeToString())


def _sound(writer: Writer, signal: SignalRecord) -> Iterator[Timed]:
    """Blocks of a tenth of a second that end where samples leave the nominal rate."""
    kind = message_class("foxglove", "RawAudio", RAW_AUDIO)
    topic = f"/audio/{topic_part(signal.name)}"
    channel = _channel(writer, topic, kind, {OWN_AUDIO: signal.name})
    steps = np.diff(signal.t_ns[: 2**16])
    period = float(np.median(steps)) if len(steps) else NS / 16_000
    rate = round(NS / float(np.mean(steps[steps < 2 * period]))) if len(steps) else 16_000
    block = max(1, rate * AUDIO_BLOCK_NS // NS)
    for first in range(0, len(signal.t_ns), block):
        t_ns = signal.t_ns[first : first + block]
        cuts = np.flatnonzero(np.diff(t_ns) > 2 * period) + 1
        for part in np.split(np.arange(len(t_ns)), cuts):
            at = first + part
            pcm = np.ascontiguousarray(signal.values[at[0] : at[-1] + 1], "<i2")
            message = kind(
                data=pcm.tobytes(),
                format="pcm-s16",
                sample_rate=rate,
                number_of_channels=pcm.shape[1],
            )
            log_ns = ORIGIN_NS + int(t_ns[part[0]])
            _stamp(message, log_ns)
            yield Timed(log_ns, channel, message.SerializeToString())


def _annotations(writer: Writer, episode: ExportEpisode) -> Iterator[Timed]:
    """A label is logged where it starts; an outcome at the episode's end."""
    schema = writer.register_schema(
        ANNOTATIONS_TYPE, "jsonschema", json.dumps(ANNOTATION_SCHEMA).encode()
    )
    channel = writer.register_channel(ANNOTATIONS_TOPIC, "json", schema)
    timed = [
        (episode.duration_ns if label["start_ns"] is None else label["start_ns"], label)
        for label in episode.labels
    ]
    for start_ns, label in sorted(timed, key=lambda pair: pair[0]):
        log_ns = ORIGIN_NS + start_ns
        sec, nsec = divmod(log_ns, NS)
        said = {"timestamp": {"sec": sec, "nsec": nsec}, **label}
        yield Timed(log_ns, channel, json.dumps(said, ensure_ascii=False).encode())
