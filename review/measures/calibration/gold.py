"""Gold items: disputes, retirement, how many to mix in; tolerances from experts' spread."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scipy.special import gammaln

from review.measures.refused import InputRefused, Reason, count_of, share

DISPUTE_BELOW = 0.5
DISPUTE_ATTEMPTS = 5
RETIRE_AT = 30
# Asked again after every exposure, so a single answer has to be surer than the usual 0.05.
LATE_ALPHA = 0.01
LATE_FROM = 10


@dataclass(frozen=True, slots=True)
class PassRate:
    """``smoothed`` = (passed + 1) / (attempts + 2); ``disputed``: the gold is likely wrong."""

    passed: int
    attempts: int
    smoothed: float
    disputed: bool


def pass_rate(passed: int, attempts: int) -> PassRate:
    """Dispute at a pass rate below one half with 5 attempts or more: experts look at it again."""
    count_of(passed, attempts, "passed attempts")
    disputed = attempts >= DISPUTE_ATTEMPTS and passed < DISPUTE_BELOW * attempts
    return PassRate(passed, attempts, (passed + 1) / (attempts + 2), disputed)


@dataclass(frozen=True, slots=True)
class LateExposure:
    """Whether late exposures pass more often than early ones: a sign that the item is known.

    ``p_value`` is one-sided, exact (Fisher); None before 10 exposures.
    """

    early: tuple[int, int]
    late: tuple[int, int]
    p_value: float | None
    retire: bool
    reason: Reason | None = None


def late_exposure(
    passed: Sequence[bool], *, alpha: float = LATE_ALPHA, retire_at: int = RETIRE_AT
) -> LateExposure:
    """Results of one gold item in the order of exposure, first half against second half.

    Retire at ``retire_at`` exposures in any case. Source: Fisher 1922.
    """
    share(alpha, "alpha", open_ends=True)
    half = len(passed) // 2
    early = sum(passed[:half]), half
    late = sum(passed[half:]), len(passed) - half
    worn = len(passed) >= retire_at
    if len(passed) < LATE_FROM:
        return LateExposure(early, late, None, worn, Reason.TOO_FEW_ATTEMPTS)
    p = _fisher_upper(late[0], late[1], early[0] + late[0], len(passed))
    return LateExposure(early, late, p, worn or p < alpha)


def _fisher_upper(x: int, drawn: int, good: int, total: int) -> float:
    """P(X >= x), X hypergeometric: ``drawn`` of ``total`` of which ``good`` are good."""

    def log_choose(n: int, k: int) -> float:
        return float(gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1))

    whole = log_choose(total, drawn)
    return min(
        1.0,
        sum(
            math.exp(log_choose(good, k) + log_choose(total - good, drawn - k) - whole)
            for k in range(max(x, drawn - (total - good)), min(good, drawn) + 1)
        ),
    )


@dataclass(frozen=True, slots=True)
class SeedingPolicy:
    """Share of assignments that are gold: ``first`` for ``newcomer`` of them, then ``later``.

    At least ``weekly_floor`` a week, and never above ``ceiling`` of what is handed out.
    """

    first: float = 0.10
    newcomer: int = 200
    later: float = 0.05
    weekly_floor: int = 2
    ceiling: float = 0.15


def gold_is_due(
    *,
    assignments_done: int,
    gold_done: int,
    gold_this_week: int,
    draw: float,
    policy: SeedingPolicy | None = None,
) -> bool:
    """Whether the next assignment is a gold one. ``draw`` is uniform in [0, 1), from a seed.

    Random, so that nobody can count to the next gold. A week begins at the ceiling's share until
    its floor is met; gold never makes up more than the ceiling of all assignments.
    """
    policy = policy or SeedingPolicy()
    share(draw, "draw")
    # One gold is always allowed: the first of ten assignments may be it.
    if gold_done + 1 > max(1.0, policy.ceiling * (assignments_done + 1)):
        return False
    wanted = policy.first if assignments_done < policy.newcomer else policy.later
    if gold_this_week < policy.weekly_floor:
        wanted = policy.ceiling
    return draw < wanted


def pool_needed(monthly_gold: int, times: float = 3.0) -> int:
    """Gold items to keep in the pool, so that nobody meets one twice: 3 times a month's need."""
    return math.ceil(times * monthly_gold)


@dataclass(frozen=True, slots=True)
class CalibratedTolerance:
    """``tolerance_ns`` to freeze with a guideline version; the three parts it comes from.

    ``conflict``: events follow each other so closely that the floor lies above the ceiling; the
    floor holds, and the guideline has to say how such events are told apart.
    """

    tolerance_ns: int | None
    frames: int | None
    covered: float | None
    floor_ns: int
    ceiling_ns: int | None
    conflict: bool
    reason: Reason | None = None


def calibrate_tolerance(
    offsets_ns: Sequence[int],
    gaps_ns: Sequence[int],
    *,
    frame_ns: int,
    sync_error_ns: int = 0,
    cover: float = 0.95,
) -> CalibratedTolerance:
    """The smallest number of frames that holds 95% of expert–expert |dt| of one event type.

    ``gaps_ns`` lie between consecutive events of that type. Floor: one frame plus the clocks'
    error; ceiling: half the median gap. None without an offset.
    """
    if frame_ns <= 0 or sync_error_ns < 0:
        raise InputRefused("out_of_range", "A frame lasts longer than 0 ns.", name="frame_ns")
    share(cover, "cover")
    floor = frame_ns + sync_error_ns
    ordered = sorted(gaps_ns)
    middle = len(ordered) // 2
    ceiling = (ordered[middle] + ordered[(len(ordered) - 1) // 2]) // 4 if ordered else None
    if not offsets_ns:
        return CalibratedTolerance(None, None, None, floor, ceiling, False, Reason.NOTHING)
    absolute = sorted(abs(offset) for offset in offsets_ns)
    wanted = absolute[max(0, math.ceil(cover * len(absolute)) - 1)]
    frames = -(-wanted // frame_ns)
    tolerance = max(frames * frame_ns, floor)
    conflict = ceiling is not None and ceiling < floor
    if ceiling is not None:
        tolerance = max(floor, min(tolerance, ceiling))
    covered = sum(offset <= tolerance for offset in absolute) / len(absolute)
    return CalibratedTolerance(tolerance, frames, covered, floor, ceiling, conflict)
