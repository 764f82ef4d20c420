"""Check 2: are episodes cut into segments in one and the same way?

(i) Share of episodes without a broken invariant, with Wilson bounds on episodes. (ii) Boundary F
and F1@0.5 of double annotations come from the agreement figures. (iii) Within a task: mean
normalised edit similarity of each label sequence to the task's medoid, 1 - d / max(length); and
durations that are robust outliers, |log duration - median| > 3.5 * 1.4826 * MAD.
"""

import math
import sys
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein
from rapidfuzz.process import cdist

from review.measures.bounds import Gate
from review.measures.calibration.drift import MAD_TO_SIGMA
from review.measures.checks.result import (
    CheckResult,
    Offences,
    Offending,
    Rated,
    counted,
    estimated,
)
from review.measures.records import Instant, Interval
from review.measures.refused import Reason
from review.measures.text import words_of

THRESHOLD = 0.95
MIN_EPISODES = 5
OUTLIER = 3.5
# Different sequences of a task that are compared with each other: 4 million distances.
MOST_KINDS = 2_000


@dataclass(frozen=True, slots=True)
class SegmentedEpisode:
    """One episode's accepted labels. ``segments`` are the exclusive ones, in any order.

    ``sequence`` names the segments in time order; empty: class and words of each.
    """

    id: str
    task: str
    duration_ns: int
    segments: tuple[Interval, ...]
    instants: tuple[Instant, ...] = ()
    sequence: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        if self.sequence:
            return self.sequence
        ordered = sorted(self.segments, key=lambda one: (one.start_ns, one.end_ns))
        return tuple(" ".join((one.label, *words_of(one.text))) for one in ordered)


@dataclass(frozen=True, slots=True)
class SegmentRules:
    """``max_gap_ns`` None: gaps are fine. ``compatible``: segment classes an event may lie in;

    an event type that is not listed may lie in any segment of its effector.
    """

    max_gap_ns: int | None = None
    min_duration_ns: int = 100_000_000
    compatible: Mapping[str, frozenset[str]] = field(default_factory=dict)


def broken_invariants(episode: SegmentedEpisode, rules: SegmentRules) -> list[Offending]:
    """What is wrong with one episode. Codes: outside, overlap, gap, short, repeated, event_outside.

    Ends are half-open: a segment may end where the next begins. An event at the end of the last
    segment of its effector lies inside it.
    """
    found: list[tuple[str, str]] = []
    tracks: dict[str, list[Interval]] = defaultdict(list)
    for segment in sorted(episode.segments, key=lambda one: (one.start_ns, one.end_ns)):
        tracks[segment.track].append(segment)
        if segment.start_ns < 0 or segment.end_ns > episode.duration_ns:
            found.append(("outside", f"a segment at {_at(segment.start_ns)} leaves the episode"))
        if segment.end_ns - segment.start_ns < rules.min_duration_ns:
            found.append(("short", f"a segment at {_at(segment.start_ns)} is too short"))
    for own in tracks.values():
        for one, two in pairwise(own):
            found += _between(one, two, rules)
    for mark in episode.instants:
        if not any(_holds(segment, mark, rules) for segment in tracks.get(mark.track, ())):
            found.append(("event_outside", f"{mark.type} at {_at(mark.at_ns)} is in no segment"))
    return [Offending(episode.id, code, why) for code, why in found]


def _between(one: Interval, two: Interval, rules: SegmentRules) -> Iterable[tuple[str, str]]:
    where = _at(two.start_ns)
    if two.start_ns < one.end_ns:
        yield "overlap", f"two segments overlap at {where}"
    if rules.max_gap_ns is not None and two.start_ns - one.end_ns > rules.max_gap_ns:
        yield "gap", f"nothing is labelled before {where}"
    same = (one.label, words_of(one.text)) == (two.label, words_of(two.text))
    if same and two.start_ns <= one.end_ns:
        yield "repeated", f"the same segment begins again at {where}"


def _holds(segment: Interval, mark: Instant, rules: SegmentRules) -> bool:
    allowed = rules.compatible.get(mark.type)
    inside = segment.start_ns <= mark.at_ns <= segment.end_ns
    return inside and (allowed is None or segment.label in allowed)


class InvariantTotals:
    """Episodes without a broken invariant, counted as they come."""

    def __init__(self, rules: SegmentRules | None = None) -> None:
        self.rules = rules or SegmentRules()
        self.by_code: Counter[str] = Counter()
        self._rows: list[tuple[int, int]] = []
        self._offences = Offences()

    def add(self, episode: SegmentedEpisode) -> None:
        broken = broken_invariants(episode, self.rules)
        self._rows.append((int(not broken), 1))
        self._offences.add(broken)
        # An episode counts once a code, however often it breaks it.
        self.by_code.update({one.code for one in broken})

    def result(self, threshold: float = THRESHOLD) -> CheckResult:
        """The invariant pass rate, with what breaks one."""
        return estimated(
            Rated.SEGMENTATION_INVARIANTS, "episodes", self._rows, threshold, self._offences
        )


def segmentation_invariants(
    episodes: Iterable[SegmentedEpisode],
    rules: SegmentRules | None = None,
    threshold: float = THRESHOLD,
) -> CheckResult:
    """The invariant pass rate, with what breaks one."""
    totals = InvariantTotals(rules)
    for episode in episodes:
        totals.add(episode)
    return totals.result(threshold)


@dataclass(frozen=True, slots=True)
class TaskConsistency:
    """``medoid`` is the episode whose sequence is nearest to all others of the task."""

    task: str
    episodes: int
    medoid: str
    similarity: float
    apart: tuple[tuple[str, float], ...]
    long_or_short: tuple[str, ...]
    duration_reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class SequenceConsistency:
    """``left_out``: tasks with fewer than 5 episodes."""

    result: CheckResult
    tasks: tuple[TaskConsistency, ...]
    left_out: tuple[str, ...]


Names = tuple[str, ...]


@dataclass(slots=True)
class _Task:
    """Ids, lengths in ns and sequences of a task's episodes; equal sequences are one object."""

    ids: list[str] = field(default_factory=list)
    durations_ns: list[int] = field(default_factory=list)
    names: list[Names] = field(default_factory=list)


class SequenceTotals:
    """What is kept of an episode for ``sequence_consistency``: little, so that many fit."""

    def __init__(self) -> None:
        self._tasks: dict[str, _Task] = defaultdict(_Task)
        self._known: dict[Names, Names] = {}

    def add(self, episode: SegmentedEpisode) -> None:
        own = self._tasks[episode.task]
        names = tuple(map(sys.intern, episode.names))
        own.ids.append(episode.id)
        own.durations_ns.append(episode.duration_ns)
        own.names.append(self._known.setdefault(names, names))

    def result(
        self, *, threshold: float | None = None, apart_below: float = 0.5
    ) -> SequenceConsistency:
        tasks = [
            _consistency(task, own, apart_below)
            for task, own in sorted(self._tasks.items())
            if len(own.ids) >= MIN_EPISODES
        ]
        n = sum(task.episodes for task in tasks)
        value = sum(task.similarity * task.episodes for task in tasks) / n if n else None
        offences = Offences(
            Offending(id_, "sequence_apart", f"similarity {similarity:.2f} to {task.medoid}")
            for task in tasks
            for id_, similarity in task.apart
        )
        offences.add(
            Offending(id_, "duration_outlier", f"unusually long or short for {task.task}")
            for task in tasks
            for id_ in task.long_or_short
        )
        result = counted(
            Rated.SEGMENTATION_SIMILARITY,
            "episodes",
            value,
            n,
            threshold,
            offences,
            Reason.TOO_FEW_ITEMS,
        )
        short = (task for task, own in self._tasks.items() if len(own.ids) < MIN_EPISODES)
        return SequenceConsistency(result, tuple(tasks), tuple(sorted(short)))


def sequence_consistency(
    episodes: Iterable[SegmentedEpisode],
    *,
    threshold: float | None = None,
    apart_below: float = 0.5,
) -> SequenceConsistency:
    """The mean over all episodes of tasks with 5 or more; less than ``apart_below`` is listed."""
    totals = SequenceTotals()
    for episode in episodes:
        totals.add(episode)
    return totals.result(threshold=threshold, apart_below=apart_below)


def _consistency(task: str, own: _Task, below: float) -> TaskConsistency:
    # In the order of the ids: of several medoids the lowest id is named.
    order = sorted(range(len(own.ids)), key=own.ids.__getitem__)
    kinds = sorted(set(own.names))
    at = {kind: place for place, kind in enumerate(kinds)}
    kind_of = np.array([at[own.names[i]] for i in order], dtype=np.int64)
    middle = medoid(kinds, np.bincount(kind_of, minlength=len(kinds)), kind_of)
    similarity = 1 - distances(kinds, [kinds[middle]])[:, 0][kind_of]
    outliers, reason = _outliers(own.durations_ns)
    return TaskConsistency(
        task=task,
        episodes=len(order),
        medoid=own.ids[order[int(np.argmax(kind_of == middle))]],
        similarity=math.fsum(similarity) / len(order),
        apart=tuple(
            (own.ids[i], float(value))
            for i, value in zip(order, similarity, strict=True)
            if value < below
        ),
        long_or_short=tuple(own.ids[i] for i in order if outliers[i]),
        duration_reason=reason,
    )


def medoid(kinds: Sequence[Names], counts: NDArray[np.int64], first: NDArray[np.int64]) -> int:
    """The kind of sequence with the least summed distance to all episodes.

    Of equals the one that comes first in ``first``, the kinds of the episodes in their order. Among
    more than ``MOST_KINDS`` different sequences it is sought among the most frequent, against these
    alone: the distances of 100,000 different sequences are 10^10.
    """
    chosen = np.arange(len(kinds))
    if len(kinds) > MOST_KINDS:
        # Equally frequent ones in an order that has nothing to do with what they say.
        drawn = np.array([zlib.crc32("\0".join(kind).encode()) for kind in kinds])
        chosen = np.sort(np.lexsort((drawn, -counts))[:MOST_KINDS])
    named = [kinds[i] for i in chosen.tolist()]
    total = distances(named, named) @ counts[chosen]
    # Sums of the same distances in another order differ in their last digits.
    least = chosen[np.isclose(total, total.min(), rtol=1e-9, atol=1e-9)]
    places = np.full(len(kinds), len(first))
    kind, place = np.unique(first, return_index=True)
    places[kind] = place
    return int(least[np.argmin(places[least])])


def distances(rows: Sequence[Names], columns: Sequence[Names]) -> NDArray[np.float64]:
    """(rows, columns) edit distances of sequences over the length of the longer; 0 of two empty.

    Names are written as single characters, so that rapidfuzz compares them all in one call; a name
    that no column has is equal to none of theirs, whichever it is.
    """
    named = {name for one in columns for name in one}
    code = {name: chr(at) for at, name in enumerate(sorted(named), start=1)}
    left, right = (
        ["".join(code.get(name, "\0") for name in one) for one in side] for side in (rows, columns)
    )
    edits = cdist(left, right, scorer=Levenshtein.distance, dtype=np.uint32)
    longest = np.maximum(
        np.array([len(one) for one in left])[:, None],
        np.array([len(one) for one in right])[None, :],
    )
    return np.asarray(edits / np.maximum(longest, 1))


def _outliers(durations_ns: Sequence[int]) -> tuple[NDArray[np.bool_], Reason | None]:
    logs = np.log(np.maximum(np.array(durations_ns, dtype=np.int64), 1))
    apart = np.abs(logs - np.median(logs))
    mad = float(np.median(apart))
    if mad == 0:
        return np.zeros(len(logs), dtype=bool), Reason.NO_SPREAD
    return apart > OUTLIER * MAD_TO_SIGMA * mad, None


def worst_gate(results: Iterable[CheckResult]) -> Gate:
    """One state of several parts: FAIL if one fails, PASS only if all do."""
    states = [one.gate for one in results]
    if Gate.FAIL in states:
        return Gate.FAIL
    return Gate.PASS if states and all(one is Gate.PASS for one in states) else Gate.NEEDS_MORE


def _at(at_ns: int) -> str:
    return f"{at_ns / 1e9:.3f} s"
