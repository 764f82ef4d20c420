"""Where a person stands in each of their projects: what they are told beside their work.

How many of how many, and a manager's reason; nothing of how good any of it was.
"""

from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db.models import Count, Q

from annotation.models import Assignment, Membership, ProjectEpisode
from episodes.models import Episode

Standing, Purpose = Membership.Standing, ProjectEpisode.Purpose
_PURPOSES = {Standing.TRAINING: Purpose.TRAINING, Standing.QUALIFYING: Purpose.QUALIFICATION}


@dataclass(frozen=True, slots=True)
class Stage:
    """``handed_in`` of ``episodes`` while the person learns; both 0 otherwise."""

    membership: Membership
    handed_in: int
    episodes: int

    @property
    def learning(self) -> bool:
        return self.membership.standing in _PURPOSES

    @property
    def says(self) -> str:
        standing = self.membership.standing
        if standing == Standing.TRAINING:
            return f"Training: {self.handed_in} of {self.episodes} handed in. Each gets feedback."
        if standing == Standing.QUALIFYING:
            return (
                f"Qualification: {self.handed_in} of up to {self.episodes} handed in. "
                "It may end earlier; the result comes by itself."
            )
        if standing == Standing.PAUSED:
            return f"You get no new work for now. {self.membership.standing_reason}"
        return f"You are not qualified here. {self.membership.standing_reason}"


def stages_of(user: User) -> dict[int, Stage]:
    """By project, of those where the person does not simply work. Three queries at most."""
    members = list(
        Membership.objects.filter(user=user).exclude(standing=Standing.QUALIFIED).order_by("pk")
    )
    learning = [one for one in members if one.standing in _PURPOSES]
    if not learning:
        return {one.project_id: Stage(one, 0, 0) for one in members}
    wanted = Q()
    for one in learning:
        wanted |= Q(project=one.project_id, purpose=_PURPOSES[Standing(one.standing)])
    there = ProjectEpisode.objects.filter(wanted, episode__in=Episode.objects.to_hand_out())
    totals = dict(there.order_by().values_list("project").annotate(Count("pk")))
    places = ProjectEpisode.objects.filter(wanted).order_by().values("pk")
    done = dict(
        Assignment.objects.filter(
            annotator=user, state=Assignment.State.SUBMITTED, project_episode__in=places
        )
        .order_by()
        .values_list("project_episode__project")
        .annotate(Count("pk"))
    )
    return {
        one.project_id: Stage(one, done.get(one.project_id, 0), totals.get(one.project_id, 0))
        for one in members
    }
