"""A person's own labels beside gold that is no secret: training episodes, and retired gold."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse

from annotation.errors import NotFound
from annotation.labels.records import Label
from annotation.models import AnnotationSet, Assignment, Membership, ProjectEpisode
from annotation.selectors.labels import labels_by_set, schema_of
from annotation.selectors.offers import COUNTED
from episodes.models import Stream
from review.measures.accepted import Accepted, count_against, labels_right
from review.measures.counts import POOLED, Measure, PairCounts
from review.measures.differences import Difference, Side, differences
from review.measures.records import answer_of
from review.measures.tally import Tally
from review.models import GoldItem
from review.selectors.compare import rules_of, tolerances_between
from review.selectors.onboarding import Learning, learning
from review.selectors.sets import gold_items
from review.selectors.side_by_side import side_by_side

GOLD, OWN = "the gold", "your answer"
# Beyond this nobody looks at pictures any more.
MOST_CLIPS = 12
# Four pictures before the mark and four after it, shown at half their pace.
_AROUND = 4
_APART_NS = 80_000_000
CLIP_STEP_MS = 160


def feedback_sets(user: User) -> QuerySet[AnnotationSet]:
    """The person's last rounds of training episodes, and of work whose gold is retired.

    Not while they hold the episode: it may have been sent back to them.
    """
    handed_in = AnnotationSet.objects.filter(
        kind=AnnotationSet.Kind.ANNOTATOR, state=AnnotationSet.State.SUBMITTED
    )
    later = handed_in.filter(assignment=OuterRef("assignment"), round__gt=OuterRef("round"))
    retired = GoldItem.objects.newest().filter(
        state=GoldItem.State.RETIRED, project_episode__purpose__in=COUNTED
    )
    training = ProjectEpisode.objects.filter(purpose=ProjectEpisode.Purpose.TRAINING)
    # Few episodes are either: they are named, or thousands of somebody's sets are looked at first.
    places = {*training.values_list("pk", flat=True)}
    places |= {*retired.values_list("project_episode", flat=True)}
    return handed_in.filter(
        ~Exists(later),
        project_episode__in=places,
        assignment__annotator=user,
        assignment__state=Assignment.State.SUBMITTED,
    ).select_related(
        "assignment__annotator",
        "schema",
        "project_episode__project__schema",
        "project_episode__episode__task",
    )


def feedback_set(user: User, set_id: UUID) -> AnnotationSet:
    """Raises NotFound, in the same words whether the episode has gold or not."""
    found = feedback_sets(user).filter(pk=set_id).first()
    if found is None:
        raise NotFound(
            "There is no feedback on these labels.",
            remedy="Feedback is given on training episodes; see “Your calibration”.",
        )
    return found


@dataclass(frozen=True, slots=True)
class Clip:
    """Pictures of the first camera around a mark, and whose mark it is; ``mark`` is its place."""

    who: str
    at_ns: int
    mark: int
    pictures: tuple[str, ...]
    step_ms: int = CLIP_STEP_MS


@dataclass(frozen=True, slots=True)
class Differing:
    difference: Difference
    clips: tuple[Clip, ...]


@dataclass(frozen=True)
class Feedback:
    """How a set compares with the accepted answer that it is closest to; no gold, no figures."""

    annotation_set: AnnotationSet
    gold: AnnotationSet | None
    figures: tuple[tuple[str, Tally], ...] = ()
    right: Tally = field(default_factory=Tally)
    differing: tuple[Differing, ...] = ()
    differences: tuple[Difference, ...] = ()

    @property
    def says(self) -> str:
        if self.gold is None:
            return "This episode has no gold yet: a reviewer looks at it. Go on with the next one."
        if not self.differences:
            return "Within the tolerances you and the gold say the same. Go on with the next one."
        first = self.differences[0]
        where = "of the whole episode" if first.at_ns is None else f"at {first.at_ns / 1e9:.3f} s"
        number = len(self.differences)
        if number == 1:
            return f"There is one difference {where}. Look at it, then go on."
        return f"There are {number} differences, the first {where}. Look at each, then go on."


def feedback(annotation_set: AnnotationSet) -> Feedback:
    """A fixed number of queries."""
    place = annotation_set.project_episode
    item = gold_items([place.pk]).exclude(state=GoldItem.State.AMBIGUOUS).first()
    if item is None:
        return Feedback(annotation_set, None)
    answers = [item.annotation_set, *item.alternatives.select_related("schema")]
    labels = labels_by_set([annotation_set, *answers])
    rules = rules_of([place.pk])
    own = answer_of(labels[annotation_set.pk], schema_of(annotation_set))
    optional = frozenset(str(one) for one in item.optional)
    tolerances = tolerances_between(item.annotation_set, annotation_set, rules)
    best: tuple[float, AnnotationSet, PairCounts] | None = None
    for one in answers:
        accepted = Accepted((answer_of(labels[one.pk], schema_of(one)),), optional)
        counts = count_against(
            accepted, own, duration_ns=place.episode.duration_ns, tolerances=tolerances
        )
        rate = labels_right(counts).f
        if best is None or (1.0 if rate is None else rate) > best[0]:
            best = (1.0 if rate is None else rate, one, counts)
    assert best is not None, "gold has at least one answer"
    _, gold, counts = best
    newer = max((schema_of(gold), schema_of(annotation_set)), key=lambda schema: schema.version)
    found = [
        one
        for one in differences(
            Side(GOLD, labels[gold.pk]), Side(OWN, labels[annotation_set.pk]), newer, tolerances
        )
        if not optional.intersection(one.label_ids)
    ]
    names = {Measure.EVENT: "Contacts", Measure.SEGMENT_50: "Segments", Measure.OUTCOME: "Outcome"}
    return Feedback(
        annotation_set=annotation_set,
        gold=gold,
        figures=tuple((name, counts[one, POOLED].tally) for one, name in names.items()),
        right=labels_right(counts),
        differing=_with_clips(place, found, labels[gold.pk], labels[annotation_set.pk]),
        differences=tuple(found),
    )


def _with_clips(
    place: ProjectEpisode,
    found: list[Difference],
    gold: tuple[Label, ...],
    own: tuple[Label, ...],
) -> tuple[Differing, ...]:
    streams = Stream.objects.filter(episode=place.episode_id).order_by("position", "camera")
    stream = streams.values_list("pk", flat=True).first()
    sides = ((GOLD, {one.id: one for one in gold}), (OWN, {one.id: one for one in own}))
    listed = []
    shown = 0
    for one in found:
        clips: list[Clip] = []
        for who, by_id in sides:
            at = next((by_id[pk].start_ns for pk in one.label_ids if pk in by_id), None)
            if at is not None and stream is not None and shown < MOST_CLIPS:
                clips.append(_clip(place, stream, who, at))
        shown += bool(clips)
        listed.append(Differing(one, tuple(clips)))
    return tuple(listed)


def _clip(place: ProjectEpisode, stream: UUID, who: str, at_ns: int) -> Clip:
    """Fewer pictures where the recording begins or ends."""
    around = [at_ns + _APART_NS * step for step in range(-_AROUND, _AROUND + 1)]
    times = [one for one in around if 0 <= one < place.episode.duration_ns or one == at_ns]
    return Clip(
        who,
        at_ns,
        times.index(at_ns),
        tuple(reverse("guideline-still", args=[place.project_id, stream, one]) for one in times),
    )


def training_of(user: User, place: ProjectEpisode) -> Learning | None:
    """How far the person is with the training; None for who is past it."""
    member = Membership.objects.filter(project=place.project_id, user=user).first()
    if member is None or member.standing != Membership.Standing.TRAINING:
        return None
    return learning(member, ProjectEpisode.Purpose.TRAINING)


def feedback_payload(user: User, found: Feedback) -> dict[str, Any]:
    """The editor with both sets, neither editable. Raises NotIndexed."""
    own, gold = found.annotation_set, found.gold
    sides = [(own, "Your answer"), *([(gold, "Gold")] if gold else [])]
    return side_by_side(
        user,
        own.project_episode,
        sides,
        labels_by_set(one for one, _ in sides),
        found.differences,
        back=reverse("training-feedback", args=[own.pk]),
    )
