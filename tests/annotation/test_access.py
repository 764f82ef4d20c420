"""Who sees which episodes and datasets, and who brings new ones in."""

from pathlib import Path

from django.contrib.auth.models import AnonymousUser

from annotation.models import Membership, Project, ProjectEpisode
from annotation.roles import Role
from annotation.services.register_schema import core_label_schema
from episodes.access import episode_access
from episodes.models import Dataset, Episode
from tests.annotation.scene import Team, make_asset, make_dataset, make_episodes, queue_up


def test_members_see_their_projects_episodes(team: Team, data_dir: Path) -> None:
    make_episodes(make_dataset("elsewhere"), 2, make_asset(data_dir, "e"))
    for user in (team.ada, team.ravi, team.mei):
        assert Episode.objects.visible_to(user).count() == 3
        assert [one.name for one in Dataset.objects.visible_to(user)] == ["so101"]
    assert Episode.objects.visible_to(team.root).count() == 5


def test_outsiders_and_strangers_see_nothing(team: Team) -> None:
    for user in (team.otto, AnonymousUser()):
        assert not Episode.objects.visible_to(user).exists()
        assert not Dataset.objects.visible_to(user).exists()
        assert not Project.objects.visible_to(user).exists()


def test_leaving_a_project_closes_it(team: Team) -> None:
    Membership.objects.filter(user=team.ada).delete()
    assert not Episode.objects.visible_to(team.ada).exists()


def test_managers_see_what_they_brought_in(team: Team, data_dir: Path) -> None:
    asset = make_asset(data_dir, "m")
    make_episodes(make_dataset("mine", owner=team.mei), 1, asset)
    make_episodes(make_dataset("once mine", owner=team.otto), 1, asset)
    assert Episode.objects.visible_to(team.mei).count() == 4
    assert not Episode.objects.visible_to(team.otto).exists()


def test_an_episode_of_two_projects_is_one_episode(team: Team) -> None:
    other = Project.objects.create(name="Other", schema=core_label_schema())
    Membership.objects.create(project=other, user=team.ada, role=Role.ANNOTATOR)
    queue_up(other, [row.episode for row in ProjectEpisode.objects.filter(project=team.project)])
    assert Episode.objects.visible_to(team.ada).count() == 3


def test_managers_and_administrators_import(team: Team) -> None:
    may = episode_access().may_import
    assert may(team.mei)
    assert may(team.root)
    assert not any(may(user) for user in (team.ada, team.ravi, team.otto, AnonymousUser()))
