"""Agreement held against the truth of simulated annotators: figures, places, runs, episodes."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from annotation.errors import NotFound, RoleMissing
from annotation.labels.schema import core_schema
from annotation.models import AcceptancePolicy, AuditEntry, Membership, Project
from annotation.selectors.labels import labels_by_set
from annotation.services.policies import set_acceptance
from episodes.models import ClockMap, Stream
from review.errors import NothingToCompare
from review.measures.counts import Measure
from review.measures.episodes import EpisodeAnswers, EpisodeCounter
from review.measures.figures import agreement_figures
from review.measures.records import Tolerances, answer_of
from review.models import AgreementRun, ScoredPair, SimulatedAnnotator
from review.selectors.agreement import agreement, computed, what_would_decide
from review.selectors.agreement_episodes import Behind, behind
from review.selectors.agreement_wanted import Wanted
from review.selectors.scores import compared
from review.selectors.sets import sets_of
from review.selectors.simulated_truth import true_values
from review.selectors.stored_counts import stored_counts
from review.services.agreement_runs import compute_again, compute_run, request_run
from review.services.simulate_annotators import Person, simulate_annotators
from tests.annotation.scene import DURATION_NS, Team
from tests.once import once
from tests.review.test_pages import payload_of, text

pytestmark = pytest.mark.django_db

NAME = "Known people"
PEOPLE = (Person(0.97, 0), Person(0.93, 20), Person(0.97, 0))


def simulated(team: Team, *, episodes: int = 80, seed: int = 3, **given: Any) -> Project:
    options: dict[str, Any] = {"people": PEOPLE, "managers": [(team.mei, "manager")], **given}

    def make() -> Project:
        project = simulate_annotators(
            name=NAME, template=team.dataset, episodes=episodes, seed=seed, **options
        )
        Membership.objects.create(project=project, user=team.ravi, role=Membership.Role.REVIEWER)
        return project

    return once(f"simulated {episodes} {seed} {given}", make)


@pytest.mark.parametrize("gold", [False, True])
def test_the_interval_of_the_page_holds_the_truth(team: Team, client: Client, gold: bool) -> None:
    project = simulated(team)
    found = agreement(project, Wanted(project.pk, gold=gold))
    truth = true_values(project, found.wanted)
    figures = {one.measure: one for one in found.pooled}
    assert set(truth) == {"event", "outcome", "text", "boundary"}
    for measure in ("event", "outcome", "text"):
        low, high = figures[measure].low, figures[measure].high
        assert low is not None
        assert high is not None
        assert low <= truth[measure] <= high, measure
        assert high - low < 0.2
    client.force_login(team.ravi)
    page = text(client.get(reverse("review-agreement", args=[project.pk]), {"gold": "on" * gold}))
    assert page.count(">held<") >= 3
    assert "simulated, so the truth is known" in page


def test_the_bias_of_an_annotator_is_found(team: Team) -> None:
    project = simulated(team)
    parts = agreement(project, Wanted(project.pk, gold=True)).pairs
    found = [one.figures[0].median_ns for one in parts]
    assert [round(ns / 1e6 / 10) * 10 for ns in found if ns is not None] == [0, 20, 0]


def test_stored_counts_give_the_figures_that_the_page_shows(team: Team) -> None:
    """Two ways to the same numbers: sums by the database, and columns of an episode each."""
    project = simulated(team, episodes=20)
    wanted = Wanted(project.pk)
    found, stored = agreement(project, wanted), stored_counts(wanted)
    assert (stored.counts.episodes, stored.pairs) == (20, 60)
    for one in found.pooled:
        if one.measure == "exact":
            measured = stored.counts.exact()
        else:
            measured = stored.counts.estimate(Measure(one.measure))
        assert (one.rate, one.low, one.high) == (measured.rate, measured.low, measured.high)
    frozen, _ = computed(project, wanted)
    assert {one["name"] for one in frozen["coefficients"]} >= {"Alpha over time", "Outcome, alpha"}
    alpha = next(one for one in frozen["coefficients"] if one["name"] == "Alpha over time")
    assert alpha["low"] < alpha["value"] < alpha["high"]
    json.dumps(frozen, allow_nan=False)


def test_the_alpha_of_texts_is_that_of_the_labels_themselves(team: Team) -> None:
    """Few enough texts that every two of different episodes are compared."""
    project = simulated(team, episodes=12)
    counter = EpisodeCounter()
    for place, sets in sets_of(project.project_episodes.values_list("pk", flat=True)).items():
        labels = labels_by_set(sets.annotators)
        answers = {str(pk): answer_of(own, core_schema()) for pk, own in labels.items()}
        counter.add([EpisodeAnswers(str(place), DURATION_NS, answers, Tolerances())])
    expected = agreement_figures(counter.counts()).text_alpha
    frozen, _ = computed(project, Wanted(project.pk))
    found = next(one for one in frozen["coefficients"] if one["name"] == "Instruction texts, alpha")
    assert found["value"] == pytest.approx(expected.value)
    assert found["n"] == expected.n
    assert found["value"] < 1
    against_gold, _ = computed(project, Wanted(project.pk, gold=True))
    assert any(one["name"] == "Instruction texts, alpha" for one in against_gold["coefficients"])


def test_filters_narrow_what_is_compared(team: Team) -> None:
    project = simulated(team, episodes=10)
    users = list(SimulatedAnnotator.objects.filter(project=project).values_list("user", flat=True))
    whole = Wanted(project.pk)
    assert compared(whole).pairs == 30
    assert compared(whole.of(people=tuple(users[:2]))).pairs == 10
    assert compared(whole.of(people=(users[1], users[0]))).pairs == 10
    assert compared(whole.of(people=(users[0],))).pairs == 20
    assert compared(whole.of(gold=True, people=(users[0],))).pairs == 10
    assert compared(whole.of(first=timezone.localdate().replace(year=2099))).pairs == 0
    assert compared(whole.of(purpose="training")).pairs == 0
    task = project.project_episodes.values_list("episode__task", flat=True)[0]
    assert compared(whole.of(task=task)).pairs == 30
    assert compared(whole.of(schema=project.schema_id)).pairs == 30
    only = agreement(project, whole.of(label_type="outcome"))
    assert [one.measure for one in only.pooled] == ["outcome"]
    assert Wanted.from_json(project.pk, whole.of(people=(1, 2)).to_json()).people == (1, 2)


def test_two_schema_versions_and_a_corrected_clock_are_marked(team: Team, client: Client) -> None:
    project = simulated(team, episodes=4)
    place = project.project_episodes.first()
    assert place is not None
    pair = ScoredPair.objects.filter(project_episode=place, against_gold=False)[0]
    ScoredPair.objects.filter(pk=pair.pk).update(two_schemas=True)
    stream = Stream.objects.filter(episode=place.episode_id)[0]
    ClockMap.objects.create(stream=stream, offset_ns=5_000_000, method="by hand")
    found = compared(Wanted(project.pk))
    assert (found.two_schemas, found.clock_moved) == (1, 3)
    assert compared(Wanted(project.pk, steady=True)).pairs == 9
    ScoredPair.objects.filter(project_episode=place, against_gold=True).update(
        retired=ScoredPair.Retired.GOLD, retired_at=timezone.now()
    )
    client.force_login(team.ravi)
    gold = text(client.get(reverse("review-agreement", args=[project.pk]), {"gold": "on"}))
    assert "3 comparisons were made with gold that is corrected now" in gold
    page = text(client.get(reverse("review-agreement", args=[project.pk])))
    assert "1 of 12 comparisons are between sets of two schema versions" in page
    assert "3 of 12 comparisons are about episodes whose camera" in page
    listed = reverse("review-agreement-episodes", args=[project.pk])
    assert "clock corrected since" in text(client.get(listed))


def test_what_more_episodes_would_not_decide_is_said(team: Team) -> None:
    project = simulated(team, episodes=3)
    contacts, *_, outcome = agreement(project, Wanted(project.pk)).pooled
    stuck = replace(contacts, rate=0.7, more=None)
    assert what_would_decide([stuck]).startswith("The rate itself does not exceed the bar")
    enough = replace(outcome, rate=1.0, more=1)
    assert what_would_decide([enough]) == "About 1 more episode at this rate would decide."
    said = what_would_decide([stuck, replace(enough, more=50)])
    assert said.startswith("About 50 more episodes at this rate would decide, but not Contacts, F")


def test_the_bar_is_that_of_the_policy(team: Team) -> None:
    project = simulated(team, episodes=30)
    kinds = AcceptancePolicy.LabelType
    set_acceptance(
        actor=team.mei, project=project, task=None, label_type=kinds.CONTACT, evaluation=False,
        bar_ppm=600_000, confidence_ppm=990_000,
    )  # fmt: skip
    figures = {one.measure: one for one in agreement(project, Wanted(project.pk)).pooled}
    assert (figures["event"].bar, figures["event"].confidence) == (0.6, 0.99)
    assert figures["event"].gate == "pass"
    assert figures["outcome"].bar == 0.95


def test_the_page_says_what_it_means_and_what_to_do_next(team: Team, client: Client) -> None:
    project = simulated(team, episodes=60)
    said = agreement(project, Wanted(project.pk)).says
    assert re.match(r"Below the bar: Contacts, F \(0\.\d{3}\)", said)
    assert "say in the guideline what counts" in said
    client.force_login(team.ravi)
    assert said.replace("'", "&#x27;") in text(
        client.get(reverse("review-agreement", args=[project.pk]))
    )
    set_acceptance(
        actor=team.mei, project=project, task=None, label_type="", evaluation=False,
        bar_ppm=500_000, confidence_ppm=950_000,
    )  # fmt: skip
    said = agreement(project, Wanted(project.pk)).says
    assert said.startswith("These meet their bar: Contacts, F (0.")
    # The bar of every kind of label is spoken of, not of contacts and outcomes alone.
    assert "Instruction slots" in said


def test_behind_every_cell_are_its_episodes(team: Team) -> None:
    project = simulated(team, episodes=40)
    for gold in (False, True):
        wanted = Wanted(project.pk, gold=gold)
        found = agreement(project, wanted)
        assert found.tables
        for cell in (cell for table in found.tables for cell in table.differing):
            if cell.what.startswith("confused"):
                page = behind(wanted, Behind(cell.what, cell.label_class), limit=500)
                assert sum(row.count for row in page.rows) == cell.count
        for one in found.phases:
            page = behind(wanted, Behind(f"phase-{one.kind}", phase=one.at), limit=500)
            wrong = 2 * one.measured.trials * (1 - (one.measured.rate or 0))
            assert sum(row.count for row in page.rows) == round(wrong)
    with pytest.raises(NotFound):
        behind(Wanted(project.pk), Behind("differs-nonsense"))


def test_the_drill_down_leads_to_both_sides(team: Team, client: Client) -> None:
    project = simulated(team, episodes=40)
    client.force_login(team.ravi)
    page = client.get(reverse("review-agreement", args=[project.pk]))
    link = re.search(
        r'href="(/review/projects/\d+/agreement/episodes/\?what=confused[^"]*)"', text(page)
    )
    assert link is not None
    listed = client.get(link[1].replace("&amp;", "&"))
    assert listed.status_code == 200
    assert "Called differently" in text(listed)
    both = re.search(r'<a href="(/review/comparisons/[0-9a-f-]+/)">episode_', text(listed))
    assert both is not None
    payload = payload_of(client.get(both[1]))
    assert len(payload["sets"]) == 2
    assert not any(one["editable"] for one in payload["sets"])
    assert payload["differences"]
    Membership.objects.create(project=project, user=team.ada, role=Membership.Role.ANNOTATOR)
    for user, status in ((team.ada, 403), (team.otto, 404)):
        other = Client()
        other.force_login(user)
        assert other.get(both[1]).status_code == status
    assert (
        client.get(
            reverse("review-agreement-episodes", args=[project.pk]), {"what": "x"}
        ).status_code
        == 404
    )


def test_a_run_is_frozen_and_computed_again_to_the_same_digits(team: Team) -> None:
    project = simulated(team, episodes=20)
    run = request_run(actor=team.ravi, project=project, wanted=Wanted(project.pk), note="release")
    assert compute_run(run_id=run.pk) is not None
    assert compute_run(run_id=run.pk) is None
    run.refresh_from_db()
    assert (run.state, run.number, run.pairs, run.episodes) == ("ready", 1, 60, 20)
    assert AuditEntry.objects.filter(action="agreement_run.requested").count() == 1
    set_acceptance(
        actor=team.mei, project=project, task=None, label_type="", evaluation=False,
        bar_ppm=900_000,
    )  # fmt: skip
    ScoredPair.objects.filter(against_gold=False).update(retired="round", retired_at=timezone.now())
    assert compared(Wanted(project.pk)).pairs == 0
    again = compute_again(run)
    assert (again.same_pairs, again.identical, again.pairs) == (True, True, 60)
    ScoredPair.objects.filter(against_gold=False)[0].delete()
    assert not compute_again(run).same_pairs


def test_nothing_is_no_run(team: Team) -> None:
    with pytest.raises(NothingToCompare):
        request_run(actor=team.ravi, project=team.project, wanted=Wanted(team.project.pk))


@pytest.mark.parametrize(("who", "error"), [("ada", RoleMissing), ("otto", NotFound)])
def test_who_may_not_make_a_run(team: Team, who: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        request_run(actor=getattr(team, who), project=team.project, wanted=Wanted(team.project.pk))


def test_runs_by_the_page_and_by_the_api(
    team: Team, client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    project = simulated(team, episodes=6)
    client.force_login(team.ravi)
    made = client.post(
        reverse("review-run-create", args=[project.pk]) + "?gold=on", {"note": "July"}
    )
    run = AgreementRun.objects.get()
    assert made["Location"] == reverse("review-run", args=[run.pk])
    assert "computed in the background" in text(client.get(made["Location"]))
    compute_run(run_id=run.pk)
    page = text(client.get(made["Location"]))
    assert "July" in page
    assert "Alpha over time" in page
    assert "every figure is the same" in text(
        client.post(reverse("review-run-again", args=[run.pk]), follow=True)
    )
    csv = b"".join(client.get(reverse("review-run-table", args=[run.pk, "csv"]))).decode()
    assert csv.startswith("kind,name,label_class,rate,low,high")
    stored = client.get(reverse("review-run-table", args=[run.pk, "json"])).json()
    assert (stored["filter"], stored["run"]) == ({"gold": True}, 1)
    api = reverse("api-agreement-runs", args=[project.pk])
    answer = client.post(api, {"note": "by program"}, "application/json")
    assert (answer.status_code, answer.json()["number"]) == (202, 2)
    assert client.get(reverse("api-agreement-run", args=[run.pk])).json()["figures"]["figures"]
    now = client.get(reverse("api-agreement", args=[project.pk]), {"gold": "true"}).json()
    assert now["comparisons"] == 18
    assert now["figures"][0]["n"] > 0


def test_a_filter_that_makes_no_sense_is_said_and_not_applied(team: Team, client: Client) -> None:
    project = simulated(team, episodes=4)
    client.force_login(team.ravi)
    user = SimulatedAnnotator.objects.filter(project=project)[0].user_id
    page = text(
        client.get(
            reverse("review-agreement", args=[project.pk]),
            {"first": "2026-02-02", "last": "2026-01-01", "person": str(user), "other": str(user)},
        )
    )
    assert "The first day comes after the last one." in page
    assert "Nobody is compared with themself" in page


def test_each_kind_of_label_has_its_page(team: Team, client: Client) -> None:
    project = simulated(team, episodes=6)
    client.force_login(team.ravi)
    for kind in AcceptancePolicy.LabelType.values:
        for gold in ("", "on"):
            address = reverse("review-agreement", args=[project.pk])
            page = client.get(address, {"label_type": kind, "gold": gold})
            assert page.status_code == 200
    spans = text(client.get(address, {"label_type": "span"}))
    assert "Not defined: There is nothing to compare yet." in spans


def test_the_page_asks_a_fixed_number_of_times(team: Team, client: Client) -> None:
    project = simulated(team, episodes=6)
    client.force_login(team.ravi)
    pages = [
        reverse("review-agreement", args=[project.pk]),
        reverse("review-agreement-episodes", args=[project.pk]),
    ]

    def asked() -> list[int]:
        counts = []
        for page in pages:
            client.get(page)
            with CaptureQueriesContext(connection) as context:
                client.get(page)
            counts.append(len(context))
        return counts

    long = asked()
    ScoredPair.objects.filter(project_episode__position__gt=1).delete()
    assert asked() == long
    assert max(long) <= 32


def test_simulated_annotators_by_command_and_away_again(team: Team, capsys: Any) -> None:
    people = list(Membership.objects.values_list("user__username", flat=True))
    call_command(
        "simulate_annotators", project=NAME, dataset="so101", episodes=5, accuracy=[0.9, 0.8, 0.7],
        bias_ms=[0, 20], seed=7, manager=["mei"],
    )  # fmt: skip
    project = Project.objects.get(name=NAME)
    assert project.simulated
    rows = SimulatedAnnotator.objects.filter(project=project).order_by("user")
    assert [(one.accuracy_ppm, one.bias_ns) for one in rows] == [
        (900_000, 0), (800_000, 20_000_000), (700_000, 0),
    ]  # fmt: skip
    assert "3 simulated annotators handed in 5 episodes" in capsys.readouterr().out
    call_command("simulate_annotators", project=NAME, remove=True)
    assert not Project.objects.filter(name=NAME).exists()
    assert not ScoredPair.objects.exists()
    assert list(Membership.objects.values_list("user__username", flat=True)) == people
    with pytest.raises(CommandError, match="no dataset named"):
        call_command("simulate_annotators", project=NAME, dataset="nothing")
    with pytest.raises(CommandError, match="between 0 and 1"):
        call_command("simulate_annotators", project=NAME, dataset="so101", accuracy=[1.5])
