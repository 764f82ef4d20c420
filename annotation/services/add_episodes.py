"""Put episodes in a project's queue."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils.translation import ngettext

from annotation.errors import EpisodesNotReady, NotFound
from annotation.models import Project, ProjectEpisode
from annotation.overlap import overlap_for
from annotation.roles import Role, require_role
from annotation.selectors.projects import shareable_episodes
from annotation.services import audit
from annotation.spread import spread
from episodes.models import Episode
from episodes.services.change_episodes import MOST_AT_ONCE, refuse_too_many

Purpose = ProjectEpisode.Purpose
AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a selection: came in new, was there already, cannot be queued.

    ``held`` of those in the queue wait there until a manager releases them.
    """

    added: int
    already: int
    left_out: int
    held: int = 0

    @property
    def said(self) -> str:
        added = ngettext("episode is", "episodes are", self.added)
        said = [f"{self.added:,} {added} added to the queue."]
        if self.already:
            said.append(f"{self.already:,} {ngettext('was', 'were', self.already)} there already.")
        if self.left_out:
            are = ngettext("is", "are", self.left_out)
            said.append(f"{self.left_out:,} {are} not ready or not yours to share.")
        if self.held:
            are = ngettext("is held back", "are held back", self.held)
            said.append(f"{self.held:,} {are}: handed out to nobody until released.")
        return " ".join(said)


def take_episodes(
    *,
    actor: User,
    project: Project,
    chosen: QuerySet[Episode],
    purpose: str = Purpose.PRODUCTION,
    priority: int = 0,
) -> Taken:
    """Add those of a selection that are ready and the actor's to share, and say how many are not.

    Raises RoleMissing, NotFound, TooManyEpisodes.
    """
    require_role(actor, project, Role.MANAGER)
    ids = set(chosen.order_by().values_list("pk", flat=True)[: MOST_AT_ONCE + 1])
    refuse_too_many(len(ids))
    ready = shareable_episodes(actor).filter(pk__in=ids, state=Episode.State.READY)
    mine = set(ready.values_list("pk", flat=True))
    added = add_episodes(
        actor=actor,
        project=project,
        episode_ids=mine,
        purpose=purpose,
        priority=priority,
        by_turns=True,
    )
    held = Episode.objects.filter(pk__in=mine, held=True).count()
    return Taken(added, len(mine) - added, len(ids) - len(mine), held)


@transaction.atomic
def add_episodes(
    *,
    actor: User,
    project: Project,
    episode_ids: Iterable[UUID],
    purpose: str = Purpose.PRODUCTION,
    priority: int = 0,
    by_turns: bool = False,
) -> int:
    """How many came in new, at the end of the queue; the rest stay put.

    In their dataset's order, or ``by_turns`` over tasks and operators (annotation.spread).

    All or nothing. Raises NotFound for an episode the actor may not share, EpisodesNotReady for one
    that is still importing or quarantined, RoleMissing to who is no manager.
    """
    require_role(actor, project, Role.MANAGER)
    # Adding twice at once would give two episodes one position.
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    wanted = set(episode_ids)
    # All of them have to be there to take turns, but no more of each than that asks for.
    rows = shareable_episodes(actor).filter(pk__in=wanted).order_by("dataset", "index")
    episodes = list(rows.only("key", "state", "task", "operator"))
    _check(wanted, episodes)
    there = set(
        ProjectEpisode.objects.filter(project=project, episode__in=wanted).values_list(
            "episode_id", flat=True
        )
    )
    queued = ProjectEpisode.objects.filter(project=project)
    last = queued.aggregate(last=Max("position"))["last"]
    first = 0 if last is None else last + 1
    fresh = [episode for episode in episodes if episode.pk not in there]
    if by_turns:
        fresh = spread(project, fresh)
    places = (
        ProjectEpisode(
            project=project,
            episode_id=episode.pk,
            position=first + offset,
            overlap=overlap_for(project, episode.pk),
            purpose=purpose,
            priority=priority,
        )
        for offset, episode in enumerate(fresh)
    )
    while part := list(islice(places, AT_ONCE)):
        ProjectEpisode.objects.bulk_create(part)
    audit.record(
        actor=actor,
        action="project.episodes_added",
        project=project,
        subject=project,
        added=len(fresh),
        already_there=len(there),
        purpose=str(purpose),
        priority=priority,
    )
    return len(fresh)


def _check(wanted: set[UUID], episodes: list[Episode]) -> None:
    if len(episodes) < len(wanted):
        raise NotFound(
            f"{len(wanted) - len(episodes)} of the episodes are not there or not yours to share.",
            remedy="Choose from the datasets listed on the project's page.",
        )
    unready = [episode for episode in episodes if episode.state != Episode.State.READY]
    if unready:
        raise EpisodesNotReady(
            f"{len(unready)} of the episodes are not ready, the first is {unready[0].key} "
            f"({unready[0].get_state_display().lower()}).",
            remedy="Wait for the import to finish, or leave quarantined episodes out.",
            episodes=[str(episode.pk) for episode in unready[:100]],
        )
