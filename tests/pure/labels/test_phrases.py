"""Wording without its objects: what one task says serves another."""

import pytest

from annotation.labels.phrases import generalised, things_of


@pytest.mark.parametrize(
    ("text", "things", "answer"),
    [
        ("lift the green block", ["green block", "white square"], "lift the {0}"),
        (
            "put the Green Block on the white square",
            ["green block", "white square"],
            "put the {0} on the {1}",
        ),
        ("open the gripper", ["green block"], "open the gripper"),
        ("lift the block", [], "lift the block"),
        ("lift the cup holder", ["cup", "cup holder"], "lift the {1}"),
        ("lift the cupboard", ["cup"], "lift the cupboard"),
        ("lift the a+b", ["a+b"], "lift the {0}"),
    ],
)
def test_things_become_numbers(text: str, things: list[str], answer: str) -> None:
    assert generalised(text, things) == answer


def test_a_task_without_things_is_about_its_nouns() -> None:
    text = "Put the red block on the white square."
    assert things_of(text, []) == ["red block", "white square"]
    assert things_of(text, ["block"]) == ["block"]
