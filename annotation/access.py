"""The policy of who may see which episode: those of one's projects (see episodes.access)."""

from django.db.models import Q, QuerySet

from annotation.models import Membership, ProjectEpisode
from episodes.access import Viewer

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
        queued = ProjectEpisode.objects.filter(project__memberships__user=user)
        seen = Q(pk__in=queued.values("episode"))
        return seen | Q(dataset__owner=user) if self.may_import(user) else seen

    def datasets(self, user: Viewer) -> Q:
        if not user.is_authenticated:
            return _NOTHING
        if user.is_superuser:
            return _EVERYTHING
        queued = ProjectEpisode.objects.filter(project__memberships__user=user)
        seen = Q(pk__in=queued.values("episode__dataset"))
        return seen | Q(owner=user) if self.may_import(user) else seen

    def may_import(self, user: Viewer) -> bool:
        """Bringing recordings in is a manager's work."""
        if not user.is_authenticated:
            return False
        return user.is_superuser or _manages(user.pk).exists()


def _manages(user_id: int) -> QuerySet[Membership]:
    return Membership.objects.filter(user_id=user_id, role=Membership.Role.MANAGER)
