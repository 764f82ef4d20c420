"""Templates are suggested for what datasets really call their dimensions."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from episodes.embodiments import TEMPLATES, Use, match
from episodes.embodiments.matching import name_words
from episodes.formats.features import flat_names


def ids(names: list[str], count: int, robot: str, use: Use = Use.STATE) -> list[str]:
    return [found.embodiment.id for found in match(names, count, robot, use)]


def test_the_demo_dataset_is_the_simulated_so101(base_dir: Path) -> None:
    info = json.loads((base_dir / "demo/so101_pick_place/meta/info.json").read_text())
    names = flat_names(info["features"]["observation.state"]["names"])
    found = match(names, 6, info["robot_type"], Use.STATE)
    assert found[0].embodiment.id == "so101_rad_6"
    assert found[0].score == 1.0
    assert found[0].reasons == (
        "6 dimensions",
        "6 of 6 names agree",
        "robot type “so101_sim” is known as “so101_sim”",
    )


def test_a_real_g1_is_recognised_by_its_names(shared_data: Path) -> None:
    info = json.loads((shared_data / "unitree_g1_lerobot_v30/meta/info.json").read_text())
    names = flat_names(info["features"]["action"]["names"])
    [found] = match(names, 26, info["robot_type"], Use.ACTION)
    assert (found.embodiment.id, found.score) == ("unitree_g1_inspire_26", 1.0)


def test_degrees_and_percent_stay_open_for_a_real_so101() -> None:
    names = [spec.name + ".pos" for spec in TEMPLATES[-2].dimensions]
    first, second, third = match(names, 6, "so101_follower", Use.STATE)
    assert {first.embodiment.id, second.embodiment.id} == {"so101_deg_6", "so101_percent_6"}
    assert first.score == second.score > third.score


def test_numbered_dimensions_leave_the_robot_type_to_tell() -> None:
    found = match([f"state[{n}]" for n in range(14)], 14, "aloha", Use.STATE)
    assert [candidate.embodiment.id for candidate in found] == ["aloha_14"]
    assert found[0].score == pytest.approx(0.4)


def test_a_step_is_an_action_and_no_state() -> None:
    names = ["x", "y", "z", "roll", "pitch", "yaw", "gripper"]
    assert ids(names, 7, "widowx", Use.ACTION) == ["eef_delta_7"]
    assert ids(names, 7, "widowx", Use.STATE) == []


def test_another_length_is_never_suggested() -> None:
    assert ids(["a", "b"], 2, "so101", Use.STATE) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("kLeftShoulderPitch", "left_shoulder_pitch"),
        ("l_elbow", "left_elbow"),
        ("shoulder_pan.pos", "shoulder_pan"),
        ("kLeftHandThumbBend", "left_hand_thumb_bend"),
    ],
)
def test_names_that_mean_one_dimension(one: str, other: str) -> None:
    assert name_words(one) == name_words(other)


@given(
    st.lists(st.text(max_size=12), max_size=60),
    st.integers(1, 110),
    st.text(max_size=20),
    st.sampled_from(Use),
)
def test_any_dataset_gets_ordered_scores_in_bounds(
    names: list[str], count: int, robot: str, use: Use
) -> None:
    found = match(names, count, robot, use)
    scores = [candidate.score for candidate in found]
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score <= 1 for score in scores)
    assert all(len(candidate.embodiment.dimensions) == count for candidate in found)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.id)
def test_a_template_is_the_best_match_for_its_own_names(template: object) -> None:
    assert template in TEMPLATES
    own = next(candidate for candidate in TEMPLATES if candidate is template)
    names = [spec.name for spec in own.dimensions]
    found = match(names, len(names), own.robot_types[0] if own.robot_types else "", own.uses[0])
    best = [candidate.embodiment for candidate in found if candidate.score == found[0].score]
    assert own in best
