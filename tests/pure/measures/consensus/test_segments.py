"""The consensus of segments and spans."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from review.measures.consensus.segments import segment_consensus
from review.measures.records import Interval


def step(start: int, end: int, id_: str, text: str = "lift the block") -> Interval:
    return Interval("instruction", "right", start, end, text, True, id_)


def test_worked_example_medians_and_majority_text() -> None:
    found = segment_consensus(
        {
            "ada": [step(0, 100, "a1"), step(100, 200, "a2", "place it")],
            "abe": [step(0, 90, "b1", "Lift the block!"), step(90, 200, "b2", "put it down")],
            "bo": [step(0, 104, "c1", "raise the block"), step(104, 200, "c2", "place it here")],
        }
    )
    first, second = found.agreed
    assert (first.interval.start_ns, first.interval.end_ns) == (0, 100)
    assert first.sources == ("b1", "a1", "c1")
    assert (first.text_from, first.text_agreed) == ("b1", True)
    assert (second.interval.text, second.text_agreed) == ("place it", False)
    assert found.unresolved == ()


def test_what_one_person_alone_has_is_left_to_a_reviewer() -> None:
    found = segment_consensus({"ada": [step(0, 100, "a")], "abe": [], "bo": []})
    assert found.agreed == ()
    assert found.unresolved == (("ada", step(0, 100, "a")),)


def test_classes_do_not_mix() -> None:
    failure = Interval("failure", "right", 0, 100, id="a")
    recovery = Interval("recovery", "right", 0, 100, id="b")
    assert segment_consensus({"ada": [failure], "abe": [recovery]}, 1.0).agreed == ()


def test_exclusive_segments_part_in_the_middle_of_their_overlap() -> None:
    """Medians of different people may cross: 0-100 and 90-200 meet at 95."""
    found = segment_consensus(
        {
            "ada": [step(0, 100, "a1"), step(100, 200, "a2", "place")],
            "abe": [step(0, 100, "b1")],
            "bo": [step(90, 200, "c2", "place")],
            "cy": [step(80, 200, "d2", "place")],
        }
    )
    assert [(one.interval.start_ns, one.interval.end_ns) for one in found.agreed] == [
        (0, 95),
        (95, 200),
    ]


def test_spans_may_overlap() -> None:
    both = [Interval("failure", "", 0, 100, id="f"), Interval("recovery", "", 50, 150, id="r")]
    found = segment_consensus({"ada": both})
    assert [one.sources for one in found.agreed] == [("f",), ("r",)]


@st.composite
def timelines(draw: st.DrawFn, who: str) -> list[Interval]:
    edges = sorted(draw(st.sets(st.integers(0, 300), min_size=2, max_size=8)))
    return [
        step(a, b, f"{who}{i}", draw(st.sampled_from(("lift", "place", "open the box"))))
        for i, (a, b) in enumerate(pairwise(edges))
    ]


@given(timelines("a"), timelines("b"), timelines("c"), st.sampled_from((0.3, 0.5, 0.7, 1.0)))
def test_the_result_is_a_valid_timeline_of_labels_used_once(
    a: list[Interval], b: list[Interval], c: list[Interval], quorum: float
) -> None:
    found = segment_consensus({"a": a, "b": b, "c": c}, quorum)
    used = [id_ for one in found.agreed for id_ in one.sources]
    used += [mark.id for _, mark in found.unresolved]
    assert sorted(used) == sorted(mark.id for mark in (*a, *b, *c))
    for one, two in zip(found.agreed, found.agreed[1:], strict=False):
        assert one.interval.end_ns <= two.interval.start_ns


@given(timelines("x"))
def test_equal_answers_are_their_own_consensus(a: list[Interval]) -> None:
    found = segment_consensus(dict.fromkeys(("ada", "abe", "bo"), a))
    assert [
        (one.interval.start_ns, one.interval.end_ns, one.interval.text) for one in found.agreed
    ] == [(mark.start_ns, mark.end_ns, mark.text) for mark in a]
