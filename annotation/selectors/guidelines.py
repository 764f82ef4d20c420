"""What a project's annotators are told, and who has read it."""

from functools import cache

from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef, QuerySet

from annotation.models import GuidelineAcknowledgement, GuidelineVersion, Project
from annotation.selectors.prepared import PERSON, PROJECT, Statement


def current_guideline(project: Project) -> GuidelineVersion | None:
    """The newest version, None when nothing was ever written."""
    return GuidelineVersion.objects.filter(project=project).order_by("-number").first()


def guideline_text(project: Project) -> str:
    found = current_guideline(project)
    return found.text if found else ""


def unread_guidelines(user: User) -> QuerySet[GuidelineVersion]:
    """Versions of the person's projects that they have yet to acknowledge: of each project the
    newest one that asks for it."""
    newer = GuidelineVersion.objects.filter(
        project=OuterRef("project"), number__gt=OuterRef("number"), must_acknowledge=True
    )
    read = GuidelineAcknowledgement.objects.filter(
        user=user, version__project=OuterRef("project"), version__number__gte=OuterRef("number")
    )
    return (
        GuidelineVersion.objects.filter(project__memberships__user=user, must_acknowledge=True)
        .exclude(Exists(newer))
        .exclude(Exists(read))
        .select_related("project")
        .order_by("project", "number")
    )


@cache
def _unread() -> Statement:
    found = unread_guidelines(PERSON).filter(project=PROJECT)
    return Statement.of(found.values_list("number")[:1])


def unread_guideline(user: User, project: Project) -> int | None:
    """The version of the project's guideline that the person has yet to acknowledge."""
    row = _unread().put({PERSON.pk: user.pk, PROJECT.pk: project.pk}).row()
    return row[0] if row else None
