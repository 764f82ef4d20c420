"""A release's quality report: made when it is built, frozen, signed by name, in its archive."""

import io
import json
import zipfile
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from annotation.errors import NotFound, RoleMissing
from annotation.models import AuditEntry
from annotation.webhook_events import EVENTS
from episodes.models import Dataset
from review.errors import GatesNotMet, ReleaseSigned, ReportNotReady, ReportStale
from review.measures.checks.plan import CheckPlan
from review.measures.gates import GateName, GatePlan
from review.models import Batch, QualityReport, Release
from review.selectors.dataset_checks import canonical
from review.services.quality_plan import answer_datasheet, change_quality_plan
from review.services.quality_reports import (
    begin_report,
    complete_report,
    request_report,
    sign_release,
    unreported_releases,
)
from review.services.releases import request_release
from review.services.score import score_pending
from review.tasks import build_release_task
from tests.annotation.scene import Team
from tests.review.test_releases import batch as batch
from tests.review.test_releases import team as team

pytestmark = pytest.mark.django_db(transaction=True)
REASON = "Three episodes prove nothing; this is a trial of the pipeline."


def reported(team: Team, batch: Batch) -> tuple[Release, QualityReport]:
    score_pending()
    release = request_release(actor=team.mei, project=team.project, batches=[batch])
    build_release_task(str(release.pk))
    release.refresh_from_db()
    return release, release.reports.get()


def again(team: Team, release: Release) -> QualityReport:
    run = request_report(actor=team.mei, release=release)
    found = complete_report(run_id=run.pk)
    assert found is not None
    return found


def only(team: Team, *names: GateName, **checks: Any) -> None:
    """Require these gates and no others."""
    change_quality_plan(
        actor=team.mei, project=team.project, checks=CheckPlan(**checks),
        gates=GatePlan(required=frozenset(names)), version=0,
    )  # fmt: skip


def test_a_built_release_has_its_report_once(team: Team, batch: Batch) -> None:
    release, report = reported(team, batch)
    assert (report.number, report.run.sets, report.signed) == (1, 2, False)
    build_release_task(str(release.pk))
    assert begin_report(release_id=release.pk) is None
    complete_report(run_id=report.run_id)
    assert release.reports.count() == 1
    assert unreported_releases() == []
    content = report.content
    assert content["release"]["content_sha256"] == release.content_sha256
    assert [one["name"] for one in content["acceptance"]] == ["Batch 1"]
    assert content["agreement"]["between_annotators"][0]["rate"] == 1.0
    assert {one["annotator"] for one in content["calibration"]} == {"Ada"}


def test_what_is_not_known_is_said(team: Team, batch: Batch) -> None:
    _, report = reported(team, batch)
    states = {one["name"]: one["state"] for one in report.content["gates"]}
    assert (states["accuracy"], states["licence"]) == ("unmeasured", "unmet")
    said = " ".join(report.content["unmeasured"])
    assert "Accuracy of the labels against gold" in said
    assert "questions of the datasheet are not answered" in said


def test_it_is_not_signed_while_a_gate_is_not_met_without_a_reason(
    team: Team, batch: Batch
) -> None:
    release, report = reported(team, batch)
    with pytest.raises(GatesNotMet) as refused:
        sign_release(actor=team.mei, release=release, report_id=report.pk, override_reason="  ")
    needs = {one["name"]: one["more"] for one in refused.value.fields["gates"]}
    assert needs["alignment"] == 52
    release.refresh_from_db()
    assert release.signed_at is None


def test_a_reason_overrides_and_stays_with_the_release(team: Team, batch: Batch) -> None:
    release, report = reported(team, batch)
    sign_release(actor=team.mei, release=release, report_id=report.pk, override_reason=REASON)
    release.refresh_from_db()
    report.refresh_from_db()
    assert (release.signed_by, release.override_reason, report.signed) == (team.mei, REASON, True)
    entry = AuditEntry.objects.get(action="release.signed")
    assert entry.facts["override_reason"] == REASON
    assert "alignment" in entry.facts["gates_not_met"]
    assert entry.action in dict(EVENTS)
    with pytest.raises(ReleaseSigned):
        sign_release(actor=team.mei, release=release, report_id=report.pk)
    with pytest.raises(ReleaseSigned):
        request_report(actor=team.mei, release=release)


def test_with_its_gates_met_no_reason_is_needed_and_none_is_kept(team: Team, batch: Batch) -> None:
    only(team, GateName.PAIRWISE, GateName.BATCHES)
    release, report = reported(team, batch)
    sign_release(actor=team.mei, release=release, report_id=report.pk, override_reason="So.")
    release.refresh_from_db()
    assert (release.signed_by, release.override_reason) == (team.mei, "")


def test_a_report_stays_as_it_was_whatever_is_changed_later(team: Team, batch: Batch) -> None:
    release, report = reported(team, batch)
    before = canonical(report.content)
    Dataset.objects.update(licence="CC BY 4.0", consent=Dataset.Consent.NOT_NEEDED)
    answer_datasheet(
        actor=team.mei, project=team.project, answers={"purpose": "To stack."}, version=0
    )
    only(team, GateName.LICENCE)
    newer = again(team, release)
    kept = QualityReport.objects.get(pk=report.pk)
    assert canonical(kept.content) == before
    assert newer.number == 2
    assert {one["name"]: one["state"] for one in newer.content["gates"]}["licence"] == "met"
    answers = {
        one["id"]: one["answer"]
        for section in newer.content["datasheet"]["sections"]
        for one in section["questions"]
    }
    assert answers["purpose"] == "To stack."


def test_who_signs_has_read_the_newest_report_and_nothing_changed_since(
    team: Team, batch: Batch
) -> None:
    release, report = reported(team, batch)
    newer = again(team, release)
    with pytest.raises(ReportStale):
        sign_release(actor=team.mei, release=release, report_id=report.pk, override_reason=REASON)
    Dataset.objects.update(licence="MIT")
    with pytest.raises(ReportStale) as refused:
        sign_release(actor=team.mei, release=release, report_id=newer.pk, override_reason=REASON)
    assert refused.value.fields["gates"] == ["Licence stated"]


def test_a_release_without_a_report_is_not_signed(team: Team, batch: Batch) -> None:
    release, report = reported(team, batch)
    QualityReport.objects.all().delete()
    with pytest.raises(ReportNotReady):
        sign_release(actor=team.mei, release=release, report_id=report.pk, override_reason=REASON)


@pytest.mark.parametrize(
    ("who", "error"), [("ada", RoleMissing), ("ravi", RoleMissing), ("otto", NotFound)]
)
def test_only_managers_sign(team: Team, batch: Batch, who: str, error: type[Exception]) -> None:
    release, report = reported(team, batch)
    with pytest.raises(error):
        sign_release(
            actor=getattr(team, who), release=release, report_id=report.pk, override_reason=REASON
        )


def papers_of(client: Client, release: Release) -> dict[str, Any]:
    answer = client.get(reverse("review-release-download", args=[release.pk]))
    with zipfile.ZipFile(io.BytesIO(b"".join(answer))) as packed:
        return {
            name.partition("/")[2]: packed.read(name)
            for name in packed.namelist()
            if name.count("/") == 1
        }


def test_the_archive_carries_the_report_and_says_who_signed(
    team: Team, batch: Batch, client: Client
) -> None:
    release, report = reported(team, batch)
    client.force_login(team.mei)
    unsigned = papers_of(client, release)
    manifest = json.loads(unsigned["release.json"])
    assert (manifest["signature"]["signed"], manifest["report"]["number"]) == (False, 1)
    assert b"Not signed" in unsigned["quality-report.html"]
    assert papers_of(client, release) == unsigned
    sign_release(actor=team.mei, release=release, report_id=report.pk, override_reason=REASON)
    signed = papers_of(client, release)
    manifest = json.loads(signed["release.json"])
    assert manifest["signature"]["override_reason"] == REASON
    assert manifest["signature"]["signed_by"] == "Mei"
    document = json.loads(signed["quality-report.json"])
    assert document["content"] == report.content
    assert document["signature"]["signed_by"] == "Mei"
    assert REASON in signed["quality-report.html"].decode()


def test_the_page_asks_for_a_reason_and_keeps_it(team: Team, batch: Batch, client: Client) -> None:
    release, report = reported(team, batch)
    client.force_login(team.mei)
    page, sign = (
        reverse("quality-report", args=[report.pk]),
        reverse("release-sign", args=[release.pk]),
    )
    assert "Not signed" in client.get(page).content.decode()
    refused = client.post(sign, {"report": str(report.pk)})
    assert refused.status_code == 409
    assert "say why the release is signed all the same" in refused.content.decode()
    done = client.post(sign, {"report": str(report.pk), "override_reason": REASON}, follow=True)
    assert REASON in done.content.decode()
    assert "Sign all the same" not in client.get(page).content.decode()


def test_a_program_reads_and_signs(team: Team, batch: Batch, client: Client) -> None:
    release, report = reported(team, batch)
    client.force_login(team.mei)
    read = client.get(reverse("api-report", args=[release.pk])).json()
    assert (read["id"], read["signature"]["signed"]) == (str(report.pk), False)
    address = reverse("api-sign", args=[release.pk])
    refused = client.post(address, {"report": read["id"]}, content_type="application/json")
    assert (refused.status_code, refused.json()["code"]) == (409, "gates_not_met")
    body = {"report": read["id"], "override_reason": REASON}
    done = client.post(address, body, content_type="application/json")
    assert done.json()["signature"]["signed"] is True
    one = client.get(reverse("api-release", args=[release.pk])).json()
    assert (one["signed_by"], one["override_reason"]) == ("mei", REASON)


def test_the_page_asks_as_much_however_large_the_report(
    team: Team, batch: Batch, client: Client,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:  # fmt: skip
    _, report = reported(team, batch)
    client.force_login(team.mei)
    with django_assert_max_num_queries(14):
        client.get(reverse("quality-report", args=[report.pk]))
