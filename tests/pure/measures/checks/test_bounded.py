"""Checks of very many episodes: what is kept stays small, what is counted stays exact."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.measures.checks import segmentation
from review.measures.checks.alignment import ActionSegment, ProxyTotals, Rule, RuleOutcome
from review.measures.checks.dataset import figure_json
from review.measures.checks.result import Offences, Offending
from review.measures.checks.segmentation import (
    SegmentedEpisode,
    distances,
    medoid,
    sequence_consistency,
)
from review.measures.text import edit_distance

SEQUENCE = st.lists(st.sampled_from(["lift", "move", "place", "wait"]), max_size=6).map(tuple)


def named(id_: str, *names: str) -> SegmentedEpisode:
    return SegmentedEpisode(id_, "stack", 10, (), (), names)


def test_the_first_so_many_are_listed_and_all_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Offences, "MOST", 3)
    found = Offences(Offending(str(n), "code", "why") for n in range(5))
    found.add([Offending("last", "code", "why")])
    assert [one.id for one in found.listed] == ["0", "1", "2"]
    assert found.total == 6


def test_a_figure_counts_what_it_does_not_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Offences, "MOST", 2)
    totals = ProxyTotals()
    for n in range(8):
        segment = ActionSegment(f"s{n}", f"e{n // 2}", "grasp", 0, 10)
        totals.add(RuleOutcome(segment, {Rule.CLOSES: n < 3}))
    result = totals.result().result
    assert (len(result.offending), result.unlisted) == (2, 3)
    assert (result.value, result.n) == (3 / 8, 8)
    assert figure_json(result)["offending"] == 5


def test_segments_of_an_episode_go_together_in_any_order() -> None:
    """The episode is the unit of the bounds, however its segments come."""
    outcomes = [
        RuleOutcome(ActionSegment(f"s{n}", f"e{n % 10}", "grasp", 0, 10), {Rule.CLOSES: n % 10 < 8})
        for n in range(60)
    ]
    together = sorted(outcomes, key=lambda one: one.segment.episode)
    results = []
    for rows in (outcomes, together):
        totals = ProxyTotals()
        for one in rows:
            totals.add(one)
        found = totals.result().result
        results.append((found.value, found.lower, found.upper))
    assert results[0] == pytest.approx(results[1])


@given(st.lists(SEQUENCE, min_size=1, max_size=6), st.lists(SEQUENCE, min_size=1, max_size=6))
def test_distances_are_edits_over_the_longer_sequence(
    rows: list[tuple[str, ...]], columns: list[tuple[str, ...]]
) -> None:
    found = distances(rows, columns)
    for i, a in enumerate(rows):
        for j, b in enumerate(columns):
            longest = max(len(a), len(b), 1)
            assert found[i, j] == pytest.approx(edit_distance(a, b) / longest)


def test_among_too_many_sequences_the_medoid_is_a_frequent_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One sequence three times among fifty that are each there once."""
    kinds = [("lift", "move", "place"), *((f"word {n}", f"other {n}") for n in range(50))]
    counts = np.array([3, *[1] * 50])
    kind_of = np.repeat(np.arange(51), counts)
    assert medoid(kinds, counts, kind_of) == 0
    monkeypatch.setattr(segmentation, "MOST_KINDS", 5)
    assert medoid(kinds, counts, kind_of) == 0


def test_similarity_is_exact_whatever_the_medoid_was_sought_among(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = [named(f"e{n}", "lift", "place") for n in range(4)]
    rows += [named(f"x{n}", "lift", f"word {n}") for n in range(16)]
    whole = sequence_consistency(rows)
    monkeypatch.setattr(segmentation, "MOST_KINDS", 3)
    part = sequence_consistency(rows)
    assert whole.result.value == part.result.value == pytest.approx((4 + 16 / 2) / 20)
    assert whole.tasks == part.tasks


def test_the_medoid_does_not_depend_on_the_order_of_the_episodes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(segmentation, "MOST_KINDS", 4)
    rows = [named(f"e{n:02}", f"word {n % 9}", "place") for n in range(30)]
    assert sequence_consistency(rows).tasks == sequence_consistency(rows[::-1]).tasks
