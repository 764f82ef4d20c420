"""Daily sums of a project's work, read: what is stored, and what changed since, counted now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection

from annotation.models import AuditEntry, Project
from review.models import DailyWorkMark, TaskDay
from review.selectors.day_counts import BEGINNING, counting, touched

# A change that was made this long before it was committed is still found by the sweep; a page
# looks back for less, or it would count for minutes what the sweep has stored already.
SLOWEST = timedelta(minutes=5)
_PAGES_LOOK_BACK = timedelta(seconds=30)

SUMMED = (
    *("submitted", "reworked", "returned", "accepted", "labels", "labels_accepted", "held_ms"),
    *("timed", "worked_ms", "rework_ms", "lasted_ms", "accepted_ms"),
)
WORK = ("annotation_set_id", "project_id", "task_id", "annotator_id", "day", *SUMMED)
LABELS = ("project_id", "task_id", "day", "label_class", "labels", "returned", "accepted")
# Rows of labels of counted sets: a set's labels stay as they were handed in.
LABELS_OF = """
SELECT {listed} FROM {counted} counted
JOIN annotation_label label ON label.annotation_set_id = counted.annotation_set_id
"""


# The sets that changed: as they are stored, and as they are.
_STORED = "(SELECT * FROM review_countedset WHERE annotation_set_id = ANY(%(sets)s))"
_FRESH = "json_populate_recordset(NULL::review_countedset, %(counted)s::json)"


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


@dataclass(frozen=True)
class Daily:
    """The sums of a project, read: what is stored, less what the sets that changed since are
    stored as, plus what they are now.

    ``changed`` None: nothing is stored yet, everything is counted now. ``recounting``: what is
    stored is of another zone or an earlier version, and the sweep has yet to count it anew.
    """

    project: Project
    zone: ZoneInfo
    changed: list[UUID] | None
    recounting: bool = False

    @cached_property
    def _counted(self) -> str:
        """What changed, as JSON: a row a set."""
        counted, given = counting(self.project, self.zone, self.changed)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT coalesce(json_agg(r), '[]')::text FROM ({counted}) r", given)
            return str(cursor.fetchone()[0])

    def work(self, wanted: "Wanted", by: Sequence[str]) -> list[dict[str, Any]]:
        """Sums by some of day, annotator_id and task_id, in their order; what is empty is left
        out."""
        columns = ", ".join((*by, *(f"{_sum(one)} AS {one}" for one in SUMMED)))
        grouped = ", ".join(by)
        return _read(
            f"""SELECT {columns} FROM ({self._rows_of_work(wanted, by)}) one
            GROUP BY {grouped} HAVING sum(submitted + reworked) > 0 ORDER BY {grouped}""",
            self._given(wanted),
        )

    def paces(self, wanted: "Wanted") -> list[dict[str, Any]]:
        """Sums by person, with the least, quartiles and greatest of their days' sets an hour."""
        by = ("annotator_id", "day")
        found = _read(
            f"""SELECT annotator_id, count(*) AS days,
                       percentile_cont(ARRAY[0, 0.25, 0.5, 0.75, 1]) WITHIN GROUP (
                           ORDER BY submitted * 3600000 / ms) AS pace
            FROM (SELECT annotator_id, sum(submitted)::float8 AS submitted,
                         sum(worked_ms::float8) AS ms
                  FROM ({self._rows_of_work(wanted, by)}) one GROUP BY annotator_id, day) days
            WHERE ms > 0 GROUP BY annotator_id""",
            self._given(wanted),
        )
        paces = {row["annotator_id"]: row for row in found}
        plain = {"pace": None, "days": 0}
        return [
            {**row, **paces.get(row["annotator_id"], plain)}
            for row in self.work(wanted, ["annotator_id"])
        ]

    def labels(self, wanted: "Wanted", by: Sequence[str]) -> list[dict[str, Any]]:
        """Labels by some of day, task_id and label_class, of all people."""
        columns = ", ".join((*by, *(f"sum({one})::bigint AS {one}" for one in LABELS[4:])))
        grouped = ", ".join(by)
        return _read(
            f"""SELECT {columns} FROM ({self._rows_of_labels(wanted, by)}) one
            GROUP BY {grouped} HAVING sum(labels) > 0 ORDER BY {grouped}""",
            self._given(wanted),
        )

    def _rows_of_work(self, wanted: "Wanted", by: Sequence[str]) -> str:
        """Rows to be summed ``by``: of the coarsest sums that tell apart what is asked, and what
        corrects them."""
        people = "annotator_id" in by or wanted.person is not None
        tasks = "task_id" in by or wanted.task is not None
        table = "review_taskday"
        if people:
            table = "review_countedset" if tasks else "review_personday"
        where = _conditions(wanted, people=people, tasks=tasks)
        listed, less = ((*by, *(f"{sign}{one}" for one in SUMMED)) for sign in ("", "-"))
        return self._corrected(
            f"SELECT {', '.join(listed)} FROM {table} WHERE project_id = %(project)s AND {where}",
            f"SELECT {', '.join(less)} FROM {_STORED} one WHERE {where}",
            f"SELECT {', '.join(listed)} FROM {_FRESH} one WHERE {where}",
        )

    def _rows_of_labels(self, wanted: "Wanted", by: Sequence[str]) -> str:
        where = _conditions(wanted, people=False, tasks=True)
        listed, less = (
            ", ".join((*by, f"{one} AS labels", f"{sign}returned", f"{sign}accepted"))
            for one, sign in (("1", ""), ("-1", "-"))
        )
        plain = ", ".join((*by, *LABELS[4:]))
        return self._corrected(
            f"""SELECT {plain} FROM review_dailylabels
            WHERE project_id = %(project)s AND {where}""",
            f"{LABELS_OF.format(listed=less, counted=_STORED)} WHERE {where}",
            f"{LABELS_OF.format(listed=listed, counted=_FRESH)} WHERE {where}",
        )

    def _corrected(self, stored: str, less: str, fresh: str) -> str:
        if self.changed is None:
            return fresh
        return f"{stored} UNION ALL {less} UNION ALL {fresh}" if self.changed else stored

    def _given(self, wanted: "Wanted") -> dict[str, Any]:
        given: dict[str, Any] = {
            "project": self.project.pk,
            "first": wanted.first,
            "last": wanted.last,
            "person": wanted.person,
            "task": wanted.task,
        }
        if self.changed == []:
            return given
        return {**given, "sets": self.changed or [], "counted": self._counted}


def _conditions(wanted: "Wanted", *, people: bool, tasks: bool) -> str:
    """On rows that know the day, and the person, or the task."""
    found = ["day BETWEEN %(first)s AND %(last)s"]
    if people and wanted.person is not None:
        found.append("annotator_id = %(person)s")
    if tasks and wanted.task is not None:
        found.append("task_id = %(task)s")
    return " AND ".join(found)


def _sum(column: str) -> str:
    """Exact up to 2**53; the sum of big integers is numeric and takes several times as long."""
    return f"sum({column}::float8)::bigint"


def _read(statement: str, given: dict[str, Any]) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
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
        stored = TaskDay.objects.filter(project=project).exists()
        return Daily(project, zone, [] if stored else None, recounting=stored)
    return Daily(project, zone, touched(project, mark.looked_at - _PAGES_LOOK_BACK))
