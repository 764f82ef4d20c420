"""Measure an episode's clocks and keep what was found. Unknown stays unknown and is no pass."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import UUID

import numpy as np
import pyarrow as pa
from django.db import transaction
from numpy.typing import NDArray

from episodes.errors import TouchlineError
from episodes.findings import Severity, worst
from episodes.models import Episode, Signal, Stream, SyncReport
from episodes.selectors.clocks import clock_state
from episodes.selectors.media import stream_part
from episodes.selectors.media_files import asset_file
from episodes.selectors.samples import signal_table
from episodes.services.exclusive import only_one
from episodes.timebase import Rate
from episodes.timebase.doctor import CameraInput, MotionInput, SignalInput, diagnose
from episodes.timebase.lag import Source
from episodes.timebase.traces import trace_streams
from episodes.video.motion import measure_motion

# What says how the robot moves, the surest first; an action only says how it was meant to.
MOVEMENT = {
    Signal.Kind.STATE: Source.STATE,
    Signal.Kind.END_EFFECTOR: Source.STATE,
    Signal.Kind.HAND_POSE: Source.STATE,
    Signal.Kind.ACTION: Source.ACTION,
}
HELD_UNMEASURED = "Held back before its clocks were measured."


@dataclass(frozen=True, slots=True)
class Failure:
    """A stream that could not be read, or with an empty name the whole measurement."""

    stream: str
    code: str
    message: str
    remedy: str = ""

    @classmethod
    def of(cls, stream: str, error: Exception) -> "Failure":
        if isinstance(error, TouchlineError):
            return cls(stream, error.code, str(error), error.remedy)
        return cls(stream, "unreadable", f"{type(error).__name__}: {error}")


@dataclass(slots=True)
class _Read:
    signals: list[SignalInput] = field(default_factory=list)
    cameras: list[CameraInput] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)


def measure_sync(*, episode_id: UUID, again: bool = False) -> SyncReport | None:
    """Measure every stream of an episode, write its report, and hold it back where it is red.

    One that is measured already stays as it is, unless ``again``. None where another worker is at
    it, the episode is gone, or a clock was corrected meanwhile (it then waits to be measured).
    A stream that cannot be read makes the verdict at best unknown and is named in the report.
    Decodes at most 3,000 pictures a camera, about 12 s of CPU each.
    """
    with only_one(f"sync {episode_id}") as mine:
        episode = Episode.objects.filter(pk=episode_id).first() if mine else None
        if episode is None:
            return None
        if episode.sync != Episode.Sync.UNMEASURED and not again:
            return SyncReport.objects.filter(episode=episode).first()
        clocks = clock_state(episode)
        try:
            return _keep(episode, clocks, _measured(episode))
        except Exception as error:
            # Kept as unknown so that nobody waits for it, and raised: the log has the traceback.
            _keep(episode, clocks, _document(episode, _Read(failures=[Failure.of("", error)])))
            raise


def _measured(episode: Episode) -> dict[str, Any]:
    read = _Read()
    rate = Rate(episode.rate_num, episode.rate_den)
    for signal in _in_order(episode.signals.all()):
        try:
            read.signals.append(_signal(signal, rate if signal.samples == episode.rows else None))
        except (TouchlineError, OSError, ValueError) as error:
            read.failures.append(Failure.of(signal.name, error))
    streams = episode.streams.select_related("asset__frame_index").order_by("position", "camera")
    for stream in streams:
        try:
            read.cameras.append(_camera(stream, rate if stream.paced else None))
        except (TouchlineError, OSError, ValueError) as error:
            read.failures.append(Failure.of(stream.camera, error))
    return _document(episode, read)


def _in_order(signals: Sequence[Signal] | Any) -> list[Signal]:
    """States before end-effector and hand poses: the doctor takes the first that moves."""
    order = list(MOVEMENT)
    known = {kind: place for place, kind in enumerate(order)}
    return sorted(signals, key=lambda one: (known.get(Signal.Kind(one.kind), len(order)), one.name))


def _signal(signal: Signal, declared: Rate | None) -> SignalInput:
    table = signal_table(signal)
    source = MOVEMENT.get(Signal.Kind(signal.kind))
    t_ns = table.column(0).to_numpy()
    values = np.zeros((len(t_ns), 0)) if source is None else signal_values(table)
    return SignalInput(signal.name, t_ns, values, source, declared)


def signal_values(table: pa.Table) -> NDArray[np.float64]:
    """The columns after ``t_ns`` as (samples, dimensions); nulls are NaN."""
    columns = [
        table.column(at).cast(pa.float64(), safe=False).to_numpy()
        for at in range(1, table.num_columns)
    ]
    return np.stack(columns, axis=1) if columns else np.zeros((table.num_rows, 0))


def _camera(stream: Stream, declared: Rate | None) -> CameraInput:
    part = stream_part(stream)
    motion = measure_motion(asset_file(stream.asset), part)
    return CameraInput(
        stream.camera,
        part.times_ns,
        MotionInput(motion.start_ns, motion.end_ns, motion.flow, motion.repeated, motion.span),
        declared,
    )


def _document(episode: Episode, read: _Read) -> dict[str, Any]:
    diagnosis = diagnose(tuple(read.signals), tuple(read.cameras))
    traces = trace_streams(
        [(one.name, one.t_ns) for one in read.signals],
        [(one.name, one.t_ns) for one in read.cameras],
        episode.duration_ns,
    )
    failed = [Severity.UNKNOWN] if read.failures else []
    return diagnosis.to_json() | {
        "verdict": worst([diagnosis.verdict, *failed]).value,
        "failures": [asdict(failure) for failure in read.failures],
        "traces": traces.to_json(),
    }


@transaction.atomic
def _keep(episode: Episode, clocks: dict[UUID, int], document: dict[str, Any]) -> SyncReport | None:
    """Write the report, unless the clocks are no longer those that were measured."""
    row = Episode.objects.select_for_update(no_key=True).filter(pk=episode.pk).first()
    if row is None or clock_state(row) != clocks:
        return None
    known = SyncReport.objects.filter(episode=row).first()
    report = known or SyncReport(episode=row)
    if known is None and row.held:
        report.decision, report.reason = SyncReport.Decision.HELD, HELD_UNMEASURED
    report.verdict, report.report = document["verdict"], document
    report.save()
    row.sync = report.verdict
    row.held = is_held(report)
    row.save(update_fields=["sync", "held"])
    return report


def is_held(report: SyncReport) -> bool:
    """Red is held back until somebody decides; what somebody decided holds."""
    if report.decision == SyncReport.Decision.NONE:
        return report.verdict == Episode.Sync.RED
    return report.decision == SyncReport.Decision.HELD
