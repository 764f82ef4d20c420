"""What every dataset check answers: value, bound, n, threshold and the offending ids."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from review.measures.bounds import (
    Z_ONE_SIDED,
    Estimate,
    Gate,
    Moments,
    episodes_to_pass,
    estimate_of,
    gate,
)
from review.measures.refused import Reason


@dataclass(frozen=True, slots=True)
class Offending:
    """A thing to look at: an episode, a segment, a class of motion; ``why`` is for a person."""

    id: str
    code: str
    why: str


class Offences:
    """Counts all there are and keeps the first ``MOST``: nobody looks at more, and a dataset in
    which everything is wrong must not take all memory."""

    MOST = 10_000

    def __init__(self, found: Iterable[Offending] = ()) -> None:
        self.listed: list[Offending] = []
        self.total = 0
        self.add(found)

    def add(self, found: Iterable[Offending]) -> None:
        for one in found:
            self.total += 1
            if len(self.listed) < self.MOST:
                self.listed.append(one)


@dataclass(frozen=True, slots=True)
class CheckResult:
    """``lower`` and ``upper`` are one-sided 95% bounds, None for what is counted in full.

    ``n`` counts ``unit``; ``threshold`` None: reported, not gated. ``reason`` says why there is no
    value. ``more``: about how many more units would decide at this rate, None where that is no
    matter of number. ``unlisted``: so many more offend than ``offending`` lists.
    """

    name: str
    value: float | None
    unit: str
    n: int
    threshold: float | None = None
    lower: float | None = None
    upper: float | None = None
    gate: Gate = Gate.NEEDS_MORE
    offending: tuple[Offending, ...] = ()
    reason: Reason | None = None
    more: int | None = None
    unlisted: int = 0


class Rated(StrEnum):
    """Names of the figures of the four checks, stable for pages and JSON."""

    ALIGNMENT_HUMAN = "alignment_human"
    ALIGNMENT_PROXY = "alignment_proxy"
    SEGMENTATION_INVARIANTS = "segmentation_invariants"
    SEGMENTATION_SIMILARITY = "segmentation_similarity"
    COVERAGE = "coverage"
    EDGE_CASES = "edge_cases"


def estimated(
    name: str,
    unit: str,
    by_episode: Sequence[tuple[int, int]],
    threshold: float | None,
    offences: Offences | None = None,
) -> CheckResult:
    """A sampled share, x_i of m_i an episode, with the design-effect bounds and their gate."""
    offences = offences or Offences()
    rows = [(x, m) for x, m in by_episode if m]
    measured: Estimate = estimate_of(
        Moments(
            episodes=len(rows),
            x=sum(x for x, _ in rows),
            n=sum(2 * m for _, m in rows),
            xx=sum(x * x for x, _ in rows),
            xn=sum(2 * x * m for x, m in rows),
            nn=sum(4 * m * m for _, m in rows),
            imperfect=sum(x < m for x, m in rows),
        )
    )
    return CheckResult(
        name=name,
        value=measured.rate,
        unit=unit,
        n=sum(m for _, m in rows),
        threshold=threshold,
        lower=measured.lower,
        upper=measured.upper,
        gate=Gate.NEEDS_MORE if threshold is None else gate(measured, threshold),
        offending=tuple(offences.listed),
        reason=measured.reason,
        more=None if threshold is None else _more(measured, threshold),
        unlisted=offences.total - len(offences.listed),
    )


def _more(measured: Estimate, threshold: float) -> int | None:
    if not measured.episodes:
        # Wilson's lower bound of n right ones of n is n / (n + z^2).
        return math.ceil(Z_ONE_SIDED**2 * threshold / (1 - threshold)) if threshold < 1 else None
    episodes = episodes_to_pass(measured, threshold)
    return None if episodes is None else math.ceil(episodes * measured.trials / measured.episodes)


def counted(
    name: str,
    unit: str,
    value: float | None,
    n: int,
    threshold: float | None,
    offences: Offences | None = None,
    reason: Reason | None = None,
) -> CheckResult:
    """A figure of the whole dataset: no sampling, so no bound; it passes or it fails."""
    offences = offences or Offences()
    state = Gate.NEEDS_MORE
    if value is not None and threshold is not None:
        state = Gate.PASS if value >= threshold else Gate.FAIL
    return CheckResult(
        name,
        value,
        unit,
        n,
        threshold,
        gate=state,
        offending=tuple(offences.listed),
        reason=reason if value is None else None,
        unlisted=offences.total - len(offences.listed),
    )
