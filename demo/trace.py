"""What one simulated episode left behind, and intervals over it. numpy only."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

PHYSICS_STEP_NS = 2_000_000
FRAME_NS = 20_000_000
# A touch that pauses for less is one touch; a touch that lasts less is none.
DEBOUNCE_NS = 40_000_000

Vector = NDArray[np.float64]

PAIRS: dict[frozenset[str], str] = {
    frozenset(("block", "fixed_jaw")): "fixed_jaw",
    frozenset(("block", "moving_jaw")): "moving_jaw",
    frozenset(("block", "table")): "table",
    frozenset(("fixed_jaw", "table")): "gripper_on_table",
    frozenset(("moving_jaw", "table")): "gripper_on_table",
}
PAIR_NAMES = ("fixed_jaw", "moving_jaw", "table", "gripper_on_table")


@dataclass(frozen=True)
class Frame:
    """Signals of one frame: rad, m, N; block_pose is x, y, z and the quaternion w, x, y, z."""

    state: Vector
    action: Vector
    grasp_point: Vector
    jaw_force: Vector
    block_pose: Vector


@dataclass(frozen=True)
class Stage:
    """From this frame on the pilot was in this stage of this attempt."""

    frame: int
    name: str
    attempt: int

    @property
    def start_ns(self) -> int:
        """Episode time of the stage's first frame."""
        return self.frame * FRAME_NS


@dataclass
class Trace:
    """Frames at 50 Hz, and at every 2 ms the touching pairs and where the block was."""

    goal: Vector
    frames: list[Frame] = field(default_factory=list)
    stages: list[Stage] = field(default_factory=list)
    touching: list[set[str]] = field(default_factory=list)
    block: list[Vector] = field(default_factory=list)
    block_in_gripper: list[Vector] = field(default_factory=list)

    def add_step(self, touching: set[str], block: Vector, block_in_gripper: Vector) -> None:
        """Append one physics step."""
        self.touching.append(touching)
        self.block.append(block)
        self.block_in_gripper.append(block_in_gripper)

    @property
    def duration_ns(self) -> int:
        """Length of the episode on the frame grid."""
        return len(self.frames) * FRAME_NS

    def intervals(self, *pairs: str) -> list["Interval"]:
        """Debounced times in which any of the pairs touches."""
        flags = [not step.isdisjoint(pairs) for step in self.touching]
        return debounced(runs(flags), DEBOUNCE_NS)


@dataclass(frozen=True)
class Interval:
    """[start_ns, end_ns) of physics time."""

    start_ns: int
    end_ns: int

    def overlap(self, other: "Interval") -> "Interval | None":
        """The common part, None when there is none."""
        start, end = max(self.start_ns, other.start_ns), min(self.end_ns, other.end_ns)
        return Interval(start, end) if start < end else None

    def contains(self, t_ns: int) -> bool:
        """Half-open membership."""
        return self.start_ns <= t_ns < self.end_ns


def runs(flags: list[bool]) -> list[Interval]:
    """The runs of True, one flag a physics step."""
    padded = np.concatenate(([0], np.asarray(flags, dtype=np.int8), [0]))
    edges = np.diff(padded)
    starts, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    return [
        Interval(int(a) * PHYSICS_STEP_NS, int(b) * PHYSICS_STEP_NS)
        for a, b in zip(starts, ends, strict=True)
    ]


def debounced(intervals: list[Interval], least_ns: int) -> list[Interval]:
    """Close gaps shorter than `least_ns`, then drop what is still shorter than it."""
    closed: list[Interval] = []
    for interval in intervals:
        if closed and interval.start_ns - closed[-1].end_ns < least_ns:
            closed[-1] = Interval(closed[-1].start_ns, interval.end_ns)
        else:
            closed.append(interval)
    return [interval for interval in closed if interval.end_ns - interval.start_ns >= least_ns]


def common(left: list[Interval], right: list[Interval]) -> list[Interval]:
    """The times that are in both lists, each sorted and without overlaps."""
    found = [a.overlap(b) for a in left for b in right]
    return sorted((i for i in found if i is not None), key=lambda i: i.start_ns)


def frame_of(t_ns: int) -> int:
    """The frame whose interval [n/50 s, (n+1)/50 s) contains the time."""
    return t_ns // FRAME_NS
