"""One gold episode's result: how many labels were right, of how many."""

from collections.abc import Iterable
from dataclasses import dataclass

from review.measures.bounds import Estimate, estimate
from review.measures.refused import count_of
from review.measures.tally import Tally


@dataclass(frozen=True, slots=True)
class Trials:
    """``right`` of ``total`` labels of one gold episode. Totals may be halves, as in F."""

    right: float
    total: float

    def __post_init__(self) -> None:
        count_of(self.right, self.total, "a gold result")

    @classmethod
    def of(cls, tally: Tally) -> "Trials":
        """x = TP of m = (n_gold + n_answer) / 2, so that sum x / sum m is the pooled F."""
        return cls(tally.matched, (tally.n_a + tally.n_b) / 2)

    @property
    def wrong(self) -> float:
        return self.total - self.right


def measured_deff(results: Iterable[Tally], start: float = 2.0) -> float:
    """The project's design effect of gold labels, ``start`` until it can be measured.

    It cannot before 8 episodes, nor at a rate of 0 or 1 (see ``bounds``).
    """
    found: Estimate = estimate(results)
    return start if found.deff is None or found.episodes < 8 else found.deff
