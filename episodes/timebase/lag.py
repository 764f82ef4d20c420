"""How late a camera's pictures are against what the robot felt, and how sure that is.

Sign: a positive lag says that the pictures come later than the signal says; a picture stamped t
shows what the signal had at t - lag. The camera's ClockMap then gets offset_ns = -lag_ns.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from episodes.findings import Severity
from episodes.timebase.clocks import ClockMap
from episodes.timebase.correlogram import (
    LAGS_NS,
    MAX_LAG_NS,
    Correlogram,
    correlogram,
    log_speed,
    peak_ns,
    pooled,
)
from episodes.timebase.rates import NS

Floats = NDArray[np.float64]
Times = NDArray[np.int64]
Values = NDArray[np.floating[Any]] | NDArray[np.integer[Any]]

R_UNKNOWN = 0.4
R_GREEN = 0.5
R_RED = 0.6
# What the method promises where the signal allows; half a frame at 60 Hz would promise more.
RESOLUTION_NS = 10_000_000
# Twice the standard error; a lag known no better than this is not known.
SURE = 2.0
MAX_ERROR_NS = 25_000_000
# A peak is sharp where the correlation has fallen this far away from it.
SIDE_NS = 100_000_000
MIN_SHARPNESS = 0.05
# A dimension whose speed at one sample says nothing of the next is held, quantised or noise.
MIN_AUTOCORRELATION = 0.3
MIN_MOVES = 8
# Pictures that hardly move between two that do: a source slower than its file, or a coarse encoder.
HELD_RATIO = 0.3
HELD_SHARE = 0.3
# Drift needs this long a lever, and windows that each see a movement.
DRIFT_SPAN_NS = 20 * NS
DRIFT_WINDOWS = 6
MIN_DRIFT_WINDOWS = 4
ACTION_CONFIDENCE = 0.5
METHOD = "flow-correlation"


class Source(StrEnum):
    """What the speed was taken from. An action leads the movement by the actuators' latency."""

    STATE = "state"
    ACTION = "action"


@dataclass(frozen=True, slots=True, eq=False)
class Speed:
    """Speed without a unit, ``value`` (n,), at the midpoints ``t_ns`` (n,) of two samples each."""

    t_ns: Times
    value: Floats


@dataclass(frozen=True, slots=True)
class Lag:
    """The lag of one camera and how far to trust it.

    ``lag_ns`` is None where nothing could be compared. ``error_ns`` is its standard error (block
    jackknife), ``r`` the correlation at the peak, ``sharpness`` how far r falls beyond 100 ms from
    it. ``drift_ppm`` (a positive one: pictures fall behind by so many
    millionths) is None where the recording is too short or too quiet for it; ``lag_ns`` holds at
    ``at_ns``. ``confidence`` in [0, 1] is
    clip((r - 0.4) / 0.4, 0, 1) / (1 + (2 error / tolerance)^2), halved for an action.
    """

    lag_ns: int | None
    error_ns: int | None
    r: float | None
    sharpness: float | None
    drift_ppm: float | None
    at_ns: int
    tolerance_ns: int
    confidence: float
    verdict: Severity
    source: Source
    reason: str

    def correction(self) -> ClockMap | None:
        """The map to give the camera's stream, on top of the one its stamps went through.

        episode_ns = stream_ns - lag; with drift the lag at stream_ns is
        lag_ns + drift * (stream_ns - at_ns). None where the lag is unknown.
        """
        if self.lag_ns is None or self.verdict is Severity.UNKNOWN:
            return None
        drift = self.drift_ppm or 0.0
        return ClockMap(
            offset_ns=-self.lag_ns + round(drift * self.at_ns / 1e6),
            drift_ppm=-drift,
            method=METHOD,
            confidence=self.confidence,
        )

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"verdict": self.verdict.value, "source": self.source.value}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """Read back what ``to_json`` made; raises KeyError, TypeError or ValueError otherwise."""
        typed = {"verdict": Severity(document["verdict"]), "source": Source(document["source"])}
        return cls(**(dict(document) | typed))


def proprioceptive_speed(t_ns: Times, values: Values) -> Speed | None:
    """Speed of a state ``values`` (n, dimensions) in any mix of units, stamped ascending ``t_ns``.

    The norm over dimensions of the difference quotient, each divided by the 90 % quantile of its
    own size: metres and degrees weigh alike, and a jump weighs no more than it must. Left out are
    dimensions that never move and those whose quotient has a lag-one autocorrelation below
    ``MIN_AUTOCORRELATION`` (noise and steps look like movement everywhere). None where all are.
    """
    if len(t_ns) < MIN_MOVES:
        return None
    forward = np.concatenate([[True], np.diff(np.maximum.accumulate(t_ns)) > 0])
    times, rows = t_ns[forward], values[forward].astype(np.float64)
    if len(times) < MIN_MOVES:
        return None
    quotient = np.diff(rows, axis=0) / (np.diff(times)[:, None] / NS)
    scale = np.quantile(np.abs(quotient), 0.9, axis=0)
    size = np.abs(rows).max(axis=0)
    moving = np.isfinite(scale) & (scale > 1e-9 * np.maximum(size, 1e-6))
    quotient = quotient[:, moving] / scale[moving]
    centred = quotient - quotient.mean(axis=0)
    power = np.square(centred).sum(axis=0)
    smooth = (centred[1:] * centred[:-1]).sum(axis=0) > MIN_AUTOCORRELATION * power
    if not smooth.any():
        return None
    middle = times[:-1] + np.diff(times) // 2
    return Speed(middle, np.linalg.norm(quotient[:, smooth], axis=1))


@dataclass(frozen=True, slots=True, eq=False)
class PictureSpeed:
    """Runs of neighbouring pictures, their speeds in pixels a second.

    ``held_share`` is the share of pictures amid movement that hardly differ from the one before.
    """

    runs: tuple[Speed, ...]
    held_share: float


def picture_speed(start_ns: Times, end_ns: Times, flow: Floats, span: Times) -> PictureSpeed:
    """Flow (n,) in pixels between the pictures at ``start_ns`` and ``end_ns``, as speeds.

    Where many pictures amid movement are held (flow below ``HELD_RATIO`` of both neighbours), a
    held interval is counted to the next that moves: the movement it shows took place in both.
    """
    share = held_share(flow)
    runs = []
    for number in np.unique(span).tolist():
        chosen = span == number
        start, end, length = start_ns[chosen], end_ns[chosen], flow[chosen].astype(np.float64)
        if share > HELD_SHARE:
            fresh = np.flatnonzero(~held(length))
            if len(fresh) < 2:
                continue
            start = np.concatenate([start[:1], end[fresh[:-1]]])
            end, length = end[fresh], length[fresh]
        took = end - start
        runs.append(Speed(start + took // 2, length * NS / np.maximum(took, 1)))
    return PictureSpeed(tuple(runs), share)


def held(flow: Floats) -> NDArray[np.bool_]:
    """Intervals (n,) in which next to nothing moves while it moves on both sides."""
    padded = np.concatenate([[np.inf], flow, [np.inf]])
    found: NDArray[np.bool_] = flow < HELD_RATIO * np.minimum(padded[:-2], padded[2:])
    return found


def held_share(flow: Floats) -> float:
    """Of neighbouring intervals with movement, the share in which one of the two is held."""
    if len(flow) < 2:
        return 0.0
    still = held(flow)
    moving = np.maximum(flow[1:], flow[:-1]) > np.median(flow)
    either = (still[1:] | still[:-1])[moving]
    return float(either.mean()) if len(either) else 0.0


def compare(speed: Speed, pictures: PictureSpeed) -> Correlogram | None:
    """The correlogram of one episode and camera; None where too little of it overlaps or moves."""
    if not pictures.runs or not speed.value.any():
        return None
    signal = log_speed(speed.value)
    lengths = [len(run.t_ns) for run in pictures.runs]
    camera = log_speed(np.concatenate([run.value for run in pictures.runs]))
    parts = np.split(camera, np.cumsum(lengths)[:-1])
    found = [
        correlogram(speed.t_ns, signal, run.t_ns, part)
        for run, part in zip(pictures.runs, parts, strict=True)
    ]
    return pooled([part for part in found if part is not None])


def measure_lag(
    parts: Sequence[Correlogram | None], *, period_ns: int, source: Source = Source.STATE
) -> Lag:
    """The lag of one camera over one episode, or pooled over several of the same set-up.

    ``period_ns`` is the camera's, from picture to picture. Tolerance is half of it, at least 10 ms.
    Unknown: nothing to compare, r < 0.4, the peak at the edge of +-500 ms, or 2 standard errors
    above 50 ms. Red: |lag| less 2 standard errors above tolerance, r > 0.6 and a peak that stands
    out by 0.05; never from an action alone. Green: |lag| and its
    standard error within tolerance and r >= 0.5. Amber: the rest.
    """
    tolerance = max(period_ns // 2, RESOLUTION_NS)
    whole = pooled([part for part in parts if part is not None])
    if whole is None:
        return _unknown(tolerance, source, "too little movement or overlap to compare")
    r = whole.r()
    lag = peak_ns(r)
    error = _jackknife([peak_ns(whole.without(n).r()) for n in range(len(whole.at_ns))])
    top = float(r.max())
    sharpness = top - float(r[np.abs(LAGS_NS - lag) > SIDE_NS].max())
    verdict, reason = _judge(lag, error, top, sharpness, tolerance, source)
    trust = float(np.clip((top - R_UNKNOWN) / (R_RED - R_UNKNOWN) / 2, 0, 1))
    trust /= 1 + (SURE * error / tolerance) ** 2
    return Lag(
        lag_ns=round(lag),
        error_ns=round(error),
        r=round(top, 4),
        sharpness=round(sharpness, 4),
        drift_ppm=_drift_ppm(whole) if len(parts) == 1 else None,
        at_ns=int(whole.at_ns.mean()),
        tolerance_ns=tolerance,
        confidence=round(trust * (ACTION_CONFIDENCE if source is Source.ACTION else 1), 4),
        verdict=verdict,
        source=source,
        reason=reason,
    )


def _judge(
    lag: float,
    error: float,
    r: float,
    sharpness: float,
    tolerance: int,
    source: Source,
) -> tuple[Severity, str]:
    if r < R_UNKNOWN:
        return Severity.UNKNOWN, f"movement and pictures correlate too little (r = {r:.2f})"
    if abs(lag) > MAX_LAG_NS - RESOLUTION_NS:
        return Severity.UNKNOWN, "the best lag lies at the edge of the 500 ms that were searched"
    if error > MAX_ERROR_NS:
        return Severity.UNKNOWN, f"lags within {SURE * error / 1e6:.0f} ms fit about equally well"
    if abs(lag) <= tolerance:
        if r < R_GREEN:
            return Severity.AMBER, f"within tolerance, but the correlation is weak (r = {r:.2f})"
        if error > tolerance:
            return Severity.AMBER, "within tolerance, but the measurement is not that sure"
        return Severity.GREEN, "within tolerance"
    if r <= R_RED:
        return Severity.AMBER, f"beyond tolerance, but the correlation is weak (r = {r:.2f})"
    if abs(lag) - SURE * error <= tolerance:
        return Severity.AMBER, "beyond tolerance, but by less than the measurement is sure of"
    if sharpness < MIN_SHARPNESS:
        return Severity.AMBER, "beyond tolerance, but other lags fit nearly as well"
    if source is Source.ACTION:
        return Severity.AMBER, "beyond tolerance, but an action leads by the actuators' own latency"
    return Severity.RED, "beyond tolerance"


def _unknown(tolerance: int, source: Source, reason: str) -> Lag:
    return Lag(
        lag_ns=None,
        error_ns=None,
        r=None,
        sharpness=None,
        drift_ppm=None,
        at_ns=0,
        tolerance_ns=tolerance,
        confidence=0.0,
        verdict=Severity.UNKNOWN,
        source=source,
        reason=reason,
    )


def _jackknife(left_out: Sequence[float]) -> float:
    """Standard error from the statistic with each of n blocks left out.

    sqrt((n - 1) / n * sum((s_i - mean(s))^2)); Efron and Stein, The Jackknife Estimate of Variance.
    """
    values = np.array(left_out)
    n = len(values)
    return float(np.sqrt((n - 1) / n * np.square(values - values.mean()).sum()))


def _drift_ppm(whole: Correlogram) -> float | None:
    """The slope of the lag over the recording, in millionths, by weighted least squares."""
    if whole.at_ns[-1] - whole.at_ns[0] < DRIFT_SPAN_NS:
        return None
    blocks = len(whole.at_ns)
    edges = np.linspace(0, blocks, min(DRIFT_WINDOWS, blocks) + 1).astype(int).tolist()
    points = []
    for first, last in pairwise(edges):
        window = whole.part(slice(first, last))
        r = window.r()
        if r.max() >= R_GREEN and abs(peak_ns(r)) < MAX_LAG_NS - RESOLUTION_NS:
            points.append((float(window.at_ns.mean()), peak_ns(r), float(r.max())))
    if len(points) < MIN_DRIFT_WINDOWS:
        return None
    at, lags, weights = np.array(points).T
    slope = np.polyfit(at - at.mean(), lags, 1, w=weights)[0]
    return round(float(slope) * 1e6, 1)
