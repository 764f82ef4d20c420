"""Take work back from somebody who holds it, by hand."""

from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.urls import reverse

from annotation.errors import NotFound, NotReleasable
from annotation.models import Assignment, Notification
from annotation.roles import Role, require_role
from annotation.selectors.editor import person_name
from annotation.services import audit
from annotation.services.notify import notify
from annotation.services.progress import lock_place, note_progress

State = Assignment.State


@transaction.atomic
def take_back(*, actor: User, assignment_id: UUID, reason: str = "") -> Assignment:
    """The slot is free for somebody else; drafts and history stay, and the person, who is told,
    does not get the episode again. Twice is once. Managers only.

    Raises NotReleasable for work that is handed in, NotFound, RoleMissing.
    """
    found = (
        Assignment.objects.select_related("project_episode__project")
        .filter(pk=assignment_id)
        .first()
    )
    if found is None:
        raise NotFound("There is no such assignment.", remedy="Look at who holds what.")
    project = found.project_episode.project
    require_role(actor, project, Role.MANAGER)
    lock_place(found.project_episode_id)
    held = (
        Assignment.objects.select_for_update(no_key=True, of=("self",))
        .select_related("project_episode__project", "project_episode__episode", "annotator")
        .get(pk=found.pk)
    )
    if held.state == State.RELEASED:
        return held
    if held.state == State.SUBMITTED:
        raise NotReleasable(
            "This work is handed in; there is nothing to take back.",
            remedy="A reviewer can send it back.",
        )
    before, held.state = held.state, State.RELEASED
    held.save(update_fields=["state"])
    note_progress([held.project_episode_id])
    said = reason.strip()[:500]
    key = held.project_episode.episode.key
    notify(
        [held.annotator_id],
        kind=Notification.Kind.HANDED,
        project=project,
        text=f"{person_name(actor)} took {key} back from you{f': {said}' if said else '.'}",
        url=reverse("queue"),
        besides=actor,
    )
    audit.record(
        actor=actor,
        action="assignment.taken_back",
        project=project,
        subject=held,
        held_by=held.annotator.username,
        state_before=before,
        reason=said,
    )
    return held
