"""Where the inspection of a batch stands, and how many more episodes it takes."""

from dataclasses import dataclass
from enum import StrEnum

from review.measures.acceptance.plans import Plan, bad_share_bounds
from review.measures.refused import InputRefused, count_of


class Lot(StrEnum):
    """OPEN: go on. A rejected lot goes to full review or rework, then gets a fresh sample."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Progress:
    """``more`` episodes to look at if all conform; 0 once decided. ``spare`` errors still allowed.

    ``lower`` and ``upper`` are one-sided exact 95% bounds of the share of bad episodes, None
    before the first and for an inspection that stopped early, which they would misjudge.
    """

    state: Lot
    looked_at: int
    bad: int
    more: int
    spare: int
    lower: float | None
    upper: float | None


def progress(chosen: Plan, *, looked_at: int, bad: int) -> Progress:
    """The lot is rejected at the first error too many, accepted when the whole sample is seen.

    Curtailing a rejection changes no probability of acceptance. More than the sample is refused:
    episodes are never added to one.
    """
    count_of(bad, looked_at, "bad episodes")
    if looked_at > chosen.n:
        raise InputRefused(
            "impossible_count",
            f"{looked_at} episodes were looked at, the plan's sample has {chosen.n}.",
            remedy="Judge the episodes of the stored sample only; a fresh sample is another one.",
        )
    if bad > chosen.c:
        state, more = Lot.REJECTED, 0
    elif looked_at == chosen.n:
        state, more = Lot.ACCEPTED, 0
    else:
        state, more = Lot.OPEN, chosen.n - looked_at
    lower, upper = (
        bad_share_bounds(bad, looked_at, chosen.lot) if looked_at == chosen.n else (None, None)
    )
    return Progress(state, looked_at, bad, more, max(0, chosen.c - bad), lower, upper)
