"""The pages people work on: what they show, whom they let in, how often they ask the database."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from annotation.models import Assignment, ProjectEpisode
from annotation.services.return_for_rework import return_for_rework
from annotation.services.submit import submit
from episodes.models import Signal
from tests.annotation.pages import queries, text
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
        assert len(many) == len(few) <= 16


class TestNext:
    def test_it_opens_the_editor(self, team: Team, as_user: Callable[[User], Client]) -> None:
        ada, url = as_user(team.ada), f"/projects/{team.project.pk}/next/"
        first = ada.post(url)
        assert first["Location"] == reverse("annotate", args=[Assignment.objects.get().pk])
        assert ada.post(url)["Location"] == first["Location"]

    def test_a_link_claims_nothing(self, team: Team, as_user: Callable[[User], Client]) -> None:
        answer = as_user(team.ada).get(f"/projects/{team.project.pk}/next/")
        assert answer["Location"] == "/queue/"
        assert not Assignment.objects.exists()

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
            "goals": [],
            "objects": [],
            "names": ["block", "goal position"],
            "phrases": [],
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
        address = f"/api/v1/signals/{signal['id']}"
        assert signal["layout_url"] == f"{address}/layout"
        assert signal["tile_url"] == f"{address}/tiles/"
        assert len(payload["schema"]["classes"]) == 29
        (own,) = payload["sets"]
        assert (own["revision"], own["editable"], own["round"]) == (1, True, 1)
        assert own["labels"][0]["id"] == mark["id"]
        assert payload["returned"] is None
        assert (
            payload["urls"].items()
            >= {
                "save": f"/api/v1/annotation-sets/{own['id']}/labels",
                "submit": f"/api/v1/annotation-sets/{own['id']}/submit",
                "heartbeat": f"/api/v1/assignments/{assignment.pk}/heartbeat",
                "release": f"/api/v1/assignments/{assignment.pk}/release",
                "ahead": f"/api/v1/assignments/{assignment.pk}/ahead",
                "skip": f"/api/v1/assignments/{assignment.pk}/skip",
                "queue": "/queue/",
            }.items()
        )
        assert 890 <= payload["lease"]["seconds"] <= 900
        assert payload["user"] == {
            "id": team.ada.pk,
            "name": "Ada",
            "preferences": {"version": 0, "values": {}},
            "preferences_url": "/api/v1/preferences",
        }
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
        assert payload["returned"] == {"comment": "Grasp missing.", "by": "Ravi", "points": []}

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
        assert len(many) == len(few) <= 26
