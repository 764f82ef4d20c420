"""Sending work back, and doing it again."""

import uuid

import pytest

from annotation.errors import NotFound, NotReturnable, RoleMissing
from annotation.models import AnnotationSet, Assignment, AuditEntry
from annotation.selectors.labels import labels_of
from annotation.services.heartbeat import heartbeat
from annotation.services.release import release
from annotation.services.return_for_rework import return_for_rework
from annotation.services.submit import submit
from tests.annotation.scene import Team, claimed, draft_of, instruction, outcome, save

COMMENT = "The grasp is missing."


@pytest.fixture
def frozen(team: Team) -> AnnotationSet:
    draft = draft_of(claimed(team.ada, team.project))
    save(team.ada, draft, [instruction(), outcome()])
    return submit(
        actor=team.ada, annotation_set_id=draft.pk, base_revision=1, request_id=uuid.uuid4()
    )


def test_a_new_round_begins_as_a_copy_and_the_old_one_stays(
    team: Team, frozen: AnnotationSet
) -> None:
    draft = return_for_rework(actor=team.ravi, annotation_set_id=frozen.pk, comment=COMMENT)
    assert (draft.round, draft.state, draft.revision) == (2, "draft", 0)
    assert labels_of(draft) == labels_of(frozen)
    frozen.refresh_from_db()
    assert frozen.state == "submitted"
    assignment = Assignment.objects.get()
    assert (assignment.state, assignment.return_comment) == ("returned", COMMENT)
    assert assignment.returned_by == team.ravi
    assert AuditEntry.objects.filter(action="annotation_set.returned", actor=team.ravi).exists()


def test_the_new_round_is_saved_and_handed_in_like_the_first(
    team: Team, frozen: AnnotationSet
) -> None:
    draft = return_for_rework(actor=team.ravi, annotation_set_id=frozen.pk, comment=COMMENT)
    removed = [label.id for label in labels_of(draft) if label.kind == "outcome"]
    save(team.ada, draft, [outcome("outcome_partial")], remove=removed)
    submit(actor=team.ada, annotation_set_id=draft.pk, base_revision=1, request_id=uuid.uuid4())
    classes = {label.label_class for label in labels_of(draft)}
    assert classes == {"instruction", "outcome_partial"}
    assert {label.label_class for label in labels_of(frozen)} == {"instruction", "outcome_success"}


def test_opening_returned_work_takes_a_lease_and_giving_it_back_keeps_it(
    team: Team, frozen: AnnotationSet
) -> None:
    return_for_rework(actor=team.ravi, annotation_set_id=frozen.pk, comment=COMMENT)
    assert frozen.assignment is not None
    held = heartbeat(actor=team.ada, assignment_id=frozen.assignment.pk)
    assert held.state == Assignment.State.ACTIVE
    back = release(actor=team.ada, assignment_id=frozen.assignment.pk)
    assert back.state == Assignment.State.RETURNED


def test_only_the_last_round_of_handed_in_work_is_returned(
    team: Team, frozen: AnnotationSet
) -> None:
    draft = return_for_rework(actor=team.ravi, annotation_set_id=frozen.pk, comment=COMMENT)
    for one in (frozen, draft):
        with pytest.raises(NotReturnable):
            return_for_rework(actor=team.ravi, annotation_set_id=one.pk, comment=COMMENT)
    assert AnnotationSet.objects.count() == 2


def test_a_return_says_why(team: Team, frozen: AnnotationSet) -> None:
    with pytest.raises(NotReturnable):
        return_for_rework(actor=team.ravi, annotation_set_id=frozen.pk, comment=" \n")


def test_annotators_return_nothing(team: Team, frozen: AnnotationSet) -> None:
    for user, error in ((team.ada, RoleMissing), (team.abe, RoleMissing), (team.otto, NotFound)):
        with pytest.raises(error):
            return_for_rework(actor=user, annotation_set_id=frozen.pk, comment=COMMENT)


def test_an_unknown_set(team: Team) -> None:
    with pytest.raises(NotFound):
        return_for_rework(actor=team.ravi, annotation_set_id=uuid.uuid4(), comment=COMMENT)
