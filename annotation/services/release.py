"""Give an episode back unfinished."""

from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction

from annotation.errors import NotReleasable
from annotation.models import Assignment
from annotation.services import audit
from annotation.services.own import own_assignment
from annotation.services.progress import lock_place, note_progress

State = Assignment.State


@transaction.atomic
def release(*, actor: User, assignment_id: UUID) -> Assignment:
    """Free the slot; the draft is kept. Returned work goes back among the returned.

    Giving back twice is one giving back. Raises NotFound, RoleMissing, NotReleasable.
    """
    own = own_assignment(actor, assignment_id)
    lock_place(own.project_episode_id)
    assignment = (
        Assignment.objects.select_for_update(no_key=True, of=("self",))
        .select_related("project_episode__project")
        .get(pk=own.pk)
    )
    if assignment.state in (State.RELEASED, State.RETURNED):
        return assignment
    if assignment.state == State.SUBMITTED:
        raise NotReleasable(
            "This episode is handed in; there is nothing to give back.",
            remedy="Take the next episode from the queue.",
        )
    assignment.state = State.RETURNED if assignment.rework else State.RELEASED
    assignment.save(update_fields=["state"])
    note_progress([assignment.project_episode_id])
    audit.record(
        actor=actor,
        action="assignment.released",
        project=assignment.project_episode.project,
        subject=assignment,
    )
    return assignment
