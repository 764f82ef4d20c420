"""Labels of one episode from its physics: contacts, instructions, failures, recoveries, outcome.

numpy only. Nothing here reads the scenario's intention: a planned drop that did not happen leaves
no drop in the truth.
"""

import uuid
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np

from demo.contacts import Attempt, Instant, attempts, flights, holds, instants
from demo.scenarios import GOALS, INSTRUCTIONS
from demo.trace import FRAME_NS, Interval, Trace, frame_of

NAMESPACE = uuid.UUID("5f0d7f0e-3a51-5b0c-9d68-5c1f5c8a4b10")
EFFECTOR = "right"
GOAL_HALF_SIZE_M = 0.035
BLOCK_HALF_SIZE_M = 0.020
# Closing this far from where the last attempt closed (seen from the block) is another aim.
ADJUSTED_M = 0.010

Json = dict[str, Any]


@dataclass
class Truth:
    """One line of truth.jsonl."""

    episode_index: int
    scenario: str
    outcome: str
    labels: list[Json] = field(default_factory=list)
    physics_ns: dict[str, int] = field(default_factory=dict)

    def to_json(self) -> Json:
        """The line, as plain JSON values."""
        return {
            "episode_index": self.episode_index,
            "outcome": self.outcome,
            "scenario": self.scenario,
            "labels": self.labels,
            "physics_ns": self.physics_ns,
        }

    def add(
        self, kind: str, label_class: str, span: tuple[int | None, int | None], **more: Any
    ) -> None:
        """Append a label; times are snapped to the frame whose interval contains them."""
        start, end = (None if t is None else frame_of(t) * FRAME_NS for t in span)
        if start is not None and end is not None and end <= start:
            end = start + FRAME_NS
        label = {
            "id": str(uuid.uuid5(NAMESPACE, f"{self.episode_index}/{len(self.labels)}")),
            "kind": kind,
            "label_class": label_class,
            "start_ns": start,
            "end_ns": end,
            "effector": "",
            "text": "",
            "attributes": {},
            "uncertainty_ns": 0,
            "source": "physics",
        } | more
        self.labels.append(label)
        if kind == "instant" and span[0] is not None:
            self.physics_ns[str(label["id"])] = span[0]


def derive(episode_index: int, scenario: str, colour: str, trace: Trace) -> Truth:
    """All labels of the episode."""
    truth = Truth(episode_index, scenario, outcome(trace))
    events = instants(trace)
    for event in events:
        truth.add(
            "instant",
            event.label_class,
            (event.t_ns, None),
            effector=EFFECTOR if event.by_gripper else "",
            uncertainty_ns=event.spread_ns // 2,
        )
    for span, text in instructions(trace, colour):
        truth.add("segment", "instruction", (span.start_ns, span.end_ns), text=text)
    for span, mode in failures(trace, events, truth.outcome):
        truth.add("span", "failure", (span.start_ns, span.end_ns), attributes={"mode": mode})
    for span, attributes in recoveries(trace):
        truth.add("span", "recovery", (span.start_ns, span.end_ns), attributes=attributes)
    truth.add("outcome", truth.outcome, (None, None), attributes=outcome_facts(truth.outcome))
    return truth


def instructions(trace: Trace, colour: str) -> list[tuple[Interval, str]]:
    """Gap-free cover of the episode by what the robot was told to do."""
    found: list[tuple[Interval, str]] = []
    for stage in trace.stages:
        text = INSTRUCTIONS[stage.name].format(colour=colour)
        if found and found[-1][1] == text:
            continue
        if found:
            found[-1] = (Interval(found[-1][0].start_ns, stage.start_ns), found[-1][1])
        found.append((Interval(stage.start_ns, trace.duration_ns), text))
    return found


def failures(trace: Trace, events: list[Instant], ending: str) -> list[tuple[Interval, str]]:
    """What went wrong, from where it shows to where the robot reacts to it."""
    found = [f for attempt in attempts(trace) if (f := _failed_grasp(trace, attempt, events))]
    frozen = [stage.start_ns for stage in trace.stages if stage.name == "FREEZE"]
    if frozen:
        found.append((Interval(frozen[0], trace.duration_ns), "controller_fault"))
    placed = [event.t_ns for event in events if event.label_class == "placed"]
    if placed and ending in ("outcome_partial", "outcome_failure"):
        found.append((Interval(placed[-1], trace.duration_ns), "position_deviation"))
    return found


def _failed_grasp(
    trace: Trace, attempt: Attempt, events: list[Instant]
) -> tuple[Interval, str] | None:
    closing = _stage_start(trace, attempt, "CLOSE")
    if closing is None:
        return None
    held = [hold for hold in holds(trace) if attempt.span.contains(hold.start_ns)]
    if not held:
        return Interval(closing, attempt.noticed_ns), "no_grasp"
    lost_ns = held[-1].end_ns
    flown = [flight for flight in flights(trace) if attempt.span.contains(flight.start_ns)]
    if not flown:
        return Interval(lost_ns, max(attempt.noticed_ns, lost_ns + FRAME_NS)), "slip"
    if not any(e.label_class == "impact" and e.t_ns == flown[-1].end_ns for e in events):
        return None
    slips = [e.t_ns for e in events if e.label_class == "slip" and held[-1].contains(e.t_ns)]
    return Interval(min([*slips, lost_ns]), max(attempt.noticed_ns, flown[-1].end_ns)), "drop"


def recoveries(trace: Trace) -> list[tuple[Interval, Json]]:
    """Every further attempt: from its start to lifting the block, or to its own failure."""
    found = []
    tried = attempts(trace)
    for before, attempt in pairwise(tried):
        lifted = [f.start_ns for f in flights(trace) if attempt.span.contains(f.start_ns)]
        had_it = any(before.span.contains(flight.start_ns) for flight in flights(trace))
        strategy = "regrasp" if had_it else _retry(trace, before, attempt)
        end = lifted[0] if lifted else attempt.noticed_ns
        attributes = {"strategy": strategy, "succeeded": bool(lifted)}
        found.append((Interval(attempt.span.start_ns, end), attributes))
    return found


def _retry(trace: Trace, before: Attempt, attempt: Attempt) -> str:
    aims = [_aim(trace, tried) for tried in (before, attempt)]
    return "retry_adjusted" if np.linalg.norm(aims[1] - aims[0]) > ADJUSTED_M else "retry_same"


def _aim(trace: Trace, attempt: Attempt) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Where the gripper closed, seen from the block: x, y in m."""
    closing = _stage_start(trace, attempt, "CLOSE")
    frame = trace.frames[frame_of(closing if closing is not None else attempt.span.start_ns)]
    return frame.grasp_point[:2] - frame.block_pose[:2]


def _stage_start(trace: Trace, attempt: Attempt, name: str) -> int | None:
    own = [s for s in trace.stages if s.attempt == attempt.number and s.name == name]
    return own[0].start_ns if own else None


def outcome(trace: Trace) -> str:
    """Success: carried, let go, and the whole block over the square. Partial: part of it."""
    if any(stage.name == "FREEZE" for stage in trace.stages):
        return "outcome_aborted"
    carried = bool(flights(trace))
    let_go = not trace.touching[-1] & {"fixed_jaw", "moving_jaw"}
    over = over_the_square(trace.frames[-1].block_pose, trace.goal)
    if not (carried and let_go) or over == 0.0:
        return "outcome_failure"
    return "outcome_success" if over == 1.0 else "outcome_partial"


def outcome_facts(ending: str) -> Json:
    """What the outcome says beside its class: each goal answered, why a recording ended early."""
    met = {"outcome_success": 2, "outcome_partial": 1, "outcome_failure": 0}.get(ending)
    if met is None:
        return {"reason": "controller"}
    return {f"goal.{name}": "met" if n < met else "not_met" for n, name in enumerate(GOALS)}


def over_the_square(pose: np.ndarray[Any, Any], goal: np.ndarray[Any, Any]) -> float:
    """Share of the block, sampled on a grid of 9 x 9 x 9 points, that is above the square.

    pose: x, y, z (m) and the quaternion w, x, y, z. goal: centre of the square (m).
    """
    w, x, y, z = pose[3:]
    rotation = np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
        ]
    )
    side = np.linspace(-BLOCK_HALF_SIZE_M, BLOCK_HALF_SIZE_M, 9)
    points = np.stack(np.meshgrid(side, side, side), axis=-1).reshape(-1, 3)
    away = np.abs(points @ rotation.T + pose[:2] - goal[:2])
    return float((away <= GOAL_HALF_SIZE_M).all(axis=1).mean())
