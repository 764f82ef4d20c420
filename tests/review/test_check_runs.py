"""Runs of the dataset checks over accepted labels, segments judged by people, what checks hold."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from annotation.errors import NotFound, RoleMissing
from annotation.models import AuditEntry
from annotation.services.save_preferences import save_preferences
from review.errors import JudgementMalformed, NothingToJudge, OwnWork, PlanStale
from review.measures.checks.edge_cases import RequiredTag
from review.measures.checks.plan import CheckPlan
from review.measures.gates import GatePlan
from review.models import AlignmentItem, Batch, CheckRun
from review.selectors.alignment import next_item, stated
from review.selectors.dataset_checks import equal_run, plans_of
from review.services import check_runs as service
from review.services.alignment import draw_alignment_sample, judge_segment
from review.services.check_runs import compute_checks, forgotten_runs, request_checks
from review.services.quality_plan import change_quality_plan
from review.tasks import compute_checks_task
from tests.annotation.scene import Team
from tests.review.scene import approve, items_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def accepted(team: Team, batch: Batch) -> Team:
    """Three episodes whose labels stand; in the last one a mark lies after the only segment."""
    for item in items_of(batch):
        approve(team.ravi, item)
    last = items_of(batch)[-1].accepted_set
    assert last is not None
    last.labels.filter(kind="segment").update(start_ns=0, end_ns=1_000_000_000)
    return team


def computed(team: Team) -> CheckRun:
    run = request_checks(actor=team.ravi, project=team.project)
    compute_checks(run_id=run.pk)
    run.refresh_from_db()
    return run


def drawn(team: Team, segments: int = 50) -> AlignmentItem:
    sample = draw_alignment_sample(actor=team.ravi, project=team.project, segments=segments)
    return sample.items.earliest("order")


def figure(run: CheckRun, name: str) -> dict[str, object]:
    (found,) = [one for one in run.figures if one["name"] == name]
    return dict(found)


def test_a_run_finds_the_episode_in_which_something_is_broken(accepted: Team) -> None:
    run = computed(accepted)
    assert (run.state, run.sets, run.done) == (CheckRun.State.READY, 3, 3)
    broken = figure(run, "segmentation_invariants")
    assert (broken["value"], broken["n"]) == (pytest.approx(2 / 3, abs=1e-5), 3)
    found = run.findings.get(figure="segmentation_invariants")
    assert found.code == "event_outside"
    assert found.project_episode is not None
    assert (
        found.project_episode.episode == items_of(Batch.objects.get())[-1].project_episode.episode
    )


def test_the_same_question_of_the_same_labels_has_the_same_answer(accepted: Team) -> None:
    first, second = computed(accepted), computed(accepted)
    assert (first.sets_sha256, first.result_sha256) == (second.sets_sha256, second.result_sha256)
    assert equal_run(second) == first
    item = drawn(accepted)
    judge_segment(actor=accepted.ravi, item=item, slots={name: "ok" for name, _ in stated(item)})
    third = computed(accepted)
    assert third.sets_sha256 != first.sets_sha256
    assert equal_run(third) is None


def test_a_run_is_computed_once_and_a_forgotten_one_is_found(
    accepted: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = request_checks(actor=accepted.ravi, project=accepted.project)
    assert forgotten_runs() == []
    monkeypatch.setattr(service, "FORGOTTEN_AFTER", timedelta())
    assert forgotten_runs() == [run.pk]
    compute_checks_task(str(run.pk))
    run.refresh_from_db()
    before = run.computed_at
    compute_checks_task(str(run.pk))
    run.refresh_from_db()
    assert (run.computed_at, forgotten_runs()) == (before, [])
    assert AuditEntry.objects.filter(action="checks.computed").count() == 1


def test_a_run_that_kills_its_workers_is_given_up(
    accepted: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = request_checks(actor=accepted.ravi, project=accepted.project)
    monkeypatch.setattr(service, "FORGOTTEN_AFTER", timedelta())
    CheckRun.objects.update(attempts=3)
    assert forgotten_runs() == []
    run.refresh_from_db()
    assert (run.state, "stopped 3 times" in run.reason) == (CheckRun.State.FAILED, True)


def test_nothing_accepted_is_unmeasured(team: Team) -> None:
    run = computed(team)
    assert {one["value"] for one in run.figures} == {None}


def test_segments_are_drawn_once_and_judged_by_whom_did_not_label_them(accepted: Team) -> None:
    first = drawn(accepted)
    assert AlignmentItem.objects.count() == 3
    with pytest.raises(NothingToJudge):
        drawn(accepted)
    slots = {name: "ok" for name, _ in stated(first)}
    with pytest.raises(JudgementMalformed):
        judge_segment(actor=accepted.ravi, item=first, slots={})
    with pytest.raises(JudgementMalformed):
        judge_segment(actor=accepted.ravi, item=first, slots=dict.fromkeys(slots, "maybe"))
    accepted.project.memberships.filter(user=accepted.ada).update(role="reviewer")
    with pytest.raises(OwnWork):
        judge_segment(actor=accepted.ada, item=first, slots=slots)
    assert next_item(accepted.project, accepted.ada) is None
    assert next_item(accepted.project, accepted.ravi) == first
    judge_segment(actor=accepted.ravi, item=first, slots=slots)
    assert next_item(accepted.project, accepted.ravi) != first


def test_the_newer_judgement_of_a_segment_counts(accepted: Team) -> None:
    item = drawn(accepted, 1)
    slots = {name: "ok" for name, _ in stated(item)}
    judge_segment(actor=accepted.ravi, item=item, slots=slots)
    judge_segment(actor=accepted.mei, item=item, slots={**slots, "verb": "wrong"})
    run = computed(accepted)
    human = figure(run, "alignment_human")
    assert (human["value"], human["n"], run.judgements) == (0.0, 1, 1)
    assert run.details["alignment"]["wrong_by_slot"] == {"verb": 1}


def test_a_plan_is_kept_with_its_history_and_runs_stay_as_they_were(accepted: Team) -> None:
    before = computed(accepted)
    plan = CheckPlan(required_tags=(RequiredTag("outcome_success", episodes=2),))
    change_quality_plan(
        actor=accepted.mei, project=accepted.project, checks=plan, gates=GatePlan(), version=0
    )
    entry = AuditEntry.objects.get(action="quality_plan.changed")
    assert entry.facts["before"]["required_tags"] == ""
    assert "outcome_success" in entry.facts["after"]["required_tags"]
    after = computed(accepted)
    assert figure(after, "edge_cases")["value"] == 1.0
    before.refresh_from_db()
    assert figure(before, "edge_cases")["value"] is None
    with pytest.raises(PlanStale):
        change_quality_plan(
            actor=accepted.mei, project=accepted.project, checks=CheckPlan(), gates=GatePlan(),
            version=0,
        )  # fmt: skip


@pytest.mark.parametrize(("who", "error"), [("ada", RoleMissing), ("otto", NotFound)])
def test_only_reviewers_run_and_draw(team: Team, who: str, error: type[Exception]) -> None:
    actor = getattr(team, who)
    with pytest.raises(error):
        request_checks(actor=actor, project=team.project)
    with pytest.raises(error):
        draw_alignment_sample(actor=actor, project=team.project, segments=1)


@pytest.mark.parametrize(
    ("who", "error"), [("ravi", RoleMissing), ("ada", RoleMissing), ("otto", NotFound)]
)
def test_only_managers_say_what_checks_hold(team: Team, who: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        change_quality_plan(
            actor=getattr(team, who), project=team.project, checks=CheckPlan(),
            gates=GatePlan(), version=0,
        )  # fmt: skip


def test_the_settings_page_keeps_what_it_is_given_and_names_what_it_cannot_read(
    team: Team, client: Client
) -> None:
    client.force_login(team.mei)
    address = reverse("quality-settings", args=[team.project.pk])
    forms = client.get(address).context["forms"]
    given = {
        field.html_name: field.value()
        for form in (forms.version, *forms.parts.values())
        for field in form
        if field.value() is not None
    }
    wrong = client.post(address, {**given, "required_tags": "slip\nimpact, many"})
    assert wrong.status_code == 400
    assert "“impact, many”: many is no number" in wrong.content.decode()
    kept = client.post(address, {**given, "required_tags": "slip, 2\nimpact, 5 %"})
    assert kept.status_code == 302
    assert plans_of(team.project).checks == CheckPlan(
        required_tags=(RequiredTag("slip", episodes=2), RequiredTag("impact", share=0.05))
    )


def test_the_pages_show_figures_and_findings_with_a_fixed_number_of_questions(
    accepted: Team, client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    run = computed(accepted)
    drawn(accepted)
    client.force_login(accepted.ravi)
    with django_assert_max_num_queries(20):
        page = client.get(reverse("project-quality", args=[accepted.project.pk]))
    assert "Judge 3 segments" in page.content.decode()
    with django_assert_max_num_queries(16):
        page = client.get(reverse("check-run", args=[run.pk]))
    assert "mark in no segment" in page.content.decode()
    judged = client.get(reverse("alignment-next", args=[accepted.project.pk]), follow=True)
    assert "Single letters and digits are commands" in judged.content.decode()
    assert judged.context["single_keys"] is True
    form = judged.context["form"]
    answers = dict.fromkeys(form.fields, "ok")
    done = client.post(judged.request["PATH_INFO"], answers)
    assert done["Location"] == reverse("alignment-next", args=[accepted.project.pk])
    assert client.post(judged.request["PATH_INFO"], {}).status_code == 400
    save_preferences(actor=accepted.ravi, base_version=0, values={"single_keys": False})
    assert client.get(judged.request["PATH_INFO"]).context["single_keys"] is False
