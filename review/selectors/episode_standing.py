"""How episodes stand in the projects of a viewer: states, and outcomes as far as they may know.

Reviewers and managers know every submitted set of their projects, except while they label the
episode themselves; annotators know their own. Anything else would tell them what to label.
"""

from collections import defaultdict
from collections.abc import Collection
from uuid import UUID

from django.db.models import Case, CharField, Count, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.enums import TextChoices

from annotation.models import AnnotationSet, Assignment, Label, LabelSchema, Project, ProjectEpisode
from episodes.access import Viewer
from episodes.labelling import Choice, Standing
from review.models import BatchItem
from review.selectors.batches import reviewable_projects

_HELD = (Assignment.State.ACTIVE, Assignment.State.RETURNED)
_BEGUN = (*_HELD, Assignment.State.SUBMITTED)


class State(TextChoices):
    """How far an episode is in a project; NONE is in no project of the viewer's."""

    NONE = "none", "In no project"
    WAITING = "waiting", "Waiting"
    LABELLING = "labelling", "Being labelled"
    SUBMITTED = "submitted", "Handed in"
    APPROVED = "approved", "Approved"


_TONES = {State.LABELLING: "info", State.SUBMITTED: "warn", State.APPROVED: "ok"}


def in_state(user: Viewer, state: str) -> Q:
    """The condition on Episode; nothing is in a state that does not exist."""
    places = _places(user)
    if state == State.NONE:
        return ~Q(Exists(places.filter(episode=OuterRef("pk"))))
    # Anti-joins, not conditions on a joined row: the planner can tell how many they leave.
    open_places = places.filter(~Exists(_approved_item("pk")))
    if state == State.APPROVED:
        found = places.filter(batch_item__state=BatchItem.State.APPROVED)
    elif state == State.SUBMITTED:
        found = open_places.filter(_handed_in(user))
    elif state == State.LABELLING:
        found = open_places.filter(Exists(_begun("pk"))).exclude(_handed_in(user))
    elif state == State.WAITING:
        found = open_places.exclude(Exists(_begun("pk")))
    else:
        found = places.none()
    return Q(pk__in=found.values("episode"))


def with_outcome(user: Viewer, outcome: str) -> Q:
    """The condition on Episode."""
    said = Label.objects.filter(
        kind=Label.Kind.OUTCOME, label_class=outcome, annotation_set__in=counting_sets(user)
    )
    return Q(pk__in=said.values("annotation_set__project_episode__episode"))


def counting_sets(user: Viewer) -> QuerySet[AnnotationSet]:
    """The sets that say how an episode went, as far as the viewer may see them.

    The accepted one of an approved episode; else the last submitted round of each annotator.
    """
    later = AnnotationSet.objects.filter(
        assignment=OuterRef("assignment"),
        round__gt=OuterRef("round"),
        state=AnnotationSet.State.SUBMITTED,
    )
    approved = _approved_item("project_episode")
    counting = AnnotationSet.objects.filter(
        kind=AnnotationSet.Kind.ANNOTATOR, state=AnnotationSet.State.SUBMITTED
    )
    last = counting.filter(~Exists(later))
    accepted = Exists(approved.filter(accepted_set=OuterRef("pk")))
    return last.filter(seen_sets(user)).filter(Q(accepted) | ~Exists(approved))


def seen_sets(user: Viewer) -> Q:
    """The condition on AnnotationSet that holds for the submitted sets ``user`` may look at."""
    if not user.is_authenticated:
        return Q(pk__in=[])
    mine = Q(assignment__annotator=user.pk)
    at_it = Assignment.objects.filter(
        project_episode=OuterRef("project_episode"), annotator=user.pk, state__in=_HELD
    )
    overseen = list(reviewable_projects(user).values_list("pk", flat=True))
    if not overseen:
        return mine
    return mine | (Q(project_episode__project__in=overseen) & ~Q(Exists(at_it)))


def outcome_classes(user: Viewer) -> list[Choice]:
    """Ids and names of the outcomes in the schemas of the viewer's projects."""
    used = Project.objects.visible_to(user).order_by().values("schema")
    schemas = LabelSchema.objects.filter(pk__in=used).order_by("name", "version")
    definitions = schemas.values_list("definition", flat=True)
    found = {
        one["id"]: one["name"]
        for definition in definitions
        for one in definition["classes"]
        if one["kind"] == Label.Kind.OUTCOME
    }
    return list(found.items())


def standings(user: Viewer, episodes: Collection[UUID]) -> dict[UUID, list[Standing]]:
    """Each episode's places in the viewer's projects. Three queries."""
    outcomes = _outcomes(user, episodes) if episodes else {}
    handed_in = Count("assignments", filter=Q(assignments__state=Assignment.State.SUBMITTED))
    places = (
        _places(user)
        .filter(episode__in=list(episodes))
        .annotate(handed_in=handed_in)
        .annotate(
            standing=Case(
                When(Exists(_approved_item("pk")), then=Value(State.APPROVED.value)),
                When(handed_in__gte=F("overlap"), then=Value(State.SUBMITTED.value)),
                When(Exists(_begun("pk")), then=Value(State.LABELLING.value)),
                default=Value(State.WAITING.value),
                output_field=CharField(),
            )
        )
        .order_by("project__name")
        .values_list("pk", "episode", "project", "project__name", "standing")
    )
    found: dict[UUID, list[Standing]] = defaultdict(list)
    for pk, episode, project, name, standing in places:
        state = State(standing)
        found[episode].append(
            Standing(
                project=name,
                project_id=project,
                state=state.value,
                name=state.label,
                tone=_TONES.get(state, ""),
                outcomes=tuple(outcomes.get(pk, ())),
            )
        )
    return found


def _outcomes(user: Viewer, episodes: Collection[UUID]) -> dict[int, list[str]]:
    """Names of the outcomes by project episode, each once."""
    sets = counting_sets(user).filter(project_episode__episode__in=list(episodes))
    said = (
        Label.objects.filter(kind=Label.Kind.OUTCOME, annotation_set__in=sets)
        .order_by("label_class")
        .values_list("annotation_set__project_episode", "label_class")
        .distinct()
    )
    names = dict(outcome_classes(user))
    found: dict[int, list[str]] = defaultdict(list)
    for place, label_class in said:
        found[place].append(names.get(label_class, label_class))
    return found


def _places(user: Viewer) -> QuerySet[ProjectEpisode]:
    """The viewer's projects' episodes. Ids instead of a join: the planner knows how many."""
    return ProjectEpisode.objects.filter(project__in=_projects(user))


def _projects(user: Viewer) -> list[int]:
    return list(Project.objects.visible_to(user).values_list("pk", flat=True))


def _approved_item(place: str) -> QuerySet[BatchItem]:
    """The approved item of the outer query's project episode."""
    approved = BatchItem.State.APPROVED
    return BatchItem.objects.filter(project_episode=OuterRef(place), state=approved)


def _begun(place: str) -> QuerySet[Assignment]:
    """Work, at hand or handed in, on the outer query's project episode."""
    return Assignment.objects.filter(project_episode=OuterRef(place), state__in=_BEGUN)


def _handed_in(user: Viewer) -> Q:
    """The condition on ProjectEpisode: as many people handed it in as its project asks for.

    A count for each overlap there is: compared with a joined column the planner guesses.
    """
    condition = Q(pk__in=[])
    overlaps: dict[int, list[int]] = defaultdict(list)
    for pk, overlap in Project.objects.visible_to(user).values_list("pk", "overlap"):
        overlaps[overlap].append(pk)
    for overlap, projects in overlaps.items():
        counted = (
            Assignment.objects.filter(state=Assignment.State.SUBMITTED)
            .order_by()
            .values("project_episode")
            .annotate(people=Count("pk"))
            .filter(people__gte=overlap)
            .values("project_episode")
        )
        condition |= Q(project__in=projects, pk__in=counted)
    return condition
