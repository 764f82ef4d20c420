"""Segmentation consistency: invariants, medoids, durations."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.measures.bounds import Gate, wilson
from review.measures.checks.segmentation import (
    SegmentedEpisode,
    SegmentRules,
    broken_invariants,
    segmentation_invariants,
    sequence_consistency,
    worst_gate,
)
from review.measures.records import Instant, Interval
from review.measures.refused import Reason
from review.measures.text import edit_distance

SECOND = 1_000_000_000


def step(start: float, end: float, text: str = "lift", track: str = "right") -> Interval:
    return Interval("instruction", track, int(start * SECOND), int(end * SECOND), text, True)


def episode(
    *segments: Interval, marks: tuple[Instant, ...] = (), id_: str = "e"
) -> SegmentedEpisode:
    return SegmentedEpisode(id_, "task", 10 * SECOND, segments, marks)


def mark(at: float, type_: str = "release", track: str = "right") -> Instant:
    return Instant(type_, track, int(at * SECOND))


GOOD = (step(0, 4), step(4, 10, "place"))


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        (episode(step(0, 11)), "outside"),
        (episode(step(0, 5), step(4, 10, "place")), "overlap"),
        (episode(step(0, 3), step(6, 10, "place")), "gap"),
        (episode(step(0, 4), step(4, 4.05, "place"), step(4.05, 10)), "short"),
        (episode(step(0, 4), step(4, 10, "Lift!")), "repeated"),
        (episode(step(0, 4), marks=(mark(5),)), "event_outside"),
        (episode(*GOOD, marks=(mark(5, track="left"),)), "event_outside"),
        (episode(*GOOD, marks=(mark(5, "slip"),)), "event_outside"),
    ],
)
def test_each_invariant(broken: SegmentedEpisode, code: str) -> None:
    rules = SegmentRules(max_gap_ns=SECOND, compatible={"slip": frozenset(("recovery",))})
    assert [one.code for one in broken_invariants(broken, rules)] == [code]


def test_a_sound_episode_breaks_nothing() -> None:
    sound = episode(
        *GOOD, step(0, 10, "hold", "left"), marks=(mark(4), mark(10), mark(3, track="left"))
    )
    assert broken_invariants(sound, SegmentRules(max_gap_ns=0)) == []
    # The same instruction again after a pause is not a repetition.
    assert broken_invariants(episode(step(0, 4), step(5, 10)), SegmentRules()) == []


def test_the_pass_rate_has_bounds_on_episodes() -> None:
    rows = [episode(*GOOD, id_=f"e{i}") for i in range(90)]
    rows += [episode(step(0, 11), id_=f"bad{i}") for i in range(10)]
    found = segmentation_invariants(rows)
    assert (found.value, found.n, found.gate) == (0.9, 100, Gate.FAIL)
    assert found.lower == pytest.approx(wilson(90, 100, 1.6449)[0], abs=2e-3)
    assert {one.id for one in found.offending} == {f"bad{i}" for i in range(10)}
    assert segmentation_invariants([]).reason is Reason.NOTHING


def named(id_: str, names: str, task: str = "stack", seconds: float = 10) -> SegmentedEpisode:
    return SegmentedEpisode(id_, task, int(seconds * SECOND), (), (), tuple(names))


def test_similarity_to_the_medoid() -> None:
    """Four abcd and one ab: 1, 1, 1, 1 and 1 - 2/4."""
    rows = [named(f"e{i}", "abcd") for i in range(4)] + [named("odd", "ab")]
    found = sequence_consistency(rows, apart_below=0.6)
    assert found.result.value == pytest.approx(4.5 / 5)
    (task,) = found.tasks
    assert (task.medoid, task.apart) == ("e0", (("odd", 0.5),))
    assert [one.id for one in found.result.offending] == ["odd"]
    assert task.duration_reason is Reason.NO_SPREAD


def test_tasks_with_fewer_than_five_episodes_are_left_out() -> None:
    found = sequence_consistency([named(f"e{i}", "ab") for i in range(4)])
    assert (found.result.value, found.result.reason) == (None, Reason.TOO_FEW_ITEMS)
    assert found.left_out == ("stack",)


def test_durations_far_from_the_others_are_named() -> None:
    rows = [named(f"e{i}", "ab", seconds=10 + i / 10) for i in range(9)]
    rows.append(named("long", "ab", seconds=60))
    (task,) = sequence_consistency(rows).tasks
    assert task.long_or_short == ("long",)


@given(st.lists(st.text("abc", max_size=5), min_size=5, max_size=9))
def test_no_sequence_is_nearer_to_all_than_the_medoid(names: list[str]) -> None:
    rows = [named(f"e{i}", name or "-") for i, name in enumerate(names)]
    (task,) = sequence_consistency(rows).tasks

    def total(own: SegmentedEpisode) -> float:
        return sum(
            edit_distance(own.names, other.names) / max(len(own.names), len(other.names))
            for other in rows
        )

    medoid = next(row for row in rows if row.id == task.medoid)
    assert total(medoid) <= min(map(total, rows)) + 1e-9
    assert 0 <= task.similarity <= 1


def test_names_default_to_class_and_words_in_time_order() -> None:
    assert episode(step(4, 5, "Place it."), step(0, 4)).names == (
        "instruction lift", "instruction place it",
    )  # fmt: skip


def test_several_parts_make_one_state() -> None:
    good = segmentation_invariants([episode(*GOOD, id_=f"e{i}") for i in range(80)])
    bad = segmentation_invariants([episode(step(0, 11), id_=f"e{i}") for i in range(80)])
    open_ = segmentation_invariants([episode(*GOOD)])
    assert worst_gate([good, good]) is Gate.PASS
    assert worst_gate([good, open_]) is Gate.NEEDS_MORE
    assert worst_gate([good, open_, bad]) is Gate.FAIL
    assert worst_gate([]) is Gate.NEEDS_MORE
