"""A reviewer's verdict: who may give it, on what, once, and what it does."""

import uuid

import pytest

from annotation.errors import NotFound, RoleMissing
from annotation.models import AnnotationSet, Assignment
from review.errors import (
    BatchClosed,
    CommentMissing,
    NotReviewable,
    OwnWork,
    VerdictStale,
)
from review.models import Batch, BatchItem, Verdict
from review.services.batches import approve_batch
from review.services.verdicts import return_episode
from tests.annotation.scene import Team, claimed, draft_of
from tests.review.scene import approve, hand_in, items_of, send_back, sets_for

pytestmark = pytest.mark.django_db

State = BatchItem.State


def test_approval_names_the_set_that_stands(team: Team, batch: Batch) -> None:
    item = items_of(batch)[0]
    abe = sets_for(item)[1]
    approved = approve(team.ravi, item, annotation_set_id=abe.pk)
    assert (approved.state, approved.accepted_set, approved.version) == (State.APPROVED, abe, 1)
    verdict = Verdict.objects.get(item=item)
    assert (verdict.reviewer, verdict.annotation_set) == (team.ravi, abe)


def test_a_return_opens_the_next_round_with_the_comment(team: Team, batch: Batch) -> None:
    item = items_of(batch)[0]
    send_back(team.ravi, item, comment="  Mark the release too. ")
    item.refresh_from_db()
    assert (item.state, item.accepted_set) == (State.RETURNED, None)
    assignment = Assignment.objects.get(project_episode=item.project_episode, annotator=team.ada)
    assert assignment.state == Assignment.State.RETURNED
    assert assignment.return_comment == "Mark the release too."
    assert assignment.returned_by == team.ravi
    resumed = claimed(team.ada, team.project)
    assert resumed == assignment
    assert draft_of(resumed).round == 2


def test_both_annotators_can_be_asked_again_at_once(team: Team, batch: Batch) -> None:
    item = items_of(batch)[0]
    sets = [one.pk for one in sets_for(item)]
    send_back(team.ravi, item, annotation_set_ids=sets)
    assert Verdict.objects.filter(item=item).count() == 2
    returned = Assignment.objects.filter(state=Assignment.State.RETURNED)
    assert {one.annotator for one in returned} == {team.ada, team.abe}


@pytest.mark.parametrize("comment", ["", "  \n"])
def test_a_return_without_a_comment_is_refused(team: Team, batch: Batch, comment: str) -> None:
    item = items_of(batch)[0]
    with pytest.raises(CommentMissing):
        send_back(team.ravi, item, comment=comment)
    item.refresh_from_db()
    assert (item.state, item.version) == (State.OPEN, 0)
    assert not Assignment.objects.filter(state=Assignment.State.RETURNED).exists()


def test_an_episode_with_its_annotator_waits(team: Team, batch: Batch) -> None:
    item = items_of(batch)[0]
    send_back(team.ravi, item)
    with pytest.raises(NotReviewable):
        approve(team.ravi, item)
    hand_in(team.ada, team.project)
    assert approve(team.ravi, item).state == State.APPROVED


def test_an_earlier_round_cannot_be_approved(team: Team, batch: Batch) -> None:
    item = items_of(batch)[0]
    first_round = sets_for(item)[0]
    send_back(team.ravi, item)
    hand_in(team.ada, team.project)
    with pytest.raises(NotReviewable):
        approve(team.ravi, item, annotation_set_id=first_round.pk)


def test_a_set_of_another_episode_cannot_be_approved(team: Team, batch: Batch) -> None:
    one, other, _ = items_of(batch)
    with pytest.raises(NotReviewable):
        approve(team.ravi, one, annotation_set_id=sets_for(other)[0].pk)


def test_a_reviewer_may_think_again_while_the_batch_is_open(team: Team, batch: Batch) -> None:
    item = items_of(batch)[0]
    approve(team.ravi, item)
    send_back(team.ravi, item)
    item.refresh_from_db()
    assert (item.state, item.accepted_set, item.version) == (State.RETURNED, None, 2)


def test_a_double_click_counts_once(team: Team, batch: Batch) -> None:
    item = items_of(batch)[0]
    given = {"request_id": uuid.uuid4(), "version": 0}
    approve(team.ravi, item, **given)
    again = approve(team.ravi, item, **given)
    assert (again.state, again.version) == (State.APPROVED, 1)
    assert Verdict.objects.filter(item=item).count() == 1


def test_a_double_click_on_return_opens_one_round(team: Team, batch: Batch) -> None:
    item = items_of(batch)[0]
    given = {"request_id": uuid.uuid4(), "version": 0}
    sets = [sets_for(item)[0].pk]
    for _ in range(2):
        send_back(team.ravi, item, annotation_set_ids=sets, **given)
    assert AnnotationSet.objects.filter(assignment__annotator=team.ada, round=2).count() == 1


def test_the_second_of_two_reviewers_is_told(team: Team, batch: Batch) -> None:
    item = items_of(batch)[0]
    approve(team.ravi, item, version=0)
    with pytest.raises(VerdictStale, match="approved by Ravi") as caught:
        send_back(team.mei, item, version=0)
    assert caught.value.fields["version"] == 1
    item.refresh_from_db()
    assert item.state == State.APPROVED


@pytest.mark.parametrize(("who", "error"), [("ada", RoleMissing), ("otto", NotFound)])
def test_annotators_and_outsiders_give_no_verdict(
    team: Team, batch: Batch, who: str, error: type[Exception]
) -> None:
    item = items_of(batch)[0]
    with pytest.raises(error):
        approve(getattr(team, who), item)
    with pytest.raises(error):
        send_back(getattr(team, who), item)
    assert not Verdict.objects.exists()


@pytest.mark.parametrize("who", ["mei", "root"])
def test_nobody_reviews_own_work_whatever_the_role(team: Team, who: str) -> None:
    actor = getattr(team, who)
    hand_in(team.ada, team.project)
    hand_in(actor, team.project)
    item = BatchItem.objects.create(
        batch=Batch.objects.create(project=team.project, name="B", created_by=team.ravi),
        project_episode=team.project.project_episodes.all()[0],
    )
    theirs = item.project_episode.annotation_sets.get(assignment__annotator=team.ada)
    with pytest.raises(OwnWork):
        approve(actor, item, annotation_set_id=theirs.pk)


def test_a_closed_batch_takes_no_verdict(team: Team, batch: Batch) -> None:
    items = items_of(batch)
    for item in items:
        approve(team.ravi, item)
    approve_batch(actor=team.ravi, batch_id=batch.pk)
    with pytest.raises(BatchClosed):
        send_back(team.ravi, items[0])


def test_an_unknown_episode_is_not_found(team: Team) -> None:
    with pytest.raises(NotFound):
        return_episode(
            actor=team.ravi,
            item_id=99_999,
            annotation_set_ids=[],
            comment="?",
            version=0,
            request_id=uuid.uuid4(),
        )
