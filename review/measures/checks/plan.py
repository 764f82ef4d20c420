"""What the checks of a dataset are asked to hold: bars, rules, the robot's space, rare events.

A value that a project keeps and that every run of the checks is frozen with. ``from_json`` reads
what ``to_json`` wrote; what an older plan does not name has its default.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any, Self

from review.measures.checks.alignment import RULES, Rule, RuleSettings
from review.measures.checks.coverage import Cell, Workspace
from review.measures.checks.edge_cases import RECOVERY_WITHIN_NS, RequiredTag
from review.measures.checks.segmentation import SegmentRules
from review.measures.checks.signals import Hysteresis
from review.measures.slots import DEFAULT, Vocabulary

PLAN_RULES: Mapping[str, tuple[Rule, ...]] = {
    **RULES,
    "lift": (Rule.MOVES,),
    "transport": (Rule.MOVES,),
    "retreat": (Rule.MOVES,),
}
# Phrases that mean a verb of the rules beside those of the common vocabulary.
WORDS: Mapping[str, str] = {
    "close the gripper": "grasp",
    "close the gripper on": "grasp",
    "close the gripper around": "grasp",
    "open the gripper": "release",
    "open the gripper to release": "release",
    "lower": "move",
    "carry": "transport",
    "bring": "transport",
}


@dataclass(frozen=True)
class CheckPlan:
    """Bars are shares; None: reported, not gated. Lengths are in metres, forces in newton.

    ``gripper_low`` and ``gripper_high`` are shares of the episode's own range of the aperture
    (2nd to 98th percentile): a command and a measured aperture are then read alike.
    """

    alignment_bar: float = 0.95
    proxy_bar: float | None = None
    tolerance_ns: int = 200_000_000
    displacement_m: float = 0.03
    gripper_low: float = 0.3
    gripper_high: float = 0.7
    force_low_n: float = 1.0
    force_high_n: float = 3.0
    rules: Mapping[str, tuple[Rule, ...]] = field(default_factory=lambda: PLAN_RULES)
    words: Mapping[str, str] = field(default_factory=lambda: WORDS)
    segmentation_bar: float = 0.95
    similarity_bar: float | None = None
    min_duration_ns: int = 100_000_000
    max_gap_ns: int | None = None
    coverage_bar: float | None = None
    workspace: Workspace | None = None
    required_cells: tuple[Cell, ...] = ()
    edge_bar: float = 1.0
    required_tags: tuple[RequiredTag, ...] = ()
    recovery_within_ns: int = RECOVERY_WITHIN_NS

    @cached_property
    def rule_settings(self) -> RuleSettings:
        return RuleSettings(
            tolerance_ns=self.tolerance_ns,
            displacement=self.displacement_m,
            gripper=Hysteresis(self.gripper_low, self.gripper_high),
            force=Hysteresis(self.force_low_n, self.force_high_n),
            rules=self.rules,
        )

    @cached_property
    def segment_rules(self) -> SegmentRules:
        return SegmentRules(max_gap_ns=self.max_gap_ns, min_duration_ns=self.min_duration_ns)

    @cached_property
    def vocabulary(self) -> Vocabulary:
        return Vocabulary(verbs={**DEFAULT.verbs, **self.words})

    def to_json(self) -> dict[str, Any]:
        plain = {one.name: getattr(self, one.name) for one in fields(self)}
        return {
            **plain,
            "rules": {verb: [rule.value for rule in own] for verb, own in self.rules.items()},
            "words": dict(self.words),
            "workspace": None
            if self.workspace is None
            else {
                "low": list(self.workspace.low),
                "high": list(self.workspace.high),
                "voxel": self.workspace.voxel,
            },
            "required_cells": [list(cell) for cell in self.required_cells],
            "required_tags": [
                {"name": one.name, "episodes": one.episodes, "share": one.share}
                for one in self.required_tags
            ],
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        known = {one.name for one in fields(cls)}
        given = {name: one for name, one in value.items() if name in known}
        box = given.get("workspace")
        if box:
            given["workspace"] = Workspace(_three(box["low"]), _three(box["high"]), box["voxel"])
        if "rules" in given:
            given["rules"] = {
                verb: tuple(Rule(one) for one in own) for verb, own in given["rules"].items()
            }
        if "required_cells" in given:
            given["required_cells"] = tuple((verb, noun) for verb, noun in given["required_cells"])
        if "required_tags" in given:
            given["required_tags"] = tuple(RequiredTag(**one) for one in given["required_tags"])
        return cls(**given)


def _three(value: Any) -> tuple[float, float, float]:
    x, y, z = value
    return float(x), float(y), float(z)
