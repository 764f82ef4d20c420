"""What earlier episodes offer to the next one: wording, order, the last labels; never an answer."""

import uuid

from django.contrib.auth.models import User

from annotation.labels.records import Label as LabelRecord
from annotation.models import AnnotationSet, Assignment
from annotation.selectors.phrases import memory_of, vocabulary
from annotation.services.record_gold import record_gold
from annotation.services.submit import submit
from episodes.models import Task
from tests.annotation.scene import Team, claimed, draft_of, instruction, outcome, save


def handed_in(team: Team, user: User, *texts: str) -> Assignment:
    """The person's next episode, its instructions one after the other."""
    assignment = claimed(user, team.project)
    draft = draft_of(assignment)
    second = 1_000_000_000
    labels = [
        {
            **instruction(),
            "id": str(uuid.uuid4()),
            "text": text,
            "start_ns": i * second,
            "end_ns": (i + 1) * second,
        }
        for i, text in enumerate(texts)
    ]
    saved = save(user, draft, [*labels, outcome()])
    submit(
        actor=user,
        annotation_set_id=draft.pk,
        base_revision=saved.revision,
        request_id=uuid.uuid4(),
    )
    return assignment


def test_a_newcomer_remembers_nothing(team: Team) -> None:
    memory = memory_of(claimed(team.ada, team.project))
    assert (memory.sequences, memory.previous) == ([], None)


def test_the_order_of_earlier_instructions_without_their_objects(team: Team) -> None:
    handed_in(team, team.abe, "grasp the block", "put the block on the goal position")
    handed_in(team, team.ada, "lift the block", "lower the gripper")
    memory = memory_of(claimed(team.ada, team.project))
    own, others = memory.sequences
    assert own == ["lift the {0}", "lower the gripper"]
    assert others == ["grasp the {0}", "put the {0} on the {1}"]


def test_the_last_labels_of_the_same_task_are_ones_own(team: Team) -> None:
    handed_in(team, team.abe, "grasp the block")
    first = handed_in(team, team.ada, "lift the block")
    next_one = claimed(team.ada, team.project)
    previous = memory_of(next_one).previous
    assert previous is not None
    assert previous["key"] == first.project_episode.episode.key
    assert "lift the block" in {label["text"] for label in previous["labels"]}
    episode = next_one.project_episode.episode
    episode.task = Task.objects.create(text="open the drawer")
    episode.save()
    next_one.refresh_from_db()
    assert memory_of(next_one).previous is None


def test_neither_gold_nor_the_same_episode_is_told(team: Team) -> None:
    """abe has labelled what ada has open, and there is gold for another episode."""
    assignment = claimed(team.ada, team.project)
    handed_in(team, team.abe, "grasp the block")
    gold = [LabelRecord.from_json({**instruction(), "text": "push the block"}), outcome_record()]
    other = team.project.project_episodes.order_by("-position")[0]
    record_gold(actor=team.mei, project_episode=other, labels=gold, origin="test")
    assert AnnotationSet.objects.filter(state=AnnotationSet.State.SUBMITTED).count() == 2
    shared = AnnotationSet.objects.filter(
        project_episode=assignment.project_episode_id, state=AnnotationSet.State.SUBMITTED
    )
    assert shared.count() == 1
    assert memory_of(assignment).sequences == []


def outcome_record() -> LabelRecord:
    return LabelRecord.from_json(outcome())


def test_ones_own_texts_come_first(team: Team) -> None:
    handed_in(team, team.abe, "grasp the block", "grasp the block")
    handed_in(team, team.ada, "lift the block")
    assert vocabulary(team.project, team.ada) == ["lift the block", "grasp the block"]
    assert vocabulary(team.project) == ["grasp the block", "lift the block"]
