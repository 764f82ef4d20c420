"""Which of a recording's clocks counts: header stamps where all agree, else the recorder's."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from episodes.errors import EpisodeBroken
from episodes.formats.ros2_lanes import Lane
from episodes.formats.ros2_spool import LOG, STAMP
from episodes.records import Notice, Reason

# Two header clocks further apart than this (against the one log clock) are not one clock:
# simulated time beside real time, a camera that counts from its own start.
MAX_APART_NS = 10_000_000_000
MAX_SPAN_NS = 48 * 3600 * 1_000_000_000
CLOCK_REMEDY = "Set header.stamp of every topic from one clock before recording."


@dataclass(frozen=True, slots=True)
class EpisodeClock:
    """``start_ns`` of the source is 0 of the episode; ``stamped`` are the topics on stamps."""

    start_ns: int
    stamped: frozenset[str]
    notices: tuple[Notice, ...]

    def column(self, lane: Lane) -> int:
        return STAMP if lane.topic.name in self.stamped else LOG


@dataclass(frozen=True, slots=True)
class _Offsets:
    """How far a topic's stamps lie before its log times, ns: the middle and the furthest."""

    topic: str
    middle_ns: int
    furthest_ns: int


def choose_clock(
    lanes: Sequence[Lane], publish_apart_ns: int, origin_ns: int | None = None
) -> EpisodeClock:
    """``lanes`` are those with samples. The clock starts at ``origin_ns``, else with the earliest.

    Raises EpisodeBroken for times no episode spans.
    """
    offsets: list[_Offsets] = []
    unstamped: list[str] = []
    for lane in lanes:
        if all(spool.stamped for spool in lane.spools if spool.count):
            offsets.append(_offsets(lane))
        else:
            unstamped.append(lane.topic.name)
    stamped = frozenset(offset.topic for offset in offsets)
    notices: list[Notice] = []
    apart = _apart(offsets, bool(unstamped))
    start, end = _span(lanes, stamped)
    if stamped and (apart is not None or end - start > MAX_SPAN_NS):
        why = apart or f"Header stamps span {(end - start) / 3.6e12:,.0f} hours."
        said = f"{why} They are not of one clock: all times are the recorder's log times."
        notices.append(Notice("header_clocks_differ", said, CLOCK_REMEDY))
        stamped = frozenset()
        start, end = _span(lanes, stamped)
    elif unstamped:
        said = f"Without header stamps, at the recorder's log times: {_listed(unstamped)}."
        notices.append(Notice("log_time_used", said, "Record stamped messages."))
    if end - start > MAX_SPAN_NS:
        raise EpisodeBroken(
            Reason.ABSURD_SIZE,
            f"Its messages span {(end - start) / 3.6e12:,.0f} hours, more than"
            f" {MAX_SPAN_NS / 3.6e12:.0f}.",
            remedy="Cut the recording into episodes, or repair the times of its messages.",
        )
    notices.append(_measured(offsets, publish_apart_ns))
    return EpisodeClock(start if origin_ns is None else origin_ns, stamped, tuple(notices))


def _offsets(lane: Lane) -> _Offsets:
    apart = [spool.times(LOG) - spool.times(STAMP) for spool in lane.spools if spool.count]
    furthest = max((int(one[np.argmax(np.abs(one))]) for one in apart), key=abs)
    middle = int(np.median([np.median(one) for one in apart]))
    return _Offsets(lane.topic.name, middle, furthest)


def _apart(offsets: Sequence[_Offsets], unstamped: bool) -> str | None:
    """Words for two topics whose clocks differ; topics without stamps are on the log clock."""
    if not offsets:
        return None
    low = min(offsets, key=lambda offset: offset.middle_ns)
    high = max(offsets, key=lambda offset: offset.middle_ns)
    if high.middle_ns - low.middle_ns > MAX_APART_NS:
        apart = (high.middle_ns - low.middle_ns) / 1e9
        return f"Header stamps of {low.topic} and {high.topic} lie {apart:,.1f} s apart."
    furthest = max((low, high), key=lambda offset: abs(offset.middle_ns))
    if unstamped and abs(furthest.middle_ns) > MAX_APART_NS:
        apart = abs(furthest.middle_ns) / 1e9
        return f"Header stamps of {furthest.topic} lie {apart:,.1f} s off the log times."
    return None


def _span(lanes: Sequence[Lane], stamped: frozenset[str]) -> tuple[int, int]:
    first, last = [], []
    for lane in lanes:
        column = STAMP if lane.topic.name in stamped else LOG
        for spool in lane.spools:
            if spool.count:
                times = spool.times(column)
                first.append(int(times.min()))
                last.append(int(times.max()))
    return min(first), max(last)


def _measured(offsets: Sequence[_Offsets], publish_apart_ns: int) -> Notice:
    said = "Publish times are the log times."
    if publish_apart_ns:
        said = f"Publish times differ from log times by up to {publish_apart_ns / 1e6:.3f} ms."
    if offsets:
        middle = int(np.median([offset.middle_ns for offset in offsets]))
        far = max(offsets, key=lambda offset: abs(offset.furthest_ns))
        said = (
            f"Log times lie {middle / 1e6:.3f} ms after header stamps in the middle, at most"
            f" {far.furthest_ns / 1e6:.3f} ms ({far.topic}). {said}"
        )
    return Notice("times_measured", said)


def _listed(names: Sequence[str], most: int = 8) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(sorted(names)[:most]) + more
