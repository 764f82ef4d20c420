"""Which plans a batch may be judged by, what each promises, and which the policy asks for."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Self

from annotation.acceptance import policy_for
from annotation.models import AcceptancePolicy, Project
from annotation.plots import Axis, Kind, Plot, Point, Rule, Scale, Series
from review.measures.acceptance.plans import (
    Plan,
    accept_of_lot,
    offered_plans,
    operating_characteristic,
    recommended_plan,
    too_many,
)
from review.measures.acceptance.plans import plan as plan_for
from review.measures.acceptance.standard import AQLS, StandardPlan, standard_plan
from review.measures.refused import InputRefused
from review.models import Sample

PPM = 1_000_000
_Kind = Sample.Plan


@dataclass(frozen=True, slots=True)
class Terms:
    """What a batch must prove: at most ``bad_share`` of its episodes do not conform."""

    bad_share: float = 0.05
    confidence: float = 0.95
    plan: str = AcceptancePolicy.Plan.BOUND
    most_defects: int = 2
    evaluation: bool = False
    source: str = "the default, as no policy is set: 95 % right, with 95 % confidence"

    def to_json(self) -> dict[str, Any]:
        return {
            "bad_share": self.bad_share,
            "confidence": self.confidence,
            "plan": str(self.plan),
            "most_defects": self.most_defects,
            "evaluation": self.evaluation,
            "source": self.source,
        }


@dataclass(frozen=True, slots=True)
class Choice:
    """A kind of plan with its errors allowed, or its AQL in percent."""

    kind: str
    c: int | None = None
    aql: float | None = None

    @property
    def key(self) -> str:
        return f"{self.kind}-{self.aql if self.kind == _Kind.Z14 else self.c}"

    @classmethod
    def from_key(cls, key: str) -> Self:
        """Raises ValueError for what is no key."""
        kind, _, number = key.partition("-")
        if kind == _Kind.Z14:
            return cls(kind, aql=float(number))
        if kind not in (_Kind.BINOMIAL, _Kind.HYPERGEOMETRIC):
            raise ValueError(f"{key} is no plan")
        return cls(kind, c=int(number))


@dataclass(frozen=True, slots=True)
class Offer:
    """A plan that may be chosen, with what it does to good and to bad batches."""

    choice: Choice
    plan: Plan
    accepts_good: float
    accepts_bad: float
    recommended: bool

    @property
    def says(self) -> str:
        c = self.plan.c
        allowed = "none may" if c == 0 else f"at most {c} may"
        good = f"{100 * self.accepts_good:.0f}\u00a0%"
        bad = f"{100 * self.accepts_bad:.1f}\u00a0%"
        if self.choice.kind == _Kind.Z14:
            return (
                f"AQL {self.choice.aql:g} %: {self.plan.n} episodes are looked at, {allowed} be "
                f"wrong. It protects good work ({good} of batches with 1 % wrong pass) and proves "
                f"little: a batch with just too many wrong passes in {bad} of cases."
            )
        return (
            f"{self.plan.n} episodes are looked at, {allowed} be wrong. A batch with too many "
            f"wrong passes in {bad} of cases at most, one with 1 % wrong in {good}."
        )


def terms_for(project: Project, parts: Collection[tuple[int | None, bool]]) -> Terms:
    """The strictest policy for all labels together that holds for any of the parts, each a task
    and whether it is for evaluation.

    A batch has one plan: with evaluation episodes in it, theirs, where it asks for more.
    """
    rows = list(AcceptancePolicy.objects.filter(project=project, label_type=""))
    found = [
        (row, evaluation)
        for task, evaluation in parts
        if (row := policy_for(rows, task_id=task, label_type="", evaluation=evaluation))
    ]
    if not found:
        return Terms(evaluation=any(evaluation for _, evaluation in parts))
    row, _ = max(found, key=lambda one: (one[0].bar_ppm, one[0].confidence_ppm, one[0].pk))
    whose = "evaluation episodes" if row.evaluation else "all episodes"
    task = f" of {row.task}" if row.task_id else ""
    return Terms(
        bad_share=round(1 - row.bar_ppm / PPM, 6),
        confidence=row.confidence_ppm / PPM,
        plan=row.plan,
        most_defects=row.most_defects,
        evaluation=any(evaluation for _, evaluation in parts),
        source=(
            f"the policy for {whose}{task}: {row.bar_ppm / 10_000:g} % right, with "
            f"{row.confidence_ppm / 10_000:g} % confidence"
        ),
    )


def offers_for(lot: int, terms: Terms) -> list[Offer]:
    """Plans for a batch of this size, those that prove the bound first; none looks at all of it."""
    if lot < 2:
        return []
    bad, sure = terms.bad_share, terms.confidence
    wanted = default_choice(lot, terms)
    found = [
        Offer(choice, one.plan, one.accepts_at_1_percent, one.accepts_too_bad, choice == wanted)
        for one in offered_plans(lot, bad_share=bad, confidence=sure)
        if one.plan.n < lot
        for choice in [Choice(_Kind.HYPERGEOMETRIC, c=one.plan.c)]
    ]
    found += [
        Offer(choice, one.plan, one.accepts_at_1_percent, one.accepts_too_bad, choice == wanted)
        for one in offered_plans(None, bad_share=bad, confidence=sure)
        if one.plan.n < lot
        for choice in [Choice(_Kind.BINOMIAL, c=one.plan.c)]
    ]
    for aql in (1.0, 2.5, 4.0):
        plan = standard_plan(lot, aql).plan
        if plan.n >= lot:
            continue
        worst = accept_of_lot(plan.n, plan.c, lot, min(lot, too_many(lot, bad)))
        choice = Choice(_Kind.Z14, aql=aql)
        found.append(Offer(choice, plan, plan.accepts(0.01), worst, choice == wanted))
    return found


def default_choice(lot: int, terms: Terms) -> Choice | None:
    """What the policy asks for; None where only the whole batch would prove it."""
    kinds = AcceptancePolicy.Plan
    if lot < 2:
        return None
    if terms.plan == kinds.Z14:
        return Choice(_Kind.Z14, aql=_aql(terms.bad_share))
    if terms.plan == kinds.BINOMIAL:
        plan = plan_for(terms.most_defects, bad_share=terms.bad_share, confidence=terms.confidence)
        if plan is not None and plan.n < lot:
            return Choice(_Kind.BINOMIAL, c=plan.c)
    elif terms.plan == kinds.HYPERGEOMETRIC:
        plan = plan_for(
            terms.most_defects, lot=lot, bad_share=terms.bad_share, confidence=terms.confidence
        )
        if plan is not None and plan.n < lot:
            return Choice(_Kind.HYPERGEOMETRIC, c=plan.c)
    plan = recommended_plan(lot, bad_share=terms.bad_share, confidence=terms.confidence)
    return Choice(_Kind.HYPERGEOMETRIC, c=plan.c) if plan.n < lot else None


def _aql(bad_share: float) -> float:
    """The largest AQL of the table that is not above the bad share."""
    return max((one for one in AQLS if one <= bad_share * 100 + 1e-9), default=AQLS[0])


def plan_by(choice: Choice, lot: int, terms: Terms) -> Plan:
    """The plan (n, c) of a choice for a batch of this size. Raises InputRefused."""
    if choice.kind == _Kind.Z14:
        return standard(choice, lot).plan
    endless = choice.kind == _Kind.BINOMIAL
    found = plan_for(
        choice.c or 0,
        lot=None if endless else lot,
        bad_share=terms.bad_share,
        confidence=terms.confidence,
    )
    if found is None or found.n > lot:
        raise InputRefused(
            "out_of_range",
            f"{lot} episodes are too few for a sample with {choice.c or 0} errors allowed.",
            remedy="Allow fewer errors, or have every episode reviewed.",
        )
    return found


def standard(choice: Choice, lot: int) -> StandardPlan:
    return standard_plan(lot, choice.aql or 0.0)


def curve_plot(
    plans: Sequence[tuple[str, Plan]], terms: Terms, title: str = "Operating characteristic"
) -> Plot:
    """How likely each plan passes a batch, by how much of it does not conform."""
    series = tuple(
        Series(
            name,
            tuple(
                Point(round(100 * share, 3), round(100 * accept, 2))
                for share, accept in operating_characteristic(plan)
                if share <= max(0.2, 3 * terms.bad_share)
            ),
        )
        for name, plan in plans
    )
    wanted = 100 * terms.bad_share
    return Plot(
        Kind.LINE,
        title,
        (
            f"Left is good work, right is bad. A plan that proves the bound is below "
            f"{100 * (1 - terms.confidence):g} % where more than {wanted:g} % of the episodes do "
            "not conform; the higher it stays at the left, the less good work is rejected."
        ),
        Axis("Episodes that do not conform", "%", scale=Scale.NUMBER, low=0),
        Axis("Batches that pass", "%", low=0, high=100),
        series,
        (
            Rule(wanted, f"{wanted:g} % wrong", across="x"),
            Rule(100 * (1 - terms.confidence), f"{100 * (1 - terms.confidence):g} %"),
        ),
    )
