"""A consensus of two annotators: begun, saved, accepted, taken back; the sources stay."""

import uuid
from typing import Any

import pytest

from annotation.errors import NotFound, NotSubmittable, RoleMissing, StaleRevision
from annotation.models import AnnotationSet, AuditEntry, Label, ProjectEpisode
from annotation.selectors.labels import labels_of
from review.errors import (
    AdjudicationClosed,
    AdjudicationRefused,
    BatchClosed,
    CommentMissing,
    NotReviewable,
    OwnWork,
    VerdictStale,
)
from review.models import Adjudication, Batch, BatchItem, LabelSource, Verdict
from review.selectors.adjudications import provenance
from review.selectors.episode_view import shown_sets
from review.services.adjudication import (
    accept_consensus,
    begin_adjudication,
    drop_consensus,
    undo_consensus,
)
from review.services.batches import approve_batch, create_batch
from review.services.save_consensus import save_consensus
from tests.annotation.scene import Team, grasp, instruction, outcome
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

Method = Adjudication.Method
State = Adjudication.State


@pytest.fixture
def item(team: Team) -> BatchItem:
    """Ada's grasp is at 1.68 s, Abe's at 1.90 s, and they differ in the outcome."""
    hand_in_by_both(team, 1, abe=[grasp(1_900 * MS), instruction(), outcome("outcome_failure")])
    return items_of(create_batch(actor=team.ravi, project=team.project))[0]


def begin(team: Team, item: BatchItem, **given: Any) -> Adjudication:
    item.refresh_from_db()
    options: dict[str, Any] = {
        "actor": team.ravi,
        "method": Method.REVIEWER,
        "version": item.version,
        "request_id": uuid.uuid4(),
        **given,
    }
    return begin_adjudication(item_id=item.pk, **options)


def put(made: Adjudication, actor: Any, *labels: Any, **given: Any) -> int:
    """Save labels into the draft as it stands."""
    made.annotation_set.refresh_from_db()
    options = {
        "base_revision": made.annotation_set.revision,
        "request_id": uuid.uuid4(),
        "remove": [],
        **given,
    }
    saved = save_consensus(actor=actor, adjudication_id=made.pk, put=list(labels), **options)
    return saved.revision


def accept(made: Adjudication, actor: Any, **given: Any) -> Adjudication:
    made.annotation_set.refresh_from_db()
    made.item.refresh_from_db()
    options = {
        "base_revision": made.annotation_set.revision,
        "version": made.item.version,
        "request_id": uuid.uuid4(),
        **given,
    }
    return accept_consensus(actor=actor, adjudication_id=made.pk, **options)


def as_json(rows: Any) -> list[dict[str, Any]]:
    return [label.to_json() for label in labels_of(rows)]


def whole(team: Team, item: BatchItem) -> Adjudication:
    """A draft in which Ada's grasp and outcome are taken."""
    made = begin(team, item)
    wanted = [one for one in as_json(sets_for(item)[0]) if one["kind"] != "segment"]
    put(made, team.ravi, *wanted)
    return made


def test_the_draft_begins_with_what_both_say(team: Team, item: BatchItem) -> None:
    made = begin(team, item)
    (label,) = labels_of(made.annotation_set)
    assert (label.kind, label.text) == ("segment", "move the gripper above the block")
    assert made.annotation_set.kind == AnnotationSet.Kind.CONSENSUS
    rows = LabelSource.objects.filter(annotation_set=made.annotation_set)
    assert {(row.source_set, row.how) for row in rows} == {
        (one, "agreed") for one in sets_for(item)
    }


def test_accepted_it_stands_and_names_what_its_labels_came_from(
    team: Team, item: BatchItem
) -> None:
    before = [as_json(one) for one in sets_for(item)]
    made = whole(team, item)
    own = grasp(4_000 * MS)
    put(made, team.ravi, own)
    accept(made, team.ravi)
    item.refresh_from_db()
    assert (item.state, item.accepted_set) == (BatchItem.State.APPROVED, made.annotation_set)
    place = ProjectEpisode.objects.get(pk=item.project_episode_id)
    assert (place.progress, place.accepted_set) == ("approved", made.annotation_set)
    assert place.outcomes == ["outcome_success"]
    assert [as_json(one) for one in sets_for(item)] == before
    made.annotation_set.refresh_from_db()
    came = {
        one["label_id"]: ([source["how"] for source in one["sources"]], one["changed"])
        for one in provenance(made.annotation_set, labels_of(made.annotation_set))
    }
    ada = sets_for(item)[0].labels
    assert came[own["id"]] == ([], True)
    assert came[str(ada.get(kind="instant").id)] == (["taken"], False)
    assert sorted(map(len, (how for how, _ in came.values()))) == [0, 1, 1, 2]
    assert made.annotation_set.labels.get(id=own["id"]).frames.count() == 2
    assert Verdict.objects.get(item=item).annotation_set == made.annotation_set
    assert AuditEntry.objects.filter(action="consensus.accepted").count() == 1
    assert made.annotation_set in shown_sets(team.ravi, place.episode)
    assert made.annotation_set not in shown_sets(team.ada, place.episode)


def test_a_label_that_was_moved_is_said_to_be_changed(team: Team, item: BatchItem) -> None:
    made = whole(team, item)
    taken = next(one for one in as_json(sets_for(item)[0]) if one["kind"] == "instant")
    put(made, team.ravi, {**taken, "start_ns": 1_700 * MS})
    facts = provenance(made.annotation_set, labels_of(made.annotation_set))
    moved = next(one for one in facts if one["label_id"] == taken["id"])
    assert moved["changed"]
    assert moved["sources"][0]["how"] == "taken"


def test_suggestions_are_proposals_until_they_are_looked_at(team: Team, item: BatchItem) -> None:
    made = begin(team, item, method=Method.SUGGESTED)
    sources = {label.kind: label.source for label in labels_of(made.annotation_set)}
    assert sources == {"outcome": "proposal", "segment": "human", "instant": "proposal"}


def test_one_set_is_corrected_in_a_copy(team: Team, item: BatchItem) -> None:
    abe = sets_for(item)[1]
    made = begin(team, item, method=Method.COPY, annotation_set_ids=[abe.pk])
    assert as_json(made.annotation_set) == as_json(abe)
    assert set(made.annotation_set.label_sources.values_list("how", flat=True)) == {"taken"}


def test_taken_back_the_episode_is_to_review_again(team: Team, item: BatchItem) -> None:
    made = accept(whole(team, item), team.ravi)
    item.refresh_from_db()
    given: dict[str, Any] = {
        "version": item.version,
        "request_id": uuid.uuid4(),
        "reason": "The wrong block.",
    }
    for _ in range(2):
        undo_consensus(actor=team.mei, adjudication_id=made.pk, **given)
    item.refresh_from_db()
    made.refresh_from_db()
    assert (item.state, item.accepted_set, item.version) == (BatchItem.State.OPEN, None, 2)
    assert (made.state, made.ended_by, made.reason) == (State.UNDONE, team.mei, "The wrong block.")
    assert ProjectEpisode.objects.get(pk=item.project_episode_id).progress == "in_review"
    assert labels_of(made.annotation_set)
    assert made.annotation_set not in shown_sets(team.ravi, item.project_episode.episode)
    assert approve(team.ravi, item).state == BatchItem.State.APPROVED


def test_a_later_decision_ends_the_consensus(team: Team, item: BatchItem) -> None:
    made = accept(whole(team, item), team.ravi)
    approve(team.mei, item)
    made.refresh_from_db()
    assert (made.state, made.ended_by) == (State.UNDONE, team.mei)
    item.refresh_from_db()
    with pytest.raises(AdjudicationClosed):
        undo_consensus(
            actor=team.mei,
            adjudication_id=made.pk,
            reason="x",
            version=item.version,
            request_id=uuid.uuid4(),
        )


def test_begun_twice_there_is_one_draft(team: Team, item: BatchItem) -> None:
    first = begin(team, item)
    assert begin(team, item, method=Method.QUORUM) == first
    assert begin(team, item, actor=team.mei) != first


def test_accepted_twice_it_is_one_decision(team: Team, item: BatchItem) -> None:
    made = whole(team, item)
    request_id = uuid.uuid4()
    accept(made, team.ravi, request_id=request_id)
    accept(made, team.ravi, request_id=request_id)
    item.refresh_from_db()
    assert (item.version, Verdict.objects.filter(item=item).count()) == (1, 1)


def test_a_request_to_save_twice_is_one_revision(team: Team, item: BatchItem) -> None:
    made = begin(team, item)
    given = {"base_revision": 0, "request_id": uuid.uuid4()}
    label = grasp()
    assert put(made, team.ravi, label, **given) == put(made, team.ravi, label, **given) == 1


def test_a_draft_is_held_to_the_rules_of_what_is_handed_in(team: Team, item: BatchItem) -> None:
    made = begin(team, item)
    with pytest.raises(NotSubmittable) as caught:
        accept(made, team.ravi)
    assert caught.value.fields["findings"]
    item.refresh_from_db()
    assert item.state == BatchItem.State.OPEN


def test_a_stale_page_is_told(team: Team, item: BatchItem) -> None:
    made = whole(team, item)
    with pytest.raises(StaleRevision):
        accept(made, team.ravi, base_revision=0)
    with pytest.raises(StaleRevision):
        put(made, team.ravi, grasp(), base_revision=0)
    approve(team.mei, item)
    with pytest.raises(VerdictStale, match="approved by Mei"):
        accept(made, team.ravi, version=0)
    with pytest.raises(VerdictStale):
        begin(team, item, actor=team.root, version=0)


def test_what_is_closed_takes_no_more_changes(team: Team, item: BatchItem) -> None:
    made = accept(whole(team, item), team.ravi)
    with pytest.raises(AdjudicationClosed):
        put(made, team.ravi, grasp())
    with pytest.raises(AdjudicationClosed):
        drop_consensus(actor=team.ravi, adjudication_id=made.pk)
    with pytest.raises(CommentMissing):
        undo_consensus(
            actor=team.ravi, adjudication_id=made.pk, reason=" ", version=1, request_id=uuid.uuid4()
        )


def test_a_draft_given_up_makes_room_for_another(team: Team, item: BatchItem) -> None:
    made = begin(team, item)
    for _ in range(2):
        dropped = drop_consensus(actor=team.ravi, adjudication_id=made.pk)
    assert dropped.state == State.DROPPED
    assert begin(team, item) != made


def test_a_consensus_of_rounds_that_were_handed_in_again_is_refused(
    team: Team, item: BatchItem
) -> None:
    made = whole(team, item)
    send_back(team.mei, item)
    with pytest.raises(NotReviewable, match="has this episode back"):
        accept(made, team.ravi)
    hand_in(team.ada, team.project)
    with pytest.raises(NotReviewable, match="handed in again"):
        accept(made, team.ravi)


def test_a_closed_batch_takes_no_consensus_and_gives_none_back(team: Team, item: BatchItem) -> None:
    made = accept(whole(team, item), team.ravi)
    approve_batch(actor=team.ravi, batch_id=item.batch_id)
    with pytest.raises(BatchClosed):
        begin(team, item)
    with pytest.raises(BatchClosed):
        undo_consensus(
            actor=team.mei, adjudication_id=made.pk, reason="x", version=1, request_id=uuid.uuid4()
        )


def test_nobody_agrees_with_themself(team: Team, item: BatchItem) -> None:
    ada = sets_for(item)[0].pk
    with pytest.raises(AdjudicationRefused, match="named twice"):
        begin(team, item, annotation_set_ids=[ada, ada])
    with pytest.raises(AdjudicationRefused, match="two annotators"):
        begin(team, item, annotation_set_ids=[ada])
    with pytest.raises(AdjudicationRefused, match="one set"):
        begin(team, item, method=Method.COPY)
    with pytest.raises(NotReviewable):
        begin(team, item, annotation_set_ids=[ada, uuid.uuid4()])
    assert not Adjudication.objects.exists()


@pytest.mark.parametrize(("who", "error"), [("ada", RoleMissing), ("otto", NotFound)])
def test_annotators_and_outsiders_make_no_consensus(
    team: Team, item: BatchItem, who: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        begin(team, item, actor=getattr(team, who))
    made = whole(team, item)
    for act in (put, accept):
        with pytest.raises(error):
            act(made, getattr(team, who))


def test_anothers_draft_is_nobodys_business(team: Team, item: BatchItem) -> None:
    made = whole(team, item)
    for act in (put, accept):
        with pytest.raises(NotFound):
            act(made, team.mei)


def test_nobody_adjudicates_own_work(team: Team) -> None:
    hand_in(team.ada, team.project)
    hand_in(team.mei, team.project)
    item = BatchItem.objects.create(
        batch=Batch.objects.create(project=team.project, name="B", created_by=team.ravi),
        project_episode=team.project.project_episodes.all()[0],
    )
    with pytest.raises(OwnWork):
        begin(team, item, actor=team.mei)


def test_an_empty_set_is_an_answer(team: Team, item: BatchItem) -> None:
    """Of nothing and something nothing is agreed, and the draft is empty."""
    Label.objects.filter(annotation_set=sets_for(item)[1]).delete()
    assert labels_of(begin(team, item).annotation_set) == ()


def test_labels_that_the_recording_brought_along_have_one_id_in_both_sets(
    team: Team, item: BatchItem
) -> None:
    """Both took over the same found label; each has moved it."""
    ada, abe = sets_for(item)
    mine = ada.labels.get(kind="instant")
    abe.labels.filter(kind="instant").update(id=mine.id)
    made = begin(team, item, method=Method.SUGGESTED)
    rows = made.annotation_set.label_sources.filter(source_label_id=mine.id)
    assert {row.source_set for row in rows} == {ada, abe}
    assert made.annotation_set.labels.filter(kind="instant").count() == 2
