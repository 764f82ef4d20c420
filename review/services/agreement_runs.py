"""Freeze a project's agreement at one moment, so that it can be cited and computed again."""

from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from annotation.models import Project
from annotation.roles import Role, require_role
from annotation.services import audit
from review.errors import NothingToCompare
from review.models import AgreementRun
from review.selectors.agreement import Terms, computed
from review.selectors.agreement_wanted import Wanted
from review.selectors.scores import compared


@transaction.atomic
def request_run(*, actor: User, project: Project, wanted: Wanted, note: str = "") -> AgreementRun:
    """A run over the comparisons that stand now, waiting to be computed. Reviewers and managers.

    Raises NothingToCompare, NotFound, RoleMissing.
    """
    require_role(actor, project, Role.REVIEWER)
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    now = timezone.now()
    if not compared(wanted.at(now)).pairs:
        raise NothingToCompare(
            "No comparison is left under this filter.",
            remedy="Widen it, or wait until two annotators have handed in the same episode.",
        )
    last = project.agreement_runs.aggregate(last=Max("number"))["last"] or 0
    run = AgreementRun.objects.create(
        project=project,
        number=last + 1,
        note=note.strip(),
        wanted=wanted.to_json(),
        as_of=now,
        created_by=actor,
    )
    audit.record(
        actor=actor,
        action="agreement_run.requested",
        project=project,
        subject=run,
        number=run.number,
        filter=run.wanted,
    )
    return run


@transaction.atomic
def compute_run(*, run_id: UUID) -> AgreementRun | None:
    """Compute a waiting run and freeze its figures; None when somebody else has or does."""
    run = (
        AgreementRun.objects.select_for_update(no_key=True, of=("self",), skip_locked=True)
        .select_related("project__schema")
        .filter(pk=run_id, state=AgreementRun.State.WAITING)
        .first()
    )
    if run is None:
        return None
    wanted = Wanted.from_json(run.project_id, run.wanted).at(run.as_of)
    run.figures, stored = computed(run.project, wanted)
    run.pairs, run.episodes = stored.pairs, stored.counts.episodes
    run.pairs_sha256 = stored.sha256
    run.state, run.computed_at = AgreementRun.State.READY, timezone.now()
    run.save()
    return run


def waiting_runs() -> list[UUID]:
    """Runs that nobody has computed yet, the oldest first."""
    waiting = AgreementRun.objects.filter(state=AgreementRun.State.WAITING)
    return list(waiting.order_by("created_at").values_list("pk", flat=True))


@dataclass(frozen=True, slots=True)
class Again:
    """A run computed again: ``same_pairs`` were found, and all of the figures are ``identical``."""

    same_pairs: bool
    identical: bool
    pairs: int


def compute_again(run: AgreementRun) -> Again:
    """The figures once more, over the comparisons that stood then and on the terms of then.

    Nothing is written. Comparisons that were counted anew since, under other tolerances, are
    missing.
    """
    wanted = Wanted.from_json(run.project_id, run.wanted).at(run.as_of)
    figures, stored = computed(run.project, wanted, Terms.from_json(run.figures))
    return Again(
        same_pairs=stored.sha256 == run.pairs_sha256,
        identical=figures == run.figures,
        pairs=stored.pairs,
    )
