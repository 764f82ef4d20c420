"""Agreement by chance: one side shifted in time."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from review.measures.chance import chance_matches, shifts
from review.measures.columns import Marks
from review.measures.counts import POOLED, Measure, count_pair
from review.measures.figures import above_chance
from review.measures.matching import match_times
from review.measures.measure import SHIFTS
from review.measures.records import Answer, Instant, Tolerances
from review.measures.refused import Reason
from review.measures.tally import Tally

LENGTH = 1_000
points = st.lists(st.tuples(st.integers(0, 1), st.integers(0, LENGTH - 1)), max_size=8)


def marks(rows: list[tuple[int, int]]) -> Marks:
    zero = np.zeros(len(rows), dtype=np.int64)
    names, at = (np.array([row[k] for row in rows], dtype=np.int64) for k in (0, 1))
    return Marks(zero, zero, names, at)


@settings(max_examples=150)
@given(points, points, st.integers(0, 400), st.integers(0, 2**40))
def test_every_shift_is_matched_as_match_times_would(
    a: list[tuple[int, int]], b: list[tuple[int, int]], reach: int, seed: int
) -> None:
    """The reference shifts and matches each of the 200 times, name by name."""
    seeds, lengths = np.array([seed]), np.array([LENGTH])
    found = chance_matches(marks(a), marks(b), np.full(len(a), reach), lengths, seeds)
    expected = sum(
        len(
            match_times(
                [t for n, t in a if n == name],
                [(t + shift) % LENGTH for n, t in b if n == name],
                reach,
            )
        )
        for shift in shifts(seeds, lengths)[0].tolist()
        for name in (0, 1)
    )
    assert found.tolist() == [expected]


def test_shifts_are_reproducible_differ_by_seed_and_fill_the_episode() -> None:
    lengths = np.array([10**9, 10**9, 7])
    first = shifts(np.array([1, 2, 3]), lengths)
    assert (first == shifts(np.array([1, 2, 3]), lengths)).all()
    assert (first[0] != first[1]).any()
    assert first[2].max() < 7
    assert first[0].mean() / 10**9 == pytest.approx(0.5, abs=0.08)
    # Pinned: a re-score next year must give the same number.
    assert first[0, :2].tolist() == [7630203, 8599893]


def test_random_marks_agree_by_chance_only() -> None:
    rng = np.random.default_rng(5)
    total, chance = Tally(), Tally()
    for seed in range(150):
        sides = [
            Answer(tuple(Instant("slip", "", int(t)) for t in rng.integers(0, 10_000, 10)))
            for _ in range(2)
        ]
        found = count_pair(
            *sides, duration_ns=10_000, tolerances=Tolerances(default_ns=100), seed=seed
        )
        total += found[Measure.EVENT, POOLED].tally
        chance += found[Measure.EVENT_CHANCE, POOLED].tally
    corrected = above_chance(total, chance)
    assert corrected.value == pytest.approx(0, abs=0.03)
    assert corrected.chance == pytest.approx(total.f, abs=0.03)


def test_full_agreement_stays_one_and_what_is_undefined_says_why() -> None:
    sides = Answer(tuple(Instant("slip", "", t) for t in range(0, 9_000, 1_000)))
    found = count_pair(sides, sides, duration_ns=10_000, tolerances=Tolerances(default_ns=10))
    measured, chance = (found[kind, POOLED].tally for kind in (Measure.EVENT, Measure.EVENT_CHANCE))
    assert chance.n_a == 9 * SHIFTS
    assert above_chance(measured, chance).value == 1
    assert above_chance(Tally(), Tally()).reason is Reason.NOTHING
    assert above_chance(Tally(1, 1, 1), Tally(0, 200, 200)).reason is Reason.TOO_FEW_ITEMS
    dense = above_chance(Tally(9, 9, 9), Tally(1_750, 1_800, 1_800))
    assert (dense.value, dense.reason) == (None, Reason.CHANCE_TOO_HIGH)
