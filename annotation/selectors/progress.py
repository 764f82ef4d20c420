"""How far a queued episode is, computed from its records.

These expressions on ProjectEpisode are the one definition: what services write after a change and
what a rebuild writes comes from here.
"""

from collections.abc import Collection
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.fields import BooleanField, UUIDField
from django.db.models.functions import Cast, Coalesce, Concat
from django.db.models.lookups import Exact, GreaterThanOrEqual, IsNull, LessThan

from annotation.models import AnnotationSet, Assignment, Label, ProjectEpisode

_STATE = Assignment.State
# From a label to its place in a queue, and to who made it.
PLACE = "annotation_set__project_episode"
ANNOTATOR = "annotation_set__assignment__annotator"
# A lease that ran out keeps its slot here until the sweep; whoever claims looks at the times too.
_HOLDING = (_STATE.ACTIVE, _STATE.RETURNED, _STATE.SUBMITTED, _STATE.WAITING)


def computed(review: Any = None, accepted_set: Any = None) -> dict[str, Any]:
    """``slots_taken``, ``has_slot``, ``progress``, ``outcomes`` and ``said_by`` by the records.

    The arguments stand in for stored columns where those are in doubt themselves: ``review`` an
    expression on ProjectEpisode, ``accepted_set`` one on Label.
    """
    taken = _people(_HOLDING)
    said = outcome_labels(accepted_set).filter(**{PLACE: OuterRef("pk")})
    return {
        "slots_taken": taken,
        "has_slot": Case(
            When(LessThan(taken, F("overlap")), then=Value(True)),
            default=Value(False),
            output_field=BooleanField(),
        ),
        "progress": _progress(F("review") if review is None else review),
        "outcomes": _each_once(said, F("label_class")),
        "said_by": _each_once(
            said.filter(annotation_set__assignment__isnull=False),
            Concat(Cast(f"{ANNOTATOR}_id", CharField()), Value(":"), F("label_class")),
        ),
    }


def own_outcome(annotator: int, outcome: str) -> str:
    """How ``said_by`` has it that this person said so."""
    return f"{annotator}:{outcome}"


def own_outcomes(annotator: int, said_by: Collection[str]) -> list[str]:
    """The classes among ``said_by`` that this person said."""
    mine = own_outcome(annotator, "")
    return [one.removeprefix(mine) for one in said_by if one.startswith(mine)]


def _each_once(labels: QuerySet[Label], said: Any) -> ArraySubquery:
    named = labels.annotate(said=said).order_by("said")
    return ArraySubquery(named.values_list("said", flat=True).distinct())


def outcome_labels(accepted_set: Any = None) -> QuerySet[Label]:
    """The labels that say how an episode went.

    Those of the set that was accepted; else of the last handed-in round of each annotator.
    """
    submitted = AnnotationSet.State.SUBMITTED
    later = AnnotationSet.objects.filter(
        assignment=OuterRef("annotation_set__assignment"),
        round__gt=OuterRef("annotation_set__round"),
        state=submitted,
    )
    accepted = F(f"{PLACE}__accepted_set") if accepted_set is None else accepted_set
    unaccepted = Q(IsNull(accepted, True)) & ~Exists(later)
    stands = Q(Exact(F("annotation_set"), accepted))
    # A consensus counts only where it stands.
    annotators = Q(annotation_set__kind=AnnotationSet.Kind.ANNOTATOR)
    return Label.objects.filter(
        stands | (unaccepted & annotators),
        kind=Label.Kind.OUTCOME,
        annotation_set__state=submitted,
    )


def outcomes_undecided(places: Collection[int]) -> dict[int, list[str]]:
    """What annotators said of each place, as though no set stood for it."""
    nothing = Value(None, output_field=UUIDField())
    said = outcome_labels(nothing).filter(**{PLACE: OuterRef("pk")})
    rows = ProjectEpisode.objects.filter(pk__in=places)
    open_to_all = rows.annotate(undecided=_each_once(said, F("label_class")))
    return dict(open_to_all.values_list("pk", "undecided"))


def open_rework(project_episode: Any) -> QuerySet[Assignment]:
    """Work that was sent back and is not handed in again."""
    sent_back = Assignment.objects.filter(project_episode=project_episode, rework=True)
    return sent_back.exclude(state__in=[_STATE.SUBMITTED, _STATE.RELEASED])


def _progress(review: Any) -> Case:
    progress, stage = ProjectEpisode.Progress, ProjectEpisode.Review
    begun = Assignment.objects.filter(
        project_episode=OuterRef("pk"), state__in=_HOLDING, beyond_overlap=False
    )
    handed_in = GreaterThanOrEqual(_people([_STATE.SUBMITTED]), F("overlap"))
    return Case(
        When(Exact(review, Value(stage.APPROVED.value)), then=Value(progress.APPROVED.value)),
        When(Exists(open_rework(OuterRef("pk"))), then=Value(progress.RETURNED.value)),
        When(Exact(review, Value(stage.OPEN.value)), then=Value(progress.IN_REVIEW.value)),
        When(handed_in, then=Value(progress.SUBMITTED.value)),
        When(Exists(begun), then=Value(progress.LABELLING.value)),
        default=Value(progress.WAITING.value),
        output_field=CharField(),
    )


def _people(states: Collection[str]) -> Coalesce:
    """How many assignments of the episode are in one of the states."""
    counted = (
        Assignment.objects.filter(
            project_episode=OuterRef("pk"), state__in=states, beyond_overlap=False
        )
        .order_by()
        .values("project_episode")
        .annotate(total=Count("pk"))
        .values("total")
    )
    return Coalesce(Subquery(counted), 0)
