"""What a feature's name says: the kind of a signal, the role of a camera, groups of dimensions."""

import re
from collections.abc import Mapping
from typing import Any

from episodes.records import DimensionRecord, Role, SignalKind

# Bookkeeping and labels: columns that are not signals of the robot.
NOT_SIGNALS = frozenset(
    {"timestamp", "frame_index", "episode_index", "index", "task_index", "subtask_index"}
)
NOT_SIGNAL_PREFIXES = ("next.", "annotation.", "language_")

_KIND_WORDS: tuple[tuple[SignalKind, frozenset[str]], ...] = (
    (
        SignalKind.FORCE,
        frozenset({"force", "forces", "torque", "torques", "wrench", "ft", "tactile", "effort"}),
    ),
    (SignalKind.GRIPPER, frozenset({"gripper", "grippers", "jaw"})),
    (SignalKind.END_EFFECTOR, frozenset({"ee", "eef", "tcp", "cartesian", "effector"})),
    (SignalKind.STATE, frozenset({"state", "states", "qpos", "joint", "joints", "proprio"})),
)
_ROLE_WORDS: tuple[tuple[Role, frozenset[str]], ...] = (
    (Role.WRIST, frozenset({"wrist", "hand", "gripper", "eih"})),
    (Role.EGOCENTRIC, frozenset({"ego", "egocentric", "head"})),
    (
        Role.EXTERNAL,
        frozenset(
            {
                "front",
                "side",
                "top",
                "overhead",
                "external",
                "exterior",
                "third",
                "scene",
                "back",
                "base",
            }
        ),
    ),
)
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


def words(name: str) -> list[str]:
    """``kLeftHandPinky`` and ``observation.left_hand`` alike, in lower case."""
    return [word.lower() for word in _WORD.findall(name)]


def is_signal(name: str) -> bool:
    return name not in NOT_SIGNALS and not name.startswith(NOT_SIGNAL_PREFIXES)


def signal_kind(name: str) -> SignalKind:
    """The kind a feature's name declares: actions whatever they act on, never the scene's state."""
    found = set(words(name))
    if found & {"action", "actions"}:
        return SignalKind.ACTION
    if found & {"environment", "env"}:
        return SignalKind.OTHER
    for kind, vocabulary in _KIND_WORDS:
        if found & vocabulary:
            return kind
    return SignalKind.OTHER


def camera_name(source_key: str) -> str:
    """``observation.images.front`` is the camera ``front``."""
    for prefix in ("observation.images.", "observation.image.", "observation."):
        if source_key.startswith(prefix) and len(source_key) > len(prefix):
            return source_key.removeprefix(prefix)
    return source_key


def camera_role(camera: str) -> Role:
    """A role where the name says one; unknown stays unknown."""
    found = set(words(camera))
    for role, vocabulary in _ROLE_WORDS:
        if found & vocabulary:
            return role
    return Role.UNKNOWN


def dimension_group(name: str) -> str:
    """Lanes that belong together: ``left hand``, ``right arm``, ``gripper`` or none."""
    found = words(name)
    side = next((word for word in found if word in {"left", "right"}), "")
    if not side and found:
        side = {"l": "left", "r": "right"}.get(found[0], "")
    hand = bool({"hand", "gripper", "finger", "jaw"} & set(found))
    if side:
        return f"{side} hand" if hand else f"{side} arm"
    return "gripper" if hand else ""


def flat_names(names: Any, depth: int = 4) -> list[str]:
    """Dimension names out of what datasets hold: a list, a nested list, or a dict of either.

    A dict of name to index (``{"x": 0, "y": 1}``) gives its keys in index order. What is nested
    deeper than ``depth`` is no list of names.
    """
    if depth == 0:
        return []
    if isinstance(names, Mapping):
        if names and all(isinstance(value, int) for value in names.values()):
            return [str(key) for key, _ in sorted(names.items(), key=lambda item: item[1])]
        return [name for value in names.values() for name in flat_names(value, depth - 1)]
    if isinstance(names, list | tuple):
        return [name for value in names for name in flat_names(value, depth - 1)]
    return [] if names is None else [str(names)]


def dimensions(feature: str, names: Any, count: int) -> tuple[DimensionRecord, ...]:
    """``count`` dimensions; numbered where the source's names do not fit their number."""
    found = flat_names(names)
    if len(found) != count:
        short = feature.rsplit(".", 1)[-1]
        found = [short] if count == 1 else [f"{short}[{i}]" for i in range(count)]
    return tuple(DimensionRecord(name=name, group=dimension_group(name)) for name in found)
