"""What the stamps of one stream say of it: rate, jitter, gaps, duplicates, order."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from episodes.findings import Finding, Severity, worst
from episodes.timebase.rates import NS, Rate

Times = NDArray[np.int64]

# Three samples give two intervals: with fewer a rate is a guess.
MIN_SAMPLES = 3
# An interval counts as a gap from here on, in periods; jitter of a healthy camera stays below.
GAP_PERIODS = 1.5
RED_GAP_SAMPLES = 3
RED_DROPPED_SHARE = 0.01
AMBER_JITTER_SHARE = 0.10
AMBER_RATE_ERROR = 0.005
RED_RATE_ERROR = 0.05
# Stamps that a program computed as i / rate differ from it by rounding only, float32 seconds
# included: 1 us is float32's step near 16 s.
COMPUTED_TOLERANCE_NS = 1_000
COMPUTED_TOLERANCE_SHARE = 1e-6
MAX_LISTED = 20


@dataclass(frozen=True, slots=True)
class Gap:
    """An interval too long: after the sample at ``at_ns``, ``missing`` samples are not there."""

    at_ns: int
    length_ns: int
    missing: int


@dataclass(frozen=True, slots=True)
class StreamClock:
    """A stream's stamps, measured. Rates in Hz, everything else in ns or samples.

    ``rate_hz`` is 1e9 over the median interval; ``jitter_ns`` 1.4826 times the median absolute
    deviation of the intervals from their median (the standard deviation, were they normal).
    ``computed`` says that the stamps are i / rate to within rounding: nobody measured them.
    Lists hold the first ``MAX_LISTED`` cases, counts hold all.
    """

    samples: int
    rate_hz: float | None
    declared_hz: float | None
    jitter_ns: int | None
    gaps: tuple[Gap, ...]
    gap_count: int
    dropped: int
    duplicates: int
    duplicate_positions: tuple[int, ...]
    non_monotone: int
    non_monotone_positions: tuple[int, ...]
    computed: bool
    findings: tuple[Finding, ...]

    @property
    def verdict(self) -> Severity:
        return worst(finding.severity for finding in self.findings)

    def to_json(self) -> dict[str, Any]:
        return {
            "samples": self.samples,
            "rate_hz": self.rate_hz,
            "declared_hz": self.declared_hz,
            "jitter_ns": self.jitter_ns,
            "gaps": [[gap.at_ns, gap.length_ns, gap.missing] for gap in self.gaps],
            "gap_count": self.gap_count,
            "dropped": self.dropped,
            "duplicates": self.duplicates,
            "duplicate_positions": list(self.duplicate_positions),
            "non_monotone": self.non_monotone,
            "non_monotone_positions": list(self.non_monotone_positions),
            "computed": self.computed,
            "findings": [finding.to_json() for finding in self.findings],
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """Read back what ``to_json`` made; raises KeyError or ValueError for anything else."""
        fields = dict(document)
        fields["gaps"] = tuple(Gap(*row) for row in document["gaps"])
        for name in ("duplicate_positions", "non_monotone_positions"):
            fields[name] = tuple(document[name])
        fields["findings"] = tuple(Finding.from_json(row) for row in document["findings"])
        return cls(**{name: fields[name] for name in cls.__slots__})


def check_clock(t_ns: Times, declared: Rate | None = None) -> StreamClock:
    """Measure the stamps ``t_ns``, int64 (n,), of one stream in recorded order.

    A gap of length g at median interval m misses round(g / m) - 1 samples. A sample that goes
    backwards is non-monotone, one that stands still a duplicate; neither counts towards the rate.
    """
    steps = np.diff(t_ns)
    forward = steps[steps > 0]
    declared_hz = declared.num / declared.den if declared else None
    if len(t_ns) < MIN_SAMPLES or not len(forward):
        return _too_short(t_ns, declared_hz)
    period = float(np.median(forward))
    jitter = round(1.4826 * float(np.median(np.abs(forward - period))))
    long = np.flatnonzero(steps > GAP_PERIODS * period)
    missing = np.rint(steps[long] / period).astype(np.int64) - 1
    missing = np.maximum(missing, 1)
    same, back = np.flatnonzero(steps == 0) + 1, np.flatnonzero(steps < 0) + 1
    clock = StreamClock(
        samples=len(t_ns),
        rate_hz=NS / period,
        declared_hz=declared_hz,
        jitter_ns=jitter,
        gaps=tuple(
            Gap(int(t_ns[at]), int(steps[at]), int(lost))
            for at, lost in zip(long[:MAX_LISTED], missing[:MAX_LISTED], strict=True)
        ),
        gap_count=len(long),
        dropped=int(missing.sum()),
        duplicates=len(same),
        duplicate_positions=tuple(same[:MAX_LISTED].tolist()),
        non_monotone=len(back),
        non_monotone_positions=tuple(back[:MAX_LISTED].tolist()),
        computed=_computed(t_ns),
        findings=(),
    )
    return _with_findings(clock, int(missing.max(initial=0)))


def _too_short(t_ns: Times, declared_hz: float | None) -> StreamClock:
    finding = Finding(
        "stamps_too_few",
        Severity.UNKNOWN,
        f"{len(t_ns)} samples at {len(np.unique(t_ns))} instants: no rate can be measured.",
        "Check that the stream was recorded for the whole episode.",
        {"samples": len(t_ns)},
    )
    steps = np.diff(t_ns)
    same, back = np.flatnonzero(steps == 0) + 1, np.flatnonzero(steps < 0) + 1
    return StreamClock(
        samples=len(t_ns),
        rate_hz=None,
        declared_hz=declared_hz,
        jitter_ns=None,
        gaps=(),
        gap_count=0,
        dropped=0,
        duplicates=len(same),
        duplicate_positions=tuple(same[:MAX_LISTED].tolist()),
        non_monotone=len(back),
        non_monotone_positions=tuple(back[:MAX_LISTED].tolist()),
        computed=False,
        findings=(finding, *_order_findings(len(same), len(back), back, len(t_ns))),
    )


def _computed(t_ns: Times) -> bool:
    """True where every stamp lies on one straight line to within rounding."""
    since = (t_ns - t_ns[0]).astype(np.float64)
    line = np.arange(len(t_ns)) * (since[-1] / (len(t_ns) - 1))
    tolerance = max(COMPUTED_TOLERANCE_NS, COMPUTED_TOLERANCE_SHARE * float(since[-1]))
    return bool(np.abs(since - line).max() <= tolerance)


def _with_findings(clock: StreamClock, longest: int) -> StreamClock:
    back = np.array(clock.non_monotone_positions, dtype=np.int64)
    findings = [
        *_order_findings(clock.duplicates, clock.non_monotone, back, clock.samples),
        *_gap_findings(clock, longest),
        *_rate_findings(clock),
    ]
    if clock.computed:
        findings.append(
            Finding(
                "stamps_computed",
                Severity.UNKNOWN,
                "The stamps are exactly regular: they were computed from the rate, not measured. "
                "Dropped or late samples cannot show in them.",
                "Record the sensor's own time stamps, or rely on the pictures and on the lag.",
            )
        )
    if not findings:
        findings.append(
            Finding(
                "stamps_regular",
                Severity.GREEN,
                f"{clock.samples} samples at {clock.rate_hz:.3f} Hz, none missing.",
            )
        )
    fields = {name: getattr(clock, name) for name in StreamClock.__slots__}
    return StreamClock(**(fields | {"findings": tuple(findings)}))


def _order_findings(
    duplicates: int, backward: int, positions: Times, samples: int
) -> list[Finding]:
    found = []
    if backward:
        found.append(
            Finding(
                "stamps_not_monotone",
                Severity.RED,
                f"{backward} of {samples} stamps go back in time, the first at sample "
                f"{int(positions[0])}.",
                "Sort the recording by its sensor stamps, or leave the episode out.",
                {"count": backward},
            )
        )
    if duplicates:
        many = duplicates > RED_DROPPED_SHARE * samples
        found.append(
            Finding(
                "stamps_repeated",
                Severity.RED if many else Severity.AMBER,
                f"{duplicates} of {samples} stamps repeat the one before.",
                "Look for a sample written twice or a clock too coarse for the rate.",
                {"count": duplicates},
            )
        )
    return found


def _gap_findings(clock: StreamClock, longest: int) -> list[Finding]:
    if not clock.dropped:
        return []
    share = clock.dropped / (clock.samples + clock.dropped)
    grave = longest >= RED_GAP_SAMPLES or share > RED_DROPPED_SHARE
    first = clock.gaps[0]
    return [
        Finding(
            "samples_dropped",
            Severity.RED if grave else Severity.AMBER,
            f"{clock.dropped:,} {_counted('sample is', 'samples are', clock.dropped)} missing in "
            f"{clock.gap_count:,} {_counted('gap', 'gaps', clock.gap_count)} "
            f"({100 * share:.1f} %), the first of {first.length_ns / 1e6:.1f} ms at "
            f"{first.at_ns / 1e9:.3f} s.",
            "Leave the episode out, or mark the gap so that nobody labels across it.",
            {"dropped": clock.dropped, "gaps": clock.gap_count, "longest": longest},
        )
    ]


def _counted(one: str, many: str, count: int) -> str:
    return one if count == 1 else many


def _rate_findings(clock: StreamClock) -> list[Finding]:
    found = []
    rate, jitter = clock.rate_hz, clock.jitter_ns
    if rate is None or jitter is None:
        return []
    if jitter > AMBER_JITTER_SHARE * NS / rate:
        found.append(
            Finding(
                "stamps_jitter",
                Severity.AMBER,
                f"Intervals scatter by {jitter / 1e6:.1f} ms around {1e3 / rate:.1f} ms.",
                "Stamp in the driver, not where the message arrives.",
                {"jitter_ns": jitter},
            )
        )
    if clock.declared_hz is not None:
        error = abs(rate / clock.declared_hz - 1)
        if error > AMBER_RATE_ERROR:
            found.append(
                Finding(
                    "rate_differs",
                    Severity.RED if error > RED_RATE_ERROR else Severity.AMBER,
                    f"The stamps run at {rate:.3f} Hz, {clock.declared_hz:g} Hz are declared.",
                    "Correct the declared rate, or find out which of the two clocks is wrong.",
                    {"rate_hz": rate, "declared_hz": clock.declared_hz},
                )
            )
    return found
