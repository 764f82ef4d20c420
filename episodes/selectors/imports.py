"""Imports as people follow them: how far, and what stayed out."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.utils import timezone

from episodes.access import Viewer, episode_access
from episodes.errors import ImportUnknown
from episodes.models import Dataset, ImportItem, ImportRun

# LeRobot, plain folder, rosbag2, Zarr, RLDS. A format without a marker is known by its files.
MARKERS = (
    *("meta/info.json", "touchline.json", "metadata.yaml"),
    *(".zgroup", "zarr.json", "dataset_info.json"),
)
FOLDER_SUFFIXES = (".zarr",)
SINGLE_FILES = (".hdf5", ".h5", ".mcap", ".bag", ".db3", ".zarr.zip")
LOOSE_FILES = (".mp4", ".mov")
MAX_SOURCES = 200
# More files side by side are one dataset, of which nobody chooses a single one.
MOST_SINGLES = 20
MOST_LISTED = 200
MOST_NOTED = 5_000
FIRST_KEYS = 5
RECENT = timedelta(minutes=2)
LATEST = 20


@dataclass(frozen=True, slots=True)
class ImportProgress:
    """Items of a run by what became of them.

    ``frames`` is what the source lists of all that can come in, None where it does not say it of
    each; ``settled_frames`` are those of what is done.
    """

    total: int
    imported: int
    skipped: int
    quarantined: int
    frames: int | None
    settled_frames: int

    @property
    def settled(self) -> int:
        return self.imported + self.skipped + self.quarantined

    @property
    def finished(self) -> bool:
        return self.settled == self.total


@dataclass(frozen=True, slots=True)
class ImportPace:
    """How quickly a run goes at present, and when it will be through at that pace.

    Where the source lists how long its episodes are, ``left`` goes by frames, not by episodes.
    """

    episodes_a_minute: float
    frames_a_second: float
    left: timedelta


def open_items(run: ImportRun) -> list[int]:
    """Items still to be brought in, in source order, but those whose next try is not due yet."""
    waiting = run.items.filter(state__in=[ImportItem.State.PENDING, ImportItem.State.RUNNING])
    due = Q(not_before=None) | Q(not_before__lte=timezone.now())
    return list(waiting.filter(due).values_list("pk", flat=True))


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
    there = Q(state__in=[state.DONE, state.SKIPPED])
    out = Q(state=state.QUARANTINED)
    found = run.items.aggregate(
        total=Count("pk"),
        imported=Count("pk", filter=Q(state=state.DONE)),
        skipped=Count("pk", filter=Q(state=state.SKIPPED)),
        quarantined=Count("pk", filter=out),
        listed=Sum("frames", filter=~out, default=0),
        settled_frames=Sum("frames", filter=there, default=0),
        unlisted=Count("pk", filter=Q(frames=0) & ~out),
    )
    listed, unlisted = found.pop("listed"), found.pop("unlisted")
    return ImportProgress(**found, frames=None if unlisted else listed)


def pace(run: ImportRun, now: datetime | None = None) -> ImportPace | None:
    """From what was settled in the last two minutes; None while that says nothing."""
    now = now or timezone.now()
    since = max(now - RECENT, run.created_at)
    state = ImportItem.State
    settled = [state.DONE, state.SKIPPED, state.QUARANTINED]
    recent = run.items.filter(state__in=settled, updated_at__gte=since).aggregate(
        count=Count("pk"),
        rows=Sum("episode__rows", filter=Q(state=state.DONE), default=0),
        listed=Sum("frames", default=0),
    )
    seconds = (now - since).total_seconds()
    if run.state != ImportRun.State.RUNNING or not recent["count"] or seconds <= 0:
        return None
    left = run.items.exclude(state__in=settled).aggregate(
        count=Count("pk"),
        listed=Sum("frames", default=0),
        unlisted=Count("pk", filter=Q(frames=0)),
    )
    by_frames = recent["listed"] and not left["unlisted"]
    share = left["listed"] / recent["listed"] if by_frames else left["count"] / recent["count"]
    return ImportPace(
        episodes_a_minute=60 * recent["count"] / seconds,
        frames_a_second=recent["rows"] / seconds,
        left=timedelta(seconds=round(seconds * share)),
    )


def quarantined_items(run: ImportRun) -> QuerySet[ImportItem]:
    """The first of them; ``progress`` says how many there are."""
    return run.items.filter(state=ImportItem.State.QUARANTINED)[:MOST_LISTED]


@dataclass(frozen=True, slots=True)
class ImportNote:
    """Something to tell of one episode or of many alike; ``keys`` are the first of them.

    Where there are several, “…” stands for an episode's name.
    """

    text: str
    keys: tuple[str, ...]
    episodes: int

    @property
    def further(self) -> int:
        return self.episodes - len(self.keys)


def import_notes(run: ImportRun) -> list[ImportNote]:
    """What was left out or corrected, each once however many episodes it holds for."""
    found: dict[str, list[tuple[str, str]]] = {}
    for key, reason in _noted(run).values_list("key", "reason")[:MOST_NOTED]:
        for line in dict.fromkeys(reason.splitlines()):
            found.setdefault(line.replace(key, "…"), []).append((key, line))
    return [
        ImportNote(
            text=text if len(said) > 1 else said[0][1],
            keys=tuple(key for key, _ in said[:FIRST_KEYS]),
            episodes=len(said),
        )
        for text, said in found.items()
    ][:MOST_LISTED]


def _noted(run: ImportRun) -> QuerySet[ImportItem]:
    state = ImportItem.State
    return run.items.filter(state__in=[state.DONE, state.SKIPPED]).exclude(reason="")


def noted_items(run: ImportRun) -> QuerySet[ImportItem]:
    """Episodes that are in with something to tell: what was skipped of them or corrected."""
    return _noted(run)[:MOST_LISTED]


def waiting_items(run: ImportRun) -> QuerySet[ImportItem]:
    """Episodes that failed for a passing reason and are tried again."""
    return run.items.filter(state=ImportItem.State.PENDING).exclude(reason="")[:MOST_LISTED]


def latest_runs(user: Viewer) -> QuerySet[ImportRun]:
    """``keeps_out`` says whether an episode of the run is in quarantine."""
    out = ImportItem.objects.filter(run=OuterRef("pk"), state=ImportItem.State.QUARANTINED)
    return visible_runs(user).annotate(keeps_out=Exists(out))[:LATEST]


def importable_sources() -> list[Path]:
    """What looks like a dataset in the import roots, down to three levels: folders and files.

    Whether it is one is found out when it is chosen; nothing is opened here.
    """
    found: list[Path] = []
    for root in (Path(root).resolve() for root in settings.TOUCHLINE_IMPORT_ROOTS):
        # A link may lead out of the root, where an import would be refused.
        found += [path for path in _sources(root, 3) if path.resolve().is_relative_to(root)]
    return list(dict.fromkeys(found))[:MAX_SOURCES]


def _sources(folder: Path, levels: int) -> Iterator[Path]:
    """The folder itself where it is a dataset, else what lies in it."""
    if any((folder / marker).exists() for marker in MARKERS) or folder.suffix in FOLDER_SUFFIXES:
        yield folder
        return
    versions = sorted(found.parent for found in folder.glob("*/dataset_info.json"))
    if versions:
        # RLDS lies in NAME/VERSION; the only version goes by its dataset's name.
        yield from versions if len(versions) > 1 else [folder]
        return
    try:
        entries = sorted(folder.iterdir())
    except OSError:  # another owner's, or gone meanwhile
        return
    files = [path for path in entries if path.is_file()]
    singles = [path for path in files if path.name.lower().endswith(SINGLE_FILES)]
    loose = any(path.suffix.lower() in LOOSE_FILES for path in files)
    if len(singles) > 1 or loose or any(folder.glob("*/metadata.yaml")):
        yield folder  # a series of recordings or of bags, or videos with their tables
    if len(singles) <= MOST_SINGLES:
        yield from singles
    if levels > 1:
        for below in (path for path in entries if path.is_dir() and path.name[0] != "."):
            yield from _sources(below, levels - 1)
