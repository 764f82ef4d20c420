"""Edge-case representation."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.measures.bounds import Gate, wilson
from review.measures.checks.coverage import ActionSpace, Dimension
from review.measures.checks.edge_cases import (
    RequiredTag,
    TaggedEpisode,
    TagStatus,
    edge_cases,
    failures_recovered,
    high_force_episodes,
    is_near_limit,
)
from review.measures.records import Interval
from review.measures.refused import InputRefused, Reason

SECOND = 1_000_000_000


def tagged(count: int, *tags: str, name: str = "e") -> list[TaggedEpisode]:
    return [TaggedEpisode(f"{name}{i}", frozenset(tags)) for i in range(count)]


def test_worked_example() -> None:
    episodes = tagged(5, "slip", name="s") + tagged(2, "occlusion", name="o") + tagged(93, name="n")
    required = [
        RequiredTag("slip", 5),
        RequiredTag("occlusion", share=0.05),
        RequiredTag("lighting", 3),
    ]
    found = edge_cases(episodes, required)
    assert [tag.status for tag in found.tags] == [TagStatus.MET, TagStatus.BELOW, TagStatus.MISSING]
    assert found.result.value == pytest.approx(1 / 3)
    assert found.result.gate is Gate.FAIL
    assert [(one.id, one.code) for one in found.result.offending] == [
        ("occlusion", "tag_below"), ("lighting", "tag_missing"),
    ]  # fmt: skip
    slip = found.tags[0]
    assert (slip.share, slip.target, slip.examples) == (0.05, 5, ("s0", "s1", "s2", "s3", "s4"))
    assert (slip.lower, slip.upper) == pytest.approx(wilson(5, 100, 1.6448536), abs=1e-6)


def test_what_nobody_asked_for_is_counted_beside() -> None:
    found = edge_cases(tagged(3, "slip", "spill"), [RequiredTag("slip", 1)])
    assert dict(found.others) == {"spill": 3}
    assert found.result.gate is Gate.PASS


def test_nothing_required_is_unmeasured() -> None:
    found = edge_cases(tagged(3, "slip"), [])
    assert (found.result.value, found.result.reason) == (None, Reason.NOTHING)
    assert edge_cases([], [RequiredTag("slip", 1)]).tags[0].share is None


def test_a_requirement_is_a_number_or_a_share() -> None:
    assert RequiredTag("slip", share=0.05).target(101) == 6
    assert RequiredTag("slip", share=0.05).target(0) == 1
    for broken in ({}, {"episodes": 1, "share": 0.1}, {"episodes": 0}, {"share": math.nan}):
        with pytest.raises(InputRefused):
            RequiredTag("slip", **broken)


def span(label: str, start: int, end: int, track: str = "right") -> Interval:
    return Interval(label, track, start * SECOND, end * SECOND)


@pytest.mark.parametrize(
    ("recovery", "expected"),
    [
        (span("recovery", 12, 14), 1),
        (span("recovery", 21, 22), 1),
        (span("recovery", 22, 23), 0),
        (span("recovery", 9, 14), 0),
        (span("recovery", 12, 14, "left"), 0),
    ],
)
def test_a_failure_followed_by_a_recovery(recovery: Interval, expected: int) -> None:
    assert failures_recovered([span("failure", 10, 11)], [recovery]) == (expected, 1)


def test_near_the_limit_is_the_outer_two_percent() -> None:
    space = ActionSpace((Dimension("x", -2, 2), Dimension("free")))
    assert is_near_limit(np.array([[0.0, 99], [-1.97, 0]]), space)
    assert not is_near_limit(np.array([[1.95, 99], [math.nan, 0]]), space)
    assert not is_near_limit(np.zeros((0, 2)), space)


def test_high_force_is_relative_to_the_task() -> None:
    peaks = {
        "stack": {f"e{i}": float(i) for i in range(200)},
        "few": {"x": 900.0, "y": 1.0},
        "gaps": {**{f"g{i}": 1.0 for i in range(9)}, "n": math.nan},
    }
    assert high_force_episodes(peaks) == {"e198", "e199"}


@given(st.lists(st.sets(st.sampled_from("abc")), max_size=20), st.integers(1, 5))
def test_a_tag_is_met_exactly_when_enough_episodes_carry_it(
    rows: list[set[str]], wanted: int
) -> None:
    episodes = [TaggedEpisode(str(i), frozenset(tags)) for i, tags in enumerate(rows)]
    found = edge_cases(episodes, [RequiredTag(name, wanted) for name in "abc"])
    for tag in found.tags:
        own = sum(tag.name in tags for tags in rows)
        assert tag.episodes == own
        assert (tag.status is TagStatus.MET) == (own >= wanted)
