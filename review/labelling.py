"""How far episodes are labelled, for the pages of episodes (see episodes.labelling)."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import Q

from annotation.selectors.projects import managed_projects
from episodes.access import Viewer
from episodes.labelling import Choice, Standing
from episodes.models import Episode
from review.selectors import episode_standing
from review.selectors.episode_view import view_payload


class ProjectLabelling:
    """Where episodes stand in the viewer's projects."""

    def states(self) -> Sequence[Choice]:
        return episode_standing.STATES

    def outcomes(self, user: Viewer) -> Sequence[Choice]:
        return episode_standing.outcome_classes(user)

    def labelled(self, user: Viewer, *, state: str, outcome: str) -> Q:
        return episode_standing.labelled(user, state, outcome)

    def standings(
        self, user: Viewer, episodes: Collection[UUID]
    ) -> Mapping[UUID, Sequence[Standing]]:
        return episode_standing.standings(user, episodes)

    def payload(self, user: Viewer, episode: Episode) -> dict[str, Any]:
        if not isinstance(user, User):
            raise TypeError("The editor opens for people who are logged in.")
        return view_payload(user, episode)

    def takers(self, user: Viewer) -> Sequence[Choice]:
        return [(str(pk), name) for pk, name in managed_projects(user).values_list("pk", "name")]
