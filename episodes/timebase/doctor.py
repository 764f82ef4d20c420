"""The sync doctor: what one episode's clocks and pictures say together.

Nothing is rewritten: a correction is a ClockMap for a camera, and a person decides whether to use
it. What could not be measured is reported as unknown and never passes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from episodes.findings import Finding, Severity, worst
from episodes.timebase.clocks import ClockMap
from episodes.timebase.lag import (
    Lag,
    Source,
    Speed,
    Values,
    compare,
    measure_lag,
    picture_speed,
    proprioceptive_speed,
)
from episodes.timebase.pictures import PictureCheck, check_pictures
from episodes.timebase.rates import NS, Rate, Times
from episodes.timebase.stream_clock import StreamClock, check_clock

SCHEMA_VERSION = 1
COMPUTED = "stamps_computed"


@dataclass(frozen=True, slots=True, eq=False)
class SignalInput:
    """Stamps int64 (n,) on the episode clock as recorded, values (n, dimensions).

    ``source`` is None for a signal that says nothing of the robot's movement, such as a force.
    """

    name: str
    t_ns: Times
    values: Values
    source: Source | None
    declared: Rate | None = None


@dataclass(frozen=True, slots=True, eq=False)
class MotionInput:
    """Arrays (n,), an interval between two pictures each, as ``video.motion.Motion`` has them."""

    start_ns: Times
    end_ns: Times
    flow: NDArray[np.floating[Any]]
    repeated: NDArray[np.bool_]
    span: Times


@dataclass(frozen=True, slots=True, eq=False)
class CameraInput:
    """Stamps int64 (frames,) on the episode clock; ``motion`` None where it was not measured."""

    name: str
    t_ns: Times
    motion: MotionInput | None
    declared: Rate | None = None


@dataclass(frozen=True, slots=True)
class SignalDiagnosis:
    """A signal's own clock."""

    name: str
    clock: StreamClock

    def to_json(self) -> dict[str, Any]:
        return {"name": self.name, "clock": self.clock.to_json()}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        return cls(document["name"], StreamClock.from_json(document["clock"]))


@dataclass(frozen=True, slots=True)
class CameraDiagnosis:
    """A camera's own clock, its pictures, and its lag against the robot.

    ``curve`` is the correlation at each of ``correlogram.LAGS_NS``, empty where nothing could be
    compared: what the lag was read from, to be drawn.
    """

    name: str
    clock: StreamClock
    pictures: PictureCheck | None
    lag: Lag
    curve: tuple[float, ...] = ()

    @property
    def cross_checked(self) -> bool:
        """Whether pictures and movement were seen to agree, whatever the stamps are worth."""
        pictures = self.pictures
        return (
            pictures is not None
            and pictures.verdict is Severity.GREEN
            and self.lag.verdict is Severity.GREEN
        )

    @property
    def correction(self) -> ClockMap | None:
        """What to put on the camera's stamps, where a lag was found; a person decides."""
        if self.lag.verdict not in (Severity.AMBER, Severity.RED) or self.lag.lag_ns is None:
            return None
        return self.lag.correction() if abs(self.lag.lag_ns) > self.lag.tolerance_ns else None

    @property
    def findings(self) -> tuple[Finding, ...]:
        pictures = self.pictures.findings if self.pictures else (_NOT_LOOKED_AT,)
        return (*self.clock.findings, *pictures, lag_finding(self.lag))

    def to_json(self) -> dict[str, Any]:
        correction = self.correction
        return {
            "name": self.name,
            "clock": self.clock.to_json(),
            "pictures": self.pictures.to_json() if self.pictures else None,
            "lag": self.lag.to_json(),
            "curve": list(self.curve),
            "correction": {
                "offset_ns": correction.offset_ns,
                "drift_ppm": correction.drift_ppm,
                "method": correction.method,
                "confidence": correction.confidence,
            }
            if correction
            else None,
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        pictures = document["pictures"]
        return cls(
            name=document["name"],
            clock=StreamClock.from_json(document["clock"]),
            pictures=PictureCheck.from_json(pictures) if pictures else None,
            lag=Lag.from_json(document["lag"]),
            curve=tuple(document["curve"]),
        )


_NOT_LOOKED_AT = Finding(
    "pictures_not_measured",
    Severity.UNKNOWN,
    "The camera's pictures were not measured.",
    "Index the video, then run the sync check again.",
)


@dataclass(frozen=True, slots=True)
class SyncDiagnosis:
    """All streams of one episode.

    Computed stamps (unknown by themselves) count as checked where at least one camera's pictures
    and movement agree in time: the signals are then known to run with that camera.
    """

    signals: tuple[SignalDiagnosis, ...]
    cameras: tuple[CameraDiagnosis, ...]
    schema_version: int = field(default=SCHEMA_VERSION)

    @property
    def findings(self) -> tuple[tuple[str, Finding], ...]:
        """(stream, finding), every one of them, worst first."""
        rows = [(s.name, finding) for s in self.signals for finding in s.clock.findings]
        rows += [(c.name, finding) for c in self.cameras for finding in c.findings]
        order = tuple(Severity)
        return tuple(sorted(rows, key=lambda row: -order.index(row[1].severity)))

    @property
    def verdict(self) -> Severity:
        """The worst finding of all: red, amber, unknown, green. Only green is a pass."""
        if not self.cameras and not self.signals:
            return Severity.UNKNOWN
        vouched = {camera.name for camera in self.cameras if camera.cross_checked}
        if vouched:
            vouched |= {signal.name for signal in self.signals}
        return worst(
            finding.severity
            for stream, finding in self.findings
            if not (finding.code == COMPUTED and stream in vouched)
        )

    @property
    def unmeasured(self) -> tuple[str, ...]:
        """Streams of which something could not be measured."""
        names = [name for name, found in self.findings if found.severity is Severity.UNKNOWN]
        return tuple(dict.fromkeys(names))

    def to_json(self) -> dict[str, Any]:
        """JSON-ready; all times integer ns. ``verdict`` is there to be read, not read back."""
        return {
            "schema_version": self.schema_version,
            "verdict": self.verdict.value,
            "signals": [signal.to_json() for signal in self.signals],
            "cameras": [camera.to_json() for camera in self.cameras],
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """Read back what ``to_json`` made; raises KeyError, TypeError or ValueError otherwise."""
        if document["schema_version"] != SCHEMA_VERSION:
            raise ValueError(f"a sync diagnosis of schema version {document['schema_version']}")
        return cls(
            signals=tuple(SignalDiagnosis.from_json(row) for row in document["signals"]),
            cameras=tuple(CameraDiagnosis.from_json(row) for row in document["cameras"]),
        )


def diagnose(signals: tuple[SignalInput, ...], cameras: tuple[CameraInput, ...]) -> SyncDiagnosis:
    """Check every stream by itself and every camera against the robot's movement.

    Movement is that of the first state that moves smoothly; only without one that of an action,
    which leads the movement: the lag is then less trusted and never red.
    """
    speed, source = _movement(signals)
    return SyncDiagnosis(
        signals=tuple(
            SignalDiagnosis(signal.name, check_clock(signal.t_ns, signal.declared))
            for signal in signals
        ),
        cameras=tuple(_camera(camera, speed, source) for camera in cameras),
    )


def _movement(signals: tuple[SignalInput, ...]) -> tuple[Speed | None, Source]:
    for source in (Source.STATE, Source.ACTION):
        for signal in signals:
            if signal.source is source:
                speed = proprioceptive_speed(signal.t_ns, signal.values)
                if speed is not None:
                    return speed, source
    return None, Source.STATE


def _camera(camera: CameraInput, speed: Speed | None, source: Source) -> CameraDiagnosis:
    clock = check_clock(camera.t_ns, camera.declared)
    period_ns = round(NS / clock.rate_hz) if clock.rate_hz else 0
    motion = camera.motion
    if motion is None:
        return CameraDiagnosis(
            camera.name, clock, None, measure_lag([], period_ns=period_ns, source=source)
        )
    pictures = check_pictures(
        motion.start_ns, motion.end_ns, motion.flow, motion.repeated, motion.span, speed
    )
    seen = picture_speed(
        motion.start_ns, motion.end_ns, motion.flow.astype(np.float64), motion.span
    )
    compared = compare(speed, seen) if speed is not None else None
    lag = measure_lag([compared], period_ns=period_ns, source=source)
    curve = tuple(round(float(r), 4) for r in compared.r()) if compared is not None else ()
    return CameraDiagnosis(camera.name, clock, pictures, lag, curve)


def lag_finding(lag: Lag) -> Finding:
    """The lag in words, with what to do about it."""
    facts = {"lag_ns": lag.lag_ns, "error_ns": lag.error_ns, "r": lag.r}
    if lag.verdict is Severity.UNKNOWN or lag.lag_ns is None or lag.error_ns is None:
        return Finding(
            "lag_unknown",
            Severity.UNKNOWN,
            f"The lag of the pictures cannot be told: {lag.reason}.",
            "Check by eye at a contact, or measure the lag over several episodes of the camera.",
            facts,
        )
    direction = "later" if lag.lag_ns >= 0 else "earlier"
    message = (
        f"The pictures come {abs(lag.lag_ns) / 1e6:.1f} ms {direction} than the "
        f"{lag.source.value} says (standard error {lag.error_ns / 1e6:.1f} ms, r = {lag.r:.2f}): "
        f"{lag.reason}."
    )
    if lag.verdict is Severity.GREEN:
        return Finding("lag_within_tolerance", Severity.GREEN, message, facts=facts)
    if abs(lag.lag_ns) <= lag.tolerance_ns:
        remedy = "Measure the lag over several episodes of the camera."
        return Finding("lag_uncertain", lag.verdict, message, remedy, facts)
    remedy = "Look at a contact; then accept the correction, or leave the episode out."
    return Finding("lag_found", lag.verdict, message, remedy, facts)
