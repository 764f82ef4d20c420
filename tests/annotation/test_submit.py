"""Handing in: complete, tied to frames, frozen, and once."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from annotation.errors import (
    LeaseExpired,
    NotFound,
    NotSubmittable,
    RoleMissing,
    SetFrozen,
    StaleRevision,
)
from annotation.models import AnnotationSet, Assignment, AuditEntry, LabelFrame
from annotation.services.submit import submit
from episodes.media_errors import NotIndexed
from episodes.models import FrameIndex, Stream
from tests.annotation.scene import (
    DURATION_NS,
    FIRST_PTS,
    FRAMES,
    TICKS,
    Team,
    claimed,
    draft_of,
    grasp,
    instruction,
    outcome,
    save,
)


@pytest.fixture
def draft(team: Team) -> AnnotationSet:
    """A complete draft of ada's at revision 1."""
    made = draft_of(claimed(team.ada, team.project))
    save(team.ada, made, [grasp(), instruction(), outcome()])
    made.refresh_from_db()
    return made


def hand_in(team: Team, draft: AnnotationSet, **given: object) -> AnnotationSet:
    options: dict[str, object] = {"base_revision": 1, "request_id": uuid.uuid4(), **given}
    return submit(actor=team.ada, annotation_set_id=draft.pk, **options)  # type: ignore[arg-type]


def test_the_set_is_frozen_under_its_schema(team: Team, draft: AnnotationSet) -> None:
    done = hand_in(team, draft)
    assert (done.state, done.revision, done.schema) == ("submitted", 1, team.project.schema)
    assert done.submitted_at is not None
    assert Assignment.objects.get().state == Assignment.State.SUBMITTED
    entry = AuditEntry.objects.get(action="annotation_set.submitted")
    assert (entry.actor, entry.facts["schema"]) == (team.ada, "core v2")


def test_each_edge_is_tied_to_a_frame_of_each_camera(team: Team, draft: AnnotationSet) -> None:
    hand_in(team, draft)
    edges = LabelFrame.objects.filter(stream__camera="side").values_list(
        "label__kind", "edge", "frame", "pts"
    )
    # 1.680 s at 50 Hz is frame 84; the segment's end is the episode's, past the last frame.
    assert set(edges) == {
        ("instant", "start", 84, FIRST_PTS + 84 * TICKS),
        ("segment", "start", 0, FIRST_PTS),
        ("segment", "end", FRAMES - 1, FIRST_PTS + (FRAMES - 1) * TICKS),
    }
    assert LabelFrame.objects.count() == 2 * 3


def test_a_time_between_frames_belongs_to_the_frame_that_is_shown(
    team: Team, draft: AnnotationSet
) -> None:
    Stream.objects.filter(camera="side").update(clock_offset_ns=5_000_000)
    save(team.ada, draft, [grasp(1_699_999_999), grasp(3)])
    hand_in(team, draft, base_revision=2)
    at = {
        (camera, start_ns): frame
        for camera, start_ns, frame in LabelFrame.objects.filter(
            label__kind="instant", edge="start"
        ).values_list("stream__camera", "label__start_ns", "frame")
    }
    assert at["front", 1_699_999_999] == 84
    assert at["side", 1_680_000_000] == 83
    assert at["side", 3] == 0


def test_what_is_missing_is_listed(team: Team) -> None:
    draft = draft_of(claimed(team.ada, team.project))
    save(team.ada, draft, [{**grasp(), "effector": ""}, instruction(0, DURATION_NS // 2)])
    with pytest.raises(NotSubmittable) as caught:
        hand_in(team, draft)
    codes = [finding["code"] for finding in caught.value.fields["findings"]]
    assert codes == ["effector_missing", "segment_gap", "outcome_missing"]
    draft.refresh_from_db()
    assert draft.state == "draft"
    assert not LabelFrame.objects.exists()


def test_warnings_do_not_stand_in_the_way(team: Team) -> None:
    draft = draft_of(claimed(team.ada, team.project))
    save(team.ada, draft, [outcome()])
    assert hand_in(team, draft).state == "submitted"


def test_the_same_request_again_has_the_same_answer(team: Team, draft: AnnotationSet) -> None:
    request_id = uuid.uuid4()
    once = hand_in(team, draft, request_id=request_id)
    again = hand_in(team, draft, request_id=request_id)
    assert (again.pk, again.revision, again.submitted_at) == (
        once.pk,
        once.revision,
        once.submitted_at,
    )
    assert AuditEntry.objects.filter(action="annotation_set.submitted").count() == 1


def test_another_request_finds_it_frozen(team: Team, draft: AnnotationSet) -> None:
    hand_in(team, draft)
    with pytest.raises(SetFrozen):
        hand_in(team, draft)


def test_a_stale_submit_is_told_what_is_there(team: Team, draft: AnnotationSet) -> None:
    with pytest.raises(StaleRevision) as caught:
        hand_in(team, draft, base_revision=0)
    assert caught.value.fields["revision"] == 1
    assert len(caught.value.fields["labels"]) == 3


def test_a_slot_that_went_to_others_cannot_hand_in(team: Team, draft: AnnotationSet) -> None:
    past = timezone.now() - timedelta(seconds=1)
    Assignment.objects.update(lease_expires_at=past)
    claimed(team.abe, team.project)
    claimed(team.ravi, team.project)
    with pytest.raises(LeaseExpired):
        hand_in(team, draft)


def test_a_lapsed_lease_with_a_free_slot_still_hands_in(team: Team, draft: AnnotationSet) -> None:
    Assignment.objects.update(lease_expires_at=timezone.now() - timedelta(seconds=1))
    assert hand_in(team, draft).state == "submitted"


def test_a_camera_without_a_frame_index_is_named(team: Team, draft: AnnotationSet) -> None:
    FrameIndex.objects.all().delete()
    with pytest.raises(NotIndexed):
        hand_in(team, draft)
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_nobody_hands_in_for_another(team: Team, draft: AnnotationSet) -> None:
    for user, error in ((team.abe, RoleMissing), (team.mei, RoleMissing), (team.otto, NotFound)):
        with pytest.raises(error):
            submit(actor=user, annotation_set_id=draft.pk, base_revision=1, request_id=uuid.uuid4())


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("same_request", [True, False])
def test_two_submits_at_once(transactional_db: None, team: Team, same_request: bool) -> None:
    """One wins; the others get its answer for the same request, and find it frozen for another."""
    draft = draft_of(claimed(team.ada, team.project))
    save(team.ada, draft, [instruction(), outcome()])
    requests = [uuid.uuid4()] * 4 if same_request else [uuid.uuid4() for _ in range(4)]

    def run(request_id: uuid.UUID) -> str:
        try:
            return hand_in(team, draft, request_id=request_id).state
        except SetFrozen:
            return "frozen"
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        answers = sorted(pool.map(run, requests))
    assert answers == (["submitted"] * 4 if same_request else ["frozen"] * 3 + ["submitted"])
    assert AuditEntry.objects.filter(action="annotation_set.submitted").count() == 1
