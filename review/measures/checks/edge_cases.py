"""Check 4: are the rare events there that the plan asks for?

A tag is met when as many distinct episodes carry it as planned; its share has Wilson bounds. Score
= tags met / tags required. Labels are the adjudicated ones. Tags derived from labels and signals:
failure_recovered (a recovery begins inside a failure or within W of its end), near_limit (an action
reaches 98% of its bound), high_force (above the task's 99th percentile of episode maxima).
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from review.measures.bounds import Z_ONE_SIDED, wilson
from review.measures.checks.coverage import ActionSpace
from review.measures.checks.result import CheckResult, Offences, Offending, Rated, counted
from review.measures.records import Interval
from review.measures.refused import InputRefused, Reason, share

FAILURE_RECOVERED = "failure_recovered"
NEAR_LIMIT = "near_limit"
HIGH_FORCE = "high_force"
RECOVERY_WITHIN_NS = 10_000_000_000
LIMIT_SHARE = 0.98
FORCE_PERCENTILE = 99.0


class TagStatus(StrEnum):
    MISSING = "missing"
    BELOW = "below"
    MET = "met"


@dataclass(frozen=True, slots=True)
class RequiredTag:
    """What the plan asks for: a number of episodes, or a share of the dataset's."""

    name: str
    episodes: int | None = None
    share: float | None = None

    def __post_init__(self) -> None:
        if (self.episodes is None) == (self.share is None):
            raise InputRefused("out_of_range", f"{self.name}: a number or a share, one of them.")
        if self.episodes is not None and self.episodes < 1:
            raise InputRefused("out_of_range", f"{self.name}: at least one episode.")
        if self.share is not None:
            share(self.share, self.name)

    def target(self, dataset: int) -> int:
        """Episodes wanted of a dataset of this size, at least 1."""
        if self.episodes is not None:
            return self.episodes
        return max(1, math.ceil((self.share or 0) * dataset - 1e-9))


@dataclass(frozen=True, slots=True)
class TaggedEpisode:
    id: str
    tags: frozenset[str]


@dataclass(frozen=True, slots=True)
class TagCount:
    """``lower`` and ``upper`` are one-sided 95% Wilson bounds of the share of episodes."""

    name: str
    episodes: int
    target: int
    share: float | None
    lower: float | None
    upper: float | None
    status: TagStatus
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EdgeCases:
    """``tags`` in the order required; ``others`` counts tags nobody asked for."""

    result: CheckResult
    tags: tuple[TagCount, ...]
    others: Mapping[str, int]


def edge_cases(
    episodes: Sequence[TaggedEpisode],
    required: Sequence[RequiredTag],
    threshold: float | None = 1.0,
) -> EdgeCases:
    """Count episodes per required tag. Nothing required is no value: nothing_to_compare."""
    holders: dict[str, list[str]] = defaultdict(list)
    for episode in sorted(episodes, key=lambda one: one.id):
        for tag in episode.tags:
            holders[tag].append(episode.id)
    tags = tuple(_count(tag, holders.get(tag.name, []), len(episodes)) for tag in required)
    met = sum(tag.status is TagStatus.MET for tag in tags)
    offences = Offences(
        Offending(tag.name, f"tag_{tag.status}", f"{tag.episodes} of {tag.target} episodes")
        for tag in tags
        if tag.status is not TagStatus.MET
    )
    value = met / len(tags) if tags else None
    named = {tag.name for tag in required}
    return EdgeCases(
        result=counted(
            Rated.EDGE_CASES, "tags", value, len(tags), threshold, offences, Reason.NOTHING
        ),
        tags=tags,
        others=Counter({tag: len(own) for tag, own in holders.items() if tag not in named}),
    )


def _count(tag: RequiredTag, holders: list[str], dataset: int) -> TagCount:
    n, target = len(holders), tag.target(dataset)
    low, high = wilson(n, dataset, Z_ONE_SIDED) if dataset else (None, None)
    status = TagStatus.MET if n >= target else TagStatus.BELOW if n else TagStatus.MISSING
    return TagCount(
        tag.name, n, target, n / dataset if dataset else None, low, high, status, tuple(holders[:5])
    )


def failures_recovered(
    failures: Iterable[Interval],
    recoveries: Iterable[Interval],
    within_ns: int = RECOVERY_WITHIN_NS,
) -> tuple[int, int]:
    """(failures followed by a recovery of the same effector, failures) of one episode."""
    listed, starts = list(failures), [(one.track, one.start_ns) for one in recoveries]
    followed = sum(
        any(
            track == one.track and one.start_ns <= start <= one.end_ns + within_ns
            for track, start in starts
        )
        for one in listed
    )
    return followed, len(listed)


def is_near_limit(actions: NDArray[np.float64], space: ActionSpace) -> bool:
    """Whether any sample (N, D) lies in the outer 2% of a declared range, grippers apart.

    For a range that is symmetric about 0 this is |action| >= 98% of the bound.
    """
    low, high = space.limits
    rests = np.array([one.rests for one in space.dimensions], dtype=bool)
    declared = np.isfinite(low) & np.isfinite(high) & ~rests
    middle, half = (low + high)[declared] / 2, (high - low)[declared] / 2
    values = actions[:, declared]
    # A NaN sample compares false: it is near nothing.
    return bool((np.abs(values - middle) >= LIMIT_SHARE * half).any())


def high_force_episodes(peaks: Mapping[str, Mapping[str, float]]) -> frozenset[str]:
    """Episodes whose greatest force exceeds the 99th percentile of their task's greatest forces.

    ``peaks``: task to episode to newton. A task with fewer than 5 episodes has no percentile.
    """
    found: set[str] = set()
    for own in peaks.values():
        known = {id_: peak for id_, peak in own.items() if math.isfinite(peak)}
        if len(known) >= 5:
            bar = float(np.percentile(list(known.values()), FORCE_PERCENTILE))
            found.update(id_ for id_, peak in known.items() if peak > bar)
    return frozenset(found)
