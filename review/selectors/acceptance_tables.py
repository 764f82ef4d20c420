"""A sample as rows, and what its page draws."""

from annotation.plots import Plot
from review.models import Sample
from review.selectors.acceptance import SampleStanding, plan_of
from review.selectors.acceptance_plans import Offer, Terms, curve_plot

SAMPLE_COLUMNS = (
    *("sample", "order", "episode", "annotators", "task", "proposed_set", "state", "conforms"),
    "why",
)


def sample_rows(found: SampleStanding) -> list[list[object]]:
    """Rows under SAMPLE_COLUMNS, in the order of the draw; ``conforms`` is empty until decided."""
    return [
        [
            found.sample.number,
            row.sampled.order + 1,
            row.item.project_episode.episode.key,
            "" if row.blind else row.sampled.annotators,
            row.sampled.task,
            str(row.sampled.proposed_set_id),
            row.standing.code,
            row.conforms,
            row.why,
        ]
        for row in found.rows
    ]


def sample_plot(sample: Sample) -> Plot:
    """The operating characteristic of the plan that the sample was drawn for."""
    return curve_plot([(f"n {sample.n}, c {sample.c}", plan_of(sample))], Terms(**sample.policy))


def offers_plot(offers: list[Offer], terms: Terms) -> Plot | None:
    """The curves of the plans that may be chosen; those for any size differ little from them."""
    named = [(_name(one), one.plan) for one in offers if one.choice.kind != Sample.Plan.BINOMIAL]
    return curve_plot(named[:6], terms) if named else None


def _name(one: Offer) -> str:
    aql = f" (AQL {one.choice.aql:g} %)" if one.choice.aql else ""
    return f"n {one.plan.n}, c {one.plan.c}{aql}"
