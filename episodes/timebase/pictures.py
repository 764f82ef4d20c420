"""Drops that no stamp shows: pictures that stand still, and pictures that jump.

A dataset that computes its stamps as i / rate hides every dropped frame. Its pictures do not: where
frames are missing the movement of several intervals appears in one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from episodes.findings import Finding, Severity, worst
from episodes.timebase.lag import HELD_SHARE, Speed, held_share
from episodes.timebase.rates import NS, Times

Floats = NDArray[np.float64]

# Neighbours on each side that say how far the pictures should have moved.
NEIGHBOURS = 4
# An interval that shows this many times its neighbours' movement shows that of several.
JUMP_RATIO = 3.0
# Slower pictures hide a drop among the pops of a coarse encoder's key frames, which look like 0.5
# to 0.8 pixels of flow in a picture 160 wide.
MIN_FLOW = 0.3
# Neighbours that disagree by more are no measure: a movement begins or ends there.
STEADY_RATIO = 2.0
# The robot's own speed may account for a jump: a contact, a start.
OWN_RATIO = 1.7
# With less of the recording in steady movement a drop would most likely have gone unseen.
MIN_SEEN_SHARE = 0.2
FROZEN_PICTURES = 5
MOVING_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Jump:
    """Between two pictures, the second at ``at_ns``, about ``missing`` others seem to be gone."""

    at_ns: int
    missing: int


@dataclass(frozen=True, slots=True)
class Freeze:
    """From ``at_ns`` on ``pictures`` in a row repeat one picture while the robot moves."""

    at_ns: int
    pictures: int


@dataclass(frozen=True, slots=True)
class PictureCheck:
    """``seen_share`` is the share of intervals in which a jump would have shown."""

    jumps: tuple[Jump, ...]
    freezes: tuple[Freeze, ...]
    held_share: float
    seen_share: float
    findings: tuple[Finding, ...]

    @property
    def verdict(self) -> Severity:
        return worst(finding.severity for finding in self.findings)

    def to_json(self) -> dict[str, Any]:
        return {
            "jumps": [[jump.at_ns, jump.missing] for jump in self.jumps],
            "freezes": [[freeze.at_ns, freeze.pictures] for freeze in self.freezes],
            "held_share": self.held_share,
            "seen_share": self.seen_share,
            "findings": [finding.to_json() for finding in self.findings],
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """Read back what ``to_json`` made; raises KeyError or ValueError for anything else."""
        return cls(
            jumps=tuple(Jump(*row) for row in document["jumps"]),
            freezes=tuple(Freeze(*row) for row in document["freezes"]),
            held_share=document["held_share"],
            seen_share=document["seen_share"],
            findings=tuple(Finding.from_json(row) for row in document["findings"]),
        )


def check_pictures(
    start_ns: Times,
    end_ns: Times,
    flow: NDArray[np.floating[Any]],
    repeated: NDArray[np.bool_],
    span: Times,
    speed: Speed | None,
) -> PictureCheck:
    """Look for jumps and freezes in the motion of one camera, arrays (n,) as in video.motion.

    ``speed`` is the robot's own, where there is one: it clears a jump that the robot made itself
    and makes a standstill of the pictures suspicious. Suspicions are amber, never red: pictures
    say that frames are missing, not for certain and not exactly how many.
    """
    wide = flow.astype(np.float64)
    share = held_share(wide)
    jumps: list[Jump] = []
    seen = 0
    if share <= HELD_SHARE:
        for number in np.unique(span).tolist():
            at = np.flatnonzero(span == number)
            expected, steady = _expected(wide[at])
            seen += int(steady.sum())
            ratio = wide[at] / expected
            around = np.concatenate([[0.0], ratio, [0.0]])
            alone = np.maximum(around[:-2], around[2:]) < STEADY_RATIO
            found = at[steady & alone & (ratio > JUMP_RATIO)]
            jumps += [
                Jump(int(end_ns[i]), max(1, round(float(ratio[i - at[0]])) - 1))
                for i in found.tolist()
                if not _robot_jumped(speed, int(start_ns[i]), int(end_ns[i]))
            ]
    freezes = _freezes(start_ns, end_ns, repeated, speed)
    seen_share = seen / len(wide) if len(wide) else 0.0
    rate = NS / float(np.median(end_ns - start_ns)) if len(wide) else 0.0
    return PictureCheck(
        jumps=tuple(jumps),
        freezes=tuple(freezes),
        held_share=round(share, 4),
        seen_share=round(seen_share, 4),
        findings=tuple(_findings(jumps, freezes, share, seen_share, rate)),
    )


def _expected(flow: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """The movement each interval should show by its neighbours, and where they agree on it.

    Neighbours are the ``NEIGHBOURS`` intervals on each side; the geometric mean of the two sides'
    medians is expected, where the sides differ by less than ``STEADY_RATIO``.
    """
    n = len(flow)
    if n < 2 * NEIGHBOURS + 1:
        return np.ones(n), np.zeros(n, dtype=np.bool_)
    medians = np.median(np.lib.stride_tricks.sliding_window_view(flow, NEIGHBOURS), axis=1)
    before = np.zeros(n)
    after = np.zeros(n)
    before[NEIGHBOURS:] = medians[: n - NEIGHBOURS]
    after[: n - NEIGHBOURS] = medians[1:]
    low, high = np.minimum(before, after), np.maximum(before, after)
    steady = (low > MIN_FLOW) & (high < STEADY_RATIO * low)
    return np.sqrt(np.maximum(low * high, 1e-12)), steady


def _robot_jumped(speed: Speed | None, start_ns: int, end_ns: int) -> bool:
    """Whether the robot itself was much quicker around the interval than just before and after."""
    if speed is None:
        return False
    took = end_ns - start_ns
    near = (speed.t_ns > start_ns - took) & (speed.t_ns < end_ns + took)
    wide = (speed.t_ns > start_ns - 5 * took) & (speed.t_ns < end_ns + 5 * took) & ~near
    if not near.any() or not wide.any():
        return False
    return float(speed.value[near].max()) > OWN_RATIO * float(np.median(speed.value[wide]))


def _freezes(
    start_ns: Times, end_ns: Times, repeated: NDArray[np.bool_], speed: Speed | None
) -> list[Freeze]:
    if speed is None:
        return []
    threshold = MOVING_SHARE * float(np.median(speed.value))
    edges = np.flatnonzero(np.diff(np.concatenate([[False], repeated, [False]]).astype(np.int8)))
    found = []
    for first, stop in edges.reshape(-1, 2).tolist():
        during = (speed.t_ns >= start_ns[first]) & (speed.t_ns <= end_ns[stop - 1])
        moved = during.any() and float(np.median(speed.value[during])) > threshold > 0
        if stop - first >= FROZEN_PICTURES and moved:
            found.append(Freeze(int(start_ns[first]), int(stop - first)))
    return found


def _findings(
    jumps: list[Jump], freezes: list[Freeze], held: float, seen: float, rate: float
) -> list[Finding]:
    found = []
    if jumps:
        missing = sum(jump.missing for jump in jumps)
        found.append(
            Finding(
                "pictures_jump",
                Severity.AMBER,
                f"The pictures jump at {len(jumps)} places, the first at "
                f"{jumps[0].at_ns / 1e9:.3f} s: about {missing} frames seem to be missing.",
                "Look at the place; leave the episode out where frames are gone.",
                {"jumps": len(jumps), "missing": missing},
            )
        )
    if freezes:
        found.append(
            Finding(
                "pictures_frozen",
                Severity.AMBER,
                f"One picture is repeated {freezes[0].pictures} times at "
                f"{freezes[0].at_ns / 1e9:.3f} s while the robot moves"
                + (f", and at {len(freezes) - 1} more places." if len(freezes) > 1 else "."),
                "Look at the place: a camera that hangs, or one that does not see the movement.",
                {"freezes": len(freezes)},
            )
        )
    if held > HELD_SHARE:
        found.append(
            Finding(
                "pictures_held",
                Severity.AMBER,
                f"{100 * held:.0f} % of the pictures amid movement repeat the one before: the "
                f"camera's real rate is below the {rate:.0f} Hz of its file. Drops cannot be seen.",
                "Ask for the camera's real rate; mark instants with that uncertainty.",
                {"held_share": round(held, 4)},
            )
        )
    elif seen < MIN_SEEN_SHARE and not jumps:
        found.append(
            Finding(
                "pictures_still",
                Severity.UNKNOWN,
                f"Only {100 * seen:.0f} % of the pictures show steady movement: a drop in the "
                "rest would not be seen.",
                "Rely on measured stamps, or look at another camera.",
                {"seen_share": round(seen, 4)},
            )
        )
    if not found:
        found.append(
            Finding(
                "pictures_steady",
                Severity.GREEN,
                f"No jump in the {100 * seen:.0f} % of the pictures in which one would show.",
                facts={"seen_share": round(seen, 4)},
            )
        )
    return found
