"""Z1.4-style plans by AQL: the second mode, always shown with its operating characteristic.

Single sampling, normal inspection, general level II. AQL speaks for the producer: these plans
accept most lots *at* the AQL; none proves that at most that share is bad. Lots with 5% bad pass
n = 80, c = 5 with 79%. Source: ANSI/ASQ Z1.4, tables I and II-A (ISO 2859-1).
"""

from dataclasses import dataclass

from review.measures.acceptance.plans import Plan
from review.measures.refused import InputRefused

# Largest lot of each code letter at level II.
_LETTERS = (
    (8, "A"), (15, "B"), (25, "C"), (50, "D"), (90, "E"), (150, "F"), (280, "G"), (500, "H"),
    (1_200, "J"), (3_200, "K"), (10_000, "L"), (35_000, "M"), (150_000, "N"), (500_000, "P"),
)  # fmt: skip
_SIZES = {
    "A": 2, "B": 3, "C": 5, "D": 8, "E": 13, "F": 20, "G": 32, "H": 50, "J": 80, "K": 125,
    "L": 200, "M": 315, "N": 500, "P": 800, "Q": 1_250,
}  # fmt: skip
_ORDER = tuple(_SIZES)
# Where the column of an AQL (percent) has its plan with c = 0. From there the table runs down its
# letters alike in every column: 0, use the one above, use the one below, then these.
_ZERO_AT = {
    0.065: "L", 0.10: "K", 0.15: "J", 0.25: "H", 0.40: "G", 0.65: "F", 1.0: "E", 1.5: "D",
    2.5: "C", 4.0: "B", 6.5: "A",
}  # fmt: skip
_ALLOWED = (1, 2, 3, 5, 7, 10, 14, 21)
AQLS = tuple(_ZERO_AT)


@dataclass(frozen=True, slots=True)
class StandardPlan:
    """``letter`` is the code letter of the plan used; ``rejects`` = c + 1."""

    plan: Plan
    letter: str
    aql_percent: float

    @property
    def rejects(self) -> int:
        return self.plan.c + 1


def standard_plan(lot: int, aql_percent: float) -> StandardPlan:
    """The plan of a lot at an AQL of the preferred series (``AQLS``).

    Where the table's arrow leads to a sample as large as the lot, the whole lot is inspected.
    """
    if aql_percent not in _ZERO_AT:
        raise InputRefused(
            "unknown_name",
            f"{aql_percent}% is no AQL of the table.",
            remedy=f"Choose one of {', '.join(map(str, AQLS))}.",
        )
    if lot < 2:
        raise InputRefused("out_of_range", "Below two episodes there is no sample.", name="lot")
    letter, c = _follow(code_letter(lot), aql_percent)
    n = min(_SIZES[letter], lot)
    return StandardPlan(Plan(n, min(c, n - 1), lot), letter, aql_percent)


def code_letter(lot: int) -> str:
    return next((letter for largest, letter in _LETTERS if lot <= largest), "Q")


def _follow(letter: str, aql_percent: float) -> tuple[str, int]:
    zero = _ORDER.index(_ZERO_AT[aql_percent])
    step = _ORDER.index(letter) - zero
    if step <= 1:
        return _ORDER[zero], 0
    if step == 2:
        return _ORDER[min(zero + 3, len(_ORDER) - 1)], _ALLOWED[0]
    step = min(step - 3, len(_ALLOWED) - 1)
    return _ORDER[zero + 3 + step], _ALLOWED[step]
