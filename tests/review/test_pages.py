"""The review pages: what they show and do, how often they ask the database.

Whom they let in: tests/config/test_every_address.py.
"""

import json
import re
import uuid
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from annotation.models import Assignment, ProjectEpisode
from review.models import Batch, BatchItem, Verdict
from review.services.batches import create_batch
from review.services.gold import set_gold
from review.services.score import score_pending
from tests.annotation.scene import Team, grasp, instruction, outcome
from tests.review.scene import MS, approve, hand_in_by_both, items_of, send_back, sets_for
from tests.review.test_score import gold_labels

pytestmark = pytest.mark.django_db


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def payload_of(answer: Any) -> dict[str, Any]:
    pattern = r'<script id="timeline-payload" type="application/json">(.*?)</script>'
    found = re.search(pattern, answer.content.decode(), re.DOTALL)
    assert found is not None
    read: dict[str, Any] = json.loads(found[1])
    return read


def hidden(answer: Any, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', answer.content.decode())
    assert found is not None
    return found[1]


@pytest.mark.parametrize(
    "address",
    [
        "/review/projects/99999/",
        "/review/projects/99999/agreement/",
        "/review/projects/99999/releases/",
        "/review/batches/99999/",
        "/review/episodes/99999/",
        f"/review/releases/{uuid.UUID(int=9)}/",
    ],
)
def test_what_is_not_there_is_not_found(address: str, team: Team, client: Client) -> None:
    client.force_login(team.root)
    assert client.get(address).status_code == 404


def test_review_begins_at_the_only_project(team: Team, client: Client) -> None:
    client.force_login(team.ravi)
    answer = client.get(reverse("review-home"))
    assert answer["Location"] == reverse("review-project", args=[team.project.pk])
    client.force_login(team.ada)
    assert "Nothing to review" in text(client.get(reverse("review-home")))


def test_a_batch_is_made_from_the_project_page(team: Team, client: Client) -> None:
    hand_in_by_both(team, 2)
    client.force_login(team.ravi)
    page = text(client.get(reverse("review-project", args=[team.project.pk])))
    assert "2 episodes are handed in by 2 annotators each" in page
    made = client.post(
        reverse("batch-create", args=[team.project.pk]), {"name": "Monday", "limit": "1"}
    )
    batch = Batch.objects.get()
    assert made["Location"] == reverse("batch-detail", args=[batch.pk])
    assert (batch.name, batch.items.count()) == ("Monday", 1)


@pytest.mark.parametrize("given", [{"limit": "0"}, {"limit": "many"}, {"name": "x" * 300}])
def test_a_bad_batch_form_comes_back(team: Team, client: Client, given: dict[str, str]) -> None:
    hand_in_by_both(team, 1)
    client.force_login(team.ravi)
    answer = client.post(reverse("batch-create", args=[team.project.pk]), given)
    assert answer.status_code == 400
    assert not Batch.objects.exists()


def test_an_empty_project_says_the_next_step(team: Team, client: Client) -> None:
    client.force_login(team.mei)
    page = text(client.get(reverse("review-project", args=[team.project.pk])))
    assert "No finished episode waits" in page
    assert "No batch yet" in page
    answer = client.post(reverse("batch-create", args=[team.project.pk]))
    assert answer.status_code == 400
    assert "No episode is finished by all its annotators" in text(answer)
    agreement = text(client.get(reverse("review-agreement", args=[team.project.pk])))
    assert "No episode was handed in by two annotators yet" in agreement
    gold = text(client.get(reverse("review-agreement", args=[team.project.pk]), {"gold": "on"}))
    assert "Not enough data" in gold
    releases = text(client.get(reverse("review-releases", args=[team.project.pk])))
    assert "No approved batch yet" in releases


def test_the_batch_page_shows_agreement_with_n_and_interval(
    team: Team, batch: Batch, client: Client
) -> None:
    client.force_login(team.ravi)
    page = text(client.get(reverse("batch-detail", args=[batch.pk])))
    assert "0.439 to 1.000 (95&nbsp;%), n 3 contacts in 3 episodes" in page
    assert "To review" in page
    assert "disabled" in page


def test_the_episode_page_carries_both_annotators_the_gold_and_the_differences(
    team: Team, client: Client
) -> None:
    hand_in_by_both(team, 1, abe=[grasp(1_900 * MS), instruction(), outcome("outcome_failure")])
    (item,) = items_of(create_batch(actor=team.ravi, project=team.project))
    set_gold(
        actor=team.mei,
        project_episode=item.project_episode,
        labels=gold_labels(),
        origin="physics",
    )
    client.force_login(team.ravi)
    answer = client.get(reverse("review-episode", args=[item.pk]))
    payload = payload_of(answer)
    assert payload["mode"] == "review"
    assert [one["name"] for one in payload["sets"]] == ["Ada", "Abe", "Gold"]
    assert not any(one["editable"] for one in payload["sets"])
    assert [one["code"] for one in payload["differences"]] == ["outcome_differs", "instant_time"]
    assert "Abe marks it 220 ms later (tolerance 100 ms)" in text(answer)
    other = client.get(
        reverse("review-episode", args=[item.pk]),
        {"compare": "..".join(str(payload["sets"][n]["id"]) for n in (0, 2))},
    )
    assert payload_of(other)["differences"] == []
    assert "No difference" in text(other)


def test_approving_by_the_form_goes_on_to_the_next_episode(
    team: Team, batch: Batch, client: Client
) -> None:
    first, second, _ = items_of(batch)
    client.force_login(team.ravi)
    page = client.get(reverse("review-episode", args=[first.pk]))
    form = {
        "annotation_set": str(sets_for(first)[1].pk),
        "version": hidden(page, "version"),
        "request_id": hidden(page, "request_id"),
    }
    for _ in range(2):
        answer = client.post(reverse("review-approve", args=[first.pk]), form)
        assert answer["Location"] == reverse("review-episode", args=[second.pk])
    verdict = Verdict.objects.get()
    assert (verdict.item, verdict.annotation_set) == (first, sets_for(first)[1])


def test_returning_by_the_form(team: Team, batch: Batch, client: Client) -> None:
    item = items_of(batch)[0]
    client.force_login(team.ravi)
    page = client.get(reverse("review-episode", args=[item.pk]))
    form = {
        "annotation_sets": [str(one.pk) for one in sets_for(item)],
        "version": hidden(page, "version"),
        "request_id": hidden(page, "request_id"),
    }
    bare = client.post(reverse("review-return", args=[item.pk]), form)
    assert bare.status_code == 400
    assert "Say what the annotator is to do differently." in text(bare)
    client.post(reverse("review-return", args=[item.pk]), {**form, "comment": "Too late."})
    assert Assignment.objects.filter(state=Assignment.State.RETURNED).count() == 2
    again = text(client.get(reverse("review-episode", args=[item.pk])))
    assert "An annotator has this episode back" in again
    assert "Too late." in again
    assert "Approve this episode" not in again


def test_an_older_page_gets_told_who_decided(team: Team, batch: Batch, client: Client) -> None:
    item = items_of(batch)[0]
    form = {
        "annotation_set": str(sets_for(item)[0].pk),
        "version": "0",
        "request_id": str(uuid.uuid4()),
    }
    approve(team.ravi, item)
    client.force_login(team.mei)
    answer = client.post(reverse("review-approve", args=[item.pk]), form)
    assert answer.status_code == 409
    assert "approved by Ravi meanwhile" in text(answer)


@pytest.mark.parametrize(
    "broken",
    [
        {"annotation_set": ""},
        {"annotation_set": "not-a-uuid"},
        {"annotation_set": str(uuid.UUID(int=1))},
        {"version": "minus"},
        {"request_id": "again"},
    ],
)
def test_a_broken_verdict_form_decides_nothing(
    team: Team, batch: Batch, client: Client, broken: dict[str, str]
) -> None:
    item = items_of(batch)[0]
    good = {
        "annotation_set": str(sets_for(item)[0].pk),
        "version": "0",
        "request_id": str(uuid.uuid4()),
    }
    client.force_login(team.ravi)
    answer = client.post(reverse("review-approve", args=[item.pk]), good | broken)
    assert answer.status_code == 400
    assert not Verdict.objects.exists()


def test_a_reviewer_who_annotated_sees_why_there_is_no_form(team: Team, client: Client) -> None:
    Assignment.objects.filter(annotator=team.abe).delete()
    hand_in_by_both(team, 1)
    Assignment.objects.filter(annotator=team.abe).update(annotator=team.ravi)
    batch = create_batch(actor=team.mei, project=team.project)
    (item,) = items_of(batch)
    client.force_login(team.ravi)
    assert "your own work" in text(client.get(reverse("batch-detail", args=[batch.pk])))
    page = text(client.get(reverse("review-episode", args=[item.pk])))
    assert "You annotated this episode yourself" in page
    assert "Approve this episode" not in page
    form = {
        "annotation_set": str(item.project_episode.annotation_sets.all()[0].pk),
        "version": "0",
        "request_id": str(uuid.uuid4()),
    }
    assert client.post(reverse("review-approve", args=[item.pk]), form).status_code == 403
    assert not Verdict.objects.exists()


def test_the_batch_is_approved_by_its_button(team: Team, batch: Batch, client: Client) -> None:
    client.force_login(team.ravi)
    refused = client.post(reverse("batch-approve", args=[batch.pk]))
    assert refused.status_code == 409
    assert "3 of 3 episodes" in text(refused)
    for item in items_of(batch):
        approve(team.ravi, item)
    assert "Approve the batch" in text(client.get(reverse("batch-detail", args=[batch.pk])))
    for _ in range(2):
        assert client.post(reverse("batch-approve", args=[batch.pk])).status_code == 302
    batch.refresh_from_db()
    assert batch.state == Batch.State.APPROVED
    closed = text(client.get(reverse("batch-detail", args=[batch.pk])))
    assert "Approved by Ravi" in closed


def test_an_annotator_sees_nothing_of_other_peoples_labels(
    team: Team, batch: Batch, client: Client
) -> None:
    client.force_login(team.ada)
    answer = client.get(reverse("review-episode", args=[items_of(batch)[0].pk]))
    assert answer.status_code == 403
    assert "timeline-payload" not in text(answer)


def test_agreement_shows_figures_between_annotators_and_against_gold(
    team: Team, client: Client
) -> None:
    hand_in_by_both(team, 2, abe=[grasp(1_700 * MS), instruction(), outcome("outcome_failure")])
    for episode in ProjectEpisode.objects.filter(project=team.project)[:2]:
        set_gold(actor=team.mei, project_episode=episode, labels=gold_labels(), origin="physics")
    score_pending()
    client.force_login(team.ravi)
    address = reverse("review-agreement", args=[team.project.pk])
    page = text(client.get(address))
    assert "2 comparisons on 2 episodes" in page
    assert "+20 ms" in page
    assert "not enough data" in page
    assert re.search(r"Outcomes called differently.*Success.*Failure|Outcomes called differently.*"
                     r"Failure.*Success", page)  # fmt: skip
    assert "Each annotator against gold" in text(client.get(address, {"gold": "on"}))


def test_lists_ask_the_same_number_of_times_however_long(
    team: Team, batch: Batch, client: Client
) -> None:
    client.force_login(team.ravi)
    pages = [
        reverse("review-project", args=[team.project.pk]),
        reverse("batch-detail", args=[batch.pk]),
        reverse("review-agreement", args=[team.project.pk]),
    ]

    def asked() -> list[int]:
        counts = []
        for page in pages:
            client.get(page)
            with CaptureQueriesContext(connection) as context:
                client.get(page)
            counts.append(len(context))
        return counts

    long = asked()
    BatchItem.objects.filter(pk__in=[item.pk for item in items_of(batch)[1:]]).delete()
    assert asked() == long
    assert max(long) <= 28


def test_the_home_page_counts_by_project(
    team: Team, batch: Batch, client: Client, root_project: None
) -> None:
    send_back(team.ravi, items_of(batch)[0])
    client.force_login(team.root)
    page = text(client.get(reverse("review-home")))
    assert re.search(r"Blocks</a></th> <td class=\"num\">0</td><td class=\"num\">2</td>", page)


@pytest.fixture
def root_project(team: Team) -> None:
    """A second project, so that the home page is a list."""
    team.project.__class__.objects.create(name="Other", schema=team.project.schema)


def test_names_are_escaped(team: Team, batch: Batch, client: Client) -> None:
    User.objects.filter(pk=team.ada.pk).update(first_name="<b>Ada</b>")
    Batch.objects.update(name="<script>x</script>")
    client.force_login(team.ravi)
    for address in (
        reverse("batch-detail", args=[batch.pk]),
        reverse("review-episode", args=[items_of(batch)[0].pk]),
    ):
        page = client.get(address).content.decode()
        assert "<b>Ada" not in page
        assert "<script>x" not in page
