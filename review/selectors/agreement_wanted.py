"""Which comparisons figures are asked of: the filter of pages, runs and downloads."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Any, Self
from urllib.parse import urlencode

from annotation.models import ProjectEpisode

_Purpose = ProjectEpisode.Purpose
# Work that is delivered. What people learn or are examined on is not what a project agrees on.
DELIVERED = (_Purpose.PRODUCTION, _Purpose.EVALUATION)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Comparisons of a project: between annotators, or against gold.

    ``task``, ``batch`` and ``schema`` are ids; ``people`` are ids of one annotator, or of two whose
    comparisons with each other are meant. ``first`` and ``last`` are days on which the later of
    both handed in. ``steady`` leaves out what was compared across two schema versions, or labelled
    before a clock was corrected. ``as_of`` takes the comparisons that stood at that moment.
    """

    project: int
    gold: bool = False
    task: int | None = None
    label_type: str = ""
    batch: int | None = None
    people: tuple[int, ...] = ()
    first: date | None = None
    last: date | None = None
    schema: int | None = None
    purpose: str = ""
    steady: bool = False
    as_of: datetime | None = None

    def at(self, moment: datetime) -> Self:
        return replace(self, as_of=moment)

    def of(self, **changed: Any) -> Self:
        return replace(self, **changed)

    def to_json(self) -> dict[str, Any]:
        """What is set, without the moment, which a run keeps apart."""
        found: dict[str, Any] = {}
        for one in fields(self):
            value = getattr(self, one.name)
            if one.name in ("project", "as_of") or value in (None, "", False, ()):
                continue
            found[one.name] = value.isoformat() if isinstance(value, date) else value
        if "people" in found:
            found["people"] = list(self.people)
        return found

    @classmethod
    def from_json(cls, project: int, stored: Mapping[str, Any]) -> Self:
        found = dict(stored)
        for name in ("first", "last"):
            if found.get(name):
                found[name] = date.fromisoformat(found[name])
        found["people"] = tuple(found.get("people", ()))
        return cls(project=project, **found)

    @property
    def query(self) -> str:
        """For an address."""
        found = self.to_json()
        for name in ("gold", "steady"):
            if name in found:
                found[name] = "on"
        people = found.pop("people", [])
        found |= dict(zip(("person", "other"), people, strict=False))
        return urlencode(found)

    def where(self) -> tuple[str, dict[str, Any]]:
        """FROM and WHERE of the pairs, ``p``, with their place ``pe`` and episode ``e``."""
        clauses = ["pe.project_id = %(project)s", "p.against_gold = %(gold)s"]
        clauses += ["pe.purpose = ANY(%(purposes)s)"]
        clauses += [_STOOD if self.as_of else "p.retired = ''"]
        clauses += [_GOLD] if self.gold else []
        clauses += ["e.task_id = %(task)s"] if self.task else []
        clauses += [_BATCH] if self.batch else []
        clauses += [_ONE] if len(self.people) == 1 else []
        clauses += [_TWO] if len(self.people) == 2 else []
        clauses += ["p.handed_in_at >= %(first)s::date"] if self.first else []
        clauses += ["p.handed_in_at < %(last)s::date + 1"] if self.last else []
        clauses += ["p.schema_id = %(schema)s"] if self.schema else []
        clauses += [f"NOT p.two_schemas AND NOT {CLOCK_MOVED}"] if self.steady else []
        people = [*self.people, None, None]
        values = {
            "project": self.project,
            "gold": self.gold,
            "purposes": [self.purpose] if self.purpose else [str(one) for one in DELIVERED],
            "as_of": self.as_of,
            "task": self.task,
            "batch": self.batch,
            "person": people[0],
            "other": people[1],
            "first": self.first,
            "last": self.last,
            "schema": self.schema,
        }
        return f"{_FROM} WHERE {' AND '.join(clauses)}", values


_FROM = """FROM review_scoredpair p
    JOIN annotation_projectepisode pe ON pe.id = p.project_episode_id
    JOIN episodes_episode e ON e.id = pe.episode_id"""
_STOOD = """p.scored_at <= %(as_of)s AND (p.retired_at IS NULL OR p.retired_at > %(as_of)s)"""
# Nobody is measured by gold that is in dispute, or that was made of their own labels.
_GOLD = """NOT EXISTS (
    SELECT 1 FROM review_golditem g
    LEFT JOIN review_golddispute d ON d.item_id = g.id AND d.decision = ''
    LEFT JOIN review_golditem_sources own ON own.golditem_id = g.id
    LEFT JOIN annotation_annotationset s ON s.id = own.annotationset_id
    LEFT JOIN annotation_assignment a ON a.id = s.assignment_id
    WHERE g.annotation_set_id = p.first_id
        AND (d.id IS NOT NULL OR a.annotator_id = p.second_annotator_id))"""
_BATCH = """EXISTS (SELECT 1 FROM review_batchitem i
    WHERE i.project_episode_id = pe.id AND i.batch_id = %(batch)s)"""
_ONE = "(p.first_annotator_id = %(person)s OR p.second_annotator_id = %(person)s)"
_TWO = """(LEAST(%(person)s::int, %(other)s::int), GREATEST(%(person)s::int, %(other)s::int)) =
    (LEAST(p.first_annotator_id, p.second_annotator_id),
     GREATEST(p.first_annotator_id, p.second_annotator_id))"""
# A camera's clock was corrected after one of both handed in: their frames have moved since.
CLOCK_MOVED = """EXISTS (
    SELECT 1 FROM episodes_clockmap cm
    JOIN episodes_stream st ON st.id = cm.stream_id
    JOIN annotation_annotationset one ON one.id = p.first_id
    JOIN annotation_annotationset two ON two.id = p.second_id
    WHERE st.episode_id = pe.episode_id
        AND cm.created_at > LEAST(one.submitted_at, two.submitted_at))"""
