"""How far a person is with their training or qualification: what they are told beside their work.

How many of how many; nothing of how good any of it was.
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
    """``handed_in`` of ``episodes`` of the stage that the person is in."""

    standing: str
    handed_in: int
    episodes: int

    @property
    def says(self) -> str:
        if self.standing == Standing.TRAINING:
            return f"Training: {self.handed_in} of {self.episodes} handed in. Each gets feedback."
        return (
            f"Qualification: {self.handed_in} of up to {self.episodes} handed in. "
            "It may end earlier; the result comes by itself."
        )


def stages_of(user: User) -> dict[int, Stage]:
    """By project, of those where the person learns or is tested. Three queries at most."""
    members = Membership.objects.filter(user=user, standing__in=_PURPOSES).order_by("pk")
    learning = dict(members.values_list("project", "standing"))
    if not learning:
        return {}
    wanted = Q()
    for project, standing in learning.items():
        wanted |= Q(project=project, purpose=_PURPOSES[Standing(standing)])
    there = ProjectEpisode.objects.filter(wanted, episode__in=Episode.objects.to_hand_out())
    totals = dict(there.order_by().values_list("project").annotate(Count("pk")))
    places = ProjectEpisode.objects.filter(wanted).order_by().values("pk")
    done = dict(
        Assignment.objects.of_annotators()
        .filter(annotator=user, state=Assignment.State.SUBMITTED, project_episode__in=places)
        .order_by()
        .values_list("project_episode__project")
        .annotate(Count("pk"))
    )
    return {
        project: Stage(standing, done.get(project, 0), totals.get(project, 0))
        for project, standing in learning.items()
    }
