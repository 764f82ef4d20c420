"""Daily sums of a project's work: how they are counted, and how they are read.

``COUNT_WORK`` and ``COUNT_LABELS`` are the one definition: the sweep stores what they say of whole
days, and a page asks them itself for the days that changed since, so that it is right at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from annotation.models import AuditEntry, Project
from review.models import DailyWork, DailyWorkMark
from review.selectors.credited import CREDITED

# A change that was made this long before it was committed is still found by the sweep; a page
# looks back for less, or it would count for minutes what the sweep has stored already.
SLOWEST = timedelta(minutes=5)
_PAGES_LOOK_BACK = timedelta(seconds=30)
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)

_SETS = """
FROM annotation_annotationset s
JOIN annotation_projectepisode pe ON pe.id = s.project_episode_id
JOIN episodes_episode e ON e.id = pe.episode_id
"""
# Looked up for each set by the index: EXISTS in an aggregate would read every set there is.
_AGAIN = """
LEFT JOIN LATERAL (SELECT TRUE AS yes FROM annotation_annotationset later
  WHERE later.assignment_id = s.assignment_id AND later.round = s.round + 1 LIMIT 1) again ON TRUE
"""
_OF_PROJECT = """
WHERE pe.project_id = %(project)s AND s.state = 'submitted' AND s.kind = 'annotator'
  AND ({when})
"""
COUNT_WORK = f"""
SELECT pe.project_id, e.task_id, a.annotator_id,
       (s.submitted_at AT TIME ZONE %(zone)s)::date AS day,
       count(*) FILTER (WHERE s.round = 1) AS submitted,
       count(*) FILTER (WHERE s.round > 1) AS reworked,
       count(again.yes) AS returned,
       count(credited.yes) AS accepted,
       coalesce(sum(l.n), 0)::bigint AS labels,
       coalesce(sum(l.n) FILTER (WHERE credited.yes), 0)::bigint AS labels_accepted,
       coalesce(sum(h.ms) FILTER (WHERE s.round = 1), 0)::bigint AS held_ms,
       count(t.ms) FILTER (WHERE s.round = 1) AS timed,
       coalesce(sum(coalesce(t.ms, h.ms)) FILTER (WHERE s.round = 1), 0)::bigint AS worked_ms,
       coalesce(sum(t.ms) FILTER (WHERE s.round > 1), 0)::bigint AS rework_ms,
       coalesce(sum(e.duration_ns / 1000000) FILTER (WHERE s.round = 1), 0)::bigint AS lasted_ms,
       coalesce(sum(e.duration_ns / 1000000) FILTER (WHERE credited.yes), 0)::bigint AS accepted_ms
{_SETS}
JOIN annotation_assignment a ON a.id = s.assignment_id
{_AGAIN}
{CREDITED}
CROSS JOIN LATERAL (SELECT greatest(0, extract(epoch FROM s.submitted_at - s.created_at) * 1000)
                      ::bigint AS ms) h
CROSS JOIN LATERAL (
    SELECT count(*) AS n FROM annotation_label WHERE annotation_set_id = s.id) l
CROSS JOIN LATERAL (
    SELECT (sum(extract(epoch FROM upper(part) - lower(part))) * 1000)::bigint AS ms FROM (
        SELECT unnest(range_agg(tstzrange(x.started_at, x.ended_at))) AS part
        FROM annotation_activityspan x
        WHERE x.assignment_id = s.assignment_id
          AND x.started_at >= s.created_at AND x.started_at < s.submitted_at) parts) t
{_OF_PROJECT}
  AND (%(everybody)s OR EXISTS (
      SELECT 1 FROM unnest(%(cell_days)s::date[], %(cell_people)s::bigint[]) cell(day, who)
      WHERE cell.who = a.annotator_id
        AND cell.day = (s.submitted_at AT TIME ZONE %(zone)s)::date))
GROUP BY 1, 2, 3, 4
"""
COUNT_LABELS = f"""
SELECT pe.project_id, e.task_id, (s.submitted_at AT TIME ZONE %(zone)s)::date AS day,
       l.label_class, count(*) AS labels,
       count(again.yes) AS returned,
       count(credited.yes) AS accepted
{_SETS}
{_AGAIN}
{CREDITED}
JOIN annotation_label l ON l.annotation_set_id = s.id
{_OF_PROJECT}
GROUP BY 1, 2, 3, 4
"""
# Days and people of the sets that were handed in, sent back or decided on since.
_TOUCHED = """
SELECT DISTINCT (s.submitted_at AT TIME ZONE %(zone)s)::date, a.annotator_id
FROM annotation_annotationset s
JOIN annotation_assignment a ON a.id = s.assignment_id
JOIN annotation_projectepisode pe ON pe.id = s.project_episode_id
WHERE pe.project_id = %(project)s AND s.state = 'submitted' AND s.id IN (
    SELECT id FROM annotation_annotationset
    WHERE state = 'submitted' AND submitted_at >= %(since)s
    UNION ALL
    SELECT earlier.id FROM annotation_annotationset later
    JOIN annotation_annotationset earlier ON earlier.assignment_id = later.assignment_id
    WHERE later.created_at >= %(since)s AND later.round > 1
    UNION ALL
    SELECT other.id FROM review_verdict v
    JOIN review_batchitem i ON i.id = v.item_id
    JOIN annotation_annotationset other ON other.project_episode_id = i.project_episode_id
    WHERE v.created_at >= %(since)s)
"""
WORK = (
    *("project_id", "task_id", "annotator_id", "day", "submitted", "reworked", "returned"),
    *("accepted", "labels", "labels_accepted", "held_ms", "timed", "worked_ms", "rework_ms"),
    *("lasted_ms", "accepted_ms"),
)
LABELS = ("project_id", "task_id", "day", "label_class", "labels", "returned", "accepted")
SUMMED = WORK[4:]
# A day and a person's id.
Cell = tuple[date, int]


def counting(
    statement: str,
    project: Project,
    zone: ZoneInfo,
    days: Sequence[date] | None,
    cells: Sequence[Cell] | None = None,
) -> tuple[str, dict[str, Any]]:
    """COUNT_WORK or COUNT_LABELS and its parameters; ``days`` None is all of them, ``cells`` None
    everybody. Days are conditions of their own, so that the planner knows how few sets they are."""
    given: dict[str, Any] = {
        "project": project.pk,
        "zone": zone.key,
        "everybody": cells is None,
        "cell_days": [day for day, _ in cells or ()],
        "cell_people": [who for _, who in cells or ()],
    }
    when = []
    for number, (begin, end) in enumerate(_spans(days, zone)):
        given |= {f"begin{number}": begin, f"end{number}": end}
        when.append(f"s.submitted_at >= %(begin{number})s AND s.submitted_at < %(end{number})s")
    return statement.replace("{when}", " OR ".join(when) or "FALSE"), given


def _spans(days: Sequence[date] | None, zone: ZoneInfo) -> list[tuple[datetime, datetime]]:
    """Days that follow each other as one."""
    if days is None:
        return [_EVER]
    found: list[tuple[datetime, datetime]] = []
    for begin, end in (day_span(day, zone) for day in sorted(days)):
        if found and found[-1][1] == begin:
            found[-1] = (found[-1][0], end)
        else:
            found.append((begin, end))
    return found


def day_span(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Half-open."""
    return (
        datetime.combine(day, time(), zone),
        datetime.combine(day + timedelta(days=1), time(), zone),
    )


_EVER = (BEGINNING, datetime(9999, 1, 1, tzinfo=UTC))


def touched(project: Project, since: datetime, zone: ZoneInfo) -> list[Cell]:
    given: dict[str, Any] = {"project": project.pk, "since": since, "zone": zone.key}
    with connection.cursor() as cursor:
        cursor.execute(_TOUCHED, given)
        return [(day, who) for day, who in cursor.fetchall()]


def days_of(cells: Sequence[Cell]) -> list[date]:
    return sorted({day for day, _ in cells})


def is_counted(mark: DailyWorkMark | None, zone: ZoneInfo) -> bool:
    """Whether sums are stored, of days as they are now."""
    return mark is not None and mark.looked_at > BEGINNING and mark.zone == zone.key


def is_known(mark: DailyWorkMark | None, newest: AuditEntry | None, zone: ZoneInfo) -> bool:
    """Whether nothing can have changed since the sums were stored."""
    if mark is None or not is_counted(mark, zone):
        return False
    if newest is None:
        return True
    return newest.pk <= mark.audit_id and mark.looked_at > newest.created_at + SLOWEST


def _sum(column: str) -> str:
    """Exact up to 2**53; the sum of big integers is numeric and takes several times as long."""
    return f"sum({column}::float8)::bigint AS {column}"


_CELL = """EXISTS (SELECT 1 FROM unnest(%(cell_days)s::date[], %(cell_people)s::bigint[])
    cell(on_day, who) WHERE cell.who = annotator_id AND cell.on_day = day)"""


@dataclass(frozen=True)
class Daily:
    """The sums of a project, read: what is stored, and what changed since, counted now: of people
    by their days, of labels by whole days.

    ``changed`` None: nothing is stored yet, everything is counted now.
    """

    project: Project
    zone: ZoneInfo
    changed: list[Cell] | None

    @cached_property
    def _work(self) -> str:
        return self._counted(COUNT_WORK)

    @cached_property
    def _labels(self) -> str:
        return self._counted(COUNT_LABELS)

    def _counted(self, statement: str) -> str:
        """The changed rows as JSON."""
        if self.changed == []:
            return "[]"
        days = None if self.changed is None else days_of(self.changed)
        counted, given = counting(statement, self.project, self.zone, days, self.changed)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT coalesce(json_agg(r), '[]')::text FROM ({counted}) r", given)
            return str(cursor.fetchone()[0])

    def work(self, wanted: "Wanted", by: Sequence[str]) -> list[dict[str, Any]]:
        """Sums by some of day, annotator_id and task_id."""
        columns = ", ".join((*by, *map(_sum, SUMMED)))
        where = "AND (%(person)s::bigint IS NULL OR annotator_id = %(person)s)"
        return self._read("review_dailywork", WORK, self._work, columns, where, wanted, by)

    def paces(self, wanted: "Wanted") -> list[dict[str, Any]]:
        """Sums by person, with the least, quartiles and greatest of their days' sets an hour."""
        by = ("annotator_id", "day")
        # Of each day only what the pace is made of: over a year that is most of the work.
        columns = "annotator_id, sum(submitted)::float8 AS submitted, sum(worked_ms::float8) AS ms"
        where = "AND (%(person)s::bigint IS NULL OR annotator_id = %(person)s)"
        over = """
            SELECT annotator_id, percentile_cont(ARRAY[0, 0.25, 0.5, 0.75, 1]) WITHIN GROUP (
                       ORDER BY submitted * 3600000 / ms) AS pace, count(*) AS days
            FROM ({}) days WHERE ms > 0 GROUP BY annotator_id"""
        found = self._read("review_dailywork", WORK, self._work, columns, where, wanted, by, over)
        paces = {row["annotator_id"]: row for row in found}
        plain = {"pace": None, "days": 0}
        return [
            {**row, **paces.get(row["annotator_id"], plain)}
            for row in self.work(wanted, ["annotator_id"])
        ]

    def labels(self, wanted: "Wanted", by: Sequence[str]) -> list[dict[str, Any]]:
        """Labels by some of day, task_id and label_class, of all people."""
        summed = ("labels", "returned", "accepted")
        columns = ", ".join((*by, *(f"sum({one})::bigint AS {one}" for one in summed)))
        return self._read("review_dailylabels", LABELS, self._labels, columns, "", wanted, by)

    def _read(
        self,
        table: str,
        names: Sequence[str],
        counted: str,
        columns: str,
        where: str,
        wanted: "Wanted",
        by: Sequence[str],
        over: str = "{}",
    ) -> list[dict[str, Any]]:
        """``over`` is a statement around the grouped one."""
        listed = ", ".join(names)
        group = f"GROUP BY {', '.join(by)}" if by else ""
        if by and over == "{}":  # what is grouped once more needs no order
            group += f" ORDER BY {', '.join(by)}"
        replaced = _CELL if "annotator_id" in names else "day = ANY(%(cell_days)s::date[])"
        fresh = f"json_populate_recordset(NULL::{table}, %(counted)s::json)"
        statement = f"""
            SELECT {columns} FROM (
                SELECT {listed} FROM {table}
                WHERE project_id = %(project)s AND day BETWEEN %(first)s AND %(last)s
                  AND NOT %(everything)s AND NOT ({replaced})
                UNION ALL
                SELECT {listed} FROM {fresh} WHERE day BETWEEN %(first)s AND %(last)s
            ) both_of WHERE (%(task)s::bigint IS NULL OR task_id = %(task)s) {where} {group}"""
        given: dict[str, Any] = {
            "project": self.project.pk,
            "first": wanted.first,
            "last": wanted.last,
            "person": wanted.person,
            "task": wanted.task,
            "everything": self.changed is None,
            "cell_days": [day for day, _ in self.changed or ()],
            "cell_people": [who for _, who in self.changed or ()],
            "counted": counted,
        }
        with connection.cursor() as cursor:
            cursor.execute(over.format(statement), given)
            heads = [one.name for one in cursor.description or ()]
            return [dict(zip(heads, row, strict=True)) for row in cursor.fetchall()]


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


def daily_of(project: Project) -> Daily:
    """Two queries, and one more where something happened since the sums were stored."""
    zone = project.zone
    mark = DailyWorkMark.objects.filter(project=project).first()
    newest = AuditEntry.objects.filter(project=project).order_by("-id").first()
    if is_known(mark, newest, zone):
        return Daily(project, zone, [])
    if mark is None or not is_counted(mark, zone):
        # Never counted, or to be counted anew: what is there is the best until the sweep came.
        stored = DailyWork.objects.filter(project=project).exists()
        return Daily(project, zone, [] if stored else None)
    return Daily(project, zone, touched(project, mark.looked_at - _PAGES_LOOK_BACK, zone))
