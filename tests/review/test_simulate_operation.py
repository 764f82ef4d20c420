"""A simulated project: full, marked, the same from the same seed, and gone without a trace."""

from datetime import date
from io import StringIO
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db.models import Sum
from django.test import Client
from django.urls import reverse
from django_vite.core.asset_loader import (  # type: ignore[import-untyped]
    DjangoViteAssetLoader,
)
from pytest_django import Settings

from annotation.models import (
    ActivitySpan,
    AnnotationSet,
    Assignment,
    AuditEntry,
    Comment,
    Label,
    Membership,
    Project,
    ProjectEpisode,
    Skip,
)
from episodes.models import Episode, Stream
from review.errors import NotSimulatable
from review.measures.simulated_operation import plan_operation
from review.models import Batch, BatchItem, SimulatedOperation, Verdict
from review.services.daily_work import rebuild_daily_work
from review.services.progress import rebuild_progress
from review.services.remove_simulation import remove_simulation
from review.services.score import score_pending
from review.services.simulate_operation import (
    advance_simulation,
    fill_simulation,
    fill_waiting,
    order_simulation,
    waiting_orders,
)
from tests.annotation.scene import Team, queue_up
from tests.once import once

pytestmark = pytest.mark.slow
LAST = date(2026, 3, 26)


@pytest.fixture(autouse=True)
def pages_without_a_build(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.DJANGO_VITE = {"default": {"dev_mode": True}}
    monkeypatch.setattr(DjangoViteAssetLoader, "_instance", None)


def row_counts() -> dict[str, int]:
    models = [model for model in apps.get_models() if model._meta.managed]
    return {model._meta.label: model._default_manager.count() for model in models}


def simulated(team: Team, name: str = "Pretended", seed: int = 1) -> Project:
    def make() -> Project:
        order = order_simulation(
            name=name,
            template=team.dataset,
            managers=[(team.mei, "manager")],
            months=2,
            people=4,
            sets_a_day=3,
            seed=seed,
        )
        assert fill_simulation(order_id=order.pk, last=LAST) is not None
        return Project.objects.get(name=name)

    return once(f"operation {name} {seed}", make)


def told(project: Project) -> list[tuple[Any, ...]]:
    """The work without ids."""
    sets = AnnotationSet.objects.filter(project_episode__project=project, kind="annotator")
    return list(
        sets.order_by("created_at", "project_episode__position", "round").values_list(
            "project_episode__position", "round", "state", "created_at", "submitted_at"
        )
    )


def test_every_stage_of_the_work_is_there(team: Team) -> None:
    project = simulated(team)
    places = ProjectEpisode.objects.filter(project=project)
    assert set(places.values_list("progress", flat=True)) >= {
        "waiting", "labelling", "submitted", "in_review", "approved",
    }  # fmt: skip
    assert AnnotationSet.objects.filter(project_episode__project=project, round=2).exists()
    assert Assignment.objects.filter(project_episode__project=project, state="released").exists()
    assert Batch.objects.filter(project=project, state="approved").exists()
    assert Verdict.objects.filter(item__batch__project=project, decision="returned").exists()
    schemas = AnnotationSet.objects.filter(project_episode__project=project, kind="annotator")
    assert schemas.values("schema").distinct().count() == 2
    assert Label.objects.filter(annotation_set__project_episode__project=project).count() > 1000


def test_people_talk_skip_and_take_breaks(team: Team) -> None:
    project = simulated(team)
    place = {"project_episode__project": project}
    assert Comment.objects.filter(**place, parent=None).exists()
    assert Comment.objects.filter(**place).exclude(parent=None).exists()
    assert Skip.objects.filter(**place).count() > 3
    spans = ActivitySpan.objects.filter(assignment__project_episode__project=project)
    assert spans.exists()
    total = project.counted_sets.aggregate(worked=Sum("worked_ms"), held=Sum("held_ms"))
    assert 0 < total["worked"] < total["held"]
    assert Membership.objects.filter(project=project, standing="paused").count() == 1
    assert project.project_episodes.filter(reserved_for__isnull=False).exists()


def test_the_trail_lies_in_the_order_of_time(team: Team) -> None:
    project = simulated(team)
    times = AuditEntry.objects.filter(project=project).order_by("id")
    found = list(times.values_list("created_at", flat=True))
    assert found == sorted(found)


def test_a_fill_that_was_broken_off_goes_on(team: Team) -> None:
    whole = simulated(team, "Whole")
    order = order_simulation(name="Broken", template=team.dataset, months=2, people=4, sets_a_day=3)
    parts = 0
    while advance_simulation(order_id=order.pk, last=LAST if parts == 0 else None):
        parts += 1
    broken = Project.objects.get(name="Broken")
    assert parts > 10
    assert told(broken) == told(whole)
    counted = (Label, Skip, Comment, Verdict)
    paths = (
        "annotation_set__project_episode__project",
        "project_episode__project",
        "project_episode__project",
        "item__batch__project",
    )
    for model, path in zip(counted, paths, strict=True):
        rows = model._default_manager
        assert rows.filter(**{path: broken}).count() == rows.filter(**{path: whole}).count()
    assert fill_simulation(order_id=order.pk) is None


def test_a_sweep_fills_in_small_parts_once_recordings_are_prepared(team: Team) -> None:
    order = order_simulation(name="Later", template=team.dataset, months=1, people=2, sets_a_day=1)
    assert waiting_orders() == []
    assert fill_waiting(seconds=1) == 0
    Stream.objects.filter(episode__dataset=team.dataset).update(sprite={"made": True})
    Episode.objects.filter(dataset=team.dataset).update(sync=Episode.Sync.GREEN)
    assert waiting_orders() == [order.pk]
    assert fill_waiting(seconds=0) == 0
    assert fill_waiting(seconds=120) > 5
    order.refresh_from_db()
    assert order.filled_at is not None
    assert waiting_orders() == []


def test_copies_do_not_stand_before_real_recordings(team: Team) -> None:
    project = simulated(team)
    newest = Episode.objects.order_by("-created_at").first()
    assert newest is not None
    assert newest.dataset == team.dataset
    assert project.project_episodes.filter(episode__dataset=team.dataset).count() == 0


def test_what_the_sweeps_made_of_it_goes_too(team: Team) -> None:
    before = row_counts()
    simulated(team)
    assert score_pending(limit=20) == 20
    remove_simulation(name="Pretended")
    assert row_counts() == before


def test_managers_remove_it_from_its_page(team: Team, client: Client) -> None:
    before = row_counts()
    project = simulated(team)
    client.force_login(team.mei)
    path = reverse("simulation-remove", args=[project.pk])
    assert path in client.get(f"/projects/{project.pk}/").content.decode()
    client.force_login(team.otto)
    assert client.post(path).status_code == 404
    client.force_login(team.mei)
    shown = client.post(path, follow=True).content.decode()
    assert "is gone, with" in shown
    client.logout()
    after = row_counts()
    changed = {name for name in after if after[name] != before[name]}
    assert changed <= {"sessions.Session"}


def test_a_real_project_is_not_removed_from_its_page(team: Team, client: Client) -> None:
    client.force_login(team.mei)
    path = reverse("simulation-remove", args=[team.project.pk])
    assert "no simulated project named" in client.post(path, follow=True).content.decode()
    assert path not in client.get(f"/projects/{team.project.pk}/").content.decode()


def test_stored_figures_are_those_of_the_records(team: Team) -> None:
    project = simulated(team)
    assert rebuild_progress(dry_run=True).differed == 0
    stored = list(
        project.counted_sets.order_by("annotation_set").values_list("day", "labels", "held_ms")
    )
    rebuild_daily_work(project)
    again = list(
        project.counted_sets.order_by("annotation_set").values_list("day", "labels", "held_ms")
    )
    assert stored == again
    assert stored


def test_work_lies_between_its_claim_and_its_verdict(team: Team) -> None:
    project = simulated(team)
    for verdict in Verdict.objects.filter(item__batch__project=project).select_related(
        "annotation_set__assignment", "item__batch"
    ):
        one = verdict.annotation_set
        assert one.assignment is not None
        assert one.submitted_at is not None
        assert one.assignment.claimed_at <= one.created_at < one.submitted_at < verdict.created_at
        assert verdict.item.batch.created_at < verdict.created_at
    accepted = BatchItem.objects.filter(batch__project=project, state="approved")
    for item in accepted.select_related("accepted_set", "project_episode"):
        assert item.project_episode.accepted_set_id == item.accepted_set_id


def test_the_same_seed_makes_the_same_work(team: Team) -> None:
    one, two = simulated(team, "One"), simulated(team, "Two")
    other = simulated(team, "Other", seed=2)
    assert told(one) == told(two)
    assert told(one) != told(other)


def test_nobody_holds_an_episode_twice_or_beyond_its_overlap() -> None:
    plan = plan_operation(
        lengths_s=[9.0] * 300, people=6, overlap=2, sets_a_day=6, seed=3,
        first=date(2026, 1, 1), last=LAST,
    )  # fmt: skip
    held = [(hold.episode, hold.worker) for hold in plan.holds]
    assert len(held) == len(set(held))
    kept = [hold.episode for hold in plan.holds if not hold.skipped]
    assert max(kept.count(episode) for episode in set(kept)) == 2


def test_simulated_people_cannot_log_in(team: Team) -> None:
    project = simulated(team)
    made = SimulatedOperation.objects.get(project=project).people.all()
    assert len(made) == 5
    assert not any(user.is_active or user.has_usable_password() for user in made)
    assert all("(simulated)" in user.get_full_name() for user in made)


def test_pages_say_that_it_is_simulated(team: Team, client: Client) -> None:
    project = simulated(team)
    client.force_login(team.mei)
    for path in (f"/projects/{project.pk}/", "/projects/", f"/review/projects/{project.pk}/"):
        assert "Simulated</span>" in client.get(path).content.decode(), path


def test_removal_leaves_nothing(team: Team) -> None:
    before = row_counts()
    simulated(team)
    assert row_counts() != before
    remove_simulation(name="Pretended")
    assert row_counts() == before


def test_only_simulated_projects_are_removed(team: Team) -> None:
    with pytest.raises(NotSimulatable):
        remove_simulation(name=team.project.name)
    assert Project.objects.filter(pk=team.project.pk).exists()


def test_what_real_work_holds_on_to_stays_whole(team: Team) -> None:
    project = simulated(team)
    episode = project.project_episodes.select_related("episode").first()
    assert episode is not None
    queue_up(team.project, [episode.episode])
    before = row_counts()
    with pytest.raises(NotSimulatable, match="held by"):
        remove_simulation(name="Pretended")
    assert row_counts() == before


def test_the_command_makes_and_removes(team: Team) -> None:
    before, said = row_counts(), StringIO()
    given = ["--project-name", "Spring", "--dataset", team.dataset.name, "--people", "3"]
    call_command("simulate_operation", *given, "--months", "1", "--manager", "mei", stdout=said)
    assert "3 simulated people handed in" in said.getvalue()
    assert Project.objects.get(name="Spring").simulated
    with pytest.raises(CommandError, match="already"):
        call_command("simulate_operation", *given)
    call_command("simulate_operation", "--project-name", "Spring", "--remove", stdout=said)
    assert row_counts() == before


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--dataset", "none such"], "no dataset named none such"),
        (["--people", "1"], "--people is from 2"),
        (["--remove", "--project-name", "none such"], "no simulated project named none such"),
    ],
)
def test_bad_arguments_are_named(team: Team, given: list[str], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        call_command("simulate_operation", *given)
