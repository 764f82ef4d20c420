"""How far episodes are labelled: answered from above, by a class named in settings.

Approvals live in review and label sets in annotation, both above this app; the pages of episodes
filter by them and show them all the same. As with `episodes.access`, the app that knows provides a
class of this shape, and ``settings.TOUCHLINE_EPISODE_LABELLING`` names it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from django.utils.module_loading import import_string

from episodes.access import Viewer

if TYPE_CHECKING:
    from episodes.models import Episode

Choice = tuple[str, str]
# In no project of the viewer's: the one state that is not of an episode in a project.
OUTSIDE: Choice = ("none", "In no project")


@dataclass(frozen=True, slots=True)
class Standing:
    """An episode in one project: how far it is and the outcomes the viewer may know.

    ``tone`` is the badge's colour: "", ok, info, warn.
    """

    project: str
    project_id: int
    state: str
    name: str
    tone: str
    outcomes: tuple[str, ...] = ()


class EpisodeLabelling(Protocol):
    """Nobody learns of a project they are not in, or of labels they may not see."""

    def states(self) -> Sequence[Choice]:
        """The states an episode can be filtered by, in the order of the work."""

    def outcomes(self, user: Viewer) -> Sequence[Choice]:
        """The outcome classes of the viewer's projects."""

    def labelled(self, user: Viewer, *, state: str, outcome: str) -> Q:
        """The condition on Episode: so in one and the same project of the viewer's, whose episodes
        they all see; or, ``OUTSIDE``, in none of them.

        In that ``state``; and a label set that counts, and that the viewer may see, says that
        ``outcome``: the approved set where there is one. "" asks nothing.
        """

    def standings(
        self, user: Viewer, episodes: Collection[UUID]
    ) -> Mapping[UUID, Sequence[Standing]]:
        """How episodes stand in the viewer's projects; a fixed number of queries."""

    def payload(self, user: Viewer, episode: "Episode") -> dict[str, Any]:
        """What the read-only editor opens with. Raises NotIndexed."""

    def takers(self, user: Viewer) -> Sequence[Choice]:
        """Projects, id and name, that the viewer may add episodes to."""


@cache
def episode_labelling() -> EpisodeLabelling:
    labelling: EpisodeLabelling = import_string(settings.TOUCHLINE_EPISODE_LABELLING)()
    return labelling
