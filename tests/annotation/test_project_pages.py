"""The project pages: what each role sees and changes."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from annotation.models import Membership, Project
from annotation.roles import Role
from annotation.selectors.guidelines import guideline_text
from episodes.models import Episode
from tests.annotation.pages import queries, text
from tests.annotation.scene import (
    Team,
    claimed,
    make_asset,
    make_dataset,
    make_episodes,
    queue_up,
)


class TestProjects:
    def test_the_list_shows_what_one_is_in(
        self, team: Team, as_user: Callable[[User], Client]
    ) -> None:
        for user in (team.ada, team.ravi, team.mei, team.root):
            assert "Blocks" in text(as_user(user).get("/projects/"))
        page = text(as_user(team.otto).get("/projects/"))
        assert "No projects yet" in page
        assert "Blocks" not in page

    def test_the_list_asks_a_fixed_number_of_times(
        self, team: Team, as_user: Callable[[User], Client]
    ) -> None:
        mei = as_user(team.mei)
        mei.get("/projects/")
        with queries() as few:
            mei.get("/projects/")
        for number in range(8):
            other = Project.objects.create(name=f"P{number}", schema=team.project.schema)
            Membership.objects.create(project=other, user=team.mei, role=Role.MANAGER)
        with queries() as many:
            mei.get("/projects/")
        assert len(many) == len(few) <= 12

    def test_new(self, team: Team, as_user: Callable[[User], Client]) -> None:
        assert as_user(team.ada).get("/projects/new/").status_code == 403
        mei, body = as_user(team.mei), {"name": "Cups", "overlap": 2, "guideline": ""}
        assert mei.get("/projects/new/").status_code == 200
        answer = mei.post("/projects/new/", body)
        assert answer["Location"] == reverse(
            "project-detail", args=[Project.objects.get(name="Cups").pk]
        )
        assert "There is a project named Cups already" in text(mei.post("/projects/new/", body))
        assert "Ensure this value" in text(mei.post("/projects/new/", {**body, "overlap": 0}))

    def test_each_role_sees_its_part(self, team: Team, as_user: Callable[[User], Client]) -> None:
        url = reverse("project-detail", args=[team.project.pk])
        shows = {
            user.username: (
                "Handed in" in (page := text(as_user(user).get(url))),
                "Save settings" in page,
            )
            for user in (team.ada, team.ravi, team.mei, team.root)
        }
        assert shows == {
            "ada": (False, False),
            "ravi": (True, False),
            "mei": (True, True),
            "root": (True, True),
        }
        assert as_user(team.otto).get(url).status_code == 404

    def test_the_page_asks_a_fixed_number_of_times(
        self, team: Team, as_user: Callable[[User], Client], data_dir: Path
    ) -> None:
        mei, url = as_user(team.mei), reverse("project-detail", args=[team.project.pk])
        mei.get(url)
        with queries() as few:
            mei.get(url)
        episodes = make_episodes(make_dataset("many"), 45, make_asset(data_dir, "d"))
        queue_up(team.project, episodes)
        claimed(team.ada, team.project)
        with queries() as many:
            mei.get(url)
        assert len(many) == len(few) <= 22

    def test_long_queues_are_paged(
        self, team: Team, as_user: Callable[[User], Client], data_dir: Path
    ) -> None:
        queue_up(team.project, make_episodes(make_dataset("many"), 60, make_asset(data_dir, "p")))
        url = reverse("project-detail", args=[team.project.pk])
        mei = as_user(team.mei)
        assert "1 to 50 of 63" in text(mei.get(url))
        assert "51 to 63 of 63" in text(mei.get(url, {"page": 2}))
        assert "51 to 63 of 63" in text(mei.get(url, {"page": 99}))

    def test_managers_change_it(
        self, team: Team, as_user: Callable[[User], Client], data_dir: Path
    ) -> None:
        mei = as_user(team.mei)
        more = make_dataset("more", owner=team.mei)
        make_episodes(more, 2, make_asset(data_dir, "f"))
        Episode.objects.filter(dataset=more, index=1).update(state=Episode.State.QUARANTINED)
        posts = [
            ("project-update", {"overlap": 3}, "Saved."),
            (
                "project-guideline",
                {"text": "Slowly.", "based_on": 0},
                "The guideline is published.",
            ),
            ("project-add-episodes", {"dataset": more.pk}, "1 episodes are in the queue."),
            ("project-set-member", {"user": "otto", "role": "annotator"}, "Saved."),
        ]
        for name, body, message in posts:
            answer = mei.post(reverse(name, args=[team.project.pk]), body, follow=True)
            assert message in text(answer), name
        team.project.refresh_from_db()
        assert (team.project.overlap, guideline_text(team.project)) == (3, "Slowly.")
        assert Membership.objects.filter(user=team.otto, role=Role.ANNOTATOR).exists()
        mei.post(
            reverse("project-set-member", args=[team.project.pk]),
            {"user": "otto", "role": "none"},
        )
        assert not Membership.objects.filter(user=team.otto).exists()

    @pytest.mark.parametrize(
        ("name", "body", "message"),
        [
            ("project-update", {"overlap": 0}, "Ensure this value"),
            ("project-add-episodes", {"dataset": 999_999}, "Select a valid choice"),
            ("project-set-member", {"user": "nobody", "role": "annotator"}, "no active account"),
            ("project-set-member", {"user": "otto", "role": "king"}, "Select a valid choice"),
            ("project-set-member", {"user": "mei", "role": "none"}, "the only manager"),
        ],
    )
    def test_what_cannot_be_is_said_on_the_page(
        self,
        team: Team,
        as_user: Callable[[User], Client],
        name: str,
        body: dict[str, object],
        message: str,
    ) -> None:
        answer = as_user(team.mei).post(reverse(name, args=[team.project.pk]), body)
        assert answer.status_code == 400
        assert message in text(answer)

    @pytest.mark.parametrize(
        "name", ["project-update", "project-add-episodes", "project-set-member"]
    )
    def test_only_managers_change_it(
        self, team: Team, as_user: Callable[[User], Client], name: str
    ) -> None:
        url = reverse(name, args=[team.project.pk])
        assert as_user(team.mei).get(url).status_code == 405
        for user, status in ((team.ada, 403), (team.ravi, 403), (team.otto, 404)):
            assert as_user(user).post(url, {"overlap": 1}).status_code == status
