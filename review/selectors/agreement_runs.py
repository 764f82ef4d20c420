"""Agreement runs of a project, for those who review there."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from annotation.errors import NotFound
from annotation.models import Project
from annotation.roles import Role, require_role
from episodes.access import Viewer
from review.models import AgreementRun, ScoredPair
from review.selectors.agreement_figures import Figure

FIGURE_COLUMNS = (
    *("kind", "name", "label_class", "rate", "low", "high", "lower", "upper", "n", "unit"),
    *("episodes", "design_effect", "effective_n", "bar", "gate", "more_episodes", "reason"),
)


def runs_of(project: Project) -> QuerySet[AgreementRun]:
    """Newest first, without their figures."""
    return project.agreement_runs.select_related("created_by").defer("figures").order_by("-number")


def reviewed_run(user: Viewer, run_id: UUID) -> AgreementRun:
    """Raises NotFound to outsiders, RoleMissing to annotators."""
    run = (
        AgreementRun.objects.select_related("project__schema", "created_by")
        .filter(pk=run_id)
        .first()
    )
    if run is None:
        raise NotFound("There is no such agreement run.", remedy="Check the address.")
    require_role(user, run.project, Role.REVIEWER)
    return run


@dataclass(frozen=True, slots=True)
class Since:
    """What changed of a run's comparisons since: handed in anew, gold corrected, more of them."""

    rounds: int
    gold: int
    added: int

    @property
    def anything(self) -> bool:
        return bool(self.rounds or self.gold or self.added)


def since(run: AgreementRun) -> Since:
    """Counted over the whole project; the run itself stays as it is."""
    pairs = ScoredPair.objects.filter(
        project_episode__project=run.project_id, against_gold=run.wanted.get("gold", False)
    )
    gone = pairs.filter(scored_at__lte=run.as_of, retired_at__gt=run.as_of)
    return Since(
        rounds=gone.filter(retired=ScoredPair.Retired.ROUND).count(),
        gold=gone.filter(retired=ScoredPair.Retired.GOLD).count(),
        added=pairs.filter(scored_at__gt=run.as_of, retired="").count(),
    )


def frozen(run: AgreementRun, part: str) -> list[Figure]:
    """The figures of one part of a ready run."""
    return [Figure.from_json(one) for one in run.figures.get(part, [])]


def figure_rows(figures: list[Figure]) -> list[list[Any]]:
    """Rows under FIGURE_COLUMNS; what is undefined is empty and has its reason."""
    return [
        [
            one.measure, one.name, one.label_class, one.rate, one.low, one.high, one.lower,
            one.upper, one.n, one.unit, one.episodes, one.deff, one.n_effective, one.bar, one.gate,
            one.more, one.reason,
        ]
        for one in figures
    ]  # fmt: skip
