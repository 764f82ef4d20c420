"""Keep calibrations by what people reach on gold, pause who falls below the bar, resume them."""

from collections import defaultdict
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.urls import reverse

from annotation.models import Membership, Notification, Project
from annotation.roles import Role, require_role
from annotation.services import audit
from annotation.services.notify import managers_of, notify
from annotation.services.standing import set_standing
from review.errors import CalibrationRefused
from review.models import Calibration, CalibrationDecision, CalibrationMark
from review.selectors.calibration_sums import (
    Computed,
    computed,
    doubted_kinds,
    fingerprints,
    resumed_at,
)
from review.selectors.onboarding import qualification_of, undecided
from review.services.gold_disputes import sweep_gold
from review.services.tolerances import forget_stale_counts

Standing = Membership.Standing
Kind = CalibrationDecision.Kind
_KEPT = (
    *("state", "bar_ppm", "right", "total", "episodes", "deff", "n_effective", "mean", "lower"),
    *("upper", "cusum", "alarm", "doubtful_from", "timing", "since", "last_at"),
)


def sweep_calibration() -> int:
    """How many projects were brought up to date; those whose counts are the same are left alone.

    Idempotent: after a run without new counts another one changes nothing.
    """
    projects = list(Project.objects.exclude(state=Project.State.ARCHIVED).order_by("pk"))
    seen = dict(CalibrationMark.objects.values_list("project", "seen"))
    now = fingerprints(projects)
    stale = [one for one in projects if seen.get(one.pk) != now[one.pk]]
    for project in stale:
        # What has to be counted again first is calibrated by a later run.
        if not forget_stale_counts(project):
            calibrate(project=project)
    return len(stale)


@transaction.atomic
def calibrate(*, project: Project) -> list[CalibrationDecision]:
    """Write the project's calibrations anew and pause who has to be; returns the pauses."""
    mark, _ = CalibrationMark.objects.get_or_create(project=project)
    mark = CalibrationMark.objects.select_for_update(no_key=True).get(pk=mark.pk)
    sweep_gold(project)
    found = computed(project)
    _store(project, found)
    paused = [] if project.state != Project.State.ACTIVE else _pause_who_must(project, found)
    mark.seen = fingerprints([project])[project.pk]
    mark.save(update_fields=["seen"])
    return paused


def _store(project: Project, found: list[Computed]) -> None:
    since = resumed_at(project)
    rows = [one.row for one in found]
    for row in rows:
        row.since = since.get(row.annotator_id)
    Calibration.objects.bulk_create(
        rows,
        batch_size=500,
        update_conflicts=True,
        unique_fields=["project", "annotator", "label_type"],
        update_fields=list(_KEPT),
    )
    keep = {(row.annotator_id, row.label_type) for row in rows}
    stored = Calibration.objects.filter(project=project)
    gone = [one.pk for one in stored if (one.annotator_id, one.label_type) not in keep]
    Calibration.objects.filter(pk__in=gone).delete()


def _pause_who_must(project: Project, found: list[Computed]) -> list[CalibrationDecision]:
    failing: dict[int, list[Computed]] = defaultdict(list)
    doubted = doubted_kinds(one.row for one in found)
    for one in found:
        if one.row.state == Calibration.State.PAUSE and one.row.label_type not in doubted:
            failing[one.row.annotator_id].append(one)
    at_work = Membership.objects.filter(
        project=project,
        user__in=failing,
        role=Membership.Role.ANNOTATOR,
        standing=Standing.QUALIFIED,
    ).select_related("user")
    return [_pause_by_measure(project, one.user, failing[one.user_id]) for one in at_work]


def _pause_by_measure(project: Project, user: User, failing: list[Computed]) -> CalibrationDecision:
    moments = [one.good_until for one in failing]
    good = None if None in moments else min(moment for moment in moments if moment is not None)
    # All labels together last: a single kind says more.
    worst = sorted(failing, key=lambda one: (one.row.label_type == "", one.row.upper))[0]
    said = pause_words(worst.row)
    decision = _paused(None, project, user, said, good)
    notify(
        managers_of(project),
        kind=Notification.Kind.STANDING,
        project=project,
        text=f"{user.get_full_name() or user.username} is paused in {project.name}. {said}",
        url=reverse("calibration-person", args=[project.pk, user.pk]),
    )
    return decision


def pause_words(row: Calibration) -> str:
    """What the person reads too: sums over many episodes, from which no single one can be told."""
    name, bar = row.get_label_type_display(), row.bar_ppm / 1_000_000
    n = f"{row.total:.0f} labels"
    if row.alarm and row.upper >= bar:
        return (
            f"{name}: results have fallen of late, below what holds the bar of {bar:.3f} "
            f"(accuracy {row.mean:.3f} over {n})."
        )
    return (
        f"{name}: accuracy {row.mean:.3f}, at most {row.upper:.3f} with 95 % confidence, over {n}; "
        f"the bar is {bar:.3f}."
    )


def _paused(
    actor: User | None, project: Project, user: User, reason: str, good_until: datetime | None
) -> CalibrationDecision:
    set_standing(
        actor=actor,
        project=project,
        user=user,
        standing=Standing.PAUSED,
        reason=reason,
        only_from=Standing.QUALIFIED,
    )
    decision = CalibrationDecision.objects.create(
        project=project,
        annotator=user,
        kind=Kind.PAUSED,
        reason=reason[:500],
        good_until=good_until,
        actor=actor,
    )
    audit.record(
        actor=actor,
        action="calibration.paused",
        project=project,
        subject=user,
        good_until=good_until.isoformat() if good_until else None,
        reason=reason[:500],
    )
    return decision


@transaction.atomic
def pause_annotator(*, actor: User, project: Project, user: User, reason: str) -> None:
    """By a manager's own judgement. Raises CalibrationRefused, NotFound, RoleMissing."""
    require_role(actor, project, Role.MANAGER)
    membership = _member(project, user)
    if membership.standing != Standing.QUALIFIED:
        raise CalibrationRefused(
            f"{user.username} gets no counting work: {membership.get_standing_display().lower()}.",
            remedy="Only who is qualified can be paused.",
        )
    _paused(actor, project, user, _said(reason), _last_good(project, user))


def _last_good(project: Project, user: User) -> datetime | None:
    """Just before the first hand-in that a chart doubts, else the last one that was measured."""
    rows = list(Calibration.objects.filter(project=project, annotator=user))
    doubtful = [one.doubtful_from for one in rows if one.doubtful_from is not None]
    if doubtful:
        return min(doubtful) - timedelta(microseconds=1)
    return max((one.last_at for one in rows), default=None)


@transaction.atomic
def resume_annotator(
    *, actor: User, project: Project, user: User, reason: str
) -> CalibrationDecision:
    """Let a paused person work again, whatever the figures say; counting begins anew from now.

    Managers only. Raises CalibrationRefused, NotFound, RoleMissing.
    """
    require_role(actor, project, Role.MANAGER)
    membership = _member(project, user)
    if membership.standing != Standing.PAUSED:
        raise CalibrationRefused(
            f"{user.username} is not paused.", remedy="Look at where the person stands now."
        )
    said = _said(reason)
    set_standing(actor=actor, project=project, user=user, standing=Standing.QUALIFIED, reason=said)
    return _noted(actor, project, user, Kind.RESUMED, said)


@transaction.atomic
def decide_qualification(
    *, actor: User, project: Project, user: User, qualified: bool, reason: str
) -> CalibrationDecision:
    """A reviewer's decision where the sequential test reached none.

    Raises CalibrationRefused while the test can still decide, NotFound, RoleMissing.
    """
    require_role(actor, project, Role.REVIEWER)
    membership = _member(project, user)
    result = qualification_of(membership)
    open_now = membership.standing == Standing.QUALIFYING and undecided(result, membership)
    if not open_now:
        raise CalibrationRefused(
            f"The qualification of {user.username} is not a reviewer's to decide now.",
            remedy="It is once the test ends without a decision.",
        )
    said = _said(reason)
    set_standing(
        actor=None,
        project=project,
        user=user,
        standing=Standing.QUALIFIED if qualified else Standing.FAILED,
        reason=said,
        only_from=Standing.QUALIFYING,
    )
    return _noted(actor, project, user, Kind.QUALIFIED if qualified else Kind.FAILED, said)


def _noted(
    actor: User, project: Project, user: User, kind: Kind, reason: str
) -> CalibrationDecision:
    decision = CalibrationDecision.objects.create(
        project=project, annotator=user, kind=kind, reason=reason, actor=actor
    )
    action = "calibration.resumed" if kind is Kind.RESUMED else "calibration.decided"
    audit.record(
        actor=actor,
        action=action,
        project=project,
        subject=user,
        decision=kind.value,
        reason=reason,
    )
    return decision


def _member(project: Project, user: User) -> Membership:
    found = Membership.objects.select_for_update(of=("self",), no_key=True).filter(
        project=project, user=user
    )
    membership = found.first()
    if membership is None:
        raise CalibrationRefused(
            f"{user.username} is not in {project.name}.", remedy="Add the person to the project."
        )
    return membership


def _said(reason: str) -> str:
    said = reason.strip()[:500]
    if not said:
        raise CalibrationRefused("Say why.", remedy="The reason is kept, and the person reads it.")
    return said
