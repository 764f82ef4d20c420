"""The labels from the physics hold against the recorded signals and against the label rules."""

from collections import Counter
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from annotation.labels.records import parse_labels
from annotation.labels.schema import core_schema
from annotation.labels.task import TaskFacts
from annotation.labels.validation import validate_submit
from demo.contacts import SLIP_M
from demo.scenarios import EPISODES, GOALS
from demo.trace import DEBOUNCE_NS, FRAME_NS, Interval, common, debounced
from demo.truth import outcome_facts, over_the_square
from tests.demo.conftest import Demo

Json = dict[str, Any]

NUMBERS = range(len(EPISODES))
ON_TABLE_M = 0.020


def of_class(line: Json, *classes: str) -> list[Json]:
    return [label for label in line["labels"] if label["label_class"] in classes]


def frame(label: Json) -> int:
    return int(label["start_ns"]) // FRAME_NS


def holds(touches: Json) -> list[Interval]:
    """Both jaws on the block, from the raw touches."""
    jaws = (touches["fixed_jaw"], touches["moving_jaw"])
    fixed, moving = (debounced([Interval(*pair) for pair in jaw], DEBOUNCE_NS) for jaw in jaws)
    return common(fixed, moving)


def test_the_planned_kinds_of_episode_are_all_there(demo: Demo) -> None:
    kinds = Counter(line["scenario"] for line in demo.truth)
    assert kinds["clean"] >= 3
    assert kinds["drop"] + kinds["slip_drop"] >= 2
    assert kinds["miss"] + kinds["miss_topple"] + kinds["miss_twice"] >= 2
    assert kinds["miss_recovery"] >= 2
    assert kinds["drop_regrasp"] >= 2
    outcomes = {line["outcome"] for line in demo.truth}
    assert outcomes == {f"outcome_{o}" for o in ("success", "failure", "partial", "aborted")}
    assert [line["episode_index"] for line in demo.truth] == list(NUMBERS)


@pytest.mark.parametrize("number", NUMBERS)
def test_the_label_rules_find_nothing(demo: Demo, number: int) -> None:
    parsed = parse_labels(demo.truth[number]["labels"])
    assert not parsed.fractional
    duration_ns = demo.episodes[number]["length"] * FRAME_NS
    task = TaskFacts.of([{"id": name, "text": text} for name, text in GOALS.items()], [])
    assert validate_submit(parsed.labels, core_schema(), duration_ns, task=task) == []
    assert {label.source.value for label in parsed.labels} == {"physics"}


@pytest.mark.parametrize("number", NUMBERS)
def test_times_are_on_the_frame_grid_and_inside_the_episode(demo: Demo, number: int) -> None:
    duration_ns = demo.episodes[number]["length"] * FRAME_NS
    line = demo.truth[number]
    for label in line["labels"]:
        for time_ns in (label["start_ns"], label["end_ns"]):
            assert time_ns is None or (time_ns % FRAME_NS == 0 and 0 <= time_ns <= duration_ns)
    instants = {label["id"]: label for label in line["labels"] if label["kind"] == "instant"}
    assert set(line["physics_ns"]) == set(instants)
    for label_id, physics_ns in line["physics_ns"].items():
        assert 0 <= physics_ns - instants[label_id]["start_ns"] < FRAME_NS


@pytest.mark.parametrize("number", NUMBERS)
def test_instructions_cover_the_episode_in_plain_words(demo: Demo, number: int) -> None:
    segments = of_class(demo.truth[number], "instruction")
    assert segments[0]["start_ns"] == 0
    assert segments[-1]["end_ns"] == demo.episodes[number]["length"] * FRAME_NS
    for left, right in pairwise(segments):
        assert left["end_ns"] == right["start_ns"]
    verbs = {"move", "lower", "close", "lift", "carry", "open", "raise"}
    for segment in segments:
        words = segment["text"].split()
        assert words[0] in verbs
        assert 3 <= len(words) <= 8


@pytest.mark.parametrize("number", NUMBERS)
def test_a_grasp_is_both_jaws_pressing_on_the_block(demo: Demo, number: int) -> None:
    line = demo.truth[number]
    grasps = of_class(line, "grasp_closed", "regrasp")
    starts = [line["physics_ns"][label["id"]] for label in grasps]
    assert starts == [hold.start_ns for hold in holds(demo.touches[number])]
    force = demo.rows(number, "observation.jaw_force")
    for label in grasps:
        after = force[frame(label) + 1 : frame(label) + 3]
        assert (after > 0).all(), "both jaws press in the two frames after the grasp"
    assert not force[: frame(grasps[0])].all(axis=1).any() if grasps else True


@pytest.mark.parametrize("number", NUMBERS)
def test_nothing_touches_before_the_first_contact_or_after_the_release(
    demo: Demo, number: int
) -> None:
    line = demo.truth[number]
    first, last = of_class(line, "first_contact"), of_class(line, "release")
    force = demo.rows(number, "observation.jaw_force").sum(axis=1)
    if not first:
        assert not force.any()
        return
    assert not force[: frame(first[0])].any()
    if last:
        assert not force[frame(last[-1]) + 2 :].any()
    else:
        assert line["outcome"] == "outcome_aborted"


@pytest.mark.parametrize("number", NUMBERS)
def test_the_block_is_up_between_lift_off_and_landing(demo: Demo, number: int) -> None:
    line = demo.truth[number]
    height = demo.rows(number, "observation.environment_state")[:, 2] - ON_TABLE_M
    lifts, landings = of_class(line, "lift_off"), of_class(line, "placed", "impact")
    ends = [frame(label) for label in landings] + [len(height)] * (len(lifts) - len(landings))
    for lift, end in zip(lifts, ends, strict=True):
        flight = height[frame(lift) + 3 : end - 1]
        assert (flight > 0.0002).all()
        assert flight.max() >= 0.009
    before = height[: frame(lifts[0])] if lifts else height
    assert before.max() < 0.009
    assert not of_class(line, "placed") or abs(height[-1]) < 0.001


@pytest.mark.parametrize("number", NUMBERS)
def test_the_outcome_is_where_the_block_ended(demo: Demo, number: int) -> None:
    line = demo.truth[number]
    assert line["outcome"] == EPISODES[number].outcome
    assert [label["label_class"] for label in of_class(line, line["outcome"])] == [line["outcome"]]
    assert of_class(line, line["outcome"])[0]["attributes"] == outcome_facts(line["outcome"])
    world = demo.rows(number, "observation.environment_state")[-1]
    over = over_the_square(world[:7], world[7:])
    carried = bool(of_class(line, "lift_off"))
    if line["outcome"] == "outcome_success":
        assert carried
        assert over == 1.0
    elif line["outcome"] == "outcome_partial":
        assert carried
        assert 0.0 < over < 1.0
    elif line["outcome"] == "outcome_failure":
        assert over == 0.0 or not carried


@pytest.mark.parametrize("number", NUMBERS)
def test_failures_and_recoveries_fit_the_contacts(demo: Demo, number: int) -> None:
    line = demo.truth[number]
    failures, recoveries = of_class(line, "failure"), of_class(line, "recovery")
    assert bool(failures) == (line["scenario"] != "clean")
    for failure in failures:
        inside = [
            label["label_class"]
            for label in line["labels"]
            if label["kind"] == "instant"
            and failure["start_ns"] <= label["start_ns"] < failure["end_ns"]
        ]
        mode = failure["attributes"]["mode"]
        assert ("impact" in inside) == (mode == "drop")
        assert not (mode == "no_grasp" and "grasp_closed" in inside)
    for recovery in recoveries:
        assert any(failure["end_ns"] <= recovery["start_ns"] for failure in failures)
        lifted = [label["start_ns"] for label in of_class(line, "lift_off")]
        assert recovery["attributes"]["succeeded"] == (recovery["end_ns"] in lifted)


@pytest.mark.parametrize("number", NUMBERS)
def test_a_slip_is_the_block_moving_in_the_jaws(demo: Demo, number: int) -> None:
    """Seen in the frames alone: the block goes down against the gripper while it is carried."""
    for slip in of_class(demo.truth[number], "slip"):
        block = demo.rows(number, "observation.environment_state")[:, 2]
        gripper = demo.rows(number, "observation.ee_pos")[:, 2]
        lift = frame(of_class(demo.truth[number], "lift_off")[0])
        apart = np.abs((block - gripper)[lift:] - (block - gripper)[lift])
        assert apart[frame(slip) - lift + 10] > SLIP_M / 2
        assert slip["uncertainty_ns"] > 0
