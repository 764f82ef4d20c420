"""Run the four checks over accepted sets: ask for a run, compute it once, keep what it found."""

import hashlib
from datetime import timedelta
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, Max, Q
from django.utils import timezone

from annotation.models import Project
from annotation.roles import Role, require_role
from annotation.services import audit
from episodes.errors import TouchlineError
from review.measures.checks.dataset import CODE_VERSION, ChecksOutcome, DatasetChecks, Finding
from review.measures.checks.plan import CheckPlan
from review.measures.checks.result import Rated
from review.models import CheckFinding, CheckRun, Release
from review.selectors.dataset_checks import (
    Recordings,
    accepted_sets,
    canonical,
    content_sha256,
    judged_segments,
    plans_of,
)
from review.services.copy_rows import copy_rows

STALE_AFTER = timedelta(minutes=5)
FORGOTTEN_AFTER = timedelta(minutes=1)
MOST_ATTEMPTS = 3
# A look at every so many episodes: often enough to be seen, too seldom to cost anything.
SHOW_EVERY = 20


@transaction.atomic
def request_checks(*, actor: User, project: Project) -> CheckRun:
    """The project's next run over all that is accepted, waiting to be computed.

    Raises NotFound, RoleMissing below reviewer.
    """
    require_role(actor, project, Role.REVIEWER)
    run = new_run(project=project, release=None, actor=actor)
    audit.record(
        actor=actor, action="checks.requested", project=project, subject=run, number=run.number
    )
    return run


@transaction.atomic
def new_run(*, project: Project, release: Release | None, actor: User | None) -> CheckRun:
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    last = project.check_runs.aggregate(last=Max("number"))["last"] or 0
    return CheckRun.objects.create(
        project=project,
        release=release,
        number=last + 1,
        plan=plans_of(project).checks.to_json(),
        created_by=actor,
    )


def compute_checks(*, run_id: UUID) -> None:
    """Compute a waiting run; one worker at a time, a second one does nothing.

    A reason that somebody can act on is kept in the run; an error of Touchline's own is raised too.
    """
    run = _claimed(run_id)
    if run is None:
        return
    try:
        _compute(run)
    except TouchlineError as error:
        _fail(run, f"{error} {error.remedy}".strip())
    except Exception:
        _fail(run, "Touchline failed here. Tell your administrator the run and the time.")
        raise


def forgotten_runs() -> list[UUID]:
    """Runs that nobody computes, to be queued again; those tried too often are failed."""
    now = timezone.now()
    waiting = CheckRun.objects.filter(state=CheckRun.State.WAITING).filter(
        Q(heartbeat_at=None, created_at__lt=now - FORGOTTEN_AFTER)
        | Q(heartbeat_at__lt=now - STALE_AFTER)
    )
    waiting.filter(attempts__gte=MOST_ATTEMPTS).update(
        state=CheckRun.State.FAILED,
        reason=f"Its worker stopped {MOST_ATTEMPTS} times. Look at the worker's log, try again.",
    )
    return list(waiting.values_list("pk", flat=True))


def _claimed(run_id: UUID) -> CheckRun | None:
    now = timezone.now()
    free = Q(heartbeat_at=None) | Q(heartbeat_at__lt=now - STALE_AFTER)
    claimed = CheckRun.objects.filter(free, pk=run_id, state=CheckRun.State.WAITING).update(
        heartbeat_at=now, attempts=F("attempts") + 1
    )
    if not claimed:
        return None
    return CheckRun.objects.select_related("project", "release").get(pk=run_id)


def _compute(run: CheckRun) -> None:
    accepted = accepted_sets(run.project, run.release)
    recordings = Recordings(accepted)
    spaces = recordings.spaces()
    judged = judged_segments(accepted)
    checks = DatasetChecks(CheckPlan.from_json(run.plan), spaces, [one for _, one in judged])
    for at, episode in enumerate(recordings):
        if at % SHOW_EVERY == 0:
            _show(run, at, len(accepted))
        checks.add(episode)
    outcome = checks.outcome()
    findings = [*outcome.findings, *_unreadable(recordings)]
    sets_sha256 = content_sha256(accepted, spaces, [pk for pk, _ in judged])
    _keep(run, outcome, findings, sets=len(accepted), judged=len(judged), sets_sha256=sets_sha256)


def _unreadable(recordings: Recordings) -> list[Finding]:
    return [
        Finding(
            str(Rated.ALIGNMENT_PROXY),
            "signal_unreadable",
            f"the samples of {name} are damaged or gone: import the episode again",
            episode=str(place),
        )
        for place, name in recordings.unreadable
    ]


def _show(run: CheckRun, done: int, total: int) -> None:
    CheckRun.objects.filter(pk=run.pk).update(done=done, total=total, heartbeat_at=timezone.now())


@transaction.atomic
def _keep(
    run: CheckRun,
    outcome: ChecksOutcome,
    findings: list[Finding],
    *,
    sets: int,
    judged: int,
    sets_sha256: str,
) -> None:
    """Once: a run that a second worker has kept already stays as it is."""
    figures, details = outcome.figures_json(), dict(outcome.details)
    content = canonical([CODE_VERSION, figures, details])
    kept = CheckRun.objects.filter(pk=run.pk, state=CheckRun.State.WAITING).update(
        state=CheckRun.State.READY,
        code_version=CODE_VERSION,
        figures=figures,
        details=details,
        result_sha256=hashlib.sha256(content).hexdigest(),
        sets=sets,
        judgements=judged,
        sets_sha256=sets_sha256,
        done=sets,
        total=sets,
        computed_at=timezone.now(),
    )
    if kept:
        copy_rows(_rows(run, findings))
        audit.record(
            actor=None,
            action="checks.computed",
            project=run.project,
            subject=run,
            number=run.number,
            sets=sets,
        )


def _rows(run: CheckRun, findings: list[Finding]) -> list[CheckFinding]:
    return [
        CheckFinding(
            run=run,
            figure=one.figure,
            position=at,
            code=one.code,
            why=one.why[:300],
            subject=one.subject[:200],
            project_episode_id=int(one.episode) if one.episode else None,
            label=UUID(one.label) if one.label else None,
            at_ns=one.at_ns,
        )
        for at, one in enumerate(findings)
    ]


def _fail(run: CheckRun, reason: str) -> None:
    CheckRun.objects.filter(pk=run.pk, state=CheckRun.State.WAITING).update(
        state=CheckRun.State.FAILED, reason=reason
    )
