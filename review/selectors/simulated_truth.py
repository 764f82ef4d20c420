"""What a simulated project's figures come to in the long run, beside what was measured."""

from collections.abc import Iterable

from annotation.models import Project
from review.measures.counts import Measure
from review.measures.simulated_truth import TrueFigures, true_figures
from review.measures.simulation import Annotator, EpisodePlan
from review.models import SimulatedAnnotator
from review.selectors.agreement_wanted import Wanted
from review.selectors.tolerances import tolerances_in_force

PPM = 1_000_000


def annotator_of(row: SimulatedAnnotator, types: Iterable[str]) -> Annotator:
    """The annotator that the row describes; its bias holds for every type."""
    return Annotator(
        name=str(row.user_id),
        accuracy=row.accuracy_ppm / PPM,
        icc=row.icc_ppm / PPM,
        bias_ns=dict.fromkeys(types, row.bias_ns),
        jitter_ns=row.jitter_ns,
        boundary_jitter_ns=row.boundary_jitter_ns,
    )


def true_values(project: Project, wanted: Wanted) -> dict[str, float]:
    """Long-run values by measure, of projects whose annotators are simulated; else nothing.

    Known for all comparisons of some people, whatever else is filtered.
    """
    if not project.simulated:
        return {}
    rows = list(SimulatedAnnotator.objects.filter(project=project).order_by("user"))
    if (wanted.people and wanted.gold) or len(wanted.people) == 2:
        rows = [one for one in rows if one.user_id in wanted.people]
    elif wanted.people:
        return {}
    plan = EpisodePlan()
    people = [annotator_of(one, plan.types) for one in rows]
    tolerances = tolerances_in_force(project)
    found = true_figures(people, plan, tolerances, against_gold=wanted.gold) if people else None
    return _by_measure(found) if found else {}


def _by_measure(found: TrueFigures) -> dict[str, float]:
    return {
        Measure.EVENT.value: found.events,
        Measure.OUTCOME.value: found.outcome,
        Measure.TEXT.value: found.text_equal,
        Measure.BOUNDARY.value: found.boundaries,
    }
