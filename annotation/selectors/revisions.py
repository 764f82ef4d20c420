"""The history of an annotation set: every change with who, when, before and after."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet

from annotation.errors import NotFound
from annotation.labels.history import Change, Step, changes_between, labels_at
from annotation.labels.records import Label, parse_labels
from annotation.models import AnnotationSet, Membership, SetRevision
from annotation.roles import Role
from annotation.selectors.labels import labels_of
from episodes.access import Viewer


@dataclass(frozen=True, slots=True)
class Compared:
    first: int
    second: int
    changes: tuple[Change, ...]


def history_sets(user: Viewer) -> QuerySet[AnnotationSet]:
    """One's own sets, and people's sets of projects one reviews; never of an episode that one
    labels oneself at the moment."""
    sets = AnnotationSet.objects.filter(assignment__isnull=False).select_related(
        "assignment__annotator", "project_episode__project", "project_episode__episode", "schema"
    )
    own = Q(assignment__annotator=user.pk)
    if not user.is_authenticated:
        return sets.none()
    at_work = AnnotationSet.objects.filter(assignment__annotator=user.pk, state="draft")
    others = ~Q(project_episode__in=at_work.values("project_episode"))
    if not user.is_superuser:
        own &= Q(project_episode__project__memberships__user=user.pk)
        roles = Membership.objects.filter(user=user.pk, role__in=[Role.REVIEWER, Role.MANAGER])
        others &= Q(project_episode__project__in=roles.values("project"))
    return sets.filter(pk__in=AnnotationSet.objects.filter(own | others).values("pk"))


def history_set(user: Viewer, set_id: UUID) -> AnnotationSet:
    """Raises NotFound where the person may not look."""
    found = history_sets(user).filter(pk=set_id).first()
    if found is None:
        raise NotFound("There is no such annotation set.", remedy="Check the address.")
    return found


def revisions_of(annotation_set: AnnotationSet) -> QuerySet[SetRevision]:
    """Newest first."""
    revisions = SetRevision.objects.filter(annotation_set=annotation_set)
    return revisions.select_related("author").order_by("-number")


def rounds_of(annotation_set: AnnotationSet) -> QuerySet[AnnotationSet]:
    """All rounds of the same work, the first one first."""
    rounds = AnnotationSet.objects.filter(assignment=annotation_set.assignment_id)
    return rounds.order_by("round")


def labels_at_revision(annotation_set: AnnotationSet, number: int) -> tuple[Label, ...]:
    """Raises NotFound for a revision that never was."""
    if not 0 <= number <= annotation_set.revision:
        raise NotFound(
            f"There is no revision {number}; the last one is {annotation_set.revision}.",
            remedy="Choose one of the list.",
        )
    later = SetRevision.objects.filter(annotation_set=annotation_set, number__gt=number)
    return labels_at(labels_of(annotation_set), [_step(one) for one in later], number)


def compared(annotation_set: AnnotationSet, first: int, second: int) -> Compared:
    """What was done from one revision to the other. Raises NotFound."""
    before = labels_at_revision(annotation_set, first)
    after = labels_at_revision(annotation_set, second)
    return Compared(first, second, changes_between(before, after))


def _step(revision: SetRevision) -> Step:
    return Step(
        number=revision.number,
        put=parse_labels(revision.put, where="put").labels,
        remove=tuple(revision.remove),
        before=parse_labels(revision.before, where="before").labels,
    )
