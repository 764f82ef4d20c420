"""What figures of simulated annotators come to in the long run, to hold measured ones against.

Follows from how ``simulation.annotate`` errs; w = 1 - accuracy. An instant is right with
probability 1 - w and then lies N(bias, jitter) from the truth; else it is left out (share
``missed``), of another type (``confused``) or ``far_ns`` away, to either side. The rest holds as
long as events lie further apart than far_ns and tolerance together reach, and types keep their
place in the episode.

- Against gold: matched = (1 - w) P(|N(bias, jitter)| <= tolerance) of each true instant.
- Between two: both right and close enough; or both wrong alike, the same other type or the same
  side. Errors of two people are independent.
- F = 2 sum matched / sum (n_a + n_b), n = (1 - w missed + extra) of each true instant.
- Outcome and text: both right, or wrong alike: one of two other outcomes, the same other word.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import NormalDist

from review.measures.records import Tolerances
from review.measures.simulation import OUTCOMES, Annotator, EpisodePlan

# The truth itself, as somebody who never errs.
_GOLD = Annotator("gold", accuracy=1.0, jitter_ns=0, boundary_jitter_ns=0)


@dataclass(frozen=True, slots=True)
class TrueFigures:
    """Long-run values. ``bias_ns``: median offset of the second of a pair, or from gold."""

    events: float
    outcome: float
    text_equal: float
    boundaries: float
    bias_ns: float


def true_figures(
    people: Sequence[Annotator], plan: EpisodePlan, tolerances: Tolerances, *, against_gold: bool
) -> TrueFigures | None:
    """Pooled over all pairs of people, or over everybody against gold; None without a pair."""
    pairs = [(_GOLD, one) for one in people] if against_gold else list(combinations(people, 2))
    if not pairs:
        return None
    used = [plan.types[i % len(plan.types)] for i in range(plan.events)]
    matched = sum(_matched(a, b, type_, plan, tolerances) for a, b in pairs for type_ in used)
    total = sum(_marked(one) for pair in pairs for one in pair) * len(used)
    bias = [b.bias_ns.get(type_, 0) - a.bias_ns.get(type_, 0) for a, b in pairs for type_ in used]
    return TrueFigures(
        events=2 * matched / total,
        outcome=_mean(_alike(a, b, 1 / (len(OUTCOMES) - 1)) for a, b in pairs),
        text_equal=_mean(_alike(a, b, 1.0) for a, b in pairs),
        boundaries=_mean(
            _within(tolerances.boundary_ns, 0, a.boundary_jitter_ns, b.boundary_jitter_ns)
            for a, b in pairs
        ),
        bias_ns=sum(bias) / len(bias),
    )


def _marked(one: Annotator) -> float:
    """Instants marked a true one."""
    return 1 - (1 - one.accuracy) * one.missed + one.extra


def _matched(
    a: Annotator, b: Annotator, type_: str, plan: EpisodePlan, tolerances: Tolerances
) -> float:
    wrong = (1 - a.accuracy) * (1 - b.accuracy)
    others = max(1, len(plan.types) - 1)
    confused = wrong * a.confused * b.confused * _same_other(a, b, type_, others)
    far = wrong * (1 - a.missed - a.confused) * (1 - b.missed - b.confused) / 2
    apart = b.bias_ns.get(type_, 0) - a.bias_ns.get(type_, 0)
    close = _within(tolerances.of(type_), apart, a.jitter_ns, b.jitter_ns)
    return (a.accuracy * b.accuracy + confused + far) * close


def _same_other(a: Annotator, b: Annotator, type_: str, others: int) -> float:
    told = a.confusion.get(type_), b.confusion.get(type_)
    if None in told:
        return 1 / others
    return float(told[0] == told[1])


def _alike(a: Annotator, b: Annotator, same_error: float) -> float:
    return a.accuracy * b.accuracy + (1 - a.accuracy) * (1 - b.accuracy) * same_error


def _within(reach: int, bias: float, *jitters: int) -> float:
    """P(|N(bias, sum of variances)| <= reach)."""
    sigma = sum(one * one for one in jitters) ** 0.5
    if sigma == 0:
        return float(abs(bias) <= reach)
    normal = NormalDist(bias, sigma)
    return normal.cdf(reach) - normal.cdf(-reach)


def _mean(values: Iterable[float]) -> float:
    found = list(values)
    return sum(found) / len(found)
