"""Segments for people to judge: what may be drawn, what is next, how far they are."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from annotation.errors import NotFound
from annotation.labels.records import Kind
from annotation.models import Assignment, Label, Project
from annotation.roles import Role, require_role
from annotation.selectors.known import taken_for_undecided
from annotation.selectors.labels import schema_from_text
from episodes.models import Stream
from review.measures.checks.plan import CheckPlan
from review.measures.slots import SLOTS, slots_of
from review.models import AlignmentItem, AlignmentJudgement, AlignmentSample

# Pictures of a segment that are shown one after the other.
MOST_PICTURES = 12
MOST_CAMERAS = 2
LEAST_STEP_NS = 40_000_000


@dataclass(frozen=True, slots=True)
class Drawable:
    """An accepted instruction that no sample holds."""

    annotation_set: UUID
    label: UUID
    text: str
    start_ns: int
    end_ns: int
    slots: Mapping[str, str]

    @property
    def id(self) -> str:
        return f"{self.annotation_set}:{self.label}"


def drawable_segments(project: Project, plan: CheckPlan) -> list[Drawable]:
    """All accepted instructions of the project that were not drawn yet."""
    sampled = AlignmentItem.objects.filter(
        annotation_set=OuterRef("annotation_set"), label=OuterRef("id")
    )
    classes = _instruction_classes(project)
    rows = (
        Label.objects.filter(
            ~Exists(sampled),
            annotation_set__in=project.project_episodes.filter(accepted_set__isnull=False).values(
                "accepted_set"
            ),
            kind=Kind.SEGMENT.value,
            label_class__in=classes,
        )
        .exclude(text="")
        .order_by("annotation_set", "id")
        .values_list("annotation_set", "id", "text", "start_ns", "end_ns")
    )
    read = lru_cache(maxsize=None)(lambda text: stated_slots(text, plan))
    # Labels of this kind have both their times.
    return [
        Drawable(own, label, text, start or 0, end or 0, slots=read(text))
        for own, label, text, start, end in rows.iterator()
    ]


def stated_slots(text: str, plan: CheckPlan) -> dict[str, str]:
    """The slots that a text fills, in their order; a text without any has its whole as object."""
    found = {name: said for name, said in asdict(slots_of(text, plan.vocabulary)).items() if said}
    return found or {"object": text}


def _instruction_classes(project: Project) -> set[str]:
    """Of every schema version that accepted sets of the project were made under."""
    definitions = (
        project.project_episodes.filter(accepted_set__isnull=False)
        .order_by()
        .values_list("accepted_set__schema__definition", flat=True)
        .distinct()
    )
    found: set[str] = set()
    for definition in definitions:
        schema = schema_from_text(json.dumps(definition))
        own = [one for one in schema.classes_of(Kind.SEGMENT) if one.exclusive]
        first = min((one.level for one in own), default=0)
        found |= {one.id for one in own if one.level == first}
    return found


@dataclass(frozen=True, slots=True)
class Judging:
    """How far a project's samples are; ``own`` left out because the person labelled them."""

    drawn: int
    judged: int
    own: int

    @property
    def left(self) -> int:
        return self.drawn - self.judged - self.own


def judging(project: Project, user: User) -> Judging:
    found = _items(project, user).aggregate(
        drawn=Count("pk"),
        judged_items=Count("pk", filter=Q(judged=True)),
        own_items=Count("pk", filter=Q(judged=False, own=True)),
    )
    return Judging(found["drawn"], found["judged_items"], found["own_items"])


def _items(project: Project, user: User) -> QuerySet[Any]:
    """With ``judged``, and ``own``: whether the person worked on the episode. Segments are drawn
    of what is accepted: none of what the person is to take for undecided."""
    again = taken_for_undecided(user)
    drawn = AlignmentItem.objects.filter(sample__project=project)
    return drawn.exclude(annotation_set__project_episode__in=again).annotate(
        judged=Exists(AlignmentJudgement.objects.filter(item=OuterRef("pk"))),
        own=Exists(
            Assignment.objects.filter(
                annotator=user,
                project_episode=OuterRef("annotation_set__project_episode"),
            )
        ),
    )


def next_item(project: Project, user: User) -> AlignmentItem | None:
    """The first that nobody has judged, in the order of the draw, not of one's own labels."""
    return (
        _items(project, user)
        .filter(judged=False, own=False)
        .select_related("annotation_set__project_episode__episode")
        .order_by("sample__number", "order")
        .first()
    )


def judged_item(user: User, item_id: int) -> AlignmentItem:
    """Raises NotFound to outsiders, RoleMissing below reviewer."""
    item = (
        AlignmentItem.objects.select_related(
            "sample__project", "annotation_set__project_episode__episode"
        )
        .filter(pk=item_id)
        .first()
    )
    if item is None:
        raise NotFound("There is no such segment.", remedy="Check the address.")
    require_role(user, item.sample.project, Role.REVIEWER)
    return item


def is_own(user: User, item: AlignmentItem) -> bool:
    place = item.annotation_set.project_episode_id
    return Assignment.objects.filter(annotator=user, project_episode=place).exists()


def last_judgement(item: AlignmentItem) -> AlignmentJudgement | None:
    return item.judgements.select_related("reviewer").order_by("-pk").first()


@dataclass(frozen=True, slots=True)
class CameraClip:
    """Pictures of a segment from one camera, evenly spread, ``step_ms`` apart."""

    camera: str
    stream: UUID
    at_ns: tuple[int, ...]
    step_ms: int


def clips_of(item: AlignmentItem) -> list[CameraClip]:
    """What is looked at: the first colour cameras of the episode."""
    length = item.end_ns - item.start_ns
    pictures = max(2, min(MOST_PICTURES, length // LEAST_STEP_NS))
    step = length // pictures
    at = tuple(item.start_ns + step * place for place in range(pictures))
    return [
        CameraClip(one.camera, one.pk, at, max(40, step // 1_000_000))
        for one in streams_of(item)[:MOST_CAMERAS]
    ]


def streams_of(item: AlignmentItem) -> QuerySet[Stream]:
    """The colour cameras of its episode."""
    return (
        Stream.objects.filter(
            episode__project_episodes=item.annotation_set.project_episode_id,
            modality=Stream.Modality.RGB,
            asset__frame_index__isnull=False,
        )
        .select_related("asset__frame_index")
        .order_by("position")
    )


def samples_of(project: Project) -> QuerySet[AlignmentSample]:
    return project.alignment_samples.select_related("drawn_by").order_by("-number")


def sample_seed(project: Project, number: int, drawn: Iterable[str]) -> str:
    """Of what can be drawn and which draw it is: nobody chooses it."""
    content = hashlib.sha256(f"alignment {project.pk} {number}".encode())
    for one in drawn:
        content.update(one.encode())
    return content.hexdigest()


def stated(item: AlignmentItem) -> list[tuple[str, str]]:
    """The slots to judge, in their order, with what the text says of each."""
    return [(name, item.slots[name]) for name in SLOTS if item.slots.get(name)]
