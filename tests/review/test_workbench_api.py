"""Verdicts and consensus sets for programs, and what the editor sends."""

import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from annotation.models import TaskPolicy
from review.models import Adjudication, BatchItem, LabelVerdict
from review.services.batches import create_batch
from tests.annotation.scene import Team, grasp, instruction, outcome
from tests.review.scene import MS, hand_in_by_both, items_of, sets_for
from tests.review.test_pages import payload_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def item(team: Team) -> BatchItem:
    hand_in_by_both(team, 1, abe=[grasp(1_900 * MS), instruction(), outcome()])
    return items_of(create_batch(actor=team.ravi, project=team.project))[0]


@pytest.fixture
def ravi(team: Team, client: Client) -> Client:
    client.force_login(team.ravi)
    return client


def send(client: Client, name: str, pk: int, body: dict[str, Any], method: str = "post") -> Any:
    address = reverse(name, args=[pk]) if "?" not in name else name
    return getattr(client, method)(
        address, {"request_id": str(uuid.uuid4()), **body}, content_type="application/json"
    )


def word(item: BatchItem, **given: Any) -> dict[str, Any]:
    ada = sets_for(item)[0]
    label = ada.labels.get(kind="instant")
    body = {"annotation_set": str(ada.pk), "label_id": str(label.id), "verdict": "wrong_time"}
    return {**body, **given}


def test_a_word_is_answered_as_it_is_listed(ravi: Client, item: BatchItem) -> None:
    made = send(ravi, "api-label-verdicts", item.pk, word(item, comment="Late."))
    assert made.status_code == 201
    listed = ravi.get(reverse("api-label-verdicts", args=[item.pk])).json()
    assert listed == [made.json()]
    assert (listed[0]["verdict"], listed[0]["by"]) == ("wrong_time", "Ravi")


def test_the_editors_tolerances_are_those_in_force(
    ravi: Client, team: Team, item: BatchItem
) -> None:
    """One key says which labels are at the wrong time: by what they were compared with."""
    episode = reverse("review-episode", args=[item.pk])

    def within() -> dict[str, int]:
        classes = payload_of(ravi.get(episode))["schema"]["classes"]
        return {one["id"]: one["tolerance_ns"] for one in classes}

    plain = within()
    task = item.project_episode.episode.task
    assert task is not None
    TaskPolicy.objects.create(
        project=team.project, task=task, tolerance_ns=20 * MS, boundary_tolerance_ns=40 * MS
    )
    assert (plain["grasp_closed"], plain["instruction"]) == (100 * MS, 333 * MS)
    held = within()
    assert (held["grasp_closed"], held["instruction"]) == (20 * MS, 40 * MS)
    assert held["failure"] == plain["failure"]


def test_a_stale_word_is_told_the_present_one(ravi: Client, item: BatchItem) -> None:
    first = send(ravi, "api-label-verdicts", item.pk, word(item)).json()
    stale = send(ravi, "api-label-verdicts", item.pk, word(item, verdict="ok"))
    assert stale.status_code == 409
    problem = stale.json()
    assert (problem["code"], problem["current"]) == ("verdict_stale", first["id"])
    assert LabelVerdict.objects.count() == 1


@pytest.mark.parametrize(
    "broken", [{"verdict": "fine"}, {"annotation_set": "x"}, {"at_ns": -1}, {"comment": "x" * 2001}]
)
def test_a_malformed_word_is_refused(ravi: Client, item: BatchItem, broken: dict[str, Any]) -> None:
    assert send(ravi, "api-label-verdicts", item.pk, word(item, **broken)).status_code == 400


def test_a_decision_by_a_program(ravi: Client, item: BatchItem) -> None:
    ada, abe = sets_for(item)
    both = {"decision": "approved", "annotation_sets": [str(ada.pk), str(abe.pk)], "version": 0}
    assert send(ravi, "api-episode-verdicts", item.pk, both).status_code == 400
    one = {**both, "annotation_sets": [str(ada.pk)]}
    done = send(ravi, "api-episode-verdicts", item.pk, one)
    assert (done.json()["state"], done.json()["accepted_set"]) == ("approved", str(ada.pk))
    (listed,) = ravi.get(reverse("api-episode-verdicts", args=[item.pk])).json()
    assert listed["decision"] == "approved"


def test_a_consensus_from_beginning_to_end(ravi: Client, item: BatchItem) -> None:
    begun = send(ravi, "api-adjudications", item.pk, {"method": "reviewer", "version": 0})
    assert begun.status_code == 201
    pk = begun.json()["id"]
    label = sets_for(item)[1].labels.get(kind="instant")
    taken = {**grasp(1_900 * MS), "id": str(label.id)}
    saved = send(
        ravi,
        "api-adjudication-labels",
        pk,
        {"base_revision": 0, "put": [taken], "remove": []},
        method="patch",
    )
    assert saved.json()["revision"] == 1
    address = reverse("api-adjudication-accept", args=[pk])
    no_version = send(ravi, "api-adjudication-accept", pk, {"base_revision": 1})
    assert no_version.status_code == 400
    accepted = ravi.post(
        f"{address}?version=0",
        {"base_revision": 1, "request_id": str(uuid.uuid4()), "claim_next": True},
        content_type="application/json",
    )
    assert accepted.status_code == 200
    assert accepted.json()["queue_url"] == reverse("batch-detail", args=[item.batch_id])
    whole = ravi.get(reverse("api-adjudication", args=[pk])).json()
    came = {one["label_id"]: [s["how"] for s in one["sources"]] for one in whole["provenance"]}
    assert came[str(label.id)] == ["taken"]
    assert len(whole["labels"]) == len(came) == 3
    undone = send(ravi, "api-adjudication-undo", pk, {"reason": "No.", "version": 1})
    assert undone.json()["state"] == "undone"


def test_what_misses_something_is_not_accepted(ravi: Client, team: Team, item: BatchItem) -> None:
    other = {"method": "copy", "version": 0, "annotation_sets": [str(sets_for(item)[0].pk)]}
    pk = send(ravi, "api-adjudications", item.pk, other).json()["id"]
    copy = Adjudication.objects.get(pk=pk).annotation_set
    copy.labels.filter(kind="outcome").delete()
    refused = send(ravi, "api-adjudication-accept", pk, {"base_revision": 0, "version": 0})
    assert (refused.status_code, refused.json()["code"]) == (422, "not_submittable")
    assert refused.json()["findings"]
    given_up = ravi.delete(reverse("api-adjudication", args=[pk]))
    assert given_up.json()["state"] == "dropped"


def test_the_pages_of_a_consensus(ravi: Client, item: BatchItem) -> None:
    page = ravi.get(reverse("review-episode", args=[item.pk])).content.decode()
    form = {"method": "quorum", "version": "0", "request_id": str(uuid.uuid4())}
    assert "Make a consensus" in page
    ravi.post(reverse("adjudication-begin", args=[item.pk]), form)
    made = Adjudication.objects.get()
    shown = ravi.get(reverse("adjudication-detail", args=[made.pk])).content.decode()
    assert "Agreed by a quorum" in shown
    assert "Abe, Ada" in shown
    bad = ravi.post(reverse("adjudication-begin", args=[item.pk]), {**form, "method": "dice"})
    assert bad.status_code == 400
    ravi.post(reverse("adjudication-drop", args=[made.pk]))
    made.refresh_from_db()
    assert made.state == "dropped"
