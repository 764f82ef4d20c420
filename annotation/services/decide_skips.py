"""Decide about an episode that people skipped: hand it to somebody, hold it, put it back."""

from datetime import date

from django.contrib.auth.models import User
from django.db import transaction

from annotation.errors import NotFound, NotReservable, SkipUndecided
from annotation.models import Project, ProjectEpisode, Skip, SkipDecision
from annotation.roles import Role, require_role
from annotation.services import audit
from annotation.services.progress import lock_place
from annotation.services.reserve import reserve
from episodes.models import Episode
from episodes.services.change_episodes import hold_episodes

Decision = SkipDecision.Decision


@transaction.atomic
def decide_skips(
    *,
    actor: User,
    project: Project,
    place: int,
    decision: str,
    hand_to: User | None = None,
    until: date | None = None,
    note: str = "",
) -> SkipDecision:
    """The skips so far are settled; new ones count from one again. Managers only.

    Handed to somebody it is reserved for them. Held, nobody new gets the episode. Put back, it
    stays in the queue for those who have not had it. What an earlier decision here held is free
    again after either of the others; what was held for another reason stays held. Raises
    SkipUndecided, NotReservable, NotFound, RoleMissing, ChangeNotAllowed.
    """
    require_role(actor, project, Role.MANAGER)
    found = ProjectEpisode.objects.filter(pk=place, project=project).first()
    if found is None or not Skip.objects.filter(project_episode=found).exists():
        raise NotFound(
            "Nobody skipped such an episode in this project.", remedy="Choose one of the list."
        )
    if decision not in Decision.values:
        raise SkipUndecided(
            f"There is no decision {decision!r}.",
            remedy=f"Give one of {', '.join(Decision.values)}.",
        )
    lock_place(found.pk)
    _hold(actor, found, decision)
    if decision == Decision.HANDED:
        _hand(actor, project, found, hand_to, until)
    made = SkipDecision.objects.create(
        project_episode=found,
        decision=decision,
        handed_to=hand_to if decision == Decision.HANDED else None,
        note=note.strip()[:500],
        decided_by=actor,
    )
    audit.record(
        actor=actor,
        action="skip.decided",
        project=project,
        subject=found,
        episode=str(found.episode_id),
        decision=decision,
        reason=made.note,
    )
    return made


def _hold(actor: User, place: ProjectEpisode, decision: str) -> None:
    episode = Episode.objects.filter(pk=place.episode_id)
    if decision == Decision.HELD:
        hold_episodes(actor=actor, episodes=episode, held=True)
        return
    before = SkipDecision.objects.filter(project_episode=place).order_by("-id").first()
    if before is not None and before.decision == Decision.HELD:
        hold_episodes(actor=actor, episodes=episode, held=False)


def _hand(
    actor: User, project: Project, place: ProjectEpisode, user: User | None, until: date | None
) -> None:
    if user is None:
        raise SkipUndecided("To whom?", remedy="Name the person who is to get the episode.")
    done = reserve(actor=actor, project=project, places=[place.pk], user=user, until=until)
    if done.reserved:
        return
    why = (
        f"{user.username} has had this episode before."
        if done.had
        else "As many people as it needs have this episode."
    )
    raise NotReservable(why, remedy="Choose somebody else, or put the episode back.")
