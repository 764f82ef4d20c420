"""Say what will probably come next, so that it can be fetched before it is claimed."""

from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from annotation.models import LookAhead, ProjectEpisode
from annotation.selectors.ahead import expected_next
from annotation.services.leases import lease_end
from annotation.services.own import own_assignment
from episodes.models import Episode


@transaction.atomic
def look_ahead(*, actor: User, assignment_id: UUID) -> Episode | None:
    """The episode that would follow the assignment; None when nothing would, and from training,
    where what was learned comes first.

    Others are offered other episodes for as long as a lease would last, while there are any: no
    slot is taken. Raises NotFound, RoleMissing.
    """
    now = timezone.now()
    assignment = own_assignment(actor, assignment_id)
    project = assignment.project_episode.project
    learning = assignment.project_episode.purpose == ProjectEpisode.Purpose.TRAINING
    place = None if learning else expected_next(actor, project, now, besides=assignment.pk)
    own = LookAhead.objects.filter(annotator=actor, project=project)
    if place is None:
        own.delete()
        return None
    LookAhead.objects.update_or_create(
        annotator=actor,
        project=project,
        defaults={"project_episode": place, "expires_at": lease_end(now)},
    )
    return _episode(place)


def _episode(place: ProjectEpisode) -> Episode:
    episodes = Episode.objects.select_related("task", "dataset__embodiment")
    return episodes.get(pk=place.episode_id)
