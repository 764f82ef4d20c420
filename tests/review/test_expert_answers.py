"""Gold made by experts: an episode opened in the editor, handed in, and made gold of."""

import json
import re
import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from annotation.errors import AlreadyAnswered, NotFound, RoleMissing
from annotation.models import AnnotationSet, Assignment, AuditEntry, ProjectEpisode
from annotation.services.release import release
from annotation.services.take_as_expert import take_as_expert
from review.models import GoldItem
from review.selectors.batches import ready_episodes
from tests.annotation.scene import Team, draft_of, grasp, instruction, outcome, save
from tests.review.scene import MS, batch_of, fresh_ids, hand_in
from tests.review.test_pages import payload_of, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def place(team: Team) -> ProjectEpisode:
    return team.project.project_episodes.select_related("episode", "project").earliest("position")


def handed_in(client: Client, draft: AnnotationSet, *labels: dict[str, Any]) -> dict[str, Any]:
    """Labels saved and handed in as the editor does."""
    assert draft.assignment is not None
    put = fresh_ids(list(labels) or [grasp(), instruction(), outcome()])
    save(draft.assignment.annotator, draft, put)
    draft.refresh_from_db()
    answer = client.post(
        reverse("api-set-submit", args=[draft.pk]),
        json.dumps(
            {"base_revision": draft.revision, "request_id": str(uuid.uuid4()), "claim_next": True}
        ),
        "application/json",
    )
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def test_an_expert_labels_hands_in_and_makes_gold(
    team: Team, place: ProjectEpisode, client: Client
) -> None:
    client.force_login(team.mei)
    gold, key = reverse("project-gold", args=[team.project.pk]), place.episode.key
    assert "None waits" in text(client.get(gold))
    address = reverse("gold-answer", args=[team.project.pk])
    opened = client.post(address, {"key": key})
    assert client.post(address, {"key": key})["Location"] == opened["Location"]
    assignment = Assignment.objects.get()
    payload = payload_of(client.get(opened["Location"]))
    assert (payload["mode"], [one["editable"] for one in payload["sets"]]) == ("annotate", [True])
    assert f"Go on with {key}" in text(client.get(gold))
    done = handed_in(client, draft_of(assignment))
    # An expert came for this episode: nothing else is claimed for them.
    assert (done["next"], done["next_url"]) == (None, None)
    assert done["queue_url"] == f"{gold}#experts"
    assert Assignment.objects.count() == 1
    listed = text(client.get(gold))
    make = f"{reverse('gold-new', args=[team.project.pk])}?place={place.pk}"
    assert make in listed
    form = text(client.get(make))
    own = AnnotationSet.objects.get(assignment=assignment)
    assert re.search(rf'name="answer" value="{own.pk}"[^>]* checked', form)
    made = client.post(make, {"answer": own.pk, "experts": [own.pk], "reason": "By eye."})
    assert made["Location"] == reverse("gold-item", args=[place.pk])
    item = GoldItem.objects.get()
    assert list(item.sources.all()) == [own]
    assert (item.project_episode, item.origin, item.reason) == (place, "experts", "By eye.")
    assert "None waits" in text(client.get(gold))


def test_it_takes_no_annotators_place(team: Team, place: ProjectEpisode) -> None:
    team.project.project_episodes.exclude(pk=place.pk).delete()
    take_as_expert(actor=team.mei, place=place)
    take_as_expert(actor=team.ravi, place=place)
    hand_in(team.ada, team.project)
    assert not ready_episodes(team.project).exists()
    hand_in(team.abe, team.project)
    assert list(ready_episodes(team.project)) == [place]
    entries = AuditEntry.objects.filter(action="assignment.claimed", facts__expert=True)
    assert {one.actor for one in entries} == {team.mei, team.ravi}


def test_a_reviewed_episode_is_answered_too(team: Team, place: ProjectEpisode) -> None:
    batch_of(team, 1)
    assert take_as_expert(actor=team.mei, place=place).beyond_overlap


def test_two_experts_say_how_far_they_lie_apart(
    team: Team, place: ProjectEpisode, client: Client
) -> None:
    sets = []
    for user, at in ((team.mei, 1_680), (team.ravi, 1_700)):
        client.force_login(user)
        draft = draft_of(take_as_expert(actor=user, place=place))
        handed_in(client, draft, grasp(at * MS), instruction(), outcome())
        sets.append(draft)
    # A reviewer labels; gold is a manager's word.
    listed = text(client.get(reverse("project-gold", args=[team.project.pk])))
    assert "a manager makes gold of it" in listed
    client.force_login(team.mei)
    make = f"{reverse('gold-new', args=[team.project.pk])}?place={place.pk}"
    client.post(make, {"answer": sets[0].pk, "experts": [one.pk for one in sets]})
    item = GoldItem.objects.get()
    assert [abs(one) for one in item.spread["grasp_closed"]["offsets_ns"]] == [20 * MS]


def test_an_expert_answers_an_episode_once(team: Team, place: ProjectEpisode) -> None:
    hand_in(team.ravi, team.project)
    with pytest.raises(AlreadyAnswered):
        take_as_expert(actor=team.ravi, place=place)
    given_back = take_as_expert(actor=team.mei, place=place)
    release(actor=team.mei, assignment_id=given_back.pk)
    with pytest.raises(AlreadyAnswered):
        take_as_expert(actor=team.mei, place=place)


def test_a_key_that_there_is_not_is_said(team: Team, client: Client) -> None:
    client.force_login(team.ravi)
    answer = client.post(reverse("gold-answer", args=[team.project.pk]), {"key": "nowhere"})
    assert answer.status_code == 400
    assert "No episode of this project has that key" in text(answer)
    assert not Assignment.objects.exists()


@pytest.mark.parametrize(("who", "error"), [("ada", RoleMissing), ("otto", NotFound)])
def test_annotators_are_no_experts(
    team: Team, place: ProjectEpisode, client: Client, who: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        take_as_expert(actor=getattr(team, who), place=place)
    client.force_login(getattr(team, who))
    answer = client.post(reverse("gold-answer", args=[team.project.pk]), {"key": place.episode.key})
    assert answer.status_code == (403 if error is RoleMissing else 404)
    assert not Assignment.objects.exists()
