"""How episodes stand in the projects of a viewer: states, and outcomes as far as they may know.

Reviewers and managers know every submitted set of their projects, except while they label the
episode themselves; annotators know their own. Anything else would tell them what to label.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from annotation.models import Assignment, Label, LabelSchema, Project, ProjectEpisode
from annotation.roles import Role, at_least, roles_of
from annotation.selectors.progress import PLACE, outcome_labels
from episodes.access import Viewer, asked, episode_access
from episodes.labelling import Choice, Standing

_HELD = (Assignment.State.ACTIVE, Assignment.State.RETURNED, Assignment.State.WAITING)


Progress = ProjectEpisode.Progress
# In no project of the viewer's: a state of the episode, not of a place in a queue.
NONE: Choice = ("none", "In no project")
STATES: tuple[Choice, ...] = (NONE, *Progress.choices)
_TONES = {
    Progress.LABELLING: "info",
    Progress.SUBMITTED: "warn",
    Progress.IN_REVIEW: "info",
    Progress.RETURNED: "warn",
    Progress.APPROVED: "ok",
}


def in_state(user: Viewer, state: str) -> Q:
    """The condition on Episode; nothing is in a state that does not exist."""
    places = _places(user)
    if state == NONE[0]:
        if not episode_access().may_import(user):
            return Q(pk__in=[])  # they see no episode but those of their projects
        return ~Q(Exists(places.filter(episode=OuterRef("pk"))))
    found = Q(progress=state)
    if _oversees_all(user):
        return Q(pk__in=places.filter(found).values("episode"))
    # Asked of each place by the index of one assignment a person, and only as far as the page goes.
    mine = Q(Exists(_at_work(user).filter(project_episode=OuterRef("pk"))))
    found = found | mine if state == Progress.LABELLING else found & ~mine
    return Q(pk__in=places.filter(found).values("episode"))


def with_outcome(user: Viewer, outcome: str) -> Q:
    """The condition on Episode."""
    # A place keeps the outcomes of all sets that count: whose they are is asked of those alone.
    said = ProjectEpisode.objects.filter(outcomes__contains=[outcome])
    own = _own_outcomes(user).filter(label_class=outcome, **{PLACE: OuterRef("pk")})
    mine = Q(pk__in=said.filter(Exists(own)).values("episode"))
    overseen = _overseen(user)
    if not overseen:
        return mine
    at_hand = said.filter(project__in=overseen).exclude(pk__in=_held(user))
    seen = Q(pk__in=at_hand.values("episode"))
    return seen | mine if _own_outcomes(user).exists() else seen


def seen_sets(user: Viewer) -> Q:
    """The condition on AnnotationSet that holds for the submitted sets ``user`` may look at."""
    if not user.is_authenticated:
        return Q(pk__in=[])
    mine = Q(assignment__annotator=user.pk)
    at_it = Assignment.objects.filter(
        project_episode=OuterRef("project_episode"), annotator=user.pk, state__in=_HELD
    )
    overseen = _overseen(user)
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
    """Each episode's places in the viewer's projects. A fixed number of queries."""
    if not episodes:
        return {}
    places = list(
        _places(user)
        .filter(episode__in=list(episodes))
        .order_by("project__name")
        .select_related("project")
        .only("episode", "progress", "outcomes", "project__name")
    )
    outcomes = _outcomes(user, places)
    overseen = set(_overseen(user))
    unseen = [place.pk for place in places if place.project_id not in overseen]
    at_work = set(_at_work(user).filter(project_episode__in=unseen)) if unseen else set()
    found: dict[UUID, list[Standing]] = defaultdict(list)
    for place in places:
        state = Progress.LABELLING if place.pk in at_work else Progress(place.progress)
        found[place.episode_id].append(
            Standing(
                project=place.project.name,
                project_id=place.project_id,
                state=state.value,
                name=state.label,
                tone=_TONES.get(state, ""),
                outcomes=tuple(outcomes[place.pk]),
            )
        )
    return found


def _outcomes(user: Viewer, places: Sequence[ProjectEpisode]) -> dict[int, list[str]]:
    """Names of the outcomes that the viewer may know, by project episode."""
    said = [place for place in places if place.outcomes]
    overseen = set(_overseen(user))
    # Only who oversees a project can see more there than their own.
    held = set(_held(user)) if any(place.project_id in overseen for place in said) else set()
    known: dict[int, list[str]] = {place.pk: [] for place in places}
    known |= {
        place.pk: place.outcomes
        for place in said
        if place.project_id in overseen and place.pk not in held
    }
    closed = [place.pk for place in said if not known[place.pk]]
    if closed:
        mine = _own_outcomes(user).filter(**{f"{PLACE}__in": closed}).order_by("label_class")
        for pk, outcome in mine.values_list(PLACE, "label_class").distinct():
            known[pk].append(outcome)
    names = dict(outcome_classes(user)) if any(known.values()) else {}
    return {pk: [names.get(one, one) for one in found] for pk, found in known.items()}


def _own_outcomes(user: Viewer) -> QuerySet[Label]:
    """Outcome labels of the viewer's own sets that count."""
    return outcome_labels().filter(annotation_set__assignment__annotator=user.pk)


def _overseen(user: Viewer) -> list[int]:
    if not user.is_authenticated or user.is_superuser:
        return _projects(user)
    return [pk for pk, role in roles_of(user).items() if at_least(role, Role.REVIEWER)]


def _oversees_all(user: Viewer) -> bool:
    return set(_projects(user)) <= set(_overseen(user))


def _held(user: Viewer) -> list[int]:
    """Project episodes that the viewer is at: of these they learn nobody else's labels."""
    at_hand = Assignment.objects.filter(annotator=user.pk, state__in=_HELD)
    return list(at_hand.values_list("project_episode", flat=True))


def _at_work(user: Viewer) -> QuerySet[Assignment, int]:
    """Places that the viewer labels now, where they are not to learn how far others are.

    Episodes that were finished long ago are given to people again, to see how well they label: to
    them they are being labelled like any other.
    """
    active = Assignment.objects.filter(annotator=user.pk, state=Assignment.State.ACTIVE)
    unseen = active.exclude(project_episode__project__in=_overseen(user))
    return unseen.order_by().values_list("project_episode", flat=True)


def _places(user: Viewer) -> QuerySet[ProjectEpisode]:
    """The viewer's projects' episodes. Ids instead of a join: the planner knows how many."""
    return ProjectEpisode.objects.filter(project__in=_projects(user))


def _projects(user: Viewer) -> list[int]:
    if not user.is_authenticated:
        return []
    if not user.is_superuser:
        return list(roles_of(user))
    everything = Project.objects.order_by()
    return asked(user, "projects", lambda: list(everything.values_list("pk", flat=True)))
