"""What a project's annotators are told, and who has read it."""

from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef, QuerySet

from annotation.models import GuidelineAcknowledgement, GuidelineVersion, Project


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
