"""A reviewer's word on single labels: added, never changed, and what comes of it on a return."""

import uuid
from typing import Any

import pytest

from annotation.errors import NotFound, RequestReused, RoleMissing
from annotation.models import Assignment, ReworkPoint
from annotation.selectors.editor import annotate_payload
from review.errors import BatchClosed, NotReviewable, OwnWork, VerdictRefused, VerdictStale
from review.models import Batch, BatchItem, LabelVerdict
from review.selectors.marks import marks_of
from review.services.batches import approve_batch, create_batch
from review.services.marks import Said, give_label_verdict
from tests.annotation.scene import Team, claimed, grasp, instruction, outcome
from tests.review.scene import (
    MS,
    approve,
    hand_in,
    hand_in_by_both,
    items_of,
    send_back,
    sets_for,
)

pytestmark = pytest.mark.django_db

Word = LabelVerdict.Word


@pytest.fixture
def item(team: Team) -> BatchItem:
    """Abe marks a release that Ada does not have."""
    late = [grasp(1_900 * MS), instruction(), outcome()]
    hand_in_by_both(team, 1, abe=late)
    return items_of(create_batch(actor=team.ravi, project=team.project))[0]


def label_of(item: BatchItem, who: int, kind: str = "instant") -> Any:
    return sets_for(item)[who].labels.get(kind=kind)


def say(item: BatchItem, actor: Any, **given: Any) -> LabelVerdict:
    """Say that the time of Ada's grasp is wrong, unless told otherwise."""
    request_id = given.pop("request_id", None) or uuid.uuid4()
    said = {
        "annotation_set_id": sets_for(item)[0].pk,
        "verdict": Word.WRONG_TIME,
        "label_id": label_of(item, 0).id,
        **given,
    }
    return give_label_verdict(
        actor=actor, item_id=item.pk, said=Said(**said), request_id=request_id
    )


def test_an_outcome_has_no_time_that_could_be_wrong(team: Team, item: BatchItem) -> None:
    outcome_id = label_of(item, 0, "outcome").id
    with pytest.raises(VerdictRefused, match="has no time"):
        say(item, team.ravi, label_id=outcome_id)
    say(item, team.ravi, label_id=outcome_id, verdict=Word.WRONG_CLASS)


def test_a_word_is_kept_at_once_with_the_labels_time(team: Team, item: BatchItem) -> None:
    made = say(item, team.ravi, comment="  Four frames late. ")
    assert (made.verdict, made.comment, made.reviewer) == (
        "wrong_time",
        "Four frames late.",
        team.ravi,
    )
    assert made.at_ns == label_of(item, 0).start_ns
    assert list(marks_of(item)) == [made]


def test_a_second_word_supersedes_and_the_first_stays(team: Team, item: BatchItem) -> None:
    first = say(item, team.ravi)
    second = say(item, team.ravi, verdict=Word.OK, supersedes=first.pk)
    assert list(marks_of(item)) == [second]
    first.refresh_from_db()
    assert first.verdict == "wrong_time"
    assert second.supersedes == first


def test_a_word_taken_back_can_be_given_again(team: Team, item: BatchItem) -> None:
    first = say(item, team.ravi)
    gone = say(item, team.ravi, verdict=Word.WITHDRAWN, supersedes=first.pk)
    assert list(marks_of(item)) == []
    again = say(item, team.ravi, supersedes=gone.pk)
    assert list(marks_of(item)) == [again]


@pytest.mark.parametrize("seen", [None, 99_999])
def test_who_did_not_see_the_last_word_is_told_of_it(
    team: Team, item: BatchItem, seen: int | None
) -> None:
    first = say(item, team.ravi)
    with pytest.raises(VerdictStale, match="Ravi gave this label another verdict") as caught:
        say(item, team.mei, verdict=Word.OK, supersedes=seen)
    assert caught.value.fields["current"] == first.pk
    assert LabelVerdict.objects.count() == 1


def test_the_same_request_twice_is_one_word(team: Team, item: BatchItem) -> None:
    request_id = uuid.uuid4()
    first = say(item, team.ravi, request_id=request_id)
    assert say(item, team.ravi, request_id=request_id) == first
    with pytest.raises(RequestReused):
        say(item, team.ravi, request_id=request_id, verdict=Word.EXTRA)


def test_missing_names_the_others_label_or_a_time(team: Team, item: BatchItem) -> None:
    theirs = label_of(item, 1)
    named = say(item, team.ravi, verdict=Word.MISSING, label_id=theirs.id)
    assert (named.annotation_set, named.at_ns) == (sets_for(item)[0], theirs.start_ns)
    nobodys = say(item, team.ravi, verdict=Word.MISSING, label_id=None, at_ns=3_000 * MS)
    assert (nobodys.label_id, nobodys.at_ns) == (None, 3_000 * MS)


@pytest.mark.parametrize(
    "given",
    [
        {"verdict": Word.EXTRA, "label_id": uuid.uuid4()},
        {"verdict": Word.MISSING, "label_id": uuid.uuid4()},
        {"verdict": Word.OK, "label_id": None, "at_ns": 5},
        {"verdict": Word.MISSING, "label_id": None},
        {"verdict": Word.MISSING, "label_id": None, "at_ns": 9_000 * MS},
        {"verdict": Word.MISSING, "label_id": None, "at_ns": -1},
    ],
)
def test_a_word_on_nothing_is_refused(team: Team, item: BatchItem, given: dict[str, Any]) -> None:
    with pytest.raises(VerdictRefused):
        say(item, team.ravi, **given)
    assert not LabelVerdict.objects.exists()


def test_an_own_label_is_not_missing(team: Team, item: BatchItem) -> None:
    with pytest.raises(VerdictRefused, match="somebody else's"):
        say(item, team.ravi, verdict=Word.MISSING)


def test_labels_of_an_earlier_round_are_not_judged(team: Team, item: BatchItem) -> None:
    old, label = sets_for(item)[0], label_of(item, 0)
    send_back(team.ravi, item)
    with pytest.raises(NotReviewable):
        say(item, team.ravi, annotation_set_id=old.pk, label_id=label.id)
    hand_in(team.ada, team.project)
    with pytest.raises(NotReviewable, match="handed in again"):
        say(item, team.ravi, annotation_set_id=old.pk, label_id=label.id)


@pytest.mark.parametrize(("who", "error"), [("ada", RoleMissing), ("otto", NotFound)])
def test_annotators_and_outsiders_say_nothing(
    team: Team, item: BatchItem, who: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        say(item, getattr(team, who))


def test_nobody_judges_own_work(team: Team) -> None:
    hand_in(team.ada, team.project)
    hand_in(team.mei, team.project)
    item = BatchItem.objects.create(
        batch=Batch.objects.create(project=team.project, name="B", created_by=team.ravi),
        project_episode=team.project.project_episodes.all()[0],
    )
    own = item.project_episode.annotation_sets.get(assignment__annotator=team.ada)
    label = own.labels.get(kind="instant")
    with pytest.raises(OwnWork):
        give_label_verdict(
            actor=team.mei,
            item_id=item.pk,
            said=Said(own.pk, Word.OK, label.id),
            request_id=uuid.uuid4(),
        )


def test_a_closed_batch_takes_no_word(team: Team, batch: Batch) -> None:
    items = items_of(batch)
    for one in items:
        approve(team.ravi, one)
    approve_batch(actor=team.ravi, batch_id=batch.pk)
    with pytest.raises(BatchClosed):
        say(items[0], team.ravi)


def test_the_words_are_the_returns_comment_and_the_reworks_list(
    team: Team, item: BatchItem
) -> None:
    ada, abe = sets_for(item)
    say(item, team.ravi, comment="Four frames late.")
    say(item, team.ravi, verdict=Word.MISSING, label_id=label_of(item, 1).id)
    say(item, team.ravi, verdict=Word.OK, label_id=label_of(item, 0, "outcome").id)
    say(
        item,
        team.ravi,
        annotation_set_id=abe.pk,
        verdict=Word.EXTRA,
        label_id=label_of(item, 1).id,
    )
    send_back(team.ravi, item, comment="", annotation_set_ids=[ada.pk])
    assignment = Assignment.objects.get(annotator=team.ada)
    assert assignment.return_comment.splitlines() == [
        "1.680 s: Grasp closed: the time is not right. Four frames late.",
        "1.900 s: Grasp closed: it is missing.",
    ]
    own, missing = ReworkPoint.objects.filter(annotation_set__assignment=assignment)
    assert (own.finding, own.label_id) == ("wrong_time", label_of(item, 0).id)
    assert (missing.finding, missing.label_id, missing.at_ns) == ("missing", None, 1_900 * MS)
    returned = annotate_payload(team.ada, claimed(team.ada, team.project))["returned"]
    assert [one["at_ns"] for one in returned["points"]] == [1_680 * MS, 1_900 * MS]
    assert returned["points"][0]["comment"] == "Four frames late."
