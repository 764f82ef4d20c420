"""Drawings of a sync report as plain geometry: units of a view box, ready for any template."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import floor, log10

from episodes.timebase.correlogram import LAGS_NS, MAX_LAG_NS
from episodes.timebase.doctor import CameraDiagnosis, SyncDiagnosis
from episodes.timebase.lag import R_UNKNOWN
from episodes.timebase.rates import NS
from episodes.timebase.stream_clock import StreamClock
from episodes.timebase.traces import BINS, StreamTrace, Traces

WIDTH, LEFT, RIGHT = 1000, 200, 990
ROW, BAR, AXIS = 46, 24, 30
MOST_TICKS = 10
# A mark of one lost sample in a long recording has to be seen.
LEAST_WIDTH = 3.0
LAG_WIDTH, LAG_HEIGHT = 340, 170
LAG_LEFT, LAG_RIGHT, LAG_TOP, LAG_BOTTOM = 34, 330, 12, 138
MOST_LETTERS = 24


@dataclass(frozen=True, slots=True)
class Mark:
    """Something at a place: ``kind`` is gap, duplicate, backward, jump or freeze."""

    kind: str
    x: float
    width: float
    sign: str
    title: str

    @property
    def middle(self) -> float:
        return round(self.x + self.width / 2, 1)


@dataclass(frozen=True, slots=True)
class Row:
    """A stream: ``area`` is an SVG path of its samples' density, full height is its own rate."""

    name: str
    short: str
    camera: bool
    said: str
    y: int
    base: int
    area: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Tick:
    x: float
    name: str


@dataclass(frozen=True, slots=True)
class TimeDrawing:
    """Streams as rows on one axis in seconds of the episode clock."""

    width: int
    height: int
    left: int
    right: int
    axis_y: int
    rows: tuple[Row, ...]
    ticks: tuple[Tick, ...]


@dataclass(frozen=True, slots=True)
class LagDrawing:
    """The correlogram: ``path`` of r over the lag, and x or y of what is read from it."""

    width: int
    height: int
    left: int
    right: int
    top: int
    bottom: int
    path: str
    zero_x: float
    zero_y: float
    unknown_y: float
    tolerance: tuple[float, float]
    lag_x: float | None
    interval: tuple[float, float] | None


def draw_streams(traces: Traces, diagnosis: SyncDiagnosis) -> TimeDrawing:
    clocks = {(False, one.name): one.clock for one in diagnosis.signals}
    clocks |= {(True, one.name): one.clock for one in diagnosis.cameras}
    cameras = {one.name: one for one in diagnosis.cameras}
    rows = []
    for number, trace in enumerate(traces.streams):
        camera = cameras.get(trace.name) if trace.camera else None
        clock = clocks[trace.camera, trace.name]
        marks = sorted(_marks(traces, trace, clock, camera), key=lambda mark: mark.x)
        rows.append(_row(trace, clock, tuple(marks), number * ROW))
    return TimeDrawing(
        width=WIDTH,
        height=len(rows) * ROW + AXIS,
        left=LEFT,
        right=RIGHT,
        axis_y=len(rows) * ROW,
        rows=tuple(rows),
        ticks=tuple(_ticks(traces)),
    )


def _row(trace: StreamTrace, clock: StreamClock, marks: tuple[Mark, ...], y: int) -> Row:
    base = y + ROW - 6
    rate = f"{clock.rate_hz:.2f} Hz" if clock.rate_hz else "rate unknown"
    short = trace.name if len(trace.name) <= MOST_LETTERS else f"{trace.name[: MOST_LETTERS - 1]}…"
    return Row(
        name=trace.name,
        short=short,
        camera=trace.camera,
        said=f"{'camera' if trace.camera else 'signal'}, {rate}",
        y=y,
        base=base,
        area=_area(trace, base),
        marks=marks,
    )


def _area(trace: StreamTrace, base: int) -> str:
    """Steps from left to right and back along the base; empty parts lie on it."""
    step = (RIGHT - LEFT) / BINS
    parts = [f"M{LEFT} {base}"]
    for at, count in enumerate(trace.counts):
        top = base - BAR * min(1.0, count / trace.full)
        parts.append(f"V{top:.1f}H{LEFT + (at + 1) * step:.1f}")
    return "".join([*parts, f"V{base}Z"])


def _x(traces: Traces, t_ns: int) -> float:
    share = (t_ns - traces.start_ns) / (traces.end_ns - traces.start_ns)
    return LEFT + (RIGHT - LEFT) * min(max(share, 0.0), 1.0)


def _mark(traces: Traces, kind: str, at_ns: int, length_ns: int, sign: str, title: str) -> Mark:
    start, end = _x(traces, at_ns), _x(traces, at_ns + length_ns)
    width = max(end - start, LEAST_WIDTH)
    return Mark(kind, round(start, 1), round(width, 1), sign, f"{title} at {at_ns / NS:.3f} s")


def _marks(
    traces: Traces, trace: StreamTrace, clock: StreamClock, camera: CameraDiagnosis | None
) -> Iterator[Mark]:
    for gap in clock.gaps:
        said = f"Gap of {gap.length_ns / 1e6:.1f} ms, {gap.missing} missing,"
        yield _mark(traces, "gap", gap.at_ns, gap.length_ns, f"−{gap.missing}", said)
    for at_ns in trace.duplicates_ns:
        yield _mark(traces, "duplicate", at_ns, 0, "=", "Stamp repeated")
    for at_ns in trace.backward_ns:
        yield _mark(traces, "backward", at_ns, 0, "◂", "Stamp goes back")
    pictures = camera.pictures if camera else None
    if pictures is None:
        return
    for jump in pictures.jumps:
        said = f"Pictures jump, about {jump.missing} frames missing,"
        yield _mark(traces, "jump", jump.at_ns, 0, "▴", said)
    period = NS / clock.rate_hz if clock.rate_hz else 0.0
    for freeze in pictures.freezes:
        said = f"One picture repeated {freeze.pictures} times,"
        length = round(freeze.pictures * period)
        yield _mark(traces, "freeze", freeze.at_ns, length, "‖", said)


def _ticks(traces: Traces) -> Iterator[Tick]:
    span = (traces.end_ns - traces.start_ns) / NS
    rough = span / MOST_TICKS
    power = 10.0 ** floor(log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)
    digits = max(0, -floor(log10(step)))
    first = -(-traces.start_ns // round(step * NS))
    last = traces.end_ns // round(step * NS)
    for number in range(first, last + 1):
        at_ns = number * round(step * NS)
        yield Tick(round(_x(traces, at_ns), 1), f"{at_ns / NS:.{digits}f}")


def draw_lag(camera: CameraDiagnosis) -> LagDrawing | None:
    """None where nothing could be compared."""
    curve, lag = camera.curve, camera.lag
    if not curve or lag.lag_ns is None or lag.error_ns is None:
        return None
    lowest = min(0.0, *curve)

    def x(lag_ns: float) -> float:
        share = (lag_ns + MAX_LAG_NS) / (2 * MAX_LAG_NS)
        return round(LAG_LEFT + (LAG_RIGHT - LAG_LEFT) * min(max(share, 0.0), 1.0), 1)

    def y(r: float) -> float:
        return round(LAG_BOTTOM - (LAG_BOTTOM - LAG_TOP) * (r - lowest) / (1 - lowest), 1)

    points = [f"{x(at)} {y(r)}" for at, r in zip(LAGS_NS.tolist(), curve, strict=True)]
    start, end = x(lag.lag_ns - 2 * lag.error_ns), x(lag.lag_ns + 2 * lag.error_ns)
    left, right = x(-lag.tolerance_ns), x(lag.tolerance_ns)
    return LagDrawing(
        width=LAG_WIDTH,
        height=LAG_HEIGHT,
        left=LAG_LEFT,
        right=LAG_RIGHT,
        top=LAG_TOP,
        bottom=LAG_BOTTOM,
        path="M" + "L".join(points),
        zero_x=x(0),
        zero_y=y(0),
        unknown_y=y(R_UNKNOWN),
        tolerance=(left, round(right - left, 1)),
        lag_x=x(lag.lag_ns),
        interval=(start, round(max(end - start, 1.0), 1)),
    )
