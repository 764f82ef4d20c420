"""One-to-one matching of times: worked examples, properties, two independent references."""

from itertools import combinations, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from review.measures.matching import match_by_gain, match_times

times = st.lists(st.integers(0, 300), max_size=12)
few_times = st.lists(st.integers(0, 12), max_size=5)
tolerance = st.integers(0, 60)


def cost(a: list[int], b: list[int], pairs: list[tuple[int, int]]) -> int:
    return sum(abs(a[i] - b[j]) for i, j in pairs)


def test_a_pair_exactly_at_the_tolerance_matches() -> None:
    assert match_times([1_000], [1_100], 100) == [(0, 0)]
    assert match_times([1_000], [1_101], 100) == []


def test_most_pairs_come_before_least_offset() -> None:
    # The nearest neighbour of 1000 is 1050, but taking it would leave 1100 or 920 alone.
    assert match_times([1_000, 1_100], [920, 1_050], 100) == [(0, 0), (1, 1)]


def test_of_two_equal_partners_the_first_in_time_is_taken() -> None:
    assert match_times([50], [40, 60], 10) == [(0, 0)]
    assert match_times([40, 60], [50], 10) == [(0, 0)]


def test_indices_are_those_of_the_unsorted_input() -> None:
    assert match_times([900, 100], [110, 905], 20) == [(1, 0), (0, 1)]


def test_nothing_matches_nothing() -> None:
    assert match_times([], [], 5) == match_times([1], [], 5) == match_times([], [1], 5) == []


def test_float_times_are_refused() -> None:
    with pytest.raises(TypeError):
        match_times([0.1], [0.2], 1)  # type: ignore[list-item]


def test_a_negative_tolerance_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        match_times([1], [1], -1)


@given(times, times, tolerance)
def test_pairs_are_one_to_one_and_within_the_tolerance(a: list[int], b: list[int], t: int) -> None:
    pairs = match_times(a, b, t)
    assert len({i for i, _ in pairs}) == len({j for _, j in pairs}) == len(pairs)
    assert all(abs(a[i] - b[j]) <= t for i, j in pairs)


@given(times, times, tolerance)
def test_exchanging_the_sides_changes_neither_size_nor_cost(
    a: list[int], b: list[int], t: int
) -> None:
    there, back = match_times(a, b, t), match_times(b, a, t)
    assert len(there) == len(back)
    assert cost(a, b, there) == cost(b, a, back)


@given(times, tolerance)
def test_a_list_matches_itself_at_no_cost(a: list[int], t: int) -> None:
    pairs = match_times(a, a, t)
    assert (len(pairs), cost(a, a, pairs)) == (len(a), 0)


@given(times, times, tolerance, st.integers(-500, 500))
def test_a_common_shift_changes_nothing(a: list[int], b: list[int], t: int, by: int) -> None:
    assert match_times(a, b, t) == match_times([x + by for x in a], [x + by for x in b], t)


@given(times, times, tolerance)
def test_a_wider_tolerance_never_loses_a_pair(a: list[int], b: list[int], t: int) -> None:
    assert len(match_times(a, b, t)) <= len(match_times(a, b, t + 1))


@settings(max_examples=600)
@given(times, times, tolerance)
def test_size_and_cost_equal_those_of_scipys_assignment(a: list[int], b: list[int], t: int) -> None:
    one = 1 + t * (min(len(a), len(b)) + 1)
    weight = np.zeros((len(a), len(b)), dtype=np.int64)
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            if abs(x - y) <= t:
                weight[i, j] = one - abs(x - y)
    rows, columns = linear_sum_assignment(weight, maximize=True)
    expected = [(int(i), int(j)) for i, j in zip(rows, columns, strict=True) if weight[i, j] > 0]
    found = match_times(a, b, t)
    assert (len(found), cost(a, b, found)) == (len(expected), cost(a, b, expected))


@settings(max_examples=400)
@given(few_times, few_times, st.integers(0, 6))
def test_brute_force_over_all_matchings_gives_the_same_pairs(
    a: list[int], b: list[int], t: int
) -> None:
    """Every one-to-one matching listed, crossing ones too, ranked by size, cost, pairs in time."""
    ordered_a, ordered_b = sorted(a), sorted(b)
    candidates = [
        tuple(zip(chosen, partners, strict=True))
        for size in range(min(len(a), len(b)) + 1)
        for chosen in combinations(range(len(a)), size)
        for partners in permutations(range(len(b)), size)
    ]
    allowed = [
        pairs
        for pairs in candidates
        if all(abs(ordered_a[i] - ordered_b[j]) <= t for i, j in pairs)
    ]
    best = min(allowed, key=lambda p: (-len(p), cost(ordered_a, ordered_b, list(p)), p))
    assert match_times(ordered_a, ordered_b, t) == list(best)


@pytest.mark.parametrize("seed", range(5))
def test_a_long_crowded_recording_is_matched_quickly_and_exactly(seed: int) -> None:
    rng = np.random.default_rng(seed)
    a = sorted(int(t) for t in rng.integers(0, 100_000, 800))
    b = sorted(int(t) for t in rng.integers(0, 100_000, 800))
    distance = np.abs(np.subtract.outer(np.array(a), np.array(b)))
    weight = np.where(distance <= 100, 100 * 801 - distance, 0)
    rows, columns = linear_sum_assignment(weight, maximize=True)
    kept = weight[rows, columns] > 0
    found = match_times(a, b, 100)
    assert len(found) == int(kept.sum())
    assert cost(a, b, found) == int(distance[rows, columns][kept].sum())


def test_gain_matching_prefers_two_weak_pairs_to_one_strong() -> None:
    gains = {(0, 0): 1.0, (0, 1): 0.1, (1, 0): 0.1}
    assert match_by_gain(2, 2, lambda i, j: gains.get((i, j))) == [(0, 1), (1, 0)]
