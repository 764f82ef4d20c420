"""Saving diffs: revisions, repeats, refusals, and nothing lost."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone

from annotation.errors import (
    LabelsInvalid,
    LeaseExpired,
    NotFound,
    RequestReused,
    RoleMissing,
    SetFrozen,
    StaleRevision,
)
from annotation.labels.diff import Diff, invert
from annotation.labels.records import Label as LabelRecord
from annotation.labels.records import LabelMalformed, ordered
from annotation.models import AnnotationSet, Assignment, Label, LabelSchema, SetRevision
from annotation.selectors.labels import labels_of
from annotation.services.release import release
from annotation.services.submit import submit
from tests.annotation.scene import (
    DURATION_NS,
    Team,
    claimed,
    draft_of,
    grasp,
    instruction,
    label,
    outcome,
    save,
)


@pytest.fixture
def draft(team: Team) -> AnnotationSet:
    return draft_of(claimed(team.ada, team.project))


def stored(annotation_set: AnnotationSet) -> list[dict[str, Any]]:
    return [one.to_json() for one in labels_of(annotation_set)]


def full(value: dict[str, Any]) -> dict[str, Any]:
    return LabelRecord.from_json(value).to_json()


def test_labels_come_back_as_they_went_in(team: Team, draft: AnnotationSet) -> None:
    failure = label(
        "span",
        "failure",
        start_ns=1,
        end_ns=DURATION_NS,
        attributes={"mode": "drop", "safety_tier": "S1"},
        uncertainty_ns=40_000_000,
        source="proposal",
        text="Rutscht ab: ünïcode 🤖",
    )
    sent = [grasp(), instruction(), failure, outcome()]
    assert save(team.ada, draft, sent).revision == 1
    assert stored(draft) == [
        one.to_json() for one in ordered(LabelRecord.from_json(value) for value in sent)
    ]


def test_put_replaces_and_remove_takes_away(team: Team, draft: AnnotationSet) -> None:
    first, second = grasp(), grasp(2_000_000_000)
    save(team.ada, draft, [first, second])
    moved = {**first, "start_ns": 1_700_000_000}
    assert save(team.ada, draft, [moved], remove=[second["id"]]).revision == 2
    assert stored(draft) == [full(moved)]


def test_history_can_be_taken_back(team: Team, draft: AnnotationSet) -> None:
    first = grasp()
    save(team.ada, draft, [first])
    save(team.ada, draft, [{**first, "start_ns": 5}, instruction()])
    last = draft.revisions.get(number=2)
    diff = Diff(tuple(map(LabelRecord.from_json, last.put)), tuple(last.remove))
    undo = invert(diff, tuple(map(LabelRecord.from_json, last.before)))
    save(team.ada, draft, [one.to_json() for one in undo.put], remove=list(undo.remove))
    assert stored(draft) == [full(first)]


def test_a_stale_save_loses_nothing(team: Team, draft: AnnotationSet) -> None:
    first = grasp()
    save(team.ada, draft, [first])
    with pytest.raises(StaleRevision) as caught:
        save(team.ada, draft, [grasp(3_000_000_000)], base_revision=0)
    assert caught.value.fields == {"revision": 1, "labels": [full(first)]}
    assert stored(draft) == [full(first)]
    assert draft.revisions.count() == 1


@pytest.mark.parametrize("base", [-1, 1, 99])
def test_a_revision_that_is_not_the_current_one_is_stale(
    team: Team, draft: AnnotationSet, base: int
) -> None:
    with pytest.raises(StaleRevision):
        save(team.ada, draft, [grasp()], base_revision=base)


def test_the_same_request_again_has_the_same_answer(team: Team, draft: AnnotationSet) -> None:
    request_id, put = uuid.uuid4(), [grasp()]
    once = save(team.ada, draft, put, request_id=request_id, base_revision=0)
    save(team.ada, draft, [instruction()])
    again = save(team.ada, draft, put, request_id=request_id, base_revision=0)
    assert again == once
    assert draft.revisions.count() == 2


def test_a_repeat_is_answered_even_after_the_set_was_frozen(
    team: Team, draft: AnnotationSet
) -> None:
    request_id, put = uuid.uuid4(), [instruction(), outcome()]
    once = save(team.ada, draft, put, request_id=request_id)
    submit(actor=team.ada, annotation_set_id=draft.pk, base_revision=1, request_id=uuid.uuid4())
    assert save(team.ada, draft, put, request_id=request_id, base_revision=0) == once


def test_a_request_id_with_other_contents_is_refused(team: Team, draft: AnnotationSet) -> None:
    request_id = uuid.uuid4()
    save(team.ada, draft, [grasp()], request_id=request_id)
    with pytest.raises(RequestReused):
        save(team.ada, draft, [grasp()], request_id=request_id)
    assert len(stored(draft)) == 1


def test_an_empty_diff_makes_no_revision(team: Team, draft: AnnotationSet) -> None:
    assert save(team.ada, draft, []).revision == 0
    assert not SetRevision.objects.exists()


def test_removing_what_is_not_there_is_fine(team: Team, draft: AnnotationSet) -> None:
    assert save(team.ada, draft, [], remove=[str(uuid.uuid4())]).revision == 1


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (grasp(DURATION_NS), "label_beyond_end"),
        (instruction(0, DURATION_NS + 1), "label_beyond_end"),
        (instruction(2_000_000_000, 1_000_000_000), "label_end_before_start"),
        (instruction(5, 5), "label_end_before_start"),
        (grasp(-1), "label_before_start"),
        (label("instant", "teleport", start_ns=0), "label_unknown_class"),
        (label("span", "grasp_closed", start_ns=0, end_ns=1), "label_kind_mismatch"),
        ({**grasp(), "start_ns": 0.5}, "label_time_not_integer"),
        ({**grasp(), "effector": "tentacle"}, "effector_unknown"),
        ({**grasp(), "start_ns": 2**70}, "label_beyond_end"),
        ({**instruction(), "text": "x" * 501}, "text_too_long"),
    ],
)
def test_a_wrong_label_is_refused_whole(
    team: Team, draft: AnnotationSet, wrong: dict[str, Any], code: str
) -> None:
    kept = grasp(1_000_000_000)
    save(team.ada, draft, [kept])
    with pytest.raises(LabelsInvalid) as caught:
        save(team.ada, draft, [grasp(2_000_000_000), wrong])
    assert [finding["code"] for finding in caught.value.fields["findings"]] == [code]
    assert caught.value.fields["findings"][0]["label_id"] == wrong["id"]
    assert str(caught.value) == caught.value.fields["findings"][0]["message"]
    assert stored(draft) == [full(kept)]
    draft.refresh_from_db()
    assert draft.revision == 1


def test_one_id_twice_in_a_save(team: Team, draft: AnnotationSet) -> None:
    one = grasp()
    with pytest.raises(LabelsInvalid):
        save(team.ada, draft, [one, one])
    with pytest.raises(LabelMalformed):
        save(team.ada, draft, [one], remove=[one["id"]])


def test_too_many_labels_in_all(team: Team, draft: AnnotationSet) -> None:
    schema = LabelSchema.objects.get()
    schema.definition["rules"]["max_labels"] = 2
    schema.save()
    save(team.ada, draft, [grasp(1), grasp(2)])
    with pytest.raises(LabelsInvalid) as caught:
        save(team.ada, draft, [grasp(3)])
    assert caught.value.fields["findings"][0]["code"] == "too_many_labels"
    assert len(stored(draft)) == 2


@pytest.mark.parametrize("remove", [None, {}, ["x"], [7]])
def test_removals_are_a_list_of_ids(team: Team, draft: AnnotationSet, remove: object) -> None:
    with pytest.raises(LabelMalformed):
        save(team.ada, draft, [], remove=remove)


def test_a_frozen_set_takes_no_change(team: Team, draft: AnnotationSet) -> None:
    save(team.ada, draft, [instruction(), outcome()])
    submit(actor=team.ada, annotation_set_id=draft.pk, base_revision=1, request_id=uuid.uuid4())
    with pytest.raises(SetFrozen):
        save(team.ada, draft, [grasp()])
    assert len(stored(draft)) == 2


def test_nobody_saves_into_anothers_set(team: Team, draft: AnnotationSet) -> None:
    for user in (team.abe, team.ravi, team.mei, team.root):
        with pytest.raises(RoleMissing):
            save(user, draft, [grasp()])
    with pytest.raises(NotFound):
        save(team.otto, draft, [grasp()])
    assert not Label.objects.exists()


class TestLease:
    """A save comes from whoever holds the slot."""

    def lapse(self, draft: AnnotationSet) -> None:
        Assignment.objects.filter(annotation_sets=draft).update(
            lease_expires_at=timezone.now() - timedelta(seconds=1)
        )

    def test_a_free_slot_is_taken_again(self, team: Team, draft: AnnotationSet) -> None:
        self.lapse(draft)
        save(team.ada, draft, [grasp()])
        assert Assignment.objects.get(annotation_sets=draft).lease_expires_at > timezone.now()

    def test_a_slot_that_went_to_others_is_gone(self, team: Team, draft: AnnotationSet) -> None:
        save(team.ada, draft, [grasp()])
        self.lapse(draft)
        claimed(team.abe, team.project)
        claimed(team.ravi, team.project)
        with pytest.raises(LeaseExpired):
            save(team.ada, draft, [grasp()])
        assert len(stored(draft)) == 1

    def test_what_was_given_back_stays_given_back(self, team: Team, draft: AnnotationSet) -> None:
        assert draft.assignment is not None
        release(actor=team.ada, assignment_id=draft.assignment.pk)
        with pytest.raises(LeaseExpired):
            save(team.ada, draft, [grasp()])

    def test_saving_keeps_a_lease_alive(self, team: Team, draft: AnnotationSet) -> None:
        soon = timezone.now() + timedelta(seconds=60)
        Assignment.objects.update(lease_expires_at=soon)
        save(team.ada, draft, [grasp()])
        assert Assignment.objects.get().lease_expires_at > soon


@pytest.mark.django_db(transaction=True)
def test_saves_at_once_leave_one_winner_each_revision(transactional_db: None, team: Team) -> None:
    """Eight tabs save on revision 0: one is taken, seven are told what it saved."""
    draft = draft_of(claimed(team.ada, team.project))
    puts = [[grasp(number)] for number in range(8)]

    def run(put: list[dict[str, Any]]) -> str:
        try:
            save_on_zero(team.ada, draft, put)
            return "saved"
        except StaleRevision as error:
            return "stale" if error.fields["revision"] == 1 else "wrong"
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(run, puts))
    assert sorted(answers) == ["saved"] + ["stale"] * 7
    assert len(stored(draft)) == 1


@pytest.mark.django_db(transaction=True)
def test_one_request_sent_twice_at_once_is_applied_once(transactional_db: None, team: Team) -> None:
    draft = draft_of(claimed(team.ada, team.project))
    request_id, put = uuid.uuid4(), [grasp()]

    def run(_: int) -> int:
        try:
            return save(team.ada, draft, put, request_id=request_id, base_revision=0).revision
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(run, range(4))) == [1, 1, 1, 1]
    assert draft.revisions.count() == 1


def save_on_zero(user: User, draft: AnnotationSet, put: list[dict[str, Any]]) -> None:
    save(user, AnnotationSet.objects.get(pk=draft.pk), put, base_revision=0)
