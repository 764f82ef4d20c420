"""Finding the actor's own work, or saying why it is not theirs to touch."""

from uuid import UUID

from django.contrib.auth.models import User

from annotation.errors import NotFound, RoleMissing
from annotation.models import AnnotationSet, Assignment
from annotation.roles import Role, require_role

_GONE = {"remedy": "Check the address, or take an episode from the queue."}


def own_assignment(actor: User, assignment_id: UUID) -> Assignment:
    """Raises NotFound to outsiders and RoleMissing to other members of the project."""
    assignment = (
        Assignment.objects.select_related("project_episode__project")
        .filter(pk=assignment_id)
        .first()
    )
    if assignment is None:
        raise NotFound("There is no such assignment.", **_GONE)
    _check_owner(actor, assignment)
    return assignment


def own_set(actor: User, annotation_set_id: UUID, *, lock: bool = False) -> AnnotationSet:
    """The set with its schema, assignment and episode; raises as ``own_assignment``.

    A gold set has no annotator and is found by nobody here.
    """
    sets = AnnotationSet.objects.select_related(
        "schema", "assignment", "project_episode__project", "project_episode__episode"
    )
    if lock:
        sets = sets.select_for_update(no_key=True, of=("self",))
    found = sets.filter(pk=annotation_set_id, assignment__isnull=False).first()
    if found is None or found.assignment is None:
        raise NotFound("There is no such annotation set.", **_GONE)
    found.assignment.project_episode = found.project_episode
    _check_owner(actor, found.assignment)
    return found


def _check_owner(actor: User, assignment: Assignment) -> None:
    project = assignment.project_episode.project
    require_role(actor, project, Role.ANNOTATOR)
    if assignment.annotator_id != actor.pk:
        raise RoleMissing(
            "This episode is assigned to somebody else.",
            remedy="Take an episode from your own queue; reviewers open it from the review page.",
        )
