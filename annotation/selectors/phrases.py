"""What an annotator wrote before: the words, their order, and the labels of the last episode."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import BooleanField, Count, Q, QuerySet
from django.db.models.expressions import RawSQL

from annotation.labels.phrases import generalised, things_of
from annotation.labels.records import labels_to_json
from annotation.labels.task import TaskFacts
from annotation.models import AnnotationSet, Assignment, Label, Project
from annotation.selectors.labels import labels_of
from episodes.models import Episode

VOCABULARY_SIZE = 100
# The sets that the order of instructions is learned from: own ones first, the newest first.
SETS = 24
# The sets that texts are offered from: of everybody, and of the person.
NEWEST, NEWEST_OWN = 500, 200


def task_facts(episode: Episode) -> TaskFacts:
    """What labels of the episode are checked against."""
    task = episode.task
    return TaskFacts() if task is None else TaskFacts.of(task.goals, task.things)


def vocabulary(project: Project, user: User | None = None) -> list[str]:
    """Instruction texts of the project's newest sets: the person's own first, then the most used.

    All of a project's sets may have millions of labels, for every page of its editor.
    """
    handed_in = AnnotationSet.objects.filter(state=AnnotationSet.State.SUBMITTED)
    newest = handed_in.filter(project_episode__project=project).order_by("-submitted_at")
    read = {*newest.values_list("pk", flat=True)[:NEWEST]}
    own = Q(pk=None)
    if user is not None:
        mine = _newest_of(user, project, NEWEST_OWN)
        own = Q(annotation_set__assignment__annotator=user)
        read |= {*handed_in.filter(assignment__in=mine).values_list("pk", flat=True)}
    # As one array: a parameter for each takes longer to put together than the labels to be read.
    those = RawSQL(f"{Label._meta.db_table}.annotation_set_id = ANY(%s)", [[*read]], BooleanField())
    texts = (
        Label.objects.filter(those, kind=Label.Kind.SEGMENT)
        .exclude(text="")
        .order_by()
        .values("text")
        .annotate(uses=Count("pk"), own=Count("pk", filter=own))
        .order_by("-own", "-uses", "text")
    )
    return list(texts.values_list("text", flat=True)[:VOCABULARY_SIZE])


def _newest_of(user: User | int, project: Project | int, count: int) -> QuerySet[Assignment, Any]:
    """The person's assignments that they handed in last. Whatever set of theirs is among the newest
    so many, it is of one of these: each other one has a newer set itself."""
    own = Assignment.objects.filter(
        annotator=user, project_episode__project=project, submitted_at__isnull=False
    )
    return own.order_by("-submitted_at").values("pk")[:count]


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
    kind, place = AnnotationSet.Kind, assignment.project_episode
    handed_in = (
        AnnotationSet.objects.filter(state=AnnotationSet.State.SUBMITTED)
        .exclude(project_episode=place)
        .select_related("assignment", "project_episode__episode__task")
        .order_by("-submitted_at")
    )
    # One more: this episode's own may be among them.
    last = _newest_of(assignment.annotator_id, place.project_id, SETS + 1)
    own_kinds = [kind.ANNOTATOR, kind.EXPERT]
    chosen = mine = list(handed_in.filter(kind__in=own_kinds, assignment__in=last)[:SETS])
    if len(mine) < SETS:
        others = handed_in.filter(kind=kind.ANNOTATOR, project_episode__project=place.project_id)
        others = others.exclude(assignment__annotator=assignment.annotator_id)
        chosen = [*mine, *others[: SETS - len(mine)]]
    if not chosen:
        return Memory([], None)
    return Memory(_sequences(chosen), _previous(mine, place.episode))


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
