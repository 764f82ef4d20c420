"""The comparisons behind a figure, each with the way to where both can be seen."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import connection
from django.urls import reverse

from annotation.errors import NotFound
from review.measures.counts import Measure
from review.measures.phases import BOUNDARIES, EVENTS, PHASES
from review.selectors.agreement_wanted import CLOCK_MOVED, Wanted

_CONFUSED = ("event_confusion", "segment_confusion", "outcome")


@dataclass(frozen=True, slots=True)
class Behind:
    """What is asked: ``confused-``, ``differs-`` and a measure, or ``phase-`` and a kind."""

    what: str
    label_class: str = ""
    phase: int | None = None

    @property
    def heading(self) -> str:
        verb, _, of = self.what.partition("-")
        if verb == "phase":
            part = f"{(self.phase or 0) * 10} to {(self.phase or 0) * 10 + 10} %"
            noun = "boundaries" if of == BOUNDARIES else "contacts"
            return f"Differing {noun} at {part} of the episode"
        if verb == "confused":
            return "Called differently"
        return "Episodes that differ" if verb == "differs" else "Compared episodes"


@dataclass(frozen=True, slots=True)
class Row:
    """A comparison with ``count`` labels that differ. ``gold`` stands for its first side."""

    pair: UUID
    episode: str
    task: str
    first: str
    second: str
    count: int
    handed_in_at: datetime
    two_schemas: bool
    clock_moved: bool
    address: str


@dataclass(frozen=True, slots=True)
class Page:
    rows: tuple[Row, ...]
    total: int


def behind(wanted: Wanted, asked: Behind, *, offset: int = 0, limit: int = 50) -> Page:
    """Comparisons, those that differ most first. Raises NotFound for what no figure is about."""
    pairs, values = wanted.where()
    join, count, clause, more = _condition(asked, gold=wanted.gold)
    pairs = pairs.replace(" WHERE ", f" {join} WHERE ", 1) if join else pairs
    inner = f"SELECT p.id, {count} AS differing {pairs} AND {clause}"
    grouped = f"SELECT id, SUM(differing) AS differing FROM ({inner}) one GROUP BY id"
    sql = _LIST.format(grouped=grouped, moved=CLOCK_MOVED)
    with connection.cursor() as cursor:
        cursor.execute(sql, {**values, **more, "limit": limit, "offset": offset})
        found = cursor.fetchall()
        if not found and offset:
            return Page((), 0)
    names = _names({pk for row in found for pk in (row[3], row[4]) if pk})
    rows = tuple(_row(row, names) for row in found)
    return Page(rows, found[0][-1] if found else 0)


_LIST = """
SELECT p.id, e.key, COALESCE(t.text, ''), p.first_annotator_id, p.second_annotator_id,
    g.differing, p.handed_in_at, p.two_schemas, {moved}, p.first_id, p.second_id, i.id,
    COUNT(*) OVER ()
FROM ({grouped}) g
JOIN review_scoredpair p ON p.id = g.id
JOIN annotation_projectepisode pe ON pe.id = p.project_episode_id
JOIN episodes_episode e ON e.id = pe.episode_id
LEFT JOIN episodes_task t ON t.id = e.task_id
LEFT JOIN review_batchitem i ON i.project_episode_id = pe.id
ORDER BY g.differing DESC, pe.position, pe.id, p.id
LIMIT %(limit)s OFFSET %(offset)s
"""
_JOIN = """JOIN review_paircounts c ON c.pair_id = p.id AND c.measure = %(measure)s
    AND c.label_class = ANY(%(classes)s)"""


def _condition(asked: Behind, *, gold: bool) -> tuple[str, str, str, dict[str, Any]]:
    """(join, count, condition, values) of what is asked."""
    verb, _, of = asked.what.partition("-")
    if verb == "phase" and of in (EVENTS, BOUNDARIES) and 0 <= (asked.phase or 0) < PHASES:
        tenth = "(p.phases->%(kind)s->%(phase)s)"
        count = f"(({tenth}->>1)::int + ({tenth}->>2)::int - 2 * ({tenth}->>0)::int)"
        return "", count, f"{count} > 0", {"kind": of, "phase": asked.phase or 0}
    if verb == "confused" and of in _CONFUSED and ">" in asked.label_class:
        a, b = asked.label_class.split(">", 1)
        classes = [f"{a}>{b}"] if gold else [f"{a}>{b}", f"{b}>{a}"]
        return _JOIN, "c.n_first", "c.n_first > 0", {"measure": of, "classes": classes}
    if verb == "differs" and of in set(Measure):
        count = "(c.n_first + c.n_second - 2 * c.matched)"
        return _JOIN, count, f"{count} > 0", {"measure": of, "classes": [asked.label_class]}
    if asked.what == "all":
        return "", "0", "TRUE", {}
    raise NotFound("No figure is about that.", remedy="Follow a link of the agreement page.")


def _names(ids: set[int]) -> dict[int, str]:
    people = User.objects.filter(pk__in=ids)
    return {one.pk: one.get_full_name() or one.username for one in people}


def _row(found: tuple[Any, ...], names: dict[int, str]) -> Row:
    pair, key, task, first, second, count, when, schemas, moved, a, b, item, _ = found
    address = reverse("review-comparison", args=[pair])
    if item is not None:
        address = f"{reverse('review-episode', args=[item])}?compare={a}..{b}"
    return Row(
        pair=pair,
        episode=key,
        task=task,
        first=names[first] if first else "Gold",
        second=names[second],
        count=int(count),
        handed_in_at=when,
        two_schemas=schemas,
        clock_moved=moved,
        address=address,
    )
