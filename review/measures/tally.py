"""Matched and total counts, and the F score they give. Tallies add."""

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Tally:
    """``matched`` one-to-one pairs among ``n_a`` items of one side and ``n_b`` of the other."""

    matched: int = 0
    n_a: int = 0
    n_b: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.matched <= min(self.n_a, self.n_b):
            raise ValueError(f"{self.matched} pairs among {self.n_a} and {self.n_b}")

    def __add__(self, other: Self) -> "Tally":
        return Tally(self.matched + other.matched, self.n_a + other.n_a, self.n_b + other.n_b)

    def swapped(self) -> "Tally":
        return Tally(self.matched, self.n_b, self.n_a)

    @property
    def empty(self) -> bool:
        return self.n_a == 0 and self.n_b == 0

    @property
    def f(self) -> float | None:
        """F = 2 matched / (n_a + n_b), in [0, 1]; None when both sides are empty."""
        return None if self.empty else 2 * self.matched / (self.n_a + self.n_b)

    @property
    def precision(self) -> float | None:
        """matched / n_b, ``a`` being the reference; None when b is empty."""
        return self.matched / self.n_b if self.n_b else None

    @property
    def recall(self) -> float | None:
        """matched / n_a, ``a`` being the reference; None when a is empty."""
        return self.matched / self.n_a if self.n_a else None

    @property
    def exact(self) -> bool:
        """Every item has its partner; true when both sides are empty, which is agreement."""
        return self.matched == self.n_a == self.n_b
