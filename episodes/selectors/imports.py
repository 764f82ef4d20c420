"""Imports as people follow them: how far, and what stayed out."""

from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Q, QuerySet

from episodes.access import Viewer, episode_access
from episodes.errors import ImportUnknown
from episodes.models import Dataset, ImportItem, ImportRun

MARKER = "meta/info.json"
MAX_FOLDERS = 200
LATEST = 20


@dataclass(frozen=True, slots=True)
class ImportProgress:
    """Items of a run by what became of them."""

    total: int
    imported: int
    skipped: int
    quarantined: int

    @property
    def settled(self) -> int:
        return self.imported + self.skipped + self.quarantined

    @property
    def finished(self) -> bool:
        return self.settled == self.total


def open_items(run: ImportRun) -> list[int]:
    """Items still to be brought in, in source order."""
    waiting = run.items.filter(state__in=[ImportItem.State.PENDING, ImportItem.State.RUNNING])
    return list(waiting.values_list("pk", flat=True))


def visible_runs(user: Viewer) -> QuerySet[ImportRun]:
    """Imports of the datasets that ``user`` may see, for those who may import."""
    if not episode_access().may_import(user):
        return ImportRun.objects.none()
    seen = Dataset.objects.visible_to(user).values("pk")
    own = Q(requested_by=user.pk)
    return ImportRun.objects.filter(own | Q(dataset__in=seen)).select_related(
        "dataset", "requested_by"
    )


def visible_run(user: Viewer, run_id: UUID) -> ImportRun:
    """Raises ImportUnknown also where the run is there but not for ``user``."""
    run = visible_runs(user).filter(pk=run_id).first()
    if run is None:
        raise ImportUnknown("There is no such import.", remedy="Open it from the import page.")
    return run


def progress(run: ImportRun) -> ImportProgress:
    state = ImportItem.State
    counts = run.items.aggregate(
        total=Count("pk"),
        imported=Count("pk", filter=Q(state=state.DONE)),
        skipped=Count("pk", filter=Q(state=state.SKIPPED)),
        quarantined=Count("pk", filter=Q(state=state.QUARANTINED)),
    )
    return ImportProgress(**counts)


def quarantined_items(run: ImportRun) -> QuerySet[ImportItem]:
    return run.items.filter(state=ImportItem.State.QUARANTINED)


def noted_items(run: ImportRun) -> QuerySet[ImportItem]:
    """Episodes that came in with something to tell."""
    return run.items.filter(state=ImportItem.State.DONE).exclude(reason="")


def latest_runs(user: Viewer) -> QuerySet[ImportRun]:
    return visible_runs(user)[:LATEST]


def importable_folders() -> list[Path]:
    """Dataset folders in the import roots: a root itself, its folders and theirs."""
    found: list[Path] = []
    for root in (Path(root).resolve() for root in settings.TOUCHLINE_IMPORT_ROOTS):
        for pattern in (MARKER, f"*/{MARKER}", f"*/*/{MARKER}"):
            folders = (marker.parent.parent for marker in sorted(root.glob(pattern)))
            # A link may lead out of the root, where an import would be refused.
            found += [folder for folder in folders if folder.resolve().is_relative_to(root)]
    return list(dict.fromkeys(found))[:MAX_FOLDERS]
