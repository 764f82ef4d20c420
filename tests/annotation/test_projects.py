"""Starting projects, filling their queues, and who is in them."""

import uuid
from collections import Counter
from pathlib import Path

import pytest
from django.db.models import Max

from annotation.errors import (
    EpisodesNotReady,
    LabelsInvalid,
    LastManager,
    NotFound,
    ProjectNameTaken,
    RoleMissing,
    StaleProject,
)
from annotation.labels.records import Label as LabelRecord
from annotation.models import (
    AnnotationSet,
    AuditEntry,
    LabelFrame,
    Membership,
    Project,
    ProjectEpisode,
)
from annotation.overlap import overlap_for
from annotation.roles import Role
from annotation.selectors.labels import labels_of
from annotation.services.add_episodes import add_episodes
from annotation.services.create_project import create_project
from annotation.services.record_gold import record_gold
from annotation.services.set_membership import set_membership
from annotation.services.update_project import update_project
from episodes.models import Episode
from tests.annotation.scene import (
    Team,
    grasp,
    instruction,
    make_asset,
    make_dataset,
    make_episodes,
    outcome,
)


def test_a_manager_starts_a_project_and_manages_it(team: Team) -> None:
    project = create_project(actor=team.mei, name="Cups", overlap=3, guideline="Look twice.")
    assert (project.overlap, str(project.schema)) == (3, "core v2")
    assert Membership.objects.get(project=project).role == Role.MANAGER
    actions = AuditEntry.objects.filter(project=project).order_by("id")
    assert [entry.action for entry in actions] == ["project.created", "guideline.published"]


def test_who_may_start_projects(team: Team) -> None:
    assert create_project(actor=team.root, name="By root").name == "By root"
    for user in (team.ada, team.ravi, team.otto):
        with pytest.raises(RoleMissing):
            create_project(actor=user, name="Mine")


def test_a_name_is_taken_once(team: Team) -> None:
    with pytest.raises(ProjectNameTaken):
        create_project(actor=team.mei, name="Blocks")


def test_settings_are_a_managers(team: Team) -> None:
    stored = update_project(actor=team.mei, project=team.project, overlap=3, description="New")
    assert (stored.overlap, stored.description, stored.version) == (3, "New", 2)
    facts = AuditEntry.objects.get(action="project.updated").facts
    assert facts == {"overlap": [2, 3], "description": ["", "New"]}
    for user, error in ((team.ravi, RoleMissing), (team.otto, NotFound)):
        with pytest.raises(error):
            update_project(actor=user, project=team.project, overlap=1)


def test_two_managers_who_edit_at_once_are_told(team: Team) -> None:
    update_project(actor=team.mei, project=team.project, version=1, overlap=3)
    with pytest.raises(StaleProject, match="changed by Mei"):
        update_project(actor=team.root, project=team.project, version=1, overlap=1)
    team.project.refresh_from_db()
    assert team.project.overlap == 3


def test_what_is_the_same_is_no_conflict(team: Team) -> None:
    update_project(actor=team.mei, project=team.project, version=1, overlap=3)
    update_project(actor=team.root, project=team.project, version=1, overlap=3)


def test_a_name_stays_taken_in_settings(team: Team) -> None:
    create_project(actor=team.mei, name="Cups")
    with pytest.raises(ProjectNameTaken):
        update_project(actor=team.mei, project=team.project, name="Cups")


class TestOverlap:
    def test_a_share_of_the_episodes_gets_more_people(self) -> None:
        wanted = Counter(
            overlap_for(Project(pk=1, overlap=3, overlap_percent=20), uuid.uuid4())
            for _ in range(2000)
        )
        assert wanted.keys() == {1, 3}
        assert 300 < wanted[3] < 500

    def test_a_larger_share_only_adds(self) -> None:
        ids = [uuid.UUID(int=number) for number in range(500)]
        several = [
            {
                pk
                for pk in ids
                if overlap_for(Project(pk=1, overlap=2, overlap_percent=share), pk) == 2
            }
            for share in (0, 10, 60, 100)
        ]
        assert several[0] < several[1] < several[2] < several[3] == set(ids)

    def test_a_change_reaches_the_queue(self, team: Team) -> None:
        queue = ProjectEpisode.objects.filter(project=team.project)
        update_project(actor=team.mei, project=team.project, overlap=4)
        assert set(queue.values_list("overlap", flat=True)) == {4}
        update_project(actor=team.mei, project=team.project, overlap_percent=0)
        assert set(queue.values_list("overlap", flat=True)) == {1}


def test_unchanged_settings_leave_no_trail(team: Team) -> None:
    update_project(actor=team.mei, project=team.project, overlap=2, description="")
    assert not AuditEntry.objects.exists()


class TestAddEpisodes:
    @pytest.fixture
    def episodes(self, team: Team, data_dir: Path) -> list[Episode]:
        return make_episodes(make_dataset("more", owner=team.mei), 3, make_asset(data_dir, "b"))

    def test_they_go_to_the_end_in_their_order(self, team: Team, episodes: list[Episode]) -> None:
        ids = [episode.pk for episode in reversed(episodes)]
        assert add_episodes(actor=team.mei, project=team.project, episode_ids=ids) == 3
        queue = ProjectEpisode.objects.filter(project=team.project, position__gte=3)
        assert [row.episode for row in queue.order_by("position")] == episodes

    def test_twice_adds_nothing(self, team: Team, episodes: list[Episode]) -> None:
        ids = [episode.pk for episode in episodes]
        add_episodes(actor=team.mei, project=team.project, episode_ids=ids[:2])
        assert add_episodes(actor=team.mei, project=team.project, episode_ids=ids) == 1
        queue = ProjectEpisode.objects.filter(project=team.project)
        assert queue.aggregate(last=Max("position"))["last"] == 5

    def test_the_first_position_is_zero(self, team: Team, episodes: list[Episode]) -> None:
        project = create_project(actor=team.mei, name="Cups")
        add_episodes(actor=team.mei, project=project, episode_ids=[episodes[0].pk])
        assert ProjectEpisode.objects.get(project=project).position == 0

    def test_all_or_nothing(self, team: Team, episodes: list[Episode]) -> None:
        Episode.objects.filter(pk=episodes[1].pk).update(state=Episode.State.QUARANTINED)
        ids = [episode.pk for episode in episodes]
        with pytest.raises(EpisodesNotReady, match="episode_000001"):
            add_episodes(actor=team.mei, project=team.project, episode_ids=ids)
        ids = [episodes[0].pk, uuid.uuid4()]
        with pytest.raises(NotFound):
            add_episodes(actor=team.mei, project=team.project, episode_ids=ids)
        assert ProjectEpisode.objects.count() == 3

    def test_whoever_only_annotates_carries_no_episodes_elsewhere(self, team: Team) -> None:
        """ada sees the episodes of Blocks, and manages Cups: that does not open Blocks to Cups."""
        cups = create_project(actor=team.mei, name="Cups")
        Membership.objects.create(project=cups, user=team.ada, role=Role.MANAGER)
        seen = Episode.objects.visible_to(team.ada)
        assert seen.count() == 3
        ids = list(seen.values_list("pk", flat=True))
        with pytest.raises(NotFound):
            add_episodes(actor=team.ada, project=cups, episode_ids=ids)

    def test_managers_only(self, team: Team, episodes: list[Episode]) -> None:
        for user, error in ((team.ravi, RoleMissing), (team.otto, NotFound)):
            with pytest.raises(error):
                add_episodes(actor=user, project=team.project, episode_ids=[episodes[0].pk])


class TestMembership:
    def test_a_role_is_given_changed_and_taken(self, team: Team) -> None:
        for role in (Role.ANNOTATOR, Role.REVIEWER, None):
            set_membership(actor=team.mei, project=team.project, user=team.otto, role=role)
            found = Membership.objects.filter(project=team.project, user=team.otto).first()
            assert (found.role if found else None) == role
        trail = AuditEntry.objects.filter(action="membership.changed").order_by("id")
        assert [(entry.facts["before"], entry.facts["after"]) for entry in trail] == [
            (None, "annotator"),
            ("annotator", "reviewer"),
            ("reviewer", None),
        ]

    @pytest.mark.parametrize("role", [Role.ANNOTATOR, None])
    def test_a_project_keeps_a_manager(self, team: Team, role: Role | None) -> None:
        with pytest.raises(LastManager):
            set_membership(actor=team.root, project=team.project, user=team.mei, role=role)

    def test_with_two_managers_one_may_go(self, team: Team) -> None:
        set_membership(actor=team.mei, project=team.project, user=team.ravi, role=Role.MANAGER)
        assert (
            set_membership(actor=team.mei, project=team.project, user=team.mei, role=None) is None
        )

    def test_managers_only(self, team: Team) -> None:
        for user, error in ((team.ravi, RoleMissing), (team.otto, NotFound)):
            with pytest.raises(error):
                set_membership(actor=user, project=team.project, user=user, role=Role.MANAGER)


class TestGold:
    def labels(self) -> list[LabelRecord]:
        return [LabelRecord.from_json(one) for one in (grasp(), instruction(), outcome())]

    def test_a_gold_set_is_frozen_tied_to_frames_and_versioned(self, team: Team) -> None:
        episode = ProjectEpisode.objects.all()[0]
        for version in (1, 2):
            gold = record_gold(
                actor=team.mei, project_episode=episode, labels=self.labels(), origin="physics"
            )
            assert (gold.kind, gold.round, gold.state) == ("gold", version, "submitted")
            assert len(labels_of(gold)) == 3
        assert LabelFrame.objects.filter(label__annotation_set__kind="gold").count() == 12
        assert AuditEntry.objects.filter(action="gold_set.recorded").count() == 2

    def test_gold_obeys_the_rules(self, team: Team) -> None:
        with pytest.raises(LabelsInvalid):
            record_gold(
                actor=team.mei,
                project_episode=ProjectEpisode.objects.all()[0],
                labels=self.labels()[:2],
                origin="physics",
            )
        assert not AnnotationSet.objects.exists()

    def test_managers_only(self, team: Team) -> None:
        with pytest.raises(RoleMissing):
            record_gold(
                actor=team.ravi,
                project_episode=ProjectEpisode.objects.all()[0],
                labels=self.labels(),
                origin="physics",
            )
