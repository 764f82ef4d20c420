"""Change how a project is worked on."""

from datetime import date
from typing import TypedDict, Unpack

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from annotation.errors import StaleProject
from annotation.models import AuditEntry, Project, ProjectEpisode
from annotation.overlap import overlap_for
from annotation.roles import Role, require_role
from annotation.services import audit
from annotation.services.create_project import name_taken
from annotation.services.progress import note_progress


class ProjectChanges(TypedDict, total=False):
    """What a manager may change; what is left out stays."""

    name: str
    description: str
    state: str
    language: str
    timezone: str
    priority: int
    deadline: date | None
    overlap: int
    overlap_percent: int
    gold_first_percent: int
    gold_first_episodes: int
    gold_percent: int
    training_required: bool
    qualification_required: bool
    skips_flagged: int


@transaction.atomic
def update_project(
    *, actor: User, project: Project, version: int | None = None, **changes: Unpack[ProjectChanges]
) -> Project:
    """Managers only. A smaller overlap takes nothing away from who is at work already.

    ``version`` is that of the page on which the changes were made; None overwrites. Raises
    StaleProject when somebody changed the project since, ProjectNameTaken, NotFound, RoleMissing.
    """
    require_role(actor, project, Role.MANAGER)
    # Claims note their project in the trail while they hold an episode that is locked here next.
    stored = Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    changed = {
        name: [_plain(getattr(stored, name)), _plain(value)]
        for name, value in changes.items()
        if getattr(stored, name) != value
    }
    if not changed:
        return stored
    if version is not None and version != stored.version:
        raise _stale(stored)
    for name in changed:
        setattr(stored, name, changes[name])  # type: ignore[literal-required]
    stored.version += 1
    try:
        with transaction.atomic():
            stored.save(update_fields=[*changed, "version"])
    except IntegrityError as error:
        if "name" not in changed:
            raise
        raise name_taken(stored.name) from error
    if {"overlap", "overlap_percent"} & changed.keys():
        _apply_overlap(stored)
    audit.record(actor=actor, action="project.updated", project=stored, subject=stored, **changed)
    return stored


def _apply_overlap(project: Project) -> None:
    """The policy decides again for every episode of the queue, in statements of a thousand rows."""
    queued = ProjectEpisode.objects.filter(project=project).order_by("pk")
    rows = list(queued.select_for_update(no_key=True).only("overlap", "episode_id"))
    for row in rows:
        row.overlap = overlap_for(project, row.episode_id)
    ProjectEpisode.objects.bulk_update(rows, ["overlap"], batch_size=1000)
    note_progress([row.pk for row in rows])


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


def _stale(project: Project) -> StaleProject:
    last = (
        AuditEntry.objects.filter(project=project, action="project.updated")
        .select_related("actor")
        .first()
    )
    who = f" by {last.actor.get_full_name() or last.actor.username}" if last and last.actor else ""
    return StaleProject(
        f"{project.name} was changed{who} while you were editing it.",
        remedy="What you entered is still in the form. Look at the present values and save again.",
        version=project.version,
    )
