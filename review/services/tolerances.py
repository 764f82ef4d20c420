"""Take over tolerances that experts' spread suggests, frozen with the guideline's version."""

from collections.abc import Collection
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from annotation.models import Project
from annotation.roles import Role, require_role
from annotation.selectors.guidelines import current_guideline
from annotation.services import audit
from review.errors import CalibrationRefused, ToleranceFrozen
from review.models import ClassTolerance, PairCounts
from review.selectors.tolerances import ToleranceRow, tolerance_rows


@transaction.atomic
def apply_tolerances(
    *, actor: User, project: Project, classes: Collection[str]
) -> list[ClassTolerance]:
    """Freeze the proposed tolerances of ``classes`` with the present version of the guideline.

    What was handed in since that version is compared anew. Managers only. Raises ToleranceFrozen
    where the version has one already, CalibrationRefused where nothing is proposed, NotFound,
    RoleMissing.
    """
    require_role(actor, project, Role.MANAGER)
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    chosen = [row for row in tolerance_rows(project) if row.label_class in set(classes)]
    if not chosen:
        raise CalibrationRefused("No class is chosen.", remedy="Tick at least one.")
    guideline = current_guideline(project)
    for row in chosen:
        _refuse(row, guideline.number if guideline else 0)
    made = ClassTolerance.objects.bulk_create(
        ClassTolerance(
            project=project,
            guideline=guideline,
            label_class=row.label_class,
            tolerance_ns=row.found.tolerance_ns or 0,
            frames=row.found.frames,
            offsets=row.offsets,
            set_by=actor,
        )
        for row in chosen
    )
    for one, row in zip(made, chosen, strict=True):
        audit.record(
            actor=actor,
            action="tolerance.set",
            project=project,
            subject=one,
            name=row.name,
            tolerance_ns=[row.present_ns, one.tolerance_ns],
            guideline=guideline.number if guideline else 0,
        )
    count_anew(project, guideline.created_at if guideline else None)
    return made


def count_anew(project: Project, since: datetime | None) -> None:
    """Forget the counts of what was handed in from ``since`` on; the sweep counts them again."""
    rows = PairCounts.objects.filter(project_episode__project=project, current=True)
    if since is not None:
        rows = rows.filter(second__submitted_at__gte=since) | rows.filter(
            against_gold=False, first__submitted_at__gte=since
        )
    rows.delete()


def _refuse(row: ToleranceRow, version: int) -> None:
    if row.frozen:
        raise ToleranceFrozen(
            f"Version {version} of the guideline has its tolerance of {row.name.lower()}.",
            remedy="Publish the next version of the guideline, then apply the new tolerance.",
        )
    if not row.proposed:
        raise CalibrationRefused(f"{row.name}: {row.says}")
