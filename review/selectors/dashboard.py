"""A project's operation in figures, from its daily sums and its places in the queue.

Sums are of the sets handed in within the days asked for, as they stand now. Pages bring the daily
sums up to the records before they ask (review.services.daily_work).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Count, F, QuerySet, Sum
from django.db.models.functions import Greatest
from django.utils import timezone

from annotation.models import AnnotationSet, Assignment, Project, ProjectEpisode
from review.measures.forecast import Forecast, forecast
from review.models import DailyWork, OperationSettings

HOUR_MS = 3_600_000
# Times of single sets are those of the newest so many.
NEWEST = 3000
LENGTH_BINS_S = (5, 10, 20, 40, 80, 160)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which work: ``last`` is its last day; ``person`` and ``task`` are ids, None is all."""

    first: date
    last: date
    person: int | None = None
    task: int | None = None

    @property
    def query(self) -> str:
        parts = {"first": self.first, "last": self.last, "person": self.person, "task": self.task}
        return "&".join(f"{name}={value}" for name, value in parts.items() if value is not None)


@dataclass(frozen=True, slots=True)
class Spread:
    """Least, quartiles and greatest of ``n`` values; a ranking would hide how far they scatter."""

    n: int
    least: float
    low: float
    middle: float
    high: float
    greatest: float


@dataclass(frozen=True, slots=True)
class Sums:
    """Of the work asked for; times in hours."""

    submitted: int = 0
    reworked: int = 0
    returned: int = 0
    accepted: int = 0
    labels: int = 0
    labels_accepted: int = 0
    held_h: float = 0
    accepted_h: float = 0

    @property
    def an_hour(self) -> float | None:
        return self.submitted / self.held_h if self.held_h else None

    @property
    def returned_percent(self) -> float | None:
        handed = self.submitted + self.reworked
        return 100 * self.returned / handed if handed else None

    @property
    def rework_percent(self) -> float | None:
        handed = self.submitted + self.reworked
        return 100 * self.reworked / handed if handed else None


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One person; ``pace`` is over their days, in first rounds an hour."""

    user: User
    sums: Sums
    pace: Spread | None


@dataclass(frozen=True, slots=True)
class Stage:
    """Where work waits: how much, since when the oldest, and how long the present pace needs."""

    name: str
    progress: str
    episodes: int


def daily(project: Project, wanted: Wanted) -> QuerySet[DailyWork]:
    rows = DailyWork.objects.filter(project=project, day__range=(wanted.first, wanted.last))
    if wanted.person is not None:
        rows = rows.filter(annotator=wanted.person)
    if wanted.task is not None:
        rows = rows.filter(task=wanted.task)
    return rows.order_by()


def sums(project: Project, wanted: Wanted) -> Sums:
    return _sums(daily(project, wanted).aggregate(**_TOTALS))


def day_rows(project: Project, wanted: Wanted) -> list[tuple[date, Sums]]:
    """By day, days without work left out."""
    rows = daily(project, wanted).values("day").annotate(**_TOTALS).order_by("day")
    return [(row["day"], _sums(row)) for row in rows]


def person_rows(project: Project, wanted: Wanted) -> list[PersonRow]:
    """By name. Two queries."""
    per_day = daily(project, wanted).values("annotator", "day").annotate(**_TOTALS)
    by_person: dict[int, list[Sums]] = {}
    for row in per_day:
        by_person.setdefault(row["annotator"], []).append(_sums(row))
    users = User.objects.in_bulk(by_person)
    rows = [
        PersonRow(
            users[pk],
            _added(days),
            spread([one.an_hour for one in days if one.an_hour is not None]),
        )
        for pk, days in by_person.items()
    ]
    return sorted(rows, key=lambda row: row.user.username)


def stages(project: Project, task: int | None = None) -> list[Stage]:
    """Episodes by how far they are, in the order of the work. One query."""
    places = _places(project, task)
    found = dict(places.values_list("progress").annotate(Count("pk")).order_by())
    progress = ProjectEpisode.Progress
    return [Stage(str(one.label), one.value, found.get(one.value, 0)) for one in progress]


def sets_left(project: Project, task: int | None = None) -> int:
    """First rounds that are still to be handed in: free slots, and slots of those at work."""
    places = _places(project, task)
    free = places.filter(has_slot=True).aggregate(
        total=Sum(Greatest(F("overlap") - F("slots_taken"), 0))
    )["total"]
    at_work = Assignment.objects.filter(
        project_episode__project=project, state=Assignment.State.ACTIVE, rework=False
    )
    if task is not None:
        at_work = at_work.filter(project_episode__episode__task=task)
    return (free or 0) + at_work.count()


def backlog_forecast(project: Project, task: int | None = None) -> tuple[int, Forecast | None]:
    """What is left, and when it is done if the next weeks go like the last four."""
    today = timezone.localdate()
    seen = Wanted(today - timedelta(days=28), today, task=task)
    done = {day: one.submitted for day, one in day_rows(project, seen)}
    left = sets_left(project, task)
    return left, forecast(left, done, today)


def times_by_length(project: Project, wanted: Wanted) -> list[tuple[str, Spread]]:
    """Minutes from claim to handing in, by the length of the episode; the newest sets."""
    sets = handed_in(project, wanted).filter(round=1).order_by("-submitted_at")
    rows = sets.values_list("project_episode__episode__duration_ns", "created_at", "submitted_at")
    bins: dict[int, list[float]] = {}
    for length_ns, begun, ended in rows[:NEWEST]:
        if ended is None:
            continue
        at = sum(length_ns >= edge * 10**9 for edge in LENGTH_BINS_S)
        bins.setdefault(at, []).append((ended - begun).total_seconds() / 60)
    found = [(_bin(at), spread(bins[at])) for at in sorted(bins)]
    return [(name, one) for name, one in found if one is not None]


def handed_in(project: Project, wanted: Wanted) -> QuerySet[AnnotationSet]:
    """The sets behind the figures."""
    begin = timezone.make_aware(_midnight(wanted.first))
    end = timezone.make_aware(_midnight(wanted.last + timedelta(days=1)))
    sets = AnnotationSet.objects.filter(
        project_episode__project=project,
        kind=AnnotationSet.Kind.ANNOTATOR,
        state=AnnotationSet.State.SUBMITTED,
        submitted_at__gte=begin,
        submitted_at__lt=end,
    )
    if wanted.person is not None:
        sets = sets.filter(assignment__annotator=wanted.person)
    if wanted.task is not None:
        sets = sets.filter(project_episode__episode__task=wanted.task)
    return sets


def open_leases(project: Project) -> QuerySet[Assignment]:
    """Who holds an episode now, the longest first."""
    rows = Assignment.objects.filter(
        project_episode__project=project, state=Assignment.State.ACTIVE
    )
    return rows.select_related("annotator", "project_episode__episode").order_by("claimed_at")


def cost_of(project: Project, done: Sums) -> tuple[float, str] | None:
    """Of an accepted hour of episodes, with its currency; None where it cannot be told."""
    chosen = OperationSettings.objects.filter(project=project).first()
    if chosen is None or chosen.hourly_cost_cents is None or not done.accepted_h:
        return None
    return done.held_h * chosen.hourly_cost_cents / 100 / done.accepted_h, chosen.currency


def people_and_tasks(project: Project) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
    """Whom and what one can ask for: members who annotate, and tasks of the queue."""
    people = User.objects.filter(memberships__project=project).order_by("username")
    tasks = (
        DailyWork.objects.filter(project=project, task__isnull=False)
        .order_by("task__text")
        .values_list("task", "task__text")
        .distinct()
    )
    return [(one.pk, one.get_full_name() or one.username) for one in people], list(tasks)


def spread(values: Sequence[float]) -> Spread | None:
    """Quartiles by linear interpolation between the ranked values; None of nothing."""
    if not values:
        return None
    ranked = sorted(values)

    def at(share: float) -> float:
        place = share * (len(ranked) - 1)
        low = int(place)
        high = min(low + 1, len(ranked) - 1)
        return ranked[low] + (ranked[high] - ranked[low]) * (place - low)

    return Spread(len(ranked), ranked[0], at(0.25), at(0.5), at(0.75), ranked[-1])


_SUMMED = ("submitted", "reworked", "returned", "accepted", "labels", "labels_accepted")
_TOTALS = {f"total_{name}": Sum(name) for name in (*_SUMMED, "held_ms", "accepted_ms")}


def _sums(row: Mapping[str, Any]) -> Sums:
    counts = {name: row[f"total_{name}"] or 0 for name in _SUMMED}
    held, accepted = row["total_held_ms"] or 0, row["total_accepted_ms"] or 0
    return Sums(**counts, held_h=held / HOUR_MS, accepted_h=accepted / HOUR_MS)


def _added(days: Sequence[Sums]) -> Sums:
    counts = {name: sum(getattr(one, name) for one in days) for name in _SUMMED}
    held = sum(one.held_h for one in days)
    return Sums(**counts, held_h=held, accepted_h=sum(one.accepted_h for one in days))


def _places(project: Project, task: int | None) -> QuerySet[ProjectEpisode]:
    places = ProjectEpisode.objects.filter(project=project)
    return places if task is None else places.filter(episode__task=task)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time())


def _bin(at: int) -> str:
    edges = (0, *LENGTH_BINS_S)
    return f"{edges[at]}–{edges[at + 1]} s" if at + 1 < len(edges) else f"from {edges[at]} s"
