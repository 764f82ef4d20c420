"""The pages people work on: what they show, whom they let in, how often they ask the database."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from annotation.models import Assignment, Membership, Project, ProjectEpisode
from annotation.roles import Role
from annotation.services.return_for_rework import return_for_rework
from annotation.services.submit import submit
from episodes.models import Episode, Signal
from tests.annotation.scene import (
    Team,
    claimed,
    draft_of,
    grasp,
    instruction,
    make_asset,
    make_dataset,
    make_episodes,
    outcome,
    queue_up,
    save,
)


@contextmanager
def queries() -> Iterator[CaptureQueriesContext]:
    with CaptureQueriesContext(connection) as context:
        yield context


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def payload_of(answer: Any) -> dict[str, Any]:
    found = re.search(
        r'<script id="timeline-payload" type="application/json">(.*?)</script>',
        answer.content.decode(),
        re.DOTALL,
    )
    assert found is not None
    read: dict[str, Any] = json.loads(found[1])
    return read


def test_strangers_are_sent_to_log_in(team: Team) -> None:
    pages = ["/", "/queue/", "/projects/", "/projects/new/", f"/projects/{team.project.pk}/"]
    pages += [f"/projects/{team.project.pk}/next/"]
    pages += [reverse("annotate", args=[claimed(team.ada, team.project).pk])]
    for page in pages:
        answer = Client().get(page)
        assert answer.status_code == 302, page
        assert answer["Location"].startswith("/login/"), page


def test_home_leads_to_what_the_role_does(team: Team, as_user: Callable[[User], Client]) -> None:
    assert as_user(team.ada).get("/")["Location"] == "/queue/"
    assert as_user(team.otto).get("/")["Location"] == "/queue/"
    assert as_user(team.ravi).get("/")["Location"] == reverse("review-home")
    assert as_user(team.mei).get("/")["Location"] == "/projects/"
    assert as_user(team.root).get("/")["Location"] == "/projects/"


class TestQueue:
    def test_it_offers_the_next_episode(
        self, team: Team, as_user: Callable[[User], Client]
    ) -> None:
        page = text(as_user(team.ada).get("/queue/"))
        assert "Next episode" in page
        assert f'action="/projects/{team.project.pk}/next/"' in page

    def test_it_goes_on_with_what_is_open(
        self, team: Team, as_user: Callable[[User], Client]
    ) -> None:
        claimed(team.ada, team.project)
        page = text(as_user(team.ada).get("/queue/"))
        assert "Go on with episode_000000" in page
        assert "Give episode_000000 back" in page

    def test_returned_work_shows_its_comment(
        self, team: Team, as_user: Callable[[User], Client]
    ) -> None:
        assignment = claimed(team.ada, team.project)
        draft = draft_of(assignment)
        save(team.ada, draft, [instruction(), outcome()])
        submit(actor=team.ada, annotation_set_id=draft.pk, base_revision=1, request_id=draft.pk)
        return_for_rework(
            actor=team.ravi, annotation_set_id=draft.pk, comment="<b>Mark the grasp</b>"
        )
        page = text(as_user(team.ada).get("/queue/"))
        assert "&lt;b&gt;Mark the grasp&lt;/b&gt;" in page
        assert "Ravi" in page
        assert "Open returned episode" in page

    def test_outsiders_are_told_how_to_come_in(
        self, team: Team, as_user: Callable[[User], Client]
    ) -> None:
        page = text(as_user(team.otto).get("/queue/"))
        assert "You are in no project yet" in page
        assert "Blocks" not in page

    def test_empty_states_say_what_is_the_matter(
        self, team: Team, as_user: Callable[[User], Client]
    ) -> None:
        claimed(team.abe, team.project)
        claimed(team.ravi, team.project)
        ProjectEpisode.objects.filter(position__gt=0).delete()
        assert "Nothing is free" in text(as_user(team.ada).get("/queue/"))
        Assignment.objects.all().delete()
        ProjectEpisode.objects.all().delete()
        assert "No episodes yet" in text(as_user(team.ada).get("/queue/"))

    def test_queries_do_not_grow_with_episodes(
        self, team: Team, as_user: Callable[[User], Client], data_dir: Path
    ) -> None:
        ada = as_user(team.ada)
        ada.get("/queue/")
        with queries() as few:
            ada.get("/queue/")
        episodes = make_episodes(make_dataset("many"), 40, make_asset(data_dir, "c"))
        queue_up(team.project, episodes)
        for position, row in enumerate(ProjectEpisode.objects.filter(episode__in=episodes)):
            state = (Assignment.State.RETURNED, Assignment.State.SUBMITTED)[position % 2]
            Assignment.objects.create(
                project_episode=row,
                annotator=team.ada,
                state=state,
                returned_by=team.ravi,
                lease_expires_at=timezone.now(),
            )
        with queries() as many:
            ada.get("/queue/")
        assert len(many) == len(few) <= 12


class TestNext:
    def test_it_opens_the_editor(self, team: Team, as_user: Callable[[User], Client]) -> None:
        ada, url = as_user(team.ada), f"/projects/{team.project.pk}/next/"
        first = ada.post(url)
        assert first["Location"] == reverse("annotate", args=[Assignment.objects.get().pk])
        assert ada.get(url)["Location"] == first["Location"]

    def test_nothing_left_goes_back_to_the_queue(
        self, team: Team, as_user: Callable[[User], Client]
    ) -> None:
        ProjectEpisode.objects.all().delete()
        answer = as_user(team.ada).post(f"/projects/{team.project.pk}/next/", follow=True)
        assert "Nothing is left for you in Blocks." in text(answer)

    def test_outsiders_find_nothing(self, team: Team, as_user: Callable[[User], Client]) -> None:
        url = f"/projects/{team.project.pk}/next/"
        assert as_user(team.otto).post(url).status_code == 404

    def test_give_back(self, team: Team, as_user: Callable[[User], Client]) -> None:
        assignment = claimed(team.ada, team.project)
        url = reverse("give-back", args=[assignment.pk])
        assert as_user(team.abe).post(url).status_code == 403
        assert as_user(team.otto).post(url).status_code == 404
        assert as_user(team.ada).get(url).status_code == 405
        assert as_user(team.ada).post(url)["Location"] == "/queue/"
        assignment.refresh_from_db()
        assert assignment.state == Assignment.State.RELEASED


class TestEditor:
    def test_its_payload(self, team: Team, as_user: Callable[[User], Client]) -> None:
        assignment = claimed(team.ada, team.project)
        episode = assignment.project_episode.episode
        Signal.objects.create(
            episode=episode,
            name="observation.state",
            kind="state",
            dimensions=[{"name": "gripper.pos", "unit": "", "group": ""}],
            samples=425,
            path="signals/x.arrow",
        )
        mark = grasp()
        save(team.ada, draft_of(assignment), [mark])
        payload = payload_of(as_user(team.ada).get(reverse("annotate", args=[assignment.pk])))
        assert payload["mode"] == "annotate"
        assert payload["episode"] == {
            "id": str(episode.pk),
            "key": "episode_000000",
            "task": "put the block on the goal position",
            "duration_ns": 8_500_000_000,
            "rate": [50, 1],
            "embodiment": "",
        }
        assert payload["progress"] == {"position": 1, "total": 3}
        front, side = payload["streams"]
        assert (front["camera"], front["reference"], side["reference"]) == ("front", True, False)
        assert front["index_url"] == f"/api/v1/streams/{front['id']}/index"
        assert front["pack_url"] == f"/media/streams/{front['id']}/packs/jpeg640/"
        assert (front["width"], front["height"], front["sprite"]) == (320, 240, None)
        signal = payload["signals"][0]
        assert signal["url"] == f"/api/v1/signals/{signal['id']}/samples.bin"
        assert len(payload["schema"]["classes"]) == 20
        (own,) = payload["sets"]
        assert (own["revision"], own["editable"], own["round"]) == (1, True, 1)
        assert own["labels"][0]["id"] == mark["id"]
        assert payload["returned"] is None
        assert payload["urls"] == {
            "save": f"/api/v1/annotation-sets/{own['id']}/labels",
            "submit": f"/api/v1/annotation-sets/{own['id']}/submit",
            "heartbeat": f"/api/v1/assignments/{assignment.pk}/heartbeat",
            "release": f"/api/v1/assignments/{assignment.pk}/release",
            "queue": "/queue/",
        }
        assert 890 <= payload["lease"]["seconds"] <= 900
        assert payload["user"] == {"id": team.ada.pk, "name": "Ada"}
        assert payload["vocabulary"] == []

    def test_a_text_cannot_break_out_of_the_page(
        self, team: Team, as_user: Callable[[User], Client]
    ) -> None:
        assignment = claimed(team.ada, team.project)
        evil = "</script><script>alert(1)</script>"
        save(team.ada, draft_of(assignment), [{**instruction(), "text": evil}])
        answer = as_user(team.ada).get(reverse("annotate", args=[assignment.pk]))
        assert b"<script>alert" not in answer.content
        assert payload_of(answer)["sets"][0]["labels"][0]["text"] == evil

    def test_handed_in_work_is_read_only(
        self, team: Team, as_user: Callable[[User], Client]
    ) -> None:
        assignment = claimed(team.ada, team.project)
        draft = draft_of(assignment)
        save(team.ada, draft, [instruction(), outcome()])
        submit(actor=team.ada, annotation_set_id=draft.pk, base_revision=1, request_id=draft.pk)
        payload = payload_of(as_user(team.ada).get(reverse("annotate", args=[assignment.pk])))
        assert payload["sets"][0]["editable"] is False
        assert (payload["lease"], payload["progress"]) == (None, None)
        assert payload["vocabulary"] == ["move the gripper above the block"]

    def test_returned_work_opens_its_new_round(
        self, team: Team, as_user: Callable[[User], Client]
    ) -> None:
        assignment = claimed(team.ada, team.project)
        draft = draft_of(assignment)
        save(team.ada, draft, [instruction(), outcome()])
        submit(actor=team.ada, annotation_set_id=draft.pk, base_revision=1, request_id=draft.pk)
        return_for_rework(actor=team.ravi, annotation_set_id=draft.pk, comment="Grasp missing.")
        payload = payload_of(as_user(team.ada).get(reverse("annotate", args=[assignment.pk])))
        assert payload["sets"][0]["round"] == 2
        assert payload["sets"][0]["editable"]
        assert len(payload["sets"][0]["labels"]) == 2
        assert payload["returned"] == {"comment": "Grasp missing.", "by": "Ravi"}

    def test_a_lapsed_lease_is_not_promised(
        self, team: Team, as_user: Callable[[User], Client]
    ) -> None:
        assignment = claimed(team.ada, team.project)
        Assignment.objects.update(lease_expires_at=timezone.now() - timedelta(seconds=1))
        payload = payload_of(as_user(team.ada).get(reverse("annotate", args=[assignment.pk])))
        assert payload["lease"] is None
        assert payload["sets"][0]["editable"]

    def test_nobody_opens_anothers(self, team: Team, as_user: Callable[[User], Client]) -> None:
        url = reverse("annotate", args=[claimed(team.ada, team.project).pk])
        for user in (team.abe, team.ravi, team.mei, team.root):
            assert as_user(user).get(url).status_code == 403
        assert as_user(team.otto).get(url).status_code == 404

    def test_it_asks_the_database_a_fixed_number_of_times(
        self, team: Team, as_user: Callable[[User], Client]
    ) -> None:
        assignment = claimed(team.ada, team.project)
        ada, url = as_user(team.ada), reverse("annotate", args=[assignment.pk])
        ada.get(url)
        with queries() as few:
            ada.get(url)
        save(team.ada, draft_of(assignment), [grasp(number) for number in range(50)])
        with queries() as many:
            ada.get(url)
        assert len(many) == len(few) <= 18


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
            ("project-update", {"overlap": 3, "guideline": "Slowly."}, "Saved."),
            ("project-add-episodes", {"dataset": more.pk}, "1 episodes are in the queue."),
            ("project-set-member", {"user": "otto", "role": "annotator"}, "Saved."),
        ]
        for name, body, message in posts:
            answer = mei.post(reverse(name, args=[team.project.pk]), body, follow=True)
            assert message in text(answer), name
        team.project.refresh_from_db()
        assert (team.project.overlap, team.project.guideline) == (3, "Slowly.")
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
