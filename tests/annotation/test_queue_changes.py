"""Managers fill a queue by filter or list, and change it where nobody has begun."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from annotation.errors import NotFound, RoleMissing
from annotation.models import AuditEntry, ProjectEpisode
from annotation.services import change_queue
from annotation.services.release import release
from tests.annotation.pages import text
from tests.annotation.scene import Team, claimed, make_asset, make_dataset, make_episodes

Bulk = Callable[..., str]


@pytest.fixture
def bulk(team: Team, as_user: Callable[[User], Client]) -> Bulk:
    """What the page says after a change."""

    def change(action: str, *rows: ProjectEpisode, **body: object) -> str:
        url = reverse("project-change-episodes", args=[team.project.pk])
        given = {"action": action, "place": [row.pk for row in rows], **body}
        return text(as_user(team.mei).post(url, given, follow=True))

    return change


def queue(team: Team) -> list[ProjectEpisode]:
    return list(ProjectEpisode.objects.filter(project=team.project).order_by("position"))


def test_a_list_of_keys_and_ids_is_added(
    team: Team, as_user: Callable[[User], Client], data_dir: Path
) -> None:
    more = make_episodes(make_dataset("more", owner=team.mei), 4, make_asset(data_dir, "q"))
    listed = f"{more[0].key}\n {more[2].pk} \n\nno_such_episode\n{more[0].key}"
    body = {
        "filter": f"dataset={more[0].dataset_id}",
        "listed": listed,
        "purpose": "training",
        "priority": 3,
    }
    url = reverse("project-add-episodes", args=[team.project.pk])
    page = text(as_user(team.mei).post(url, body, follow=True))
    assert "2 episodes are added to the queue." in page
    assert "1 of the list name no episode here: no_such_episode." in page
    added = queue(team)[3:]
    assert {row.episode_id for row in added} == {more[0].pk, more[2].pk}
    assert {(row.purpose, row.priority) for row in added} == {("training", 3)}


def test_the_page_says_how_many_can_be_added(
    team: Team, as_user: Callable[[User], Client], data_dir: Path
) -> None:
    make_episodes(make_dataset("more", owner=team.mei), 4, make_asset(data_dir, "q"))
    url = reverse("project-add-episodes", args=[team.project.pk])
    assert "7 match, 4 can be added" in text(as_user(team.mei).get(url))
    assert "0 match" in text(as_user(team.mei).get(url, {"q": "nothing"}))


def test_untouched_episodes_are_taken_out(team: Team, bulk: Bulk) -> None:
    first, second, third = queue(team)
    claimed(team.ada, team.project)
    said = bulk("remove", first, second)
    assert "1 episode is no longer in the queue." in said
    assert "1 stays as it was: work on such episodes has begun." in said
    assert queue(team) == [first, third]
    entry = AuditEntry.objects.get(action="project.episodes_removed")
    assert entry.facts == {"episodes": 1, "keys": [second.episode.key]}


def test_work_that_was_given_back_keeps_its_episode(team: Team, bulk: Bulk) -> None:
    release(actor=team.ada, assignment_id=claimed(team.ada, team.project).pk)
    bulk("remove", *queue(team))
    assert len(queue(team)) == 1


def test_everything_that_matches_is_changed(team: Team, bulk: Bulk) -> None:
    said = bulk("priority", everything="1", filter="purpose=production", priority="-4")
    assert "3 episodes are at priority -4." in said
    assert {row.priority for row in queue(team)} == {-4}
    assert "0 episodes are" in bulk(
        "priority", everything="1", filter="purpose=evaluation", priority="1"
    )


def test_purpose_stays_production_or_evaluation_once_work_has_begun(team: Team, bulk: Bulk) -> None:
    claimed(team.ada, team.project)
    rows = queue(team)
    assert "2 episodes are for training. 1 stays" in bulk("purpose", *rows, purpose="training")
    assert "3 episodes are for evaluation." in bulk("purpose", *rows, purpose="evaluation")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"action": "remove"}, "No episode is selected."),
        ({"action": "purpose", "everything": "1"}, "Choose the purpose to set."),
        ({"action": "priority", "everything": "1"}, "Write the priority to set"),
        ({"action": "paint", "everything": "1"}, "Select a valid choice."),
        ({"action": "remove", "place": ["x"]}, "Select a valid choice."),
    ],
)
def test_what_cannot_be_is_said(
    team: Team, as_user: Callable[[User], Client], body: dict[str, object], message: str
) -> None:
    url = reverse("project-change-episodes", args=[team.project.pk])
    assert message in text(as_user(team.mei).post(url, body, follow=True))
    assert len(queue(team)) == 3


def test_managers_only_and_of_this_project(team: Team, data_dir: Path) -> None:
    everything = ProjectEpisode.objects.all()
    for user, error in ((team.ada, RoleMissing), (team.ravi, RoleMissing), (team.otto, NotFound)):
        with pytest.raises(error):
            change_queue.remove_episodes(actor=user, project=team.project, chosen=everything)
    other = ProjectEpisode.objects.create(
        project=type(team.project).objects.create(name="Other", schema=team.project.schema),
        episode=queue(team)[0].episode,
    )
    change_queue.remove_episodes(actor=team.mei, project=team.project, chosen=everything)
    assert list(ProjectEpisode.objects.all()) == [other]
