"""Instructions slot by slot, and chance-corrected text agreement."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.measures.refused import Reason
from review.measures.slots import Slots, Vocabulary, compare_slots, slots_of
from review.measures.text import TextPair, text_alpha, word_similarity


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Pick up the red block.", Slots("pick up", "block", "", "", "red")),
        ("grab the block with the left gripper", Slots("pick up", "block", "", "left", "")),
        ("put the cube onto the blue plate", Slots("place", "cube", "on blue plate", "", "")),
        ("place it on top of the box", Slots("place", "it", "on box", "", "")),
        ("open the top drawer", Slots("open", "drawer", "", "", "top")),
        ("pick the block up", Slots("pick up", "block", "", "", "")),
        ("close gripper", Slots("close", "gripper", "", "", "")),
        ("move the left arm to the tray", Slots("move", "arm", "to tray", "left", "")),
        ("", Slots()),
    ],
)
def test_reading(text: str, expected: Slots) -> None:
    assert slots_of(text) == expected


def test_a_side_or_colour_exchanged_is_a_disagreement_words_would_hardly_see() -> None:
    a, b = "pick up the red block on the left", "pick up the red block on the right"
    assert word_similarity(a, b) > 0.85
    found = compare_slots(slots_of(a), slots_of(b))
    assert not found.exact
    assert set(found.said) - set(found.equal) == {"target"}


def test_words_differ_and_slots_agree() -> None:
    found = compare_slots(
        slots_of("put the block into the box"), slots_of("Place a block in a box")
    )
    assert found.exact
    assert found.said == ("verb", "object", "target")


def test_a_project_may_bring_its_words() -> None:
    own = Vocabulary(verbs={"scoop": "scoop"}, nouns={"mug": "cup", "coffee mug": "cup"})
    assert slots_of("scoop the coffee mug", own) == Slots("scoop", "cup", "", "", "")


texts = st.lists(
    st.sampled_from(("pick", "up", "the", "left", "red", "block", "on", "plate", "with", "open")),
    max_size=7,
).map(" ".join)


@given(texts, texts)
def test_symmetric_and_identical_texts_agree(a: str, b: str) -> None:
    there, back = compare_slots(slots_of(a), slots_of(b)), compare_slots(slots_of(b), slots_of(a))
    assert there == back
    assert compare_slots(slots_of(a), slots_of(a)).exact


def test_alpha_of_texts_worked_by_hand() -> None:
    """Two episodes; within 0 and 1/4, across four pairs of distance 1."""
    pairs = [TextPair("e1", "open box", "open box"), TextPair("e2", "a b c d", "a b c x")]
    found = text_alpha(pairs)
    assert found.observed == pytest.approx(1 - 1 / 8)
    assert found.chance == 0
    assert found.value == pytest.approx(1 - (1 / 8) / 1)


def test_alpha_of_texts_is_one_for_full_agreement_and_zero_by_chance() -> None:
    words = ("lift", "place", "open", "close", "push")
    full = [TextPair(f"e{i}", words[i % 5], words[i % 5]) for i in range(40)]
    assert text_alpha(full).value == 1
    mixed = [TextPair(f"e{i}", words[i % 5], words[(i * 7 // 5) % 5]) for i in range(170)]
    assert text_alpha(mixed).value == pytest.approx(0, abs=0.08)


def test_what_is_undefined_says_why() -> None:
    assert text_alpha([]).reason is Reason.NOTHING
    assert text_alpha([TextPair("e", "a", "b")]).reason is Reason.ONE_EPISODE
    same = [TextPair(f"e{i}", "lift", "lift") for i in range(3)]
    assert (text_alpha(same).reason, text_alpha(same).observed) == (Reason.ONE_CATEGORY, 1)
