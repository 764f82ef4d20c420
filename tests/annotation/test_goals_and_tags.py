"""Goals of the task are asked for when a set is handed in; tags are of the whole episode."""

import uuid
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from annotation.errors import LabelsInvalid, NotSubmittable
from annotation.models import AnnotationSet, Label
from annotation.services.submit import submit
from episodes.services.tasks import describe_task
from tests.annotation.scene import Team, claimed, draft_of, grasp, instruction, label, outcome, save


@pytest.fixture
def draft(team: Team) -> AnnotationSet:
    """ada's, in a task with a goal."""
    assignment = claimed(team.ada, team.project)
    task = assignment.project_episode.episode.task
    assert task is not None
    describe_task(actor=team.mei, task=task, goals={"there": "the block is there"})
    return draft_of(assignment)


def hand_in(team: Team, draft: AnnotationSet, ending: dict[str, Any]) -> AnnotationSet:
    saved = save(team.ada, draft, [grasp(), instruction(), ending])
    return submit(
        actor=team.ada,
        annotation_set_id=draft.pk,
        base_revision=saved.revision,
        request_id=uuid.uuid4(),
    )


def test_a_goal_without_an_answer_is_left_to_do(team: Team, draft: AnnotationSet) -> None:
    with pytest.raises(NotSubmittable) as caught:
        hand_in(team, draft, outcome())
    (left,) = [one for one in caught.value.fields["findings"] if one["severity"] == "error"]
    assert left["code"] == "goal_missing"
    assert "the block is there" in left["message"]


def test_answered_it_is_handed_in(team: Team, draft: AnnotationSet) -> None:
    done = hand_in(team, draft, {**outcome(), "attributes": {"goal.there": "met"}})
    assert done.state == AnnotationSet.State.SUBMITTED


def test_a_tag_is_stored_and_has_no_time(team: Team, draft: AnnotationSet) -> None:
    tag = label("tag", "tag_light")
    save(team.ada, draft, [tag])
    row = Label.objects.get(annotation_set=draft)
    assert (row.kind, row.label_class, row.start_ns) == ("tag", "tag_light", None)
    with pytest.raises(LabelsInvalid):
        save(team.ada, draft, [{**tag, "start_ns": 5}])
    row.start_ns = 5
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()
