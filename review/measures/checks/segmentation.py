"""Check 2: are episodes cut into segments in one and the same way?

(i) Share of episodes without a broken invariant, with Wilson bounds on episodes. (ii) Boundary F
and F1@0.5 of double annotations come from the agreement figures. (iii) Within a task: mean
normalised edit similarity of each label sequence to the task's medoid, 1 - d / max(length); and
durations that are robust outliers, |log duration - median| > 3.5 * 1.4826 * MAD.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import fmean, median

from review.measures.bounds import Gate
from review.measures.calibration.drift import MAD_TO_SIGMA
from review.measures.checks.result import CheckResult, Offending, Rated, counted, estimated
from review.measures.records import Instant, Interval
from review.measures.refused import Reason
from review.measures.text import edit_distance, words_of

THRESHOLD = 0.95
MIN_EPISODES = 5
OUTLIER = 3.5


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


def segmentation_invariants(
    episodes: Iterable[SegmentedEpisode],
    rules: SegmentRules | None = None,
    threshold: float = THRESHOLD,
) -> CheckResult:
    """The invariant pass rate, with everything that breaks one."""
    rules = rules or SegmentRules()
    rows, offending = [], []
    for episode in episodes:
        broken = broken_invariants(episode, rules)
        rows.append((int(not broken), 1))
        offending += broken
    return estimated(Rated.SEGMENTATION_INVARIANTS, "episodes", rows, threshold, offending)


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


def sequence_consistency(
    episodes: Iterable[SegmentedEpisode],
    *,
    threshold: float | None = None,
    apart_below: float = 0.5,
) -> SequenceConsistency:
    """The mean over all episodes of tasks with 5 or more; less than ``apart_below`` is listed."""
    by_task: dict[str, list[SegmentedEpisode]] = defaultdict(list)
    for episode in episodes:
        by_task[episode.task].append(episode)
    tasks = [
        _task(task, sorted(own, key=lambda one: one.id), apart_below)
        for task, own in sorted(by_task.items())
        if len(own) >= MIN_EPISODES
    ]
    n = sum(task.episodes for task in tasks)
    value = sum(task.similarity * task.episodes for task in tasks) / n if n else None
    offending = [
        *(
            Offending(id_, "sequence_apart", f"similarity {similarity:.2f} to {task.medoid}")
            for task in tasks
            for id_, similarity in task.apart
        ),
        *(
            Offending(id_, "duration_outlier", f"unusually long or short for {task.task}")
            for task in tasks
            for id_ in task.long_or_short
        ),
    ]
    result = counted(
        Rated.SEGMENTATION_SIMILARITY,
        "episodes",
        value,
        n,
        threshold,
        offending,
        Reason.TOO_FEW_ITEMS,
    )
    left_out = tuple(sorted(task for task, own in by_task.items() if len(own) < MIN_EPISODES))
    return SequenceConsistency(result, tuple(tasks), left_out)


def _task(task: str, episodes: Sequence[SegmentedEpisode], below: float) -> TaskConsistency:
    # Episodes of a task have few different sequences: distances are between those.
    names = [episode.names for episode in episodes]
    kinds = sorted(set(names))
    count = {kind: names.count(kind) for kind in kinds}
    distance = {
        (a, b): edit_distance(a, b) / max(len(a), len(b), 1) for a in kinds for b in kinds if a < b
    }

    def apart(a: tuple[str, ...], b: tuple[str, ...]) -> float:
        return 0.0 if a == b else distance[min(a, b), max(a, b)]

    total = {
        kind: math.fsum(apart(kind, other) * count[other] for other in kinds) for kind in kinds
    }
    medoid = min(range(len(episodes)), key=lambda i: (total[names[i]], episodes[i].id))
    similarity = [1 - apart(own, names[medoid]) for own in names]
    outliers, reason = _outliers(episodes)
    return TaskConsistency(
        task=task,
        episodes=len(episodes),
        medoid=episodes[medoid].id,
        similarity=fmean(similarity),
        apart=tuple(
            (one.id, value)
            for one, value in zip(episodes, similarity, strict=True)
            if value < below
        ),
        long_or_short=outliers,
        duration_reason=reason,
    )


def _outliers(episodes: Sequence[SegmentedEpisode]) -> tuple[tuple[str, ...], Reason | None]:
    logs = [math.log(max(one.duration_ns, 1)) for one in episodes]
    middle = median(logs)
    mad = median(abs(value - middle) for value in logs)
    if mad == 0:
        return (), Reason.NO_SPREAD
    reach = OUTLIER * MAD_TO_SIGMA * mad
    return (
        tuple(
            one.id for one, value in zip(episodes, logs, strict=True) if abs(value - middle) > reach
        ),
        None,
    )


def worst_gate(results: Iterable[CheckResult]) -> Gate:
    """One state of several parts: FAIL if one fails, PASS only if all do."""
    states = [one.gate for one in results]
    if Gate.FAIL in states:
        return Gate.FAIL
    return Gate.PASS if states and all(one is Gate.PASS for one in states) else Gate.NEEDS_MORE


def _at(at_ns: int) -> str:
    return f"{at_ns / 1e9:.3f} s"
