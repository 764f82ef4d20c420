"""A release's quality report: computed once it is built, computed again on request, then signed."""

import hashlib
from datetime import timedelta
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, Max, OuterRef
from django.utils import timezone

from annotation.roles import Role, require_role
from annotation.services import audit
from review.errors import GatesNotMet, ReleaseNotReady, ReleaseSigned, ReportNotReady, ReportStale
from review.measures.gates import GateState
from review.models import CheckRun, QualityReport, Release
from review.selectors.dataset_checks import canonical
from review.selectors.quality_report import gates_now, newest_report, report_content
from review.services.check_runs import compute_checks, new_run

# Older releases are not dug out: their managers ask for a report when they want one.
LOOK_BACK = timedelta(days=1)


@transaction.atomic
def request_report(*, actor: User, release: Release) -> CheckRun:
    """Run the checks over the release anew; its next report follows.

    Raises ReleaseSigned, ReleaseNotReady, NotFound, RoleMissing below manager.
    """
    require_role(actor, release.project, Role.MANAGER)
    locked = _locked(release)
    _refuse_unready(locked)
    run = new_run(project=release.project, release=release, actor=actor)
    audit.record(
        actor=actor,
        action="report.requested",
        project=release.project,
        subject=release,
        version=release.version,
    )
    return run


def begin_report(*, release_id: UUID) -> UUID | None:
    """The run of a release that was just built; None when there is one, or it is not ready."""
    with transaction.atomic():
        release = Release.objects.select_for_update(no_key=True).filter(pk=release_id).first()
        if release is None or release.state != Release.State.READY:
            return None
        if release.check_runs.exists():
            return None
        return new_run(project=release.project, release=release, actor=release.created_by).pk


def complete_report(*, run_id: UUID) -> QualityReport | None:
    """Compute a release's run, and write the report of it; twice is once."""
    compute_checks(run_id=run_id)
    run = CheckRun.objects.select_related("release__project", "release__created_by").get(pk=run_id)
    if run.state != CheckRun.State.READY or run.release is None:
        return None
    content = report_content(run.release, run)
    with transaction.atomic():
        release = _locked(run.release)
        done = release.reports.filter(run=run).first()
        if done is not None or release.signed_at is not None:
            return done
        number = (release.reports.aggregate(last=Max("number"))["last"] or 0) + 1
        report = QualityReport.objects.create(
            release=release,
            number=number,
            run=run,
            content=content,
            sha256=hashlib.sha256(canonical(content)).hexdigest(),
            created_by=run.created_by,
        )
        audit.record(
            actor=None,
            action="report.made",
            project=run.release.project,
            subject=report,
            number=number,
            version=release.version,
        )
    return report


def unreported_releases() -> list[UUID]:
    """Built a moment ago, and nobody began their report: to be queued again."""
    runs = CheckRun.objects.filter(release=OuterRef("pk"))
    now = timezone.now()
    return list(
        Release.objects.filter(
            ~Exists(runs),
            state=Release.State.READY,
            finished_at__lt=now - timedelta(minutes=1),
            finished_at__gt=now - LOOK_BACK,
        ).values_list("pk", flat=True)
    )


def unfinished_runs() -> list[UUID]:
    """Runs of releases that are computed and whose report was not written."""
    return list(
        CheckRun.objects.filter(
            release__isnull=False,
            release__signed_at=None,
            state=CheckRun.State.READY,
            reports=None,
            computed_at__lt=timezone.now() - timedelta(minutes=1),
        ).values_list("pk", flat=True)
    )


@transaction.atomic
def sign_release(
    *, actor: User, release: Release, report_id: UUID, override_reason: str = ""
) -> Release:
    """Stand for a release by name, with the report that was read.

    While a gate is not met it needs a reason, which report and manifest carry. Raises ReportStale
    when there is a newer report or a gate stands otherwise than it says, GatesNotMet,
    ReleaseSigned, ReleaseNotReady, ReportNotReady, NotFound, RoleMissing below manager.
    """
    require_role(actor, release.project, Role.MANAGER)
    locked = _locked(release)
    _refuse_unready(locked)
    report = newest_report(locked)
    if report is None:
        raise ReportNotReady(
            "The release has no quality report yet.", remedy="Wait until its checks are computed."
        )
    _refuse_stale(locked, report, report_id)
    unmet = [one for one in report.content["gates"] if _blocks(one["state"])]
    reason = override_reason.strip()
    if unmet and not reason:
        raise GatesNotMet(
            f"{len(unmet)} of its gates are not met: {', '.join(one['title'] for one in unmet)}.",
            remedy="Do what they ask for, or say why the release is signed all the same.",
            gates=[{name: one[name] for name in ("name", "state", "more")} for one in unmet],
        )
    locked.signed_by, locked.signed_at = actor, timezone.now()
    locked.override_reason = reason if unmet else ""
    locked.save(update_fields=["signed_by", "signed_at", "override_reason"])
    report.signed = True
    report.save(update_fields=["signed"])
    audit.record(
        actor=actor,
        action="release.signed",
        project=release.project,
        subject=locked,
        version=locked.version,
        report=report.number,
        report_sha256=report.sha256,
        override_reason=locked.override_reason,
        gates_not_met=[one["name"] for one in unmet],
    )
    return locked


def _locked(release: Release) -> Release:
    return (
        Release.objects.select_for_update(no_key=True, of=("self",))
        .select_related("project")
        .get(pk=release.pk)
    )


def _refuse_unready(release: Release) -> None:
    if release.signed_at is not None:
        raise ReleaseSigned(
            "The release is signed; its report stands.", remedy="Make the next release."
        )
    if release.state != Release.State.READY:
        raise ReleaseNotReady(
            f"This release is {release.get_state_display().lower()}.",
            remedy=release.reason or "Wait until it is built.",
        )


def _refuse_stale(release: Release, report: QualityReport, seen: UUID) -> None:
    """What is signed is what was read, and what was read is still so."""
    if report.pk != seen:
        raise ReportStale(
            "There is a newer report than the one you read.",
            remedy="Read it, then sign.",
            report=str(report.pk),
        )
    said = {one["name"]: one["state"] for one in report.content["gates"]}
    changed = [
        one.title
        for one in gates_now(release, report.run)
        if said.get(one.name.value) != one.state.value
    ]
    if changed:
        raise ReportStale(
            f"Since the report was made these gates stand otherwise: {', '.join(changed)}.",
            remedy="Compute the report again and read it.",
            report=str(report.pk),
            gates=changed,
        )


def _blocks(state: str) -> bool:
    return state not in (GateState.MET, GateState.OFF)
