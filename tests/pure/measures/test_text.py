"""Instruction text, compared word by word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.measures.text import edit_distance, word_similarity, words_of


def test_normalisation() -> None:
    assert words_of("  Open the TOP  drawer. ") == ("open", "the", "top", "drawer")
    assert words_of("\uff2fpen the\u00a0drawer!") == ("open", "the", "drawer")
    assert words_of("…") == ()


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("open the drawer", "open the top drawer", 0.75),
        ("Lift the block.", "lift the block", 1.0),
        ("lift the red block", "lift the blue block", 0.75),
        ("", "", 1.0),
        ("", "pick up", 0.0),
    ],
)
def test_worked_examples(a: str, b: str, expected: float) -> None:
    assert word_similarity(a, b) == expected


def test_edit_distance_of_letters() -> None:
    assert edit_distance("Saturday", "Sunday") == 3


words = st.lists(st.sampled_from(("open", "close", "the", "drawer")), max_size=6).map(" ".join)


@given(words, words)
def test_symmetric_bounded_and_one_only_for_equal_words(a: str, b: str) -> None:
    similarity = word_similarity(a, b)
    assert similarity == word_similarity(b, a)
    assert 0 <= similarity <= 1
    assert (similarity == 1) == (words_of(a) == words_of(b))


@given(words, words, words)
def test_the_distance_obeys_the_triangle(a: str, b: str, c: str) -> None:
    def distance(x: str, y: str) -> int:
        return edit_distance(words_of(x), words_of(y))

    assert distance(a, c) <= distance(a, b) + distance(b, c)
