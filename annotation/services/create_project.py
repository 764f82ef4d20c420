"""Start a labelling project."""

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from annotation.errors import ProjectNameTaken, RoleMissing
from annotation.models import LabelSchema, Membership, Project
from annotation.roles import may_create_projects
from annotation.services import audit
from annotation.services.guidelines import publish_guideline
from annotation.services.register_schema import core_label_schema


@transaction.atomic
def create_project(
    *,
    actor: User,
    name: str,
    guideline: str = "",
    overlap: int = 2,
    schema: LabelSchema | None = None,
) -> Project:
    """The project, with ``actor`` as its manager; the core schema when none is given.

    Raises RoleMissing unless the actor is an administrator or manages a project already, and
    ProjectNameTaken.
    """
    if not may_create_projects(actor):
        raise RoleMissing(
            "Projects are started by managers and administrators.",
            remedy="Ask a manager to start the project or to make you a manager.",
        )
    try:
        with transaction.atomic():
            project = Project.objects.create(
                name=name,
                overlap=overlap,
                schema=schema or core_label_schema(),
            )
    except IntegrityError as error:
        raise name_taken(name) from error
    Membership.objects.create(project=project, user=actor, role=Membership.Role.MANAGER)
    audit.record(actor=actor, action="project.created", project=project, subject=project, name=name)
    if guideline:
        publish_guideline(actor=actor, project=project, text=guideline)
    return project


def name_taken(name: str) -> ProjectNameTaken:
    return ProjectNameTaken(
        f"There is a project named {name} already.", remedy="Choose another name.", name=name
    )
