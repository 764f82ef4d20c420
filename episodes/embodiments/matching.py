"""Which templates a dataset's vector may be. Suggestions with their reasons, never a decision."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from episodes.embodiments.specs import Embodiment, Use
from episodes.embodiments.templates import TEMPLATES

# What each piece of evidence is worth. Equal length alone says little: many arms have 7 numbers.
NAMES, ROBOT, COUNT = 0.6, 0.3, 0.1
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_EMPTY = frozenset({"k", "joint", "joints", "pos", "position", "motor", "qpos", "main", "state"})
_SIDES = {"l": "left", "r": "right"}
# A first word that begins with the constant prefix of Unitree's enums: kLeftElbow.
_JOINED = re.compile(r"^k(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Match:
    """A candidate: ``score`` in [0, 1] orders candidates, ``reasons`` say what speaks for it."""

    embodiment: Embodiment
    score: float
    reasons: tuple[str, ...]


def match(
    names: Sequence[str],
    count: int,
    robot_type: str,
    use: Use,
    templates: Sequence[Embodiment] = TEMPLATES,
) -> list[Match]:
    """Templates of ``count`` dimensions for a state or an action, the likeliest first.

    score = 0.6 (share of names that agree in their place) + 0.3 (1 for the dataset's robot type,
    0.8 for a part of it) + 0.1 for the count. Several candidates may share a score: units and
    ranges are not in a name, and ``check_values`` or a person has to tell.
    """
    found = []
    for template in templates:
        if len(template.dimensions) != count or use not in template.uses:
            continue
        reasons = [f"{count} dimensions"]
        agreeing = _agreeing(names, template)
        if agreeing:
            reasons.append(f"{agreeing} of {count} names agree")
        known, robot = _robot(robot_type, template)
        if known:
            reasons.append(f"robot type “{robot_type}” is known as “{known}”")
        score = NAMES * agreeing / count + ROBOT * robot + COUNT
        found.append(Match(template, round(score, 4), tuple(reasons)))
    return sorted(found, key=lambda candidate: -candidate.score)


def name_words(name: str) -> frozenset[str]:
    """What identifies a dimension: ``kLeftShoulderPitch`` and ``left_shoulder_pitch.pos`` alike."""
    found = [word.lower() for word in _WORD.findall(_JOINED.sub("", name))]
    if found:
        found[0] = _SIDES.get(found[0], found[0])
    return frozenset(found) - _EMPTY or frozenset(found)


def _agreeing(names: Sequence[str], template: Embodiment) -> int:
    pairs = zip(names, template.dimensions, strict=False)
    return sum(name_words(name) == name_words(dimension.name) for name, dimension in pairs)


def _robot(robot_type: str, template: Embodiment) -> tuple[str, float]:
    """The template's name for the robot and how well it fits."""
    given = re.findall(r"[a-z0-9]+", robot_type.lower())
    best = ("", 0.0)
    for known in template.robot_types:
        own = known.split("_")
        if own == given:
            return known, 1.0
        if set(own) <= set(given):
            best = (known, 0.8)
    return best
