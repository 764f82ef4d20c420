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
JOINT_KINDS = frozenset({SignalKind.STATE, SignalKind.ACTION})
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
        if signal_kind(feature.name) in JOINT_KINDS:
            asked.append(unit_question(feature.name, JOINT_UNITS))
        if signal_kind(feature.name) is not SignalKind.ACTION and _has_gripper(feature):
            asked.append(gripper_question(feature.name))
    texts = list(tasks)
    if not texts or not all(text.strip() for text in texts):
        asked.append(instruction_question())
    return tuple({question.id: question for question in asked}.values())


def _has_gripper(feature: Feature) -> bool:
    named = dimensions(feature.name, feature.names, feature.size)
    return signal_kind(feature.name) is SignalKind.GRIPPER or any(map(_is_gripper, named))


def _is_gripper(dimension: DimensionRecord) -> bool:
    return bool(set(words(dimension.name)) & GRIPPER_WORDS)


def with_unit(
    named: tuple[DimensionRecord, ...], feature: str, answers: Answers
) -> tuple[DimensionRecord, ...]:
    """The dimensions in the answered unit of joints; a gripper's opening is in another."""
    unit = answers.get(f"unit.{feature}", UNKNOWN)
    if unit == UNKNOWN:
        return named
    return tuple(one if _is_gripper(one) else replace(one, unit=unit) for one in named)
