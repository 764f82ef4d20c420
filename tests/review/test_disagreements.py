"""Places at which people disagree: one each, the gravest first. No database."""

import uuid
from typing import Any

from annotation.labels.records import Kind, Label
from annotation.labels.schema import LabelSchema, core_schema
from review.measures.differences import Side, differences
from review.measures.disagreements import LARGEST, SEVERITY, Place, disagreements

MS = 1_000_000
SCHEMA: LabelSchema = core_schema()


def made(
    kind: Kind, name: str, start: int | None = None, end: int | None = None, **more: Any
) -> Label:
    begin, until = (None if one is None else one * MS for one in (start, end))
    return Label(str(uuid.uuid4()), kind, name, begin, until, **more)


def grasp(at: int) -> Label:
    return made(Kind.INSTANT, "grasp_closed", at, effector="right")


def step(start: int, end: int, text: str = "lift the block") -> Label:
    return made(Kind.SEGMENT, "instruction", start, end, text=text)


def outcome(name: str, **attributes: Any) -> Label:
    return made(Kind.OUTCOME, f"outcome_{name}", attributes=attributes)


def places(*sets: list[Label]) -> tuple[Place, ...]:
    names = ("Ada", "Abe", "Bo", "Cy")
    sides = {name: Side(name, labels) for name, labels in zip(names, sets, strict=False)}
    return disagreements(sides, SCHEMA)


def test_the_gravest_comes_first_then_time() -> None:
    ada = [grasp(500), grasp(3000), outcome("success")]
    abe = [grasp(650), outcome("failure")]
    found = places(ada, abe)
    assert [one.code for one in found] == ["outcome_differs", "instant_missing", "instant_time"]
    assert [one.rank for one in found] == sorted((one.rank for one in found), reverse=True)


def test_a_larger_difference_of_a_kind_comes_before_a_smaller_one_up_to_a_bound() -> None:
    near, far, farther = (places([grasp(1000)], [grasp(1000 + by)])[0] for by in (120, 300, 900))
    assert near.rank < far.rank < farther.rank
    assert farther.rank == SEVERITY["instant_time"] * LARGEST


def test_two_things_about_the_same_two_labels_are_one_place() -> None:
    (one,) = places([step(0, 2000)], [step(0, 2600, "carry the block")])
    assert set(one.codes) == {"segment_text", "segment_boundary"}
    assert "ends at 2.000 s for Ada" in one.message
    assert "“carry the block”" in one.message
    assert {who: len(ids) for who, ids in one.sides.items()} == {"Ada": 1, "Abe": 1}


def test_of_three_people_what_hangs_together_is_one_place() -> None:
    found = places([grasp(1000)], [grasp(1050)], [grasp(1400)])
    (one,) = found
    assert {who: len(ids) for who, ids in one.sides.items()} == {"Ada": 1, "Abe": 1, "Bo": 1}
    # Ada's and Bo's labels meet in no difference, and are about the same: Abe misses one thing.
    (missing,) = places([grasp(1000)], [], [grasp(1000)])
    assert missing.codes == ("instant_missing",)
    assert {who: len(ids) for who, ids in missing.sides.items()} == {"Ada": 1, "Abe": 0, "Bo": 1}


def test_who_agrees_with_both_has_a_label_there_too() -> None:
    middle = grasp(1060)
    (one,) = places([middle], [grasp(1000)], [grasp(1120)])
    assert one.sides["Ada"] == (middle.id,)
    assert middle.id in one.label_ids
    # What Ada says is no difference, and not told as one.
    assert one.message == (
        "Grasp closed (right) at 1.000 s of Abe: Bo marks it 120 ms later (tolerance 100 ms)."
    )
    texts = [step(0, 2000), step(300, 2000), step(600, 2000)]
    (edge,) = (place for place in places(*([text] for text in texts)))
    assert edge.sides["Abe"] == (texts[1].id,)


def test_what_several_people_say_is_told_once() -> None:
    (late,) = places([grasp(1000)], [grasp(1400)], [grasp(1010)], [])
    assert late.message == (
        "Grasp closed (right): 1.000 s for Ada; 1.400 s for Abe; 1.010 s for Bo; nothing for Cy "
        "(tolerance 100 ms)."
    )
    worded = [step(0, 2000, text) for text in ("lift it", "carry it", "lift it", "lift it")]
    (text,) = places(*([one] for one in worded))
    assert text.message == "Text: “lift it” for Ada, Bo and Cy; “carry it” for Abe."
    said = [[outcome(name)] for name in ("success", "failure", "success")]
    (judged,) = places(*said)
    assert judged.message == "Outcome: success for Ada and Bo; failure for Abe."


def test_goals_and_tags_are_compared_too() -> None:
    ada = [outcome("success", **{"goal.over": "met", "goal.inside": "met"})]
    abe = [
        outcome("success", **{"goal.over": "met", "goal.inside": "not_met"}),
        made(Kind.TAG, "tag_occlusion"),
    ]
    goal, occluded = places(ada, abe)
    assert (goal.code, goal.at_ns) == ("goal_differs", None)
    assert "inside met for Ada, not met for Abe" in goal.message
    assert occluded.code == "tag_missing"
    assert "Abe tags the episode" in occluded.message


def test_a_place_keeps_its_name_as_long_as_its_labels_stay() -> None:
    ada, abe = [grasp(1000), outcome("success")], [grasp(1300), outcome("failure")]
    first, again = places(ada, abe), places(ada, abe)
    assert [one.id for one in first] == [one.id for one in again]
    assert len({one.id for one in first}) == 2
    other = places(ada, [grasp(1300), abe[1]])
    assert {one.id for one in other} & {one.id for one in first} == {first[0].id}


def test_nobody_disagrees_with_themself_or_when_alone() -> None:
    ada = [grasp(1000), step(0, 2000), outcome("success")]
    assert places(ada) == ()
    assert places(ada, ada) == ()


def test_sizes_are_in_tolerances() -> None:
    (one,) = differences(Side("A", [grasp(1000)]), Side("B", [grasp(1250)]), SCHEMA)
    assert one.size == 2.5
