"""Language-action alignment: the human sample, the proxy, and the proxy's own quality."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.measures.bounds import Gate
from review.measures.checks.alignment import (
    ActionSegment,
    EffectorSignals,
    JudgedSegment,
    Rule,
    RuleOutcome,
    SignalRules,
    SlotVerdict,
    human_alignment,
    proxy_alignment,
    proxy_quality,
)
from review.measures.checks.signals import Hysteresis, Series, displacement
from review.measures.refused import InputRefused, Reason

MS = 1_000_000
OK, WRONG, UNSEEN = SlotVerdict.OK, SlotVerdict.WRONG, SlotVerdict.NOT_VISIBLE


def judged(n: int, episode: str, **slots: SlotVerdict) -> JudgedSegment:
    return JudgedSegment(f"s{n}", episode, "grasp", slots)


def test_worked_example() -> None:
    segments = [
        judged(1, "e1", verb=OK, object=OK),
        judged(2, "e1", verb=OK, object=WRONG),
        judged(3, "e2", verb=OK, side=UNSEEN),
        judged(4, "e2", verb=UNSEEN),
    ]
    found = human_alignment(segments)
    assert found.result.value == pytest.approx(2 / 3)
    assert found.result.n == 3
    assert [one.id for one in found.result.offending] == ["s2"]
    assert dict(found.wrong_by_slot) == {"object": 1}
    assert found.not_visible == 2 / 7
    assert found.by_verb == {"grasp": (2, 3)}


def test_enough_good_segments_pass_and_bad_ones_fail() -> None:
    good = [judged(i, f"e{i}", verb=OK) for i in range(80)]
    assert human_alignment(good).result.gate is Gate.PASS
    bad = [judged(i, f"e{i}", verb=WRONG if i % 5 == 0 else OK) for i in range(200)]
    assert human_alignment(bad).result.gate is Gate.FAIL
    nothing = human_alignment([]).result
    assert (nothing.value, nothing.reason) == (None, Reason.NOTHING)


def gripper(*states: tuple[int, float]) -> Series:
    """Aperture held from each time (ms) on, sampled every 10 ms for 2 s."""
    t = np.arange(0, 2_000, 10)
    at = np.searchsorted([time for time, _ in states], t, side="right") - 1
    return Series(t * MS, np.array([value for _, value in states])[at])


def line(metres: float) -> Series:
    t = np.arange(0, 2_000, 10)
    return Series(t * MS, np.column_stack((t / 2_000 * metres, 0 * t, 0 * t)))


def segment(verb: str, start: int, end: int, *contacts: int) -> ActionSegment:
    return ActionSegment("s", "e", verb, start * MS, end * MS, tuple(t * MS for t in contacts))


CLOSES_AT_1S = EffectorSignals(gripper=gripper((0, 1.0), (1_000, 0.0)), position=line(0.5))


@pytest.mark.parametrize(
    ("verb", "start", "end", "contacts", "expected"),
    [
        ("grasp", 500, 1_500, (), {Rule.CLOSES: True}),
        ("grasp", 0, 850, (), {Rule.CLOSES: True}),
        ("grasp", 0, 700, (), {Rule.CLOSES: False}),
        ("place", 500, 1_500, (), {Rule.OPENS: False}),
        ("move", 0, 1_000, (), {Rule.MOVES: True}),
        ("move", 0, 50, (), {Rule.MOVES: False}),
        ("pick up", 500, 1_500, (), {Rule.CLOSES: True, Rule.MOVES: True}),
        ("push", 0, 900, (400,), {Rule.PUSHES: True}),
        ("push", 0, 900, (), {Rule.PUSHES: False}),
        ("push", 500, 1_500, (700,), {Rule.PUSHES: False}),
        ("wipe", 0, 1_000, (), {}),
    ],
)
def test_each_rule(
    verb: str, start: int, end: int, contacts: tuple[int, ...], expected: dict[Rule, bool]
) -> None:
    assert SignalRules(CLOSES_AT_1S).check(segment(verb, start, end, *contacts)).held == expected


def test_a_contact_mark_wants_a_rise_of_force_nearby() -> None:
    force = Series(np.arange(0, 2_000, 10) * MS, np.where(np.arange(200) < 80, 0.5, 9.0))
    rules = SignalRules(EffectorSignals(force=force))
    assert rules.check(segment("wipe", 0, 2_000, 900)).held == {Rule.FORCE: True}
    assert rules.check(segment("wipe", 0, 2_000, 1_200)).held == {Rule.FORCE: False}


def test_a_missing_signal_is_not_applicable() -> None:
    found = SignalRules(EffectorSignals()).check(segment("pick up", 0, 1_000, 500))
    assert found.held == {}
    pooled = proxy_alignment([found])
    assert (pooled.result.value, pooled.applicable) == (None, 0)
    assert proxy_alignment([]).applicable is None


def outcome(n: int, held: bool | None, episode: str = "e") -> RuleOutcome:
    one = ActionSegment(f"s{n}", episode, "grasp", 0, 1)
    return RuleOutcome(one, {} if held is None else {Rule.CLOSES: held})


def test_the_proxy_is_judged_by_the_human_sample() -> None:
    outcomes = [outcome(1, True), outcome(2, False), outcome(3, False), outcome(4, None)]
    segments = [
        judged(1, "e", verb=WRONG), judged(2, "e", verb=WRONG), judged(3, "e", verb=OK),
        judged(4, "e", verb=WRONG), judged(5, "e", verb=WRONG),
    ]  # fmt: skip
    found = proxy_quality(outcomes, segments)
    assert (found.both, found.precision, found.recall) == (3, 0.5, 0.5)
    assert proxy_quality([], []).precision is None
    pooled = proxy_alignment(outcomes)
    assert pooled.result.value == pytest.approx(1 / 3)
    assert pooled.applicable == 0.75
    assert pooled.by_rule == {Rule.CLOSES: (1, 3)}
    assert [one.id for one in pooled.result.offending] == ["s2", "s3"]
    assert "closing gripper" in pooled.result.offending[0].why


def test_hysteresis_does_not_flutter() -> None:
    noisy = Series(np.arange(8), np.array([0.5, 1.0, 0.5, 0.9, 0.0, 0.5, 0.01, 1.0]))
    falls, rises = Hysteresis(0.05, 0.95).transitions(noisy)
    assert (falls.tolist(), rises.tolist()) == ([4], [7])


def test_nan_samples_are_left_out_and_falling_times_refused() -> None:
    holes = Series(np.arange(3), np.array([0.0, np.nan, 2.0]))
    assert holes.t_ns.tolist() == [0, 2]
    assert displacement(Series(np.arange(3), np.zeros((3, 3))), 5, 9) is None
    with pytest.raises(InputRefused):
        Series(np.array([2, 1]), np.zeros(2))
    with pytest.raises(InputRefused):
        Series(np.array([0.5, 1.0]), np.zeros(2))
    with pytest.raises(InputRefused):
        Hysteresis(2, 1)


@given(st.lists(st.tuples(st.integers(0, 4), st.sampled_from((OK, WRONG, UNSEEN))), max_size=30))
def test_bounded_and_complete(rows: list[tuple[int, SlotVerdict]]) -> None:
    found = human_alignment([judged(i, f"e{e}", verb=said) for i, (e, said) in enumerate(rows)])
    seen = [said for _, said in rows if said is not UNSEEN]
    assert found.result.n == len(seen)
    if seen:
        assert found.result.value == seen.count(OK) / len(seen)
        assert len(found.result.offending) == seen.count(WRONG)
