"""What an annotator wrote before: the words, their order, and the labels of the last episode."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import Case, Count, IntegerField, Q, When

from annotation.labels.phrases import generalised, things_of
from annotation.labels.records import labels_to_json
from annotation.labels.task import TaskFacts
from annotation.models import AnnotationSet, Assignment, Label, Project
from annotation.selectors.labels import labels_of
from episodes.models import Episode

VOCABULARY_SIZE = 100
# The sets that the order of instructions is learned from: own ones first, the newest first.
SETS = 24


def task_facts(episode: Episode) -> TaskFacts:
    """What labels of the episode are checked against."""
    task = episode.task
    return TaskFacts() if task is None else TaskFacts.of(task.goals, task.things)


def vocabulary(project: Project, user: User | None = None) -> list[str]:
    """The project's instruction texts: the person's own first, then the most used."""
    own = Q(annotation_set__assignment__annotator=user) if user else Q(pk=None)
    texts = (
        Label.objects.filter(
            annotation_set__project_episode__project=project,
            annotation_set__state=AnnotationSet.State.SUBMITTED,
            kind=Label.Kind.SEGMENT,
        )
        .exclude(text="")
        .order_by()
        .values("text")
        .annotate(uses=Count("pk"), own=Count("pk", filter=own))
        .order_by("-own", "-uses", "text")
    )
    return list(texts.values_list("text", flat=True)[:VOCABULARY_SIZE])


@dataclass(frozen=True, slots=True)
class Memory:
    """What earlier episodes offer to this one.

    ``sequences``: their instructions in their order, own ones first, without their objects.
    ``previous``: the labels that the person last handed in for the same task.
    """

    sequences: list[list[str]]
    previous: dict[str, Any] | None


def memory_of(assignment: Assignment) -> Memory:
    """Never from the episode itself, and never from gold: what is asked is not told. What an expert
    answered for the gold is offered to them alone."""
    kind = AnnotationSet.Kind
    own = Q(kind=kind.EXPERT, assignment__annotator=assignment.annotator_id)
    own_first = Case(
        When(assignment__annotator=assignment.annotator_id, then=0),
        default=1,
        output_field=IntegerField(),
    )
    chosen = list(
        AnnotationSet.objects.filter(
            Q(kind=kind.ANNOTATOR) | own,
            project_episode__project=assignment.project_episode.project_id,
            state=AnnotationSet.State.SUBMITTED,
        )
        .exclude(project_episode=assignment.project_episode_id)
        .select_related("assignment", "project_episode__episode__task")
        .order_by(own_first, "-submitted_at")[:SETS]
    )
    if not chosen:
        return Memory([], None)
    mine = [one for one in chosen if _by(one) == assignment.annotator_id]
    return Memory(_sequences(chosen), _previous(mine, assignment.project_episode.episode))


def _by(annotation_set: AnnotationSet) -> int | None:
    made_in = annotation_set.assignment
    return made_in.annotator_id if made_in else None


def _sequences(sets: list[AnnotationSet]) -> list[list[str]]:
    texts: dict[UUID, list[str]] = defaultdict(list)
    rows = Label.objects.filter(annotation_set__in=sets, kind=Label.Kind.SEGMENT)
    for row in rows.exclude(text="").order_by("start_ns", "end_ns", "id"):
        texts[row.annotation_set_id].append(row.text)
    found = []
    for one in sets:
        task = one.project_episode.episode.task
        things = things_of(task.text, task.things) if task else []
        found.append([generalised(text, things) for text in texts[one.pk]])
    return [one for one in found if one]


def _previous(sets: list[AnnotationSet], episode: Episode) -> dict[str, Any] | None:
    alike = (one for one in sets if one.project_episode.episode.task_id == episode.task_id)
    last = next(alike, None)
    if last is None:
        return None
    before = last.project_episode.episode
    return {
        "key": before.key,
        "duration_ns": before.duration_ns,
        "labels": labels_to_json(labels_of(last)),
    }
