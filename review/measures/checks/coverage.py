"""Check 3: how much of what the robot can do was recorded?

Bounds come from the robot's configuration, never from the data. Per dimension: 20 equal bins, one
is occupied when at least 3 episodes visit it, C_d = occupied / 20; samples out of range are
counted apart. Position: voxels over the declared workspace, occupied likewise; evenness =
exp(entropy of episodes a voxel) / voxels. Skills: required verb × object cells with at least 3
episodes, and Good–Turing coverage 1 - f1 / n (f1: cells seen once). Overall is the minimum and the
mean of the parts, never the mean alone.
"""

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from operator import add

import numpy as np
from numpy.typing import NDArray

from review.measures.checks.result import CheckResult, Offences, Offending, Rated, counted
from review.measures.refused import InputRefused, Reason, finite

Floats = NDArray[np.float64]
Cell = tuple[str, str]

BINS = 20
MIN_EPISODES = 3


@dataclass(frozen=True, slots=True)
class Dimension:
    """One action dimension with its declared limits; None where the robot declares none.

    ``rests``: a gripper is at a limit whenever it is open or closed; that is nothing rare.
    """

    name: str
    low: float | None = None
    high: float | None = None
    rests: bool = False

    def __post_init__(self) -> None:
        limits = [finite(one, self.name) for one in (self.low, self.high) if one is not None]
        if limits != sorted(set(limits)):
            raise InputRefused("out_of_range", f"{self.name}: the low limit lies below the high.")


@dataclass(frozen=True, slots=True)
class Workspace:
    """A box in the robot's base frame and the edge of a voxel, all in metres."""

    low: tuple[float, float, float]
    high: tuple[float, float, float]
    voxel: float = 0.05

    def __post_init__(self) -> None:
        if self.voxel <= 0 or any(a >= b for a, b in zip(self.low, self.high, strict=True)):
            raise InputRefused("out_of_range", "A workspace has volume, and so has a voxel.")

    @property
    def shape(self) -> tuple[int, int, int]:
        sides = [
            max(1, math.ceil((b - a) / self.voxel - 1e-9))
            for a, b in zip(self.low, self.high, strict=True)
        ]
        return sides[0], sides[1], sides[2]


@dataclass(frozen=True)
class ActionSpace:
    dimensions: tuple[Dimension, ...]
    workspace: Workspace | None = None
    required_cells: frozenset[Cell] = frozenset()

    @cached_property
    def limits(self) -> tuple[Floats, Floats]:
        """(D,) low and high; NaN where not declared."""
        low = [math.nan if one.low is None else one.low for one in self.dimensions]
        high = [math.nan if one.high is None else one.high for one in self.dimensions]
        return np.array(low), np.array(high)


@dataclass(frozen=True, slots=True)
class EpisodeReach:
    """What one episode visits; small, so that a dataset is a sum of these.

    ``bins`` (dimension, bin) pairs, ``voxels`` flat indices; ``samples`` and ``outside`` per
    dimension; ``unplaced`` positions out of the workspace.
    """

    id: str
    bins: frozenset[tuple[int, int]]
    voxels: frozenset[int]
    samples: tuple[int, ...]
    outside: tuple[int, ...]
    positions: int
    unplaced: int
    cells: frozenset[Cell] = frozenset()


def episode_reach(
    id_: str,
    space: ActionSpace,
    *,
    actions: Floats | None = None,
    positions: Floats | None = None,
    cells: Iterable[Cell] = (),
) -> EpisodeReach:
    """Reduce ``actions`` (N, D) and ``positions`` (N, 3) of one episode. NaN is no visit."""
    size = len(space.dimensions)
    bins: set[tuple[int, int]] = set()
    samples, outside = [0] * size, [0] * size
    if actions is not None:
        if actions.ndim != 2 or actions.shape[1] != size:
            raise InputRefused("out_of_range", f"Actions of {id_} do not have {size} dimensions.")
        low, high = space.limits
        for d in np.flatnonzero(np.isfinite(low) & np.isfinite(high)):
            values = actions[np.isfinite(actions[:, d]), d]
            inside = values[(values >= low[d]) & (values <= high[d])]
            samples[d], outside[d] = len(values), len(values) - len(inside)
            at = np.minimum((inside - low[d]) / (high[d] - low[d]) * BINS, BINS - 1).astype(int)
            bins.update((int(d), int(one)) for one in np.unique(at))
    voxels, placed, unplaced = _voxels(space.workspace, positions)
    return EpisodeReach(
        id_, frozenset(bins), voxels, tuple(samples), tuple(outside), placed, unplaced,
        frozenset(cells),
    )  # fmt: skip


def _voxels(
    workspace: Workspace | None, positions: Floats | None
) -> tuple[frozenset[int], int, int]:
    if workspace is None or positions is None:
        return frozenset(), 0, 0
    kept = positions[np.isfinite(positions).all(axis=1)]
    low, high = np.array(workspace.low), np.array(workspace.high)
    inside = kept[((kept >= low) & (kept <= high)).all(axis=1)]
    shape = np.array(workspace.shape)
    at = np.minimum(((inside - low) / workspace.voxel).astype(int), shape - 1)
    flat = np.ravel_multi_index(tuple(at.T), workspace.shape) if len(at) else np.array([], int)
    return frozenset(map(int, np.unique(flat))), len(kept), len(kept) - len(inside)


@dataclass(frozen=True, slots=True)
class DimensionCoverage:
    """``episodes`` a bin, low to high; ``share`` None with a reason when limits are missing."""

    name: str
    share: float | None
    episodes: tuple[int, ...]
    out_of_range: float | None
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class PositionCoverage:
    share: float | None
    evenness: float | None
    voxels: int
    occupied: int
    out_of_workspace: float | None
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class SkillCoverage:
    """``share`` of required cells; ``missing`` those with fewer than 3 episodes, with how many.

    ``good_turing`` estimates how likely the next episode's cell has been seen before.
    """

    share: float | None
    missing: tuple[tuple[Cell, int], ...]
    good_turing: float | None
    seen_once: int
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Coverage:
    """``result.value`` is the minimum of the parts; ``mean`` stands beside it."""

    result: CheckResult
    mean: float | None
    dimensions: tuple[DimensionCoverage, ...]
    position: PositionCoverage
    skills: SkillCoverage


class ReachTotals:
    """What episodes visit, pooled as they come: as large as the robot's space, not as the data."""

    def __init__(self, space: ActionSpace) -> None:
        size = len(space.dimensions)
        self.space = space
        self.episodes = 0
        self.bins: Counter[tuple[int, int]] = Counter()
        self.voxels: Counter[int] = Counter()
        self.cells: Counter[Cell] = Counter()
        self.samples, self.outside = [0] * size, [0] * size
        self.positions = self.unplaced = 0

    def add(self, one: EpisodeReach) -> None:
        self.episodes += 1
        self.bins.update(one.bins)
        self.voxels.update(one.voxels)
        self.cells.update(one.cells)
        self.samples = list(map(add, self.samples, one.samples))
        self.outside = list(map(add, self.outside, one.outside))
        self.positions += one.positions
        self.unplaced += one.unplaced

    def coverage(self, threshold: float | None = None) -> Coverage:
        """Parts that cannot be measured have a reason and do not count."""
        dimensions = tuple(self._dimension(d, one) for d, one in enumerate(self.space.dimensions))
        position, skills = self._position(), self._skills()
        parts = [(one.name, one.share) for one in dimensions]
        parts += [("position", position.share), ("skills", skills.share)]
        known = [(name, value) for name, value in parts if value is not None]
        below = threshold if threshold is not None else 1.0
        offences = Offences(
            Offending(name, "part_below", f"{value:.2f} covered")
            for name, value in known
            if value < below
        )
        offences.add(
            Offending(" ".join(cell), "cell_missing", f"{n} of {MIN_EPISODES} episodes")
            for cell, n in skills.missing
        )
        result = counted(
            Rated.COVERAGE,
            "episodes",
            min((value for _, value in known), default=None),
            self.episodes,
            threshold,
            offences,
            Reason.NO_BOUNDS if self.episodes else Reason.NOTHING,
        )
        mean = math.fsum(value for _, value in known) / len(known) if known else None
        return Coverage(result, mean, dimensions, position, skills)

    def _dimension(self, d: int, dimension: Dimension) -> DimensionCoverage:
        if dimension.low is None or dimension.high is None:
            return DimensionCoverage(dimension.name, None, (), None, Reason.NO_BOUNDS)
        samples = self.samples[d]
        if not samples:
            return DimensionCoverage(dimension.name, None, (), None, Reason.NO_SIGNAL)
        counts = tuple(self.bins[d, i] for i in range(BINS))
        share = sum(count >= MIN_EPISODES for count in counts) / BINS
        return DimensionCoverage(dimension.name, share, counts, self.outside[d] / samples)

    def _position(self) -> PositionCoverage:
        workspace = self.space.workspace
        if workspace is None:
            return PositionCoverage(None, None, 0, 0, None, Reason.NO_BOUNDS)
        voxels = math.prod(workspace.shape)
        if not self.positions:
            return PositionCoverage(None, None, voxels, 0, None, Reason.NO_SIGNAL)
        visits = self.voxels.values()
        total = self.voxels.total()
        entropy = -math.fsum(n / total * math.log(n / total) for n in visits) if total else 0
        occupied = sum(n >= MIN_EPISODES for n in visits)
        return PositionCoverage(
            share=occupied / voxels,
            evenness=math.exp(entropy) / voxels if total else 0.0,
            voxels=voxels,
            occupied=occupied,
            out_of_workspace=self.unplaced / self.positions,
        )

    def _skills(self) -> SkillCoverage:
        once = sum(n == 1 for n in self.cells.values())
        turing = 1 - once / self.cells.total() if self.cells else None
        required = self.space.required_cells
        if not required:
            return SkillCoverage(None, (), turing, once, Reason.NO_BOUNDS)
        seen = self.cells
        missing = tuple(
            (cell, seen[cell]) for cell in sorted(required) if seen[cell] < MIN_EPISODES
        )
        return SkillCoverage(1 - len(missing) / len(required), missing, turing, once)


def action_space_coverage(
    episodes: Iterable[EpisodeReach], space: ActionSpace, threshold: float | None = None
) -> Coverage:
    """Pool what episodes visit."""
    totals = ReachTotals(space)
    for one in episodes:
        totals.add(one)
    return totals.coverage(threshold)
