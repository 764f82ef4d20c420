"""What a release says of its own quality, put together from records: the content of its report."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet
from django.utils import timezone

from annotation.errors import NotFound
from annotation.models import Assignment
from annotation.roles import Role, require_role
from episodes.access import Viewer
from episodes.models import Episode
from review.measures.bounds import Estimate
from review.measures.datasheet import datasheet
from review.measures.gates import Checked, GateResult, GateState, gates
from review.measures.refused import EXPLAINED
from review.models import (
    AgreementRun,
    Batch,
    Calibration,
    CheckRun,
    QualityReport,
    Release,
)
from review.selectors.dataset_checks import plans_of, release_field, release_sets
from review.selectors.datasheet import datasheet_of, recorded_facts
from review.selectors.release_standing import (
    NAMES,
    Rates,
    against_gold,
    between_annotators,
    clocks_of,
    datasets_of,
    standing_of,
)

# Written into every report: readers know by it what to expect.
REPORT_VERSION = 1


def gates_now(release: Release, run: CheckRun) -> list[GateResult]:
    """Where the release stands against its project's gates at this moment."""
    checks = {one["name"]: Checked.from_json(one) for one in run.figures}
    tags = len(run.plan.get("required_tags", []))
    return gates(plans_of(release.project).gates, standing_of(release, checks, required_tags=tags))


def report_content(release: Release, run: CheckRun) -> dict[str, Any]:
    """All of a report. A number of queries that does not grow with the release."""
    found = gates_now(release, run)
    between, gold = between_annotators(release), against_gold(release)
    calibration = calibration_part(release)
    sheet = datasheet(recorded_facts(release), datasheet_of(release.project).answers)
    content = {
        "report_version": REPORT_VERSION,
        "release": {
            "id": str(release.pk),
            "project": release.project.name,
            "version": release.version,
            "format": release.format,
            "content_sha256": release.content_sha256,
            "episodes": release.episodes_total,
            "made_by": _name(release.created_by),
            "made_at": _time(release.created_at),
            "datasets": [{"name": one.name, "episodes": n} for one, n in datasets_of(release)],
        },
        "gates": [one.to_json() for one in found],
        "checks": checks_part(run),
        "agreement": {
            "between_annotators": _rates(between),
            "accepted_against_gold": _rates(gold),
            "run": latest_agreement_run(release),
        },
        "calibration": calibration,
        "sync": sync_part(release),
        "acceptance": acceptance_part(release),
        "datasheet": sheet,
    }
    return {**content, "unmeasured": unmeasured(content, found)}


def checks_part(run: CheckRun) -> dict[str, Any]:
    return {
        "run": run.number,
        "computed_at": _time(run.computed_at),
        "sets": run.sets,
        "judgements": run.judgements,
        "sets_sha256": run.sets_sha256,
        "result_sha256": run.result_sha256,
        "code_version": run.code_version,
        "plan": run.plan,
        "figures": run.figures,
        "details": run.details,
    }


def _rates(rates: Rates) -> list[dict[str, Any]]:
    rows = [("Contacts and segments, pooled", rates.pooled)]
    rows += [(NAMES[measure], found) for measure, found in rates.by_measure.items()]
    return [{"name": name, **estimate_json(found)} for name, found in rows]


def estimate_json(found: Estimate) -> dict[str, Any]:
    return {
        "rate": found.rate,
        "lower": found.lower,
        "upper": found.upper,
        "low": found.low,
        "high": found.high,
        "n": found.trials,
        "episodes": found.episodes,
        "n_effective": found.n_effective,
        "explained": EXPLAINED[found.reason] if found.reason else "",
    }


def latest_agreement_run(release: Release) -> dict[str, Any] | None:
    """The newest frozen run of the project, for reference; the figures above are the release's."""
    run = (
        AgreementRun.objects.filter(project=release.project_id, state=AgreementRun.State.READY)
        .only("id", "number", "as_of", "pairs", "episodes", "pairs_sha256")
        .order_by("-number")
        .first()
    )
    if run is None:
        return None
    return {
        "number": run.number,
        "as_of": _time(run.as_of),
        "pairs": run.pairs,
        "episodes": run.episodes,
        "pairs_sha256": run.pairs_sha256,
    }


def calibration_part(release: Release) -> list[dict[str, Any]]:
    """Everybody whose labels are in the release, by name, with what gold says of each kind."""
    sets = release_sets(release).values(release_field(release))
    people = (
        User.objects.filter(
            pk__in=Assignment.objects.filter(
                Q(annotation_sets__in=sets)
                | Q(annotation_sets__adjudicated_in__annotation_set__in=sets)
            ).values("annotator")
        )
        .distinct()
        .order_by("first_name", "username")
    )
    rows: dict[int, list[dict[str, Any]]] = {}
    for one in Calibration.objects.filter(project=release.project_id, annotator__in=people):
        rows.setdefault(one.annotator_id, []).append(
            {
                "labels": one.get_label_type_display(),
                "state": one.get_state_display(),
                "mean": one.mean,
                "lower": one.lower,
                "upper": one.upper,
                "n_effective": one.n_effective,
                "episodes": one.episodes,
            }
        )
    return [{"annotator": _name(one), "measured": rows.get(one.pk, [])} for one in people]


def sync_part(release: Release) -> dict[str, Any]:
    clocks = clocks_of(release)
    return {
        "episodes": clocks.episodes,
        "verdicts": [
            {"verdict": one.value, "name": str(one.label), "episodes": clocks.by_verdict[one.value]}
            for one in Episode.Sync
            if clocks.by_verdict.get(one.value)
        ],
        "red_but_released": clocks.released,
    }


def acceptance_part(release: Release) -> list[dict[str, Any]]:
    batches = (
        release.batches.select_related("approved_by").prefetch_related("samples").order_by("pk")
    )
    return [_batch(one) for one in batches]


def _batch(batch: Batch) -> dict[str, Any]:
    return {
        "name": batch.name,
        "mode": batch.get_mode_display(),
        "state": batch.get_state_display(),
        "approved_by": _name(batch.approved_by) if batch.approved_by else "",
        "approved_at": _time(batch.approved_at),
        "remark": batch.remark,
        "samples": [
            {
                "number": one.number,
                "plan": one.get_plan_display(),
                "n": one.n,
                "c": one.c,
                "lot": one.lot,
                "state": one.get_state_display(),
                "looked_at": one.looked_at,
                "errors": one.errors,
                "follow_up": one.get_follow_up_display() if one.follow_up else "",
            }
            for one in batch.samples.all()
        ],
    }


def unmeasured(content: Mapping[str, Any], found: Sequence[GateResult]) -> list[str]:
    """What nobody knows of the release, in sentences: a gap that is not named is taken for good."""
    said = [f"{one.title}: {one.says}" for one in found if one.state is GateState.UNMEASURED]
    gated = {one.title for one in found if one.state is GateState.UNMEASURED}
    said += [
        f"{one['title']}: {one['explained'] or 'nothing of it is recorded.'}"
        for one in content["checks"]["figures"]
        if one["value"] is None and one["title"] not in gated and one["name"] != "edge_cases"
    ]
    for robot in content["checks"]["details"].get("coverage", []):
        named = robot["robot"] or "the recordings without a robot"
        without = [one["name"] for one in robot["dimensions"] if one["share"] is None]
        if without or not robot["dimensions"]:
            what = ", ".join(without) or "any dimension"
            said.append(f"Action-space coverage of {what}, {named}: limits or samples are missing.")
        if robot["position"]["share"] is None:
            said.append(f"Coverage of the workspace, {named}: none is declared, or no position.")
    blank = [one["annotator"] for one in content["calibration"] if not one["measured"]]
    if blank:
        said.append(f"Calibration by gold of {', '.join(blank)}.")
    untold = [
        f"{one['episodes']} {one['name'].lower()}"
        for one in content["sync"]["verdicts"]
        if one["verdict"] in (Episode.Sync.UNMEASURED, Episode.Sync.UNKNOWN)
    ]
    if untold:
        said.append(f"Clocks of episodes: {', '.join(untold)}.")
    if content["datasheet"]["open"]:
        said.append(f"{content['datasheet']['open']} questions of the datasheet are not answered.")
    return said


def visible_report(user: Viewer, report_id: UUID) -> QualityReport:
    """Raises NotFound to outsiders, RoleMissing below manager."""
    report = (
        QualityReport.objects.select_related(
            "release__project", "release__signed_by", "run", "created_by"
        )
        .filter(pk=report_id)
        .first()
    )
    if report is None:
        raise NotFound("There is no such report.", remedy="Check the address.")
    require_role(user, report.release.project, Role.MANAGER)
    return report


def newest_report(release: Release) -> QualityReport | None:
    return reports_of(release).select_related("run").first()


def reports_of(release: Release) -> QuerySet[QualityReport]:
    return release.reports.select_related("created_by").order_by("-number")


def release_quality(release: Release) -> dict[str, Any]:
    """What a release's page says of it: its report, the newest run, gates that block.

    ``watched``: something is at work, so the page looks again.
    """
    if release.state == Release.State.BUILDING:
        return {"watched": True}
    if release.state != Release.State.READY:
        return {}
    report = newest_report(release)
    run = release.check_runs.defer("details", "figures").order_by("-number").first()
    at_work = run is not None and run.state == CheckRun.State.WAITING
    just_built = run is None and release.finished_at is not None and _recent(release.finished_at)
    # The report is written a moment after the run that it is about.
    being_written = (
        run is not None
        and run.computed_at is not None
        and _recent(run.computed_at)
        and (report is None or report.run_id != run.pk)
    )
    gates_listed = report.content["gates"] if report else []
    return {
        "report": report,
        "run": run,
        "blocking": sum(one["state"] not in ("met", "not_required") for one in gates_listed),
        "watched": at_work or just_built or being_written,
    }


def _recent(moment: datetime) -> bool:
    return timezone.now() - moment < timedelta(seconds=20)


def signature_json(release: Release, report: QualityReport | None) -> dict[str, Any]:
    """Whether somebody stands for the release, and for all that is not as it should be."""
    unmet = (
        [one for one in report.content["gates"] if one["state"] not in ("met", "not_required")]
        if report
        else []
    )
    return {
        "signed": release.signed_at is not None,
        "signed_by": _name(release.signed_by) if release.signed_by else "",
        "signed_at": _time(release.signed_at),
        "override_reason": release.override_reason,
        "gates_not_met": [one["name"] for one in unmet],
    }


def report_document(report: QualityReport) -> dict[str, Any]:
    """The report as JSON: its frozen content, its sum, and the signature under it."""
    return {
        "number": report.number,
        "created_at": _time(report.created_at),
        "sha256": report.sha256,
        "signature": signature_json(report.release, report),
        "content": report.content,
    }


def _name(user: User) -> str:
    return user.get_full_name() or user.username


def _time(moment: Any) -> str:
    return moment.isoformat(timespec="seconds") if moment else ""
