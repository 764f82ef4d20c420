"""Episodes as people look for them: a page of a long list, and one of them with everything."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Prefetch, Q, QuerySet

from episodes.access import Viewer, episode_access
from episodes.errors import EpisodeUnknown
from episodes.labelling import Standing, episode_labelling
from episodes.models import ClockMap, Dataset, Episode, ImportItem, Signal, Stream, SyncReport
from episodes.selectors.embodiments import described_dimensions
from episodes.selectors.filters import EpisodeFilter, matching_episodes
from episodes.selectors.imports import visible_runs

PAGE = 50
# Counting on would cost more than knowing is worth: "1,000+" says enough.
MOST_COUNTED = 1_000


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place between two rows. ``back`` asks for the page that ends there.

    ``total`` is what the first page counted, so that those that follow need not count again.
    """

    place: str
    key: UUID
    total: int
    back: bool = False

    @classmethod
    def read(cls, text: str) -> "Cursor | None":
        """None for a text that is no cursor: the list then begins at its beginning."""
        try:
            place, key, total, back = json.loads(urlsafe_b64decode(text.encode()))
            return cls(str(place), UUID(key), max(0, int(total)), bool(back))
        except (ValueError, TypeError, AttributeError):
            return None

    def __str__(self) -> str:
        plain = json.dumps([self.place, str(self.key), self.total, self.back])
        return urlsafe_b64encode(plain.encode()).decode()


@dataclass(frozen=True, slots=True)
class EpisodeRow:
    """A line of the list; ``poster`` is the stream whose picture stands for the episode."""

    episode: Episode
    poster: UUID | None
    cameras: int
    standings: Sequence[Standing]


@dataclass(frozen=True, slots=True)
class EpisodePage:
    """A page of what matches. ``total`` stops at MOST_COUNTED + 1."""

    rows: Sequence[EpisodeRow]
    total: int
    before: Cursor | None
    after: Cursor | None

    @property
    def many(self) -> bool:
        return self.total > MOST_COUNTED

    @property
    def counted(self) -> int:
        return min(self.total, MOST_COUNTED)


def episode_page(
    user: Viewer, wanted: EpisodeFilter, cursor: Cursor | None = None, size: int = PAGE
) -> EpisodePage:
    """Newest first; of one dataset in the source's order. At most five queries.

    Pages begin at a place, not after a number of rows: the last page is as quick as the first.
    Ids are looked for by the indexes alone, whole rows fetched for those that are shown.
    """
    order = _InOrder() if wanted.dataset else _Newest()
    found = matching_episodes(user, wanted)
    beyond = None if cursor is None else order.beyond(cursor)
    if cursor is None or beyond is None:
        # A state beside anything else is gathered as a whole and so asked once. Everything else has
        # its own quick ways.
        once = bool(wanted.label) and wanted != EpisodeFilter(label=wanted.label)
        return _first_page(user, found, order, size, once=once)
    placed = found.filter(beyond).order_by(*(order.backward if cursor.back else order.forward))
    ids = list(placed.values_list("pk", flat=True)[: size + 1])
    more, ids = len(ids) > size, ids[:size]
    if cursor.back:
        ids.reverse()
    begins, ends = cursor.back and not more, not cursor.back and not more
    return _page(user, ids, order, cursor.total, begins=begins, ends=ends)


def _first_page(
    user: Viewer, found: QuerySet[Episode], order: "_Newest | _InOrder", size: int, *, once: bool
) -> EpisodePage:
    """The first in order and how many there are: ``once`` in one question, else in two, since
    each has its own quick way."""
    most = MOST_COUNTED if once else size
    ids = list(found.order_by(*order.forward).values_list("pk", flat=True)[: most + 1])
    ends = len(ids) <= size
    counted = once or ends
    total = len(ids) if counted else found.order_by()[: MOST_COUNTED + 1].count()
    return _page(user, ids[:size], order, total, begins=True, ends=ends)


def _page(
    user: Viewer,
    ids: Sequence[UUID],
    order: "_Newest | _InOrder",
    total: int,
    *,
    begins: bool,
    ends: bool,
) -> EpisodePage:
    shown = Episode.objects.filter(pk__in=ids).order_by().select_related("task", "dataset")
    by_id = {one.pk: one for one in shown.only(*_SHOWN)}
    rows = [by_id[one] for one in ids if one in by_id]  # one may be deleted meanwhile
    before = None if begins or not rows else Cursor(order.place(rows[0]), rows[0].pk, total, True)
    after = None if ends or not rows else Cursor(order.place(rows[-1]), rows[-1].pk, total)
    return EpisodePage(rows=_rows(user, rows), total=total, before=before, after=after)


class _Newest:
    forward = ("-created_at", "id")
    backward = ("created_at", "-id")

    def place(self, episode: Episode) -> str:
        return episode.created_at.isoformat()

    def beyond(self, cursor: Cursor) -> Q | None:
        """The first comparison is the index's, the second settles equal times."""
        try:
            at = datetime.fromisoformat(cursor.place)
        except ValueError:
            return None
        if at.tzinfo is None:
            return None
        if cursor.back:
            return Q(created_at__gte=at) & (Q(created_at__gt=at) | Q(pk__lt=cursor.key))
        return Q(created_at__lte=at) & (Q(created_at__lt=at) | Q(pk__gt=cursor.key))


class _InOrder:
    forward = ("index", "id")
    backward = ("-index", "-id")

    def place(self, episode: Episode) -> str:
        return str(episode.index)

    def beyond(self, cursor: Cursor) -> Q | None:
        if not (cursor.place.isdecimal() and len(cursor.place) < 10):
            return None
        at = int(cursor.place)
        if cursor.back:
            return Q(index__lte=at) & (Q(index__lt=at) | Q(pk__lt=cursor.key))
        return Q(index__gte=at) & (Q(index__gt=at) | Q(pk__gt=cursor.key))


# What a row shows, and no more: the search column alone is half of a row's bytes.
_SHOWN = (
    *("key", "index", "state", "held", "sync", "tags", "rows", "duration_ns", "created_at"),
    *("scene", "operator", "things", "task__text", "dataset__name"),
)


def _rows(user: Viewer, episodes: Sequence[Episode]) -> list[EpisodeRow]:
    ids = [episode.pk for episode in episodes]
    standings = episode_labelling().standings(user, ids)
    cameras: dict[UUID, list[UUID]] = {one: [] for one in ids}
    streams = Stream.objects.filter(episode__in=ids).order_by("position")
    for one, stream in streams.values_list("episode", "pk"):
        cameras[one].append(stream)
    return [
        EpisodeRow(
            episode=episode,
            poster=next(iter(cameras[episode.pk]), None),
            cameras=len(cameras[episode.pk]),
            standings=standings.get(episode.pk, ()),
        )
        for episode in episodes
    ]


def selected_episodes(
    user: Viewer, wanted: EpisodeFilter, ids: Iterable[UUID] | None
) -> QuerySet[Episode]:
    """The visible episodes of a selection: those ids, or with None everything that matches."""
    if ids is None:
        return matching_episodes(user, wanted)
    return Episode.objects.visible_to(user).filter(pk__in=list(ids))


def changeable(user: Viewer, episodes: QuerySet[Episode]) -> QuerySet[Episode]:
    """Those of the episodes whose facts the person may change."""
    return episodes.filter(episode_access().changeable_episodes(user))


def episode_for(user: Viewer, episode_id: UUID) -> Episode:
    """Raises EpisodeUnknown also where it is there but not for ``user``."""
    episode = (
        Episode.objects.visible_to(user)
        .select_related("task", "dataset__embodiment", "dataset__owner", "sync_report__decided_by")
        .defer("search", "dataset__source_metadata")
        .filter(pk=episode_id)
        .first()
    )
    if episode is None:
        raise EpisodeUnknown("There is no such episode.", remedy="Open it from the episode list.")
    return episode


@dataclass(frozen=True, slots=True)
class SignalFacts:
    """A signal with its dimensions as the file or the dataset's embodiment describes them."""

    signal: Signal
    dimensions: Sequence[Mapping[str, Any]]

    @property
    def unitless(self) -> bool:
        """No unit of any of them is known."""
        return not any(one.get("unit") for one in self.dimensions)


@dataclass(frozen=True, slots=True)
class EpisodeFacts:
    """Everything that stands beside the recording on the episode's page."""

    episode: Episode
    streams: Sequence[Stream]
    signals: Sequence[SignalFacts]
    standings: Sequence[Standing]
    item: ImportItem | None
    report: SyncReport | None
    changeable: bool


def episode_facts(user: Viewer, episode: Episode) -> EpisodeFacts:
    clocks = Prefetch("clock_maps", ClockMap.objects.order_by("-created_at", "-pk"))
    streams = (
        Stream.objects.filter(episode=episode)
        .select_related("asset__frame_index", "asset__proxy")
        .prefetch_related(clocks)
        .order_by("position", "camera")
    )
    runs = visible_runs(user).order_by().values("pk")
    brought = ImportItem.objects.filter(episode=episode, run__in=runs, state=ImportItem.State.DONE)
    signals = list(episode.signals.order_by("name"))
    described = described_dimensions(signals, episode.dataset.embodiment)
    return EpisodeFacts(
        episode=episode,
        streams=list(streams),
        signals=[SignalFacts(one, described[one.name]) for one in signals],
        standings=episode_labelling().standings(user, [episode.pk]).get(episode.pk, ()),
        item=brought.select_related("run").order_by("-pk").first(),
        report=getattr(episode, "sync_report", None),
        changeable=changeable(user, Episode.objects.filter(pk=episode.pk)).exists(),
    )


def quarantined_items(user: Viewer, text: str = "") -> QuerySet[ImportItem]:
    """What stayed out of the imports that the person may follow, the latest first."""
    found = ImportItem.objects.filter(
        run__in=visible_runs(user).order_by().values("pk"), state=ImportItem.State.QUARANTINED
    )
    if text:
        found = found.filter(
            Q(key__icontains=text)
            | Q(reason__icontains=text)
            | Q(reason_code=text)
            | Q(run__dataset_name__icontains=text)
        )
    return found.select_related("run").order_by("-pk")


class DatasetChoice(NamedTuple):
    """A dataset with the facts that filters offer; ``embodiment`` by its name, None without."""

    pk: int
    name: str
    robot_type: str
    licence: str
    embodiment: str | None


def dataset_choices(user: Viewer) -> list[DatasetChoice]:
    """The visible datasets. Plain rows: hundreds are offered on every page."""
    found = Dataset.objects.visible_to(user).order_by("name")
    facts = found.values_list("pk", "name", "robot_type", "licence", "embodiment__name")
    return [DatasetChoice(*one) for one in facts]
