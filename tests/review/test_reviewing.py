"""How a project's episodes are reviewed: blind, with a share that comes again unmarked."""

import re
import uuid
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from annotation.errors import NotFound, RoleMissing
from annotation.models import AuditEntry, ProjectEpisode
from review.models import (
    Adjudication,
    Batch,
    BatchItem,
    LabelVerdict,
    ReviewPolicy,
    ReviewRepeat,
    Verdict,
)
from review.selectors.acceptance_plans import Choice
from review.selectors.batches import project_rows
from review.selectors.repeats import consistency, next_for
from review.services.adjudication import begin_adjudication
from review.services.batches import approve_batch, create_batch
from review.services.marks import Said, give_label_verdict
from review.services.repeats import BETWEEN, draw_repeat
from review.services.review_policy import set_review_policy
from tests.annotation.scene import Team, grasp, instruction, outcome
from tests.review.scene import (
    approve,
    hand_in_by_both,
    items_of,
    send_back,
    sets_for,
)
from tests.review.test_pages import payload_of, text

pytestmark = pytest.mark.django_db

State = ReviewRepeat.State


def policy(team: Team, **given: Any) -> ReviewPolicy:
    wanted = {"blind": False, "repeat_percent": 0, "quorum_percent": 60, **given}
    return set_review_policy(actor=team.mei, project=team.project, **wanted)


def repeat_of(item: BatchItem, reviewer: User) -> ReviewRepeat:
    """The reviewer's approval of the item, drawn to be made again."""
    first = Verdict.objects.filter(item=item, reviewer=reviewer).latest("pk")
    return ReviewRepeat.objects.create(item=item, reviewer=reviewer, first=first)


def test_that_it_is_saved_is_said_once(team: Team, client: Client) -> None:
    client.force_login(team.mei)
    page = client.post(
        reverse("review-policy-set", args=[team.project.pk]),
        {"repeat_percent": "5", "quorum_percent": "60"},
        follow=True,
    )
    assert text(page).count("It holds from the next episode that is opened.") == 1


@pytest.mark.parametrize(
    ("who", "error"), [("ravi", RoleMissing), ("ada", RoleMissing), ("otto", NotFound)]
)
def test_only_managers_set_the_policy(team: Team, who: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        set_review_policy(
            actor=getattr(team, who),
            project=team.project,
            blind=True,
            repeat_percent=5,
            quorum_percent=60,
        )
    assert not ReviewPolicy.objects.exists()


def test_the_policy_is_audited_once_a_change(team: Team) -> None:
    for _ in range(2):
        policy(team, repeat_percent=10)
    assert AuditEntry.objects.filter(action="review_policy.changed").count() == 1


def test_the_policys_form_comes_back_with_what_is_wrong(team: Team, client: Client) -> None:
    client.force_login(team.mei)
    answer = client.post(
        reverse("review-policy-set", args=[team.project.pk]),
        {"repeat_percent": "50", "quorum_percent": "60"},
    )
    assert answer.status_code == 400
    assert not ReviewPolicy.objects.exists()


def test_blind_a_reviewer_sees_no_name_until_it_is_decided(
    team: Team, batch: Batch, client: Client
) -> None:
    policy(team, blind=True)
    item = items_of(batch)[0]
    client.force_login(team.ravi)
    address = reverse("review-episode", args=[item.pk])
    page = client.get(address)
    payload = payload_of(page)
    assert [one["name"] for one in payload["sets"]] == ["Annotator 1", "Annotator 2"]
    assert "comments" not in payload["urls"]
    assert not re.search(r"\b(Ada|Abe|ada|abe)\b", text(page))
    approve(team.ravi, item)
    assert {one["name"] for one in payload_of(client.get(address))["sets"]} == {"Ada", "Abe"}


def test_a_repeat_looks_like_an_episode_that_waits(
    team: Team, batch: Batch, client: Client
) -> None:
    first, second, _ = items_of(batch)
    client.force_login(team.ravi)
    fresh = text(client.get(reverse("review-episode", args=[second.pk])))
    approve(team.ravi, first)
    repeat_of(first, team.ravi)
    page = text(client.get(reverse("review-episode", args=[first.pk])))
    assert "To review" in page
    for word in ("Approved", "Earlier verdicts", "again"):
        assert (word in page) == (word in fresh)
    client.force_login(team.mei)
    assert "Approved" in text(client.get(reverse("review-episode", args=[first.pk])))


def test_blind_the_batchs_page_and_tables_name_nobody_who_waits(
    team: Team, batch: Batch, client: Client
) -> None:
    policy(team, blind=True)
    client.force_login(team.ravi)
    address = reverse("batch-detail", args=[batch.pk])
    name = re.compile(r"\b(Ada|Abe|ada|abe)\b")
    page = text(client.get(address))
    assert not name.search(page)
    assert page.count("hidden until decided") == 3
    approve(team.ravi, items_of(batch)[0])
    page = text(client.get(address))
    assert name.search(page)
    assert page.count("hidden until decided") == 2


def test_blind_a_samples_rows_name_nobody_who_waits(team: Team, client: Client) -> None:
    hand_in_by_both(team, 3)
    choice = Choice("hypergeometric", c=0)
    sampled = create_batch(actor=team.ravi, project=team.project, choice=choice)
    policy(team, blind=True)
    client.force_login(team.ravi)
    name = re.compile(r"\b(Ada|Abe|ada|abe)\b")
    for address in (
        reverse("batch-detail", args=[sampled.pk]),
        reverse("batch-sample-table", args=[sampled.pk, "csv"]),
        reverse("api-samples", args=[sampled.pk]),
    ):
        answer = client.get(address)
        assert answer.status_code == 200
        told = b"".join(answer) if answer.streaming else answer.content
        assert not name.search(told.decode()), address


def test_blind_a_draft_names_its_sources_as_their_lanes(
    team: Team, batch: Batch, client: Client
) -> None:
    policy(team, blind=True)
    item = items_of(batch)[0]
    draft = begin_adjudication(
        actor=team.ravi,
        item_id=item.pk,
        method=Adjudication.Method.QUORUM,
        annotation_set_ids=[],
        version=0,
        request_id=uuid.uuid4(),
    )
    client.force_login(team.ravi)
    page = text(client.get(reverse("adjudication-detail", args=[draft.pk])))
    assert "Annotator 1, Annotator 2" in page
    assert not re.search(r"\b(Ada|Abe|ada|abe)\b", page)
    policy(team)
    page = text(client.get(reverse("adjudication-detail", args=[draft.pk])))
    assert "Abe, Ada" in page


def test_a_repeat_looks_undecided_on_the_batchs_page_and_in_its_api(
    team: Team, batch: Batch, client: Client
) -> None:
    items = items_of(batch)
    for item in items:
        approve(team.ravi, item)
    approve_batch(actor=team.mei, batch_id=batch.pk)
    repeat_of(items[0], team.ravi)
    address, api = reverse("batch-detail", args=[batch.pk]), reverse("api-batch", args=[batch.pk])

    def states(user: User) -> list[tuple[str, bool]]:
        client.force_login(user)
        listed = client.get(api).json()["items"]
        return [(one["state"], one["accepted_set"] is None) for one in listed]

    assert states(team.ravi) == [("open", True), ("approved", False), ("approved", False)]
    page = text(client.get(address))
    assert "2 of 3 episodes are approved." in page
    assert page.count("To review") == 1
    assert "Its verdicts stand" not in page
    assert states(team.mei) == [("approved", False)] * 3
    assert "Its verdicts stand" in text(client.get(address))


def test_a_repeat_leaves_its_batch_in_review_wherever_batches_are_listed(
    team: Team, batch: Batch, client: Client
) -> None:
    items = items_of(batch)
    for item in items:
        approve(team.ravi, item)
    approve_batch(actor=team.mei, batch_id=batch.pk, remark="Well done.")
    repeat = repeat_of(items[0], team.ravi)
    listed = reverse("api-batches", args=[team.project.pk])

    def told(user: User) -> tuple[object, ...]:
        client.force_login(user)
        page = text(client.get(reverse("review-project", args=[team.project.pk])))
        shown = [one for one in ("2 / 3", "3 / 3", "Approved</span>", ">Mei</td>") if one in page]
        (row,) = project_rows(user)
        (said,) = client.get(listed).json()["results"]
        alone = client.get(reverse("api-batch", args=[batch.pk])).json()
        assert said == {name: alone[name] for name in said}
        by = [client.get(listed, {"state": one}).json()["results"] for one in Batch.State.values]
        return (
            *(shown, row.to_review, row.open_batches, row.approved_batches, [*map(len, by)]),
            *(said["state"], said["approved_at"] is None, said["remark"]),
        )

    signed = ["3 / 3", "Approved</span>", ">Mei</td>"]
    true = (signed, 0, 0, 1, [0, 1], "approved", False, "Well done.")
    assert told(team.ravi) == (["2 / 3"], 1, 1, 0, [1, 0], "open", True, "")
    assert told(team.mei) == true
    approve(team.ravi, items[0])
    repeat.refresh_from_db()
    assert repeat.state == State.DECIDED
    assert told(team.ravi) == true


def test_deciding_a_repeat_changes_nothing_but_the_repeat(team: Team, batch: Batch) -> None:
    item = items_of(batch)[0]
    approve(team.ravi, item)
    repeat = repeat_of(item, team.ravi)
    ada, abe = sets_for(item)
    request_id = uuid.uuid4()
    for _ in range(2):
        approve(team.ravi, item, annotation_set_id=abe.pk, request_id=request_id)
    item.refresh_from_db()
    repeat.refresh_from_db()
    assert (item.accepted_set, item.version) == (ada, 1)
    assert (repeat.state, repeat.decision, repeat.chosen_set) == (State.DECIDED, "approved", abe)
    assert Verdict.objects.filter(item=item).count() == 1
    assert ProjectEpisode.objects.get(pk=item.project_episode_id).accepted_set == ada


def test_returning_a_repeat_sends_nothing_back(team: Team, batch: Batch) -> None:
    item = items_of(batch)[0]
    approve(team.ravi, item)
    repeat = repeat_of(item, team.ravi)
    send_back(team.ravi, item)
    item.refresh_from_db()
    repeat.refresh_from_db()
    assert item.state == BatchItem.State.APPROVED
    assert (repeat.state, repeat.decision) == (State.DECIDED, "returned")


def test_a_repeat_whose_episode_was_decided_again_is_void(team: Team, batch: Batch) -> None:
    item = items_of(batch)[0]
    approve(team.ravi, item)
    repeat = repeat_of(item, team.ravi)
    approve(team.mei, item)
    repeat.refresh_from_db()
    assert repeat.state == State.VOID
    assert consistency(team.project, team.mei) == []


def test_agreement_with_oneself_has_its_n(team: Team, batch: Batch) -> None:
    items = items_of(batch)
    for number, item in enumerate(items):
        label = sets_for(item)[0].labels.get(kind="instant")
        said = Said(sets_for(item)[0].pk, LabelVerdict.Word.OK, label.id)
        give_label_verdict(actor=team.ravi, item_id=item.pk, said=said, request_id=uuid.uuid4())
        approve(team.ravi, item)
        repeat_of(item, team.ravi)
        give_label_verdict(actor=team.ravi, item_id=item.pk, said=said, request_id=uuid.uuid4())
        approve(team.ravi, item, annotation_set_id=sets_for(item)[number == 0].pk)
    (row,) = consistency(team.project, team.mei)
    assert row.decisions.trials == 3
    assert row.decisions.rate == pytest.approx(2 / 3)
    assert row.decisions.low is not None
    assert (row.labels.rate, row.labels.trials) == (1.0, 3)


def test_a_share_is_drawn_of_what_lies_far_enough_back(team: Team, batch: Batch) -> None:
    policy(team, repeat_percent=20)
    items = items_of(batch)
    for item in items:
        approve(team.ravi, item)
    assert not ReviewRepeat.objects.exists()
    # The decisions between, none of which can come again; a fifth of all draws finds one that can.
    for _ in range(100):
        Verdict.objects.create(
            item=items[-1],
            reviewer=team.ravi,
            decision=Verdict.Decision.RETURNED,
            annotation_set=sets_for(items[-1])[0],
            comment="Once more.",
            request_id=uuid.uuid4(),
        )
        draw_repeat(items[-1], team.ravi)
    again = ReviewRepeat.objects.get()
    assert again.state == State.OPEN
    others = [one for one in items if one != again.item]
    assert next_for(others[0], team.ravi) == again.item
    before = Verdict.objects.filter(
        pk__gt=again.first_id, reviewer=team.ravi, created_at__lt=again.drawn_at
    )
    assert before.count() >= BETWEEN


def test_without_a_share_nothing_is_drawn(team: Team, batch: Batch) -> None:
    item = items_of(batch)[0]
    approve(team.ravi, item)
    assert draw_repeat(item, team.ravi) is None


def test_the_pages_ask_the_same_number_of_times_however_much_there_is(
    team: Team, client: Client
) -> None:
    hand_in_by_both(team, 3, abe=[grasp(2_000_000_000), instruction(), outcome("outcome_failure")])
    items = items_of(create_batch(actor=team.ravi, project=team.project))
    client.force_login(team.mei)
    pages = [
        reverse("review-reviewing", args=[team.project.pk]),
        reverse("review-episode", args=[items[0].pk]),
    ]

    def asked() -> list[int]:
        counts = []
        for page in pages:
            client.get(page)
            with CaptureQueriesContext(connection) as context:
                assert client.get(page).status_code == 200
            counts.append(len(context))
        return counts

    for item in items[1:]:
        approve(team.ravi, item)
    repeat_of(items[1], team.ravi)
    one = asked()
    repeat_of(items[2], team.ravi)
    for number in (0, 1):
        own = sets_for(items[0])[number]
        label = own.labels.get(kind="instant")
        give_label_verdict(
            actor=team.ravi,
            item_id=items[0].pk,
            said=Said(own.pk, LabelVerdict.Word.EXTRA, label.id),
            request_id=uuid.uuid4(),
        )
    assert asked() == one
    assert max(one) <= 48
