"""A project's operation in figures, from its daily sums and its records.

Sums are of the sets handed in within the days asked for, as they stand now.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.auth.models import User
from django.db import connection
from django.db.models import Exists, F, OuterRef, QuerySet, Subquery

from annotation.models import AnnotationSet, Label, Project, ProjectEpisode
from episodes.models import Episode, Task
from review.models import OperationSettings
from review.selectors.credited import credited
from review.selectors.daily import SUMMED, Daily, Wanted
from review.selectors.day_counts import day_span

HOUR_MS = 3_600_000
# Times of single sets are those of the newest so many.
NEWEST = 3000
LENGTH_BINS_S = (5, 10, 20, 40, 80, 160)
SECOND_NS = 10**9
# Which of the sets handed in a number is about.
WHAT = {
    "": "All sets handed in",
    "first": "First rounds",
    "rework": "Rework",
    "returned": "Sent back",
    "accepted": "Accepted",
    "timed": "First rounds with active time",
}


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
    """Of the work asked for; times in hours.

    ``worked_h`` is active time where there is activity (``timed`` of the first rounds), and the
    time from claim to handing in of the others; ``held_h`` is the latter of all first rounds.
    """

    submitted: int = 0
    reworked: int = 0
    returned: int = 0
    accepted: int = 0
    labels: int = 0
    labels_accepted: int = 0
    timed: int = 0
    held_h: float = 0
    worked_h: float = 0
    rework_h: float = 0
    accepted_h: float = 0

    @property
    def hours(self) -> float:
        return self.worked_h + self.rework_h

    @property
    def an_hour(self) -> float | None:
        return self.submitted / self.worked_h if self.worked_h else None

    @property
    def returned_percent(self) -> float | None:
        handed = self.submitted + self.reworked
        return 100 * self.returned / handed if handed else None

    @property
    def rework_percent(self) -> float | None:
        handed = self.submitted + self.reworked
        return 100 * self.reworked / handed if handed else None

    def of(self, what: str) -> int | None:
        """How many sets ``handed_in`` finds for one of WHAT; None where sums do not tell."""
        return {
            "": self.submitted + self.reworked,
            "first": self.submitted,
            "rework": self.reworked,
            "returned": self.returned,
            "accepted": self.accepted,
        }.get(what)

    @property
    def hours_are(self) -> str:
        """Which time the hours are."""
        if not self.submitted or self.timed == self.submitted:
            return "Hours are active time."
        if not self.timed:
            return "Hours run from claim to handing in, breaks included: there is no activity."
        return (
            f"Hours are active time of {self.timed:,} of {self.submitted:,} first rounds; of the "
            "others, which have no activity, they run from claim to handing in."
        )


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One person; ``pace`` is over their days, in first rounds an hour."""

    user: User
    sums: Sums
    pace: Spread | None


def total(rows: Iterable[Sums]) -> Sums:
    rows = list(rows)
    names = [*_COUNTS, *_HOURS]
    return Sums(**{name: sum(getattr(one, name) for one in rows) for name in names})


def sums(daily: Daily, wanted: Wanted) -> Sums:
    """One query."""
    return total(one for _, one in day_rows(daily, wanted))


def day_rows(daily: Daily, wanted: Wanted) -> list[tuple[date, Sums]]:
    """By day, days without work left out. One query."""
    return [(row["day"], _sums(row)) for row in daily.work(wanted, ["day"])]


def task_rows(daily: Daily, wanted: Wanted) -> list[tuple[Task | None, Sums]]:
    """By task. Two queries."""
    rows = daily.work(wanted, ["task_id"])
    tasks = Task.objects.in_bulk([row["task_id"] for row in rows if row["task_id"]])
    found = [(tasks.get(row["task_id"]), _sums(row)) for row in rows]
    return sorted(found, key=lambda row: row[0].text if row[0] else "")


def person_rows(daily: Daily, wanted: Wanted) -> list[PersonRow]:
    """By name. Two queries."""
    rows = daily.paces(wanted)
    users = User.objects.in_bulk([row["annotator_id"] for row in rows])
    found = [PersonRow(users[row["annotator_id"]], _sums(row), _pace(row)) for row in rows]
    return sorted(found, key=lambda row: row.user.username)


def _pace(row: Mapping[str, Any]) -> Spread | None:
    return Spread(row["days"], *map(float, row["pace"])) if row["days"] else None


def times_by_length(project: Project, wanted: Wanted) -> list[tuple[int, Spread]]:
    """Minutes from claim to handing in by bin of length; the newest sets. One query."""
    sets = handed_in(project, wanted).filter(round=1).order_by("-submitted_at")
    length = F("project_episode__episode__duration_ns")
    took = F("submitted_at") - F("created_at")
    newest, given = (
        sets.annotate(length=length, took=took)
        .values("length", "took")[:NEWEST]
        .query.sql_with_params()
    )
    edges = [edge * SECOND_NS for edge in LENGTH_BINS_S]
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT width_bucket(length, %s::bigint[]), count(*),
                percentile_cont(ARRAY[0, 0.25, 0.5, 0.75, 1]) WITHIN GROUP (
                    ORDER BY extract(epoch FROM took)::float8 / 60)
            FROM ({newest}) newest GROUP BY 1 ORDER BY 1""",
            [edges, *given],
        )
        return [(at, Spread(n, *ranked)) for at, n, ranked in cursor.fetchall()]


def handed_in(
    project: Project,
    wanted: Wanted,
    what: str = "",
    label_class: str = "",
    length: int | None = None,
) -> QuerySet[AnnotationSet]:
    """The sets behind the figures; ``what`` is one of WHAT, ``length`` a bin of times_by_length."""
    zone = project.zone
    sets = AnnotationSet.objects.filter(
        project_episode__project=project,
        kind=AnnotationSet.Kind.ANNOTATOR,
        state=AnnotationSet.State.SUBMITTED,
        submitted_at__gte=day_span(wanted.first, zone)[0],
        submitted_at__lt=day_span(wanted.last, zone)[1],
    )
    if wanted.person is not None:
        sets = sets.filter(assignment__annotator=wanted.person)
    if wanted.task is not None:
        # Looked up for each set in turn: a join would read every episode that there is.
        task_of = Episode.objects.filter(project_episodes=OuterRef("project_episode")).order_by()
        sets = sets.alias(of_task=Subquery(task_of.values("task")[:1])).filter(of_task=wanted.task)
    if label_class:
        labels = Label.objects.filter(annotation_set=OuterRef("pk"), label_class=label_class)
        sets = sets.filter(Exists(labels))
    if length is not None:
        edges = (0, *LENGTH_BINS_S)
        sets = sets.filter(project_episode__episode__duration_ns__gte=edges[length] * SECOND_NS)
        if length + 1 < len(edges):
            end = edges[length + 1] * SECOND_NS
            sets = sets.filter(project_episode__episode__duration_ns__lt=end)
    return _of(sets, what)


def _of(sets: QuerySet[AnnotationSet], what: str) -> QuerySet[AnnotationSet]:
    match what:
        case "first":
            return sets.filter(round=1)
        case "rework":
            return sets.filter(round__gt=1)
        case "returned":
            later = AnnotationSet.objects.filter(
                assignment=OuterRef("assignment"), round=OuterRef("round") + 1
            )
            return sets.filter(Exists(later))
        case "accepted":
            return sets.filter(credited())
        case "timed":
            return sets.filter(round=1, assignment__activity__isnull=False).distinct()
        case _:
            return sets


def cost_of(project: Project, done: Sums) -> tuple[float, str] | None:
    """Of an accepted hour of episodes, with its currency; None where it cannot be told."""
    chosen = OperationSettings.objects.filter(project=project).first()
    if chosen is None or chosen.hourly_cost_cents is None or not done.accepted_h:
        return None
    return done.hours * chosen.hourly_cost_cents / 100 / done.accepted_h, chosen.currency


def people_and_tasks(project: Project) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
    """Whom and what one can ask for: members, and tasks of the queue."""
    people = User.objects.filter(memberships__project=project).order_by("username")
    return [(one.pk, one.get_full_name() or one.username) for one in people], tasks_queued(project)


def tasks_queued(project: Project) -> list[tuple[int, str]]:
    """Of the tasks there are those of which the project has an episode: one is looked for by each
    task's index, where EXISTS would read all places."""
    here = ProjectEpisode.objects.filter(project=project, episode__task=OuterRef("pk"))
    found = Subquery(here.order_by().values("pk")[:1])
    tasks = Task.objects.alias(found=found).filter(found__isnull=False).order_by("text")
    return list(tasks.values_list("pk", "text"))


def length_name(at: int) -> str:
    edges = (0, *LENGTH_BINS_S)
    return f"{edges[at]}–{edges[at + 1]} s" if at + 1 < len(edges) else f"from {edges[at]} s"


_COUNTS = (
    *("submitted", "reworked", "returned", "accepted", "labels", "labels_accepted", "timed"),
)
_HOURS = {
    "held_h": "held_ms",
    "worked_h": "worked_ms",
    "rework_h": "rework_ms",
    "accepted_h": "accepted_ms",
}
assert {*_COUNTS, *_HOURS.values(), "lasted_ms"} == set(SUMMED)


def _sums(row: Mapping[str, Any]) -> Sums:
    counts = {name: int(row[name] or 0) for name in _COUNTS}
    hours: dict[str, Any] = {
        name: int(row[column] or 0) / HOUR_MS for name, column in _HOURS.items()
    }
    return Sums(**counts, **hours)
