"""The project pages: what each role sees and changes."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from annotation.models import AuditEntry, Membership, Project, ProjectEpisode
from annotation.roles import Role
from annotation.selectors.guidelines import guideline_text
from annotation.services.add_episodes import add_episodes
from annotation.services.update_project import ProjectChanges, update_project
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


def settings_of(project: Project, **changed: object) -> dict[str, object]:
    """The settings form as a browser sends it back; an empty box sends nothing."""
    names = (*ProjectChanges.__annotations__, "version")
    values = {name: getattr(project, name) for name in names} | changed
    return {
        name: value for name, value in values.items() if value is not None and value is not False
    }


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
        mei, body = as_user(team.mei), {"name": "Cups", "preset": "outcomes"}
        assert mei.get("/projects/new/").status_code == 200
        answer = mei.post("/projects/new/", body)
        assert answer["Location"] == reverse(
            "project-detail", args=[Project.objects.get(name="Cups").pk]
        )
        assert "There is a project named Cups already" in text(mei.post("/projects/new/", body))
        assert "Select a valid choice" in text(mei.post("/projects/new/", {**body, "preset": "x"}))

    def test_each_role_sees_its_tabs(self, team: Team, as_user: Callable[[User], Client]) -> None:
        url = reverse("project-detail", args=[team.project.pk])
        shows = {
            user.username: (
                "/people/" in (page := text(as_user(user).get(url))),
                "/settings/" in page,
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

    @pytest.mark.parametrize(
        ("name", "most"),
        [
            ("project-detail", 17),
            ("project-episodes", 13),
            ("project-people", 11),
            ("project-policies", 14),
            ("project-history", 13),
            ("project-guideline", 17),
            ("project-schema", 11),
            ("project-update", 11),
        ],
    )
    def test_the_pages_ask_a_fixed_number_of_times(
        self, team: Team, as_user: Callable[[User], Client], data_dir: Path, name: str, most: int
    ) -> None:
        mei, url = as_user(team.mei), reverse(name, args=[team.project.pk])
        add_episodes(actor=team.mei, project=team.project, episode_ids=[])
        mei.get(url)
        with queries() as few:
            mei.get(url)
        episodes = make_episodes(make_dataset("many"), 45, make_asset(data_dir, "d"))
        queue_up(team.project, episodes)
        claimed(team.ada, team.project)
        with queries() as many:
            mei.get(url)
        assert len(many) == len(few) <= most

    def test_long_queues_are_paged(
        self, team: Team, as_user: Callable[[User], Client], data_dir: Path
    ) -> None:
        queue_up(team.project, make_episodes(make_dataset("many"), 60, make_asset(data_dir, "p")))
        url = reverse("project-episodes", args=[team.project.pk])
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
        posts: list[tuple[str, dict[str, object], str]] = [
            ("project-update", settings_of(team.project, overlap=3), "Saved."),
            (
                "project-guideline-edit",
                {"text": "Slowly.", "based_on": 0},
                "The guideline is published.",
            ),
            (
                "project-add-episodes",
                {"filter": f"dataset={more.pk}", "purpose": "evaluation", "priority": 5},
                "1 episode is added to the queue. 1 is not ready",
            ),
            ("project-set-member", {"user": "otto", "role": "annotator"}, "Saved."),
        ]
        for name, body, message in posts:
            answer = mei.post(reverse(name, args=[team.project.pk]), body, follow=True)
            assert message in text(answer), name
        team.project.refresh_from_db()
        assert (team.project.overlap, guideline_text(team.project)) == (3, "Slowly.")
        added = ProjectEpisode.objects.get(episode__dataset=more)
        assert (added.purpose, added.priority) == ("evaluation", 5)
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
            ("project-add-episodes", {"purpose": "fun", "priority": 0}, "Select a valid choice"),
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
        "name",
        [
            "project-set-member",
            "project-change-episodes",
            "task-policy-set",
            "acceptance-set",
        ],
    )
    def test_only_managers_change_it(
        self, team: Team, as_user: Callable[[User], Client], name: str
    ) -> None:
        url = reverse(name, args=[team.project.pk])
        assert as_user(team.mei).get(url).status_code == 405
        for user, status in ((team.ada, 403), (team.ravi, 403), (team.otto, 404)):
            assert as_user(user).post(url, {"overlap": 1}).status_code == status


class TestSettings:
    def test_who_saves_after_a_colleague_sees_both(
        self, team: Team, as_user: Callable[[User], Client]
    ) -> None:
        mei, url = as_user(team.mei), reverse("project-update", args=[team.project.pk])
        entered = settings_of(team.project, priority=7, name="Cubes")
        update_project(actor=team.root, project=team.project, overlap=4, priority=1)
        answer = mei.post(url, entered)
        page = text(answer)
        assert answer.status_code == 400
        assert "was changed by Root while you were editing it" in page
        assert 'name="priority" value="7"' in page
        for row in (
            "<td>7</td><td>1</td>",
            "<td>Cubes</td><td>Blocks</td>",
            "<td>2</td><td>4</td>",
        ):
            assert row in page
        again = {**entered, "version": Project.objects.get(pk=team.project.pk).version}
        assert f'value="{again["version"]}"' in page
        mei.post(url, again)
        team.project.refresh_from_db()
        assert (team.project.priority, team.project.name, team.project.overlap) == (7, "Cubes", 2)

    def test_an_archived_project_is_listed_apart(
        self, team: Team, as_user: Callable[[User], Client]
    ) -> None:
        mei, url = as_user(team.mei), reverse("project-update", args=[team.project.pk])
        mei.post(url, settings_of(team.project, state="archived"))
        link = f'href="/projects/{team.project.pk}/"'
        assert link not in text(mei.get("/projects/"))
        assert link in text(mei.get("/projects/?archived=1"))

    def test_a_name_that_is_taken_is_said(
        self, team: Team, as_user: Callable[[User], Client]
    ) -> None:
        Project.objects.create(name="Cubes", schema=team.project.schema)
        answer = as_user(team.mei).post(
            reverse("project-update", args=[team.project.pk]),
            settings_of(team.project, name="Cubes"),
        )
        assert answer.status_code == 400
        assert "There is a project named Cubes already" in text(answer)


class TestHistory:
    def test_it_reads_as_sentences_with_before_and_after(
        self, team: Team, as_user: Callable[[User], Client]
    ) -> None:
        mei, url = as_user(team.mei), reverse("project-history", args=[team.project.pk])
        update_project(actor=team.mei, project=team.project, overlap=3, training_required=True)
        mei.post(
            reverse("project-set-member", args=[team.project.pk]),
            {"user": "abe", "role": "reviewer"},
        )
        page = text(mei.get(url))
        for part in (
            "</strong> changed the settings",
            "Annotators an episode: 2",
            "<strong>3</strong>",
            "Training required: no",
            "changed the role of Abe",
            "annotator",
        ):
            assert part in page
        assert "Annotators an episode" not in text(mei.get(url, {"action": "membership.changed"}))
        assert "Nothing matches" in text(mei.get(url, {"who": "ada"}))

    def test_csv_runs_nothing(self, team: Team, as_user: Callable[[User], Client]) -> None:
        update_project(actor=team.mei, project=team.project, description="=HYPERLINK(1)")
        answer = as_user(team.mei).get(reverse("project-history-csv", args=[team.project.pk]))
        body = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
        assert "Description,nothing,'=HYPERLINK(1)" in body
        assert ",=" not in body
        assert answer["Content-Disposition"] == 'attachment; filename="history-Blocks.csv"'

    def test_managers_only(self, team: Team, as_user: Callable[[User], Client]) -> None:
        for name in ("project-history", "project-history-csv"):
            url = reverse(name, args=[team.project.pk])
            for user, status in ((team.ada, 403), (team.ravi, 403), (team.otto, 404)):
                assert as_user(user).get(url).status_code == status
        assert not AuditEntry.objects.filter(project=team.project).exists()
