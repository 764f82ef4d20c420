"""Where an episode's samples lie in time: what a drawing of its streams shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from episodes.timebase.rates import Times

# As many as a drawing has room for; a gap of one sample is marked apart from them.
BINS = 120
MAX_MARKS = 20


@dataclass(frozen=True, slots=True)
class StreamTrace:
    """One stream on the axis of its ``Traces``, times in ns.

    ``counts`` (BINS,) are the samples in equal parts of the axis, ``full`` how many of them a part
    holds at the stream's own rate, rounded down: the odd one more in a part says nothing.
    ``duplicates_ns`` and ``backward_ns`` are the first ``MAX_MARKS`` stamps that repeat or precede
    the one before.
    """

    name: str
    camera: bool
    counts: tuple[int, ...]
    full: int
    duplicates_ns: tuple[int, ...]
    backward_ns: tuple[int, ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "camera": self.camera,
            "counts": list(self.counts),
            "full": self.full,
            "duplicates_ns": list(self.duplicates_ns),
            "backward_ns": list(self.backward_ns),
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """Read back what ``to_json`` made; raises KeyError for anything else."""
        return cls(
            name=document["name"],
            camera=document["camera"],
            counts=tuple(document["counts"]),
            full=document["full"],
            duplicates_ns=tuple(document["duplicates_ns"]),
            backward_ns=tuple(document["backward_ns"]),
        )


@dataclass(frozen=True, slots=True)
class Traces:
    """All streams of an episode on one axis from ``start_ns`` to ``end_ns``, episode clock."""

    start_ns: int
    end_ns: int
    streams: tuple[StreamTrace, ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "start_ns": self.start_ns,
            "end_ns": self.end_ns,
            "streams": [stream.to_json() for stream in self.streams],
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """Read back what ``to_json`` made; raises KeyError for anything else."""
        streams = tuple(StreamTrace.from_json(row) for row in document["streams"])
        return cls(document["start_ns"], document["end_ns"], streams)


def trace_streams(
    signals: Sequence[tuple[str, Times]], cameras: Sequence[tuple[str, Times]], duration_ns: int
) -> Traces:
    """Names with stamps int64 (n,) as recorded. The axis holds the episode and every sample."""
    stamps = [t_ns for _, t_ns in (*signals, *cameras) if len(t_ns)]
    start = min([0, *(int(t_ns.min()) for t_ns in stamps)])
    end = max([duration_ns, *(int(t_ns.max()) + 1 for t_ns in stamps)])
    rows = [_trace(name, t_ns, start, end, camera=False) for name, t_ns in signals]
    rows += [_trace(name, t_ns, start, end, camera=True) for name, t_ns in cameras]
    return Traces(start, end, tuple(rows))


def _trace(name: str, t_ns: Times, start: int, end: int, *, camera: bool) -> StreamTrace:
    # Integer division: a stamp on the border of two parts falls into the later one.
    at = (t_ns - start) * BINS // (end - start)
    steps = np.diff(t_ns)
    forward = steps[steps > 0]
    period = float(np.median(forward)) if len(forward) else float(end - start)
    return StreamTrace(
        name=name,
        camera=camera,
        counts=tuple(np.bincount(at, minlength=BINS)[:BINS].tolist()),
        full=max(1, int((end - start) / BINS / period)),
        duplicates_ns=tuple(t_ns[1:][steps == 0][:MAX_MARKS].tolist()),
        backward_ns=tuple(t_ns[1:][steps < 0][:MAX_MARKS].tolist()),
    )
