"""What the measures refuse to compute on, and why a figure may be missing."""

import math
from enum import StrEnum
from typing import Any

from episodes.errors import TouchlineError


class InputRefused(TouchlineError, ValueError):
    """A value that no measure is defined for: NaN, a zero-length interval, an impossible count.

    Field ``reason`` is stable: not_a_number, zero_length, not_whole_ns, impossible_count,
    out_of_range, same_person, duplicate, unknown_name.
    """

    code = "measure_input_refused"
    status = 422

    def __init__(self, reason: str, message: str, *, remedy: str = "", **fields: Any) -> None:
        super().__init__(message, remedy=remedy, reason=reason, **fields)
        self.reason = reason


class Reason(StrEnum):
    """Why a figure is not given. Undefined is None with one of these, never NaN and never 0."""

    NOTHING = "nothing_to_compare"
    ONE_EPISODE = "one_episode"
    ONE_CATEGORY = "one_category"
    CHANCE_TOO_HIGH = "chance_agreement_too_high"
    TOO_FEW_ITEMS = "too_few_items"
    TOO_FEW_RATERS = "too_few_raters"
    TOO_FEW_ATTEMPTS = "too_few_attempts"
    UNEQUAL_RATERS = "unequal_raters"
    NOT_CONVERGED = "not_converged"
    NO_SIGNAL = "signal_missing"
    NO_BOUNDS = "bounds_not_declared"
    NO_SPREAD = "no_spread"


EXPLAINED = {
    Reason.NOTHING: "There is nothing to compare yet.",
    Reason.ONE_EPISODE: "One episode alone says nothing about how episodes differ.",
    Reason.ONE_CATEGORY: "Everybody used one category only, so agreement by chance is complete.",
    Reason.CHANCE_TOO_HIGH: "Marks lie so densely that chance alone would agree almost always.",
    Reason.TOO_FEW_ITEMS: "Too few items for this model.",
    Reason.TOO_FEW_RATERS: "Too few raters for this model.",
    Reason.TOO_FEW_ATTEMPTS: "Too few attempts to say.",
    Reason.UNEQUAL_RATERS: "Items have different numbers of raters.",
    Reason.NOT_CONVERGED: "The estimate did not settle.",
    Reason.NO_SIGNAL: "The signal it needs was not recorded.",
    Reason.NO_BOUNDS: "The robot's configuration declares no limits for it.",
    Reason.NO_SPREAD: "All values are equal, so there is no scale to judge outliers by.",
}


def finite(value: float, name: str) -> float:
    """The value itself; NaN and infinities are refused by name."""
    if not math.isfinite(value):
        raise InputRefused(
            "not_a_number",
            f"{name} is {value}, which is no number to measure.",
            remedy="Leave the value out where it was not measured.",
            name=name,
        )
    return value


def share(value: float, name: str, *, open_ends: bool = False) -> float:
    """The value itself if it lies in [0, 1], or in (0, 1) with ``open_ends``."""
    finite(value, name)
    if not 0 <= value <= 1 or (open_ends and value in (0, 1)):
        ends = "strictly between 0 and 1" if open_ends else "between 0 and 1"
        raise InputRefused("out_of_range", f"{name} is {value}; it lies {ends}.", name=name)
    return value


def count_of(x: float, n: float, name: str) -> None:
    """Refuse x of n that cannot be."""
    finite(x, name)
    finite(n, name)
    if not 0 <= x <= n:
        raise InputRefused("impossible_count", f"{name}: {x} of {n} cannot be.", name=name)
