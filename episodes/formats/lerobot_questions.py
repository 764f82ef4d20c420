"""What LeRobot datasets do not say: where cameras stand, units, the way of a gripper, tasks."""

from collections.abc import Iterable
from dataclasses import replace

from episodes.formats.features import camera_role, dimensions, signal_kind, words
from episodes.formats.lerobot_info import Feature, LeRobotInfo
from episodes.formats.questions import (
    UNKNOWN,
    gripper_question,
    instruction_question,
    role_question,
    unit_question,
)
from episodes.records import Answers, DimensionRecord, Question, Role, SignalKind

# Joints are recorded in radians, in degrees, or (SO-100 and its like) within -100..100.
JOINT_UNITS = ("rad", "deg", "normalised")
DEPTH_UNITS = ("m", "mm")
LENGTHS = ("m", "cm", "mm")
LOADS = ("N", "Nm")
JOINT_KINDS = frozenset({SignalKind.STATE, SignalKind.ACTION})
AXES = frozenset("xyz")
GRIPPER_WORDS = frozenset({"gripper", "grippers", "jaw"})


def lerobot_questions(info: LeRobotInfo, tasks: Iterable[str]) -> tuple[Question, ...]:
    """In the order of the features. None is required: unanswered stays unknown."""
    asked: list[Question] = []
    for camera in (*info.videos, *info.images):
        name = info.camera_names[camera.name]
        if camera_role(name) is Role.UNKNOWN:
            asked.append(role_question(name))
        if camera.dtype == "image" and camera.is_depth and not camera.info.get("depth_unit"):
            asked.append(unit_question(name, DEPTH_UNITS))
    for feature in info.signals:
        if units := _units_of(feature):
            asked.append(unit_question(feature.name, units))
        if signal_kind(feature.name) is not SignalKind.ACTION and _has_gripper(feature):
            asked.append(gripper_question(feature.name))
    texts = list(tasks)
    if not texts or not all(text.strip() for text in texts):
        asked.append(instruction_question())
    return tuple({question.id: question for question in asked}.values())


def _units_of(feature: Feature) -> tuple[str, ...]:
    """What all its dimensions may be in; none where they are of several quantities, or unknown."""
    kind = signal_kind(feature.name)
    if kind in JOINT_KINDS:
        return JOINT_UNITS
    named = [words(one.name) for one in dimensions(feature.name, feature.names, feature.size)]
    if kind is SignalKind.END_EFFECTOR and all(one and one[-1] in AXES for one in named):
        return LENGTHS
    # Six numbers are a wrench: three forces, three torques.
    return LOADS if kind is SignalKind.FORCE and feature.size % 6 else ()


def _has_gripper(feature: Feature) -> bool:
    named = dimensions(feature.name, feature.names, feature.size)
    return signal_kind(feature.name) is SignalKind.GRIPPER or any(map(_is_gripper, named))


def _is_gripper(dimension: DimensionRecord) -> bool:
    return bool(set(words(dimension.name)) & GRIPPER_WORDS)


def with_unit(
    named: tuple[DimensionRecord, ...], feature: str, answers: Answers
) -> tuple[DimensionRecord, ...]:
    """The dimensions in the answered unit; among joints, a gripper's opening is in another."""
    unit = answers.get(f"unit.{feature}", UNKNOWN)
    if unit == UNKNOWN:
        return named
    joints = signal_kind(feature) in JOINT_KINDS
    return tuple(one if joints and _is_gripper(one) else replace(one, unit=unit) for one in named)
