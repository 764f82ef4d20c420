"""Write guidelines and record who has read them."""

from django.contrib.auth.models import User
from django.db import transaction
from django.urls import reverse

from annotation.errors import GuidelineUnread, StaleProject
from annotation.models import GuidelineAcknowledgement, GuidelineVersion, Notification, Project
from annotation.roles import Role, require_role
from annotation.selectors.guidelines import current_guideline, unread_guideline
from annotation.services import audit
from annotation.services.notify import members_of, notify


@transaction.atomic
def publish_guideline(
    *,
    actor: User,
    project: Project,
    text: str,
    summary: str = "",
    must_acknowledge: bool = False,
    based_on: int | None = None,
) -> GuidelineVersion:
    """The next version; the present one when the text is the same. Managers only.

    ``based_on`` is the number that the writer started from, 0 for none. Raises StaleProject when a
    colleague has published since, NotFound, RoleMissing.
    """
    require_role(actor, project, Role.MANAGER)
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    present = current_guideline(project)
    number = present.number if present else 0
    if based_on is not None and based_on != number:
        raise StaleProject(
            f"Version {number} of the guideline was published while you were writing.",
            remedy="Your text is below. Compare it with the newest version and publish it again.",
            version=number,
        )
    if present is not None and present.text == text:
        return present
    version = GuidelineVersion.objects.create(
        project=project,
        number=number + 1,
        text=text,
        summary=summary,
        must_acknowledge=must_acknowledge,
        created_by=actor,
    )
    audit.record(
        actor=actor,
        action="guideline.published",
        project=project,
        subject=version,
        number=version.number,
        summary=summary,
    )
    notify(
        members_of(project),
        kind=Notification.Kind.GUIDELINE,
        project=project,
        text=f"Version {version.number} of the guideline is there. {summary}".strip(),
        url=reverse("project-detail", args=[project.pk]),
        besides=actor,
    )
    return version


@transaction.atomic
def acknowledge_guideline(*, actor: User, version: GuidelineVersion) -> GuidelineAcknowledgement:
    """Once is enough, twice is the same. Raises NotFound to outsiders."""
    require_role(actor, version.project, Role.ANNOTATOR)
    found, new = GuidelineAcknowledgement.objects.get_or_create(version=version, user=actor)
    if new:
        audit.record(
            actor=actor,
            action="guideline.acknowledged",
            project=version.project,
            subject=version,
            number=version.number,
        )
    return found


def refuse_unread(actor: User, project: Project) -> None:
    """Raises GuidelineUnread while the person has a version of the project's to acknowledge."""
    unread = unread_guideline(actor, project)
    if unread is not None:
        raise GuidelineUnread(
            f"Version {unread} of the guideline of {project.name} is new. "
            "Read it and confirm, then work goes on.",
            remedy="Open the guideline and choose “I have read it”.",
            url=reverse("project-guideline", args=[project.pk]),
            version=unread,
        )
