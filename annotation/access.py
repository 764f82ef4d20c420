"""The policy of who may see which episode: those of one's projects (see episodes.access)."""

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Model, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.lookups import Exact

from annotation.models import Membership, ProjectEpisode
from annotation.roles import Role, roles_of
from annotation.services import audit
from episodes.access import Viewer, asked
from episodes.models import Dataset

_EVERYTHING = Q()
_NOTHING = Q(pk__in=[])


class ProjectAccess:
    """Members see their projects' episodes; managers also the datasets they brought in.

    Conditions are subqueries, so that they join nothing and repeat no row.
    """

    def episodes(self, user: Viewer) -> Q:
        if not user.is_authenticated:
            return _NOTHING
        if user.is_superuser:
            return _EVERYTHING
        # Ids instead of joins: the planner then knows how many episodes they stand for.
        roles = roles_of(user)
        queued = ProjectEpisode.objects.filter(project__in=list(roles))
        if Role.MANAGER not in roles.values():
            return Q(pk__in=queued.values("episode"))
        # Beside an OR the set of all queued episodes would be built for every query. A scalar
        # is looked up for the rows that are looked at, by the index of one episode a project.
        here = queued.filter(episode=OuterRef("pk")).order_by().values(one=Value(1))[:1]
        owned = asked(user, "owned datasets", lambda: _owned(user))
        return Q(dataset__in=owned) | Q(Exact(Subquery(here), Value(1)))

    def all_episodes(self, user: Viewer) -> Q:
        if not user.is_authenticated or user.is_superuser:
            return self.episodes(user)
        roles = roles_of(user)
        queued = ProjectEpisode.objects.filter(project__in=list(roles)).values("episode")
        seen = Q(pk__in=queued)
        if Role.MANAGER not in roles.values():
            return seen
        return Q(dataset__in=asked(user, "owned datasets", lambda: _owned(user))) | seen

    def datasets(self, user: Viewer) -> Q:
        if not user.is_authenticated:
            return _NOTHING
        if user.is_superuser:
            return _EVERYTHING
        # A scalar again: the first queued episode of a dataset is found at once by its index,
        # while the set of all datasets with one is a join of all queued episodes.
        queued = ProjectEpisode.objects.filter(
            project__in=list(roles_of(user)), episode__dataset=OuterRef("pk")
        )
        here = queued.order_by().values(one=Value(1))[:1]
        seen = Q(Exact(Subquery(here), Value(1)))
        return Q(owner=user) | seen if self.may_import(user) else seen

    def changeable_episodes(self, user: Viewer) -> Q:
        """Managers change what they brought in, and the episodes of projects they manage."""
        if not user.is_authenticated or not self.may_import(user):
            return _NOTHING
        if user.is_superuser:
            return _EVERYTHING
        managed = ProjectEpisode.objects.filter(project__in=_manages(user.pk).values("project"))
        return Q(dataset__owner=user.pk) | Q(pk__in=managed.values("episode"))

    def changeable_datasets(self, user: Viewer) -> Q:
        """A dataset's facts hold for all of its episodes: its owner's, or an administrator's."""
        if not self.may_import(user):
            return _NOTHING
        return _EVERYTHING if user.is_superuser else Q(owner=user.pk)

    def record(
        self, *, actor: User, action: str, subjects: Sequence[Model], facts: dict[str, Any]
    ) -> None:
        audit.record_each(actor=actor, action=action, subjects=subjects, facts=facts)

    def may_import(self, user: Viewer) -> bool:
        """Bringing recordings in is a manager's work."""
        if not user.is_authenticated:
            return False
        return user.is_superuser or Role.MANAGER in roles_of(user).values()


def _owned(user: User) -> list[int]:
    return list(Dataset.objects.filter(owner=user).order_by().values_list("pk", flat=True))


def _manages(user_id: int) -> QuerySet[Membership]:
    return Membership.objects.filter(user_id=user_id, role=Membership.Role.MANAGER)
