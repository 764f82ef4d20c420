"""Majority with a quorum."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.measures.consensus.votes import Undecided, majority, quorum_of
from review.measures.refused import InputRefused


def test_the_quorum_is_the_share_rounded_up() -> None:
    assert [quorum_of(0.5, k) for k in (1, 2, 3, 4, 5)] == [1, 1, 2, 2, 3]
    # 0.6 * 5 is 3 exactly; in floats it is a little more, and would round up to 4.
    assert quorum_of(0.6, 5) == 3
    assert quorum_of(0.7, 10) == 7
    assert quorum_of(1, 4) == 4
    for share in (0, 1.1, -0.5):
        with pytest.raises(InputRefused):
            quorum_of(share, 3)


def test_the_majority_wins_and_names_its_sources() -> None:
    found = majority({"ada": "success", "abe": "partial", "bo": "success"})
    assert (found.value, found.sources) == ("success", ("ada", "bo"))
    assert dict(found.votes) == {"partial": 1, "success": 2}
    assert found.needed == 2


@pytest.mark.parametrize(
    ("votes", "quorum", "why"),
    [
        ({"ada": "s", "abe": "p"}, 0.5, Undecided.TIE),
        ({"a": "s", "b": "s", "c": "p", "d": "f"}, 0.75, Undecided.NO_QUORUM),
        ({"ada": None}, 0.5, Undecided.NO_VOTE),
        ({}, 0.5, Undecided.NO_VOTE),
    ],
)
def test_what_is_undecided_says_why(
    votes: dict[str, str | None], quorum: float, why: Undecided
) -> None:
    found = majority(votes, quorum)
    assert (found.value, found.sources, found.undecided) == (None, (), why)


def test_who_did_not_answer_takes_no_part() -> None:
    assert majority({"ada": "s", "abe": None, "bo": None}, 1.0).value == "s"


@given(st.dictionaries(st.sampled_from("abcdef"), st.sampled_from("xyz")), st.floats(0.01, 1))
def test_a_decision_has_its_quorum_and_no_rival(votes: dict[str, str], quorum: float) -> None:
    found = majority(dict(votes), quorum)
    if found.value is None:
        return
    named = [who for who, value in votes.items() if value == found.value]
    assert sorted(named) == list(found.sources)
    assert len(named) >= quorum * len(votes)
    assert all(n < len(named) for value, n in found.votes.items() if value != found.value)
