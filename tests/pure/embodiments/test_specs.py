"""Embodiments are consistent in themselves, and what they say survives JSON."""

import json

import pytest

from episodes.embodiments import TEMPLATES, DimensionSpec, Embodiment, Quantity
from episodes.embodiments.templates import ALOHA_14, SO101_RAD, with_base

EXPECTED_SIZES = {
    "eef_delta_7": 7,
    "eef_r6_10": 10,
    "franka_joint_8": 8,
    "aloha_14": 14,
    "dex_xhand_18_left": 18,
    "dex_xhand_36_both": 36,
    "mano_51_right": 51,
    "mano_102_both": 102,
    "mobile_base_3": 3,
    "so101_rad_6": 6,
    "so101_deg_6": 6,
    "unitree_g1_inspire_26": 26,
}


def test_the_templates_have_the_sizes_of_their_action_spaces() -> None:
    sizes = {template.id: len(template.dimensions) for template in TEMPLATES}
    assert sizes.items() >= EXPECTED_SIZES.items()
    assert len(sizes) == len(TEMPLATES)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.id)
def test_a_template_survives_json(template: Embodiment) -> None:
    assert Embodiment.from_json(json.loads(json.dumps(template.to_json()))) == template


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.id)
def test_no_radians_exceed_a_turn_and_every_aperture_has_both_limits(template: Embodiment) -> None:
    for spec in template.dimensions:
        if spec.unit == "rad" and spec.upper is not None and spec.lower is not None:
            assert -6.3 < spec.lower < spec.upper < 6.3
        if spec.quantity is Quantity.GRIPPER_APERTURE:
            assert spec.span is not None
            assert spec.positive == "opens"


def test_the_right_shoulder_mirrors_the_left() -> None:
    g1 = next(t for t in TEMPLATES if t.id == "unitree_g1_inspire_26")
    by_name = {spec.name: spec for spec in g1.dimensions}
    left, right = by_name["left_shoulder_roll"], by_name["right_shoulder_roll"]
    assert left.upper is not None
    assert left.lower is not None
    assert (right.lower, right.upper) == (-left.upper, -left.lower)


def test_a_robot_on_wheels_has_its_base_last() -> None:
    mobile = with_base(ALOHA_14)
    assert [spec.name for spec in mobile.dimensions[-3:]] == ["vx", "vy", "wz"]
    assert (len(mobile.dimensions), "mobile_aloha" in mobile.robot_types) == (17, True)


def test_a_unit_that_a_quantity_is_never_in_is_refused() -> None:
    with pytest.raises(ValueError, match="joint_position is in rad, deg"):
        DimensionSpec("elbow", Quantity.JOINT_POSITION, "N")


def test_limits_out_of_order_are_refused() -> None:
    with pytest.raises(ValueError, match="is not below"):
        DimensionSpec("elbow", Quantity.JOINT_POSITION, "rad", lower=1.0, upper=-1.0)


def test_two_dimensions_of_one_name_are_refused() -> None:
    twice = (SO101_RAD.dimensions[0], SO101_RAD.dimensions[0])
    with pytest.raises(ValueError, match="share a name"):
        Embodiment("x", "X", SO101_RAD.kind, SO101_RAD.control, SO101_RAD.uses, twice)
