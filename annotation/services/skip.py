"""Give an episode back for a reason that its managers get to see."""

from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.urls import reverse
from django.utils.translation import ngettext

from annotation.errors import NotReleasable
from annotation.models import Assignment, Notification, ProjectEpisode, Skip
from annotation.selectors.skips import unsettled_skips
from annotation.services import audit
from annotation.services.notify import managers_of, notify
from annotation.services.own import own_assignment
from annotation.services.release import release

State = Assignment.State


@transaction.atomic
def skip(*, actor: User, assignment_id: UUID, reason: str, text: str = "") -> Skip:
    """The slot is freed for somebody else; the person never gets the episode again.

    Skipping twice is one skip. Work that was sent back is not skipped: its slot stays with who did
    it. Raises NotReleasable, NotFound, RoleMissing.
    """
    own = own_assignment(actor, assignment_id)
    if own.rework:
        raise NotReleasable(
            "Work that was sent back cannot be skipped.",
            remedy="Ask the reviewer who sent it back.",
        )
    if reason not in Skip.Reason.values:
        raise NotReleasable(
            f"There is no reason {reason!r} for skipping.",
            remedy=f"Give one of {', '.join(Skip.Reason.values)}.",
        )
    said = text.strip()[:500]
    if reason == Skip.Reason.OTHER and not said:
        raise NotReleasable("A skip needs a reason.", remedy="Say in a few words what is wrong.")
    freed = release(actor=actor, assignment_id=assignment_id)
    found, made = Skip.objects.get_or_create(
        project_episode_id=freed.project_episode_id,
        annotator=actor,
        defaults={"reason": reason, "text": said},
    )
    if made:
        audit.record(
            actor=actor,
            action="assignment.skipped",
            project=own.project_episode.project,
            subject=freed,
            reason=reason,
            text=said,
        )
        _flag(own.project_episode)
    return found


def _flag(place: ProjectEpisode) -> None:
    """The managers are told once, by the skip that reaches the project's threshold."""
    if unsettled_skips(place) != place.project.skips_flagged:
        return
    times = ngettext("person", "people", place.project.skips_flagged)
    notify(
        managers_of(place.project),
        kind=Notification.Kind.SKIPPED,
        project=place.project,
        text=f"{place.episode.key} was skipped by {place.project.skips_flagged} {times}. Hand it "
        "to somebody, hold it back or put it back.",
        url=f"{reverse('project-skips', args=[place.project_id])}?flagged=on",
    )
