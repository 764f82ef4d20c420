"""Start a project from a preset."""

from django.contrib.auth.models import User
from django.db import transaction

from annotation.models import AcceptancePolicy, Project
from annotation.presets import Preset
from annotation.services.create_project import create_project
from annotation.services.register_schema import register_schema
from annotation.services.update_project import update_project


@transaction.atomic
def start_project(*, actor: User, name: str, preset: Preset) -> Project:
    """The project as the preset has it, with ``actor`` as its manager.

    Raises RoleMissing, ProjectNameTaken.
    """
    project = create_project(
        actor=actor,
        name=name,
        guideline=preset.guideline,
        schema=register_schema(preset.schema()),
    )
    AcceptancePolicy.objects.bulk_create(
        AcceptancePolicy(
            project=project,
            label_type=bar.label_type,
            bar_ppm=bar.bar_ppm,
            evaluation=bar.evaluation,
        )
        for bar in preset.bars
    )
    return update_project(actor=actor, project=project, **preset.changes)
