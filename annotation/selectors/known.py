"""How far queued episodes are as a person may know it.

Everybody knows it as it stands, but a reviewer not of the episodes that they are to decide again
without being told (see annotation.undecided): these are in review to them, and nobody's labels
stand. Whoever shows progress, filters by it, or shows what follows of a decision, asks here.
"""

from django.contrib.auth.models import User
from django.db.models import Case, CharField, F, Q, Value, When

from annotation.models import AnnotationSet, ProjectEpisode
from annotation.roles import Role, at_least, roles_of
from annotation.undecided import undecided
from episodes.access import Viewer, asked

_IN_REVIEW = ProjectEpisode.Progress.IN_REVIEW


def taken_for_undecided(user: Viewer) -> frozenset[int]:
    """Places that this person is to take for undecided; no query for who reviews nowhere."""
    if not isinstance(user, User):
        return frozenset()
    reviews = any(at_least(role, Role.REVIEWER) for role in roles_of(user).values())
    if not reviews and not user.is_superuser:
        return frozenset()
    return asked(user, "taken for undecided", lambda: frozenset(undecided().places(user)))


def settled_unknown(user: Viewer) -> Q:
    """The condition on AnnotationSet: a consensus that this person is not to know of."""
    settled = Q(kind=AnnotationSet.Kind.CONSENSUS, state=AnnotationSet.State.SUBMITTED)
    return settled & Q(project_episode__in=taken_for_undecided(user))


def known_progress(user: Viewer, place: str = "") -> Case:
    """The progress of a ProjectEpisode, or of what lies at the end of ``place``, as known."""
    again = When(**{f"{place}pk__in": taken_for_undecided(user)}, then=Value(_IN_REVIEW.value))
    return Case(again, default=F(f"{place}progress"), output_field=CharField())


def known_to_be(user: Viewer, progress: str, place: str = "") -> Q:
    """The condition that it is at this ``progress`` as far as the person knows. Plain columns, so
    that an index still answers it."""
    stands, again = Q(**{f"{place}progress": progress}), taken_for_undecided(user)
    if not again:
        return stands
    kept = Q(**{f"{place}pk__in": again})
    return stands | kept if progress == _IN_REVIEW else stands & ~kept


def progress_known(user: Viewer, place: int, progress: str) -> ProjectEpisode.Progress:
    """Of a place that is read already."""
    again = taken_for_undecided(user)
    return _IN_REVIEW if place in again else ProjectEpisode.Progress(progress)
