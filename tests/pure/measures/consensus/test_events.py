"""The consensus of instants."""

from hypothesis import given
from hypothesis import strategies as st

from review.measures.consensus.events import event_consensus, median_ns
from review.measures.events import compare_events
from review.measures.records import Instant, Tolerances
from tests.pure.measures.strategies import instants

TOLERANCES = Tolerances(default_ns=100)


def at(time: int, id_: str, type_: str = "slip") -> Instant:
    return Instant(type_, "right", time, id_)


def test_worked_example() -> None:
    """Three mark one event, one marks another alone."""
    found = event_consensus(
        {"ada": [at(100, "a1"), at(900, "a2")], "abe": [at(140, "b1")], "bo": [at(130, "c1")]},
        TOLERANCES,
    )
    (one,) = found.agreed
    assert (one.instant.at_ns, one.instant.id, one.spread_ns) == (130, "", 40)
    assert one.sources == ("b1", "a1", "c1")
    assert one.annotators == ("abe", "ada", "bo")
    (left,) = found.unresolved
    assert (left.at_ns, dict(left.votes), left.sources, left.of) == (900, {"slip": 1}, ("a2",), 3)


def test_two_annotators_lose_no_pair_to_the_nearest_neighbour() -> None:
    found = event_consensus(
        {"ada": [at(1_000, "a1"), at(1_100, "a2")], "abe": [at(920, "b1"), at(1_050, "b2")]},
        TOLERANCES,
        quorum=1.0,
    )
    assert [one.sources for one in found.agreed] == [("b1", "a1"), ("b2", "a2")]


def test_types_that_split_the_vote_go_to_a_reviewer() -> None:
    found = event_consensus(
        {"ada": [at(100, "a", "slip")], "abe": [at(110, "b", "impact")]}, TOLERANCES, quorum=1.0
    )
    assert found.agreed == ()
    (left,) = found.unresolved
    assert dict(left.votes) == {"impact": 1, "slip": 1}
    assert left.sources == ("b", "a")


def test_an_empty_answer_counts_for_the_quorum() -> None:
    marks = {"ada": [at(100, "a")], "abe": [], "bo": []}
    assert event_consensus(marks, TOLERANCES).agreed == ()
    assert len(event_consensus({"ada": [at(100, "a")]}, TOLERANCES).agreed) == 1
    assert event_consensus({}, TOLERANCES).agreed == ()


def test_the_median_is_whole() -> None:
    assert [median_ns(x) for x in ([3], [3, 6], [1, 5, 9], [1, 2, 3, 10])] == [3, 4, 5, 2]


def named(marks: tuple[Instant, ...], who: str) -> list[Instant]:
    return [Instant(m.type, m.track, m.at_ns, f"{who}{i}") for i, m in enumerate(marks)]


@given(instants, instants, instants, st.floats(0.01, 1))
def test_every_mark_is_used_once_and_clusters_stay_together(
    a: tuple[Instant, ...], b: tuple[Instant, ...], c: tuple[Instant, ...], quorum: float
) -> None:
    answers = {who: named(marks, who) for who, marks in (("a", a), ("b", b), ("c", c))}
    found = event_consensus(answers, TOLERANCES, quorum)
    used = [id_ for one in found.agreed for id_ in one.sources]
    used += [id_ for one in found.unresolved for id_ in one.sources]
    assert sorted(used) == sorted(mark.id for own in answers.values() for mark in own)
    for one in found.agreed:
        assert len(set(one.annotators)) == len(one.sources) >= 3 * quorum
        assert one.spread_ns <= 100


@given(instants, instants)
def test_two_who_must_agree_keep_exactly_their_matched_pairs(
    a: tuple[Instant, ...], b: tuple[Instant, ...]
) -> None:
    found = event_consensus({"a": named(a, "a"), "b": named(b, "b")}, TOLERANCES, quorum=1.0)
    assert len(found.agreed) == len(compare_events(a, b, TOLERANCES).matched)


@given(instants)
def test_equal_answers_are_their_own_consensus(a: tuple[Instant, ...]) -> None:
    found = event_consensus({who: named(a, who) for who in "abc"}, TOLERANCES)
    agreed = sorted(
        (one.instant.at_ns, one.instant.type, one.instant.track) for one in found.agreed
    )
    assert agreed == sorted((mark.at_ns, mark.type, mark.track) for mark in a)
    assert found.unresolved == ()
