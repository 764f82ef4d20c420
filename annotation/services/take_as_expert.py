"""Give an episode to an expert, who answers it for the gold and not for the queue."""

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from annotation.errors import AlreadyAnswered
from annotation.models import AnnotationSet, Assignment, ProjectEpisode
from annotation.roles import Role, require_role
from annotation.services import audit
from annotation.services.leases import hold_slot, lease_end
from annotation.services.progress import lock_place, note_progress

State = Assignment.State


@transaction.atomic
def take_as_expert(*, actor: User, place: ProjectEpisode) -> Assignment:
    """The person's draft of the episode, beyond its overlap; taken twice it is gone on with.

    Reviewers and managers. Raises AlreadyAnswered to who handed it in or gave it back, NotFound,
    RoleMissing.
    """
    # Two tabs of one person take turns, as when they claim.
    User.objects.select_for_update(no_key=True).get(pk=actor.pk)
    require_role(actor, place.project, Role.REVIEWER)
    lock_place(place.pk)
    before = Assignment.objects.filter(project_episode=place, annotator=actor).first()
    if before is not None:
        return _gone_on_with(before)
    assignment = Assignment.objects.create(
        project_episode=place,
        annotator=actor,
        lease_expires_at=lease_end(timezone.now()),
        beyond_overlap=True,
        expert=True,
    )
    AnnotationSet.objects.create(
        project_episode=place,
        assignment=assignment,
        kind=AnnotationSet.Kind.EXPERT,
        schema_id=place.project.schema_id,
    )
    note_progress([place.pk])
    audit.record(
        actor=actor,
        action="assignment.claimed",
        project=place.project,
        subject=assignment,
        episode=str(place.episode_id),
        expert=True,
    )
    return assignment


def _gone_on_with(before: Assignment) -> Assignment:
    if before.state in (State.SUBMITTED, State.RELEASED):
        raise AlreadyAnswered(
            "You had this episode before: an expert answers it once.",
            remedy="Make gold of your answer if you handed it in, or ask another expert.",
        )
    return hold_slot(before, timezone.now())
