"""Agreement on the outcome of an episode: one nominal label each."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OutcomeAgreement:
    """``agreeing`` of ``n`` pairs gave the same outcome; ``table`` counts (in a, in b)."""

    agreeing: int
    n: int
    table: Counter[tuple[str, str]]

    @property
    def rate(self) -> float | None:
        """Pooled raw agreement P_o in [0, 1]; None without a pair."""
        return self.agreeing / self.n if self.n else None


def outcome_agreement(
    pairs: Iterable[tuple[str | None, str | None]],
) -> OutcomeAgreement:
    """Pool outcome pairs; one that lacks a side is dropped, as the rater did not answer."""
    table = Counter((a, b) for a, b in pairs if a is not None and b is not None)
    agreeing = sum(n for (a, b), n in table.items() if a == b)
    return OutcomeAgreement(agreeing, table.total(), table)
