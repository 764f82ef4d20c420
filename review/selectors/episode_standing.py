"""How episodes stand in the projects of a viewer: states, and outcomes as far as they may know.

Reviewers and managers know every submitted set of their projects, except while they label the
episode themselves; annotators know their own. Anything else would tell them what to label.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import NamedTuple
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from annotation.models import Assignment, Label, LabelSchema, Project, ProjectEpisode
from annotation.roles import Role, at_least, roles_of
from annotation.selectors.known import (
    known_to_be,
    progress_known,
    settled_unknown,
    taken_for_undecided,
)
from annotation.selectors.progress import outcomes_undecided, own_outcome, own_outcomes
from episodes.access import Viewer, asked, episode_access
from episodes.labelling import OUTSIDE, Choice, Standing

_HELD = (Assignment.State.ACTIVE, Assignment.State.RETURNED, Assignment.State.WAITING)


Progress = ProjectEpisode.Progress
STATES: tuple[Choice, ...] = (OUTSIDE, *Progress.choices)
_TONES = {
    Progress.LABELLING: "info",
    Progress.SUBMITTED: "warn",
    Progress.IN_REVIEW: "info",
    Progress.RETURNED: "warn",
    Progress.APPROVED: "ok",
}


class _Place(NamedTuple):
    """What is shown of a project episode."""

    pk: int
    episode_id: UUID
    project_id: int
    project: str
    progress: str
    outcomes: list[str]
    said_by: list[str]


_FIELDS = ("pk", "episode", "project", "project__name", "progress", "outcomes", "said_by")


def labelled(user: Viewer, state: str, outcome: str) -> Q:
    """The condition on Episode; nothing is in a state that does not exist. See EpisodeLabelling."""
    if state == OUTSIDE[0]:
        if outcome or not episode_access().may_import(user):
            return Q(pk__in=[])  # others see no episode but those of their projects
        return ~Q(Exists(_places(user).filter(episode=OuterRef("pk"))))
    places = _places(user)
    if state:
        places = places.filter(_in_state(user, state))
    if outcome:
        places = places.filter(_with_outcome(user, outcome))
    return Q(pk__in=places.values("episode"))


def _in_state(user: Viewer, state: str) -> Q:
    """The condition on ProjectEpisode."""
    found = known_to_be(user, state)
    if _oversees_all(user):
        return found
    # Asked of each place by the index of one assignment a person, and only as far as the page goes.
    mine = Q(Exists(_at_work(user).filter(project_episode=OuterRef("pk"))))
    return found | mine if state == Progress.LABELLING else found & ~mine


def _with_outcome(user: Viewer, outcome: str) -> Q:
    """The condition on ProjectEpisode."""
    own = Q(said_by__contains=[own_outcome(user.pk or 0, outcome)])
    overseen, held = _overseen(user), _held(user)
    if not overseen:
        return own
    # Whatever anybody said is among the place's outcomes: looked for first, by their index.
    said = Q(outcomes__contains=[outcome])
    if again := taken_for_undecided(user):
        open_to_all = outcomes_undecided(again)
        so = [pk for pk, outcomes in open_to_all.items() if outcome in outcomes]
        said = (said & ~Q(pk__in=again)) | Q(pk__in=so)
    if held or not _oversees_all(user):
        said &= own | Q(project__in=overseen) & ~Q(pk__in=held)
    return said


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
    others = Q(project_episode__project__in=overseen) & ~Q(Exists(at_it))
    return mine | (others & ~settled_unknown(user))


def outcome_classes(user: Viewer) -> list[Choice]:
    """Ids and names of the outcomes in the schemas of the viewer's projects."""
    return asked(user, "outcome classes", lambda: _outcome_classes(user))


def _outcome_classes(user: Viewer) -> list[Choice]:
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
    # Plain rows: a list shows a page of them at every key that is typed.
    queued = _places(user).filter(episode__in=list(episodes)).order_by("project__name")
    places = [_Place(*row) for row in queued.values_list(*_FIELDS)]
    outcomes = _outcomes(user, places)
    overseen = set(_overseen(user))
    unseen = [place.pk for place in places if place.project_id not in overseen]
    at_work = set(_at_work(user).filter(project_episode__in=unseen)) if unseen else set()
    found: dict[UUID, list[Standing]] = defaultdict(list)
    for place in places:
        known = progress_known(user, place.pk, place.progress)
        state = Progress.LABELLING if place.pk in at_work else known
        found[place.episode_id].append(
            Standing(
                project=place.project,
                project_id=place.project_id,
                state=state.value,
                name=state.label,
                tone=_TONES.get(state, ""),
                outcomes=tuple(outcomes[place.pk]),
            )
        )
    return found


def _outcomes(user: Viewer, places: Sequence[_Place]) -> dict[int, list[str]]:
    """Names of the outcomes that the viewer may know, by project episode."""
    overseen = set(_overseen(user))
    # Only who oversees a project can see more there than their own.
    open_to_all = any(place.outcomes and place.project_id in overseen for place in places)
    held = set(_held(user)) if open_to_all else set()
    again = taken_for_undecided(user) & {place.pk for place in places}
    undecided = outcomes_undecided(again) if again else {}
    known = {
        place.pk: undecided.get(place.pk, place.outcomes)
        if place.project_id in overseen and place.pk not in held
        else own_outcomes(user.pk or 0, place.said_by)
        for place in places
    }
    names = dict(outcome_classes(user)) if any(known.values()) else {}
    return {pk: [names.get(one, one) for one in found] for pk, found in known.items()}


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
    if overseen := _overseen(user):
        active = active.exclude(project_episode__project__in=overseen)
    return active.order_by().values_list("project_episode", flat=True)


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
