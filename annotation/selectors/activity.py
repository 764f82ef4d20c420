"""Active time of people: the union of their spans, computed where they lie.

``range_agg`` merges what overlaps, so that two windows of one person count once; its result is that
of annotation.activity_time.union, which a test holds it to.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone

from annotation.models import Project
from annotation.roles import Role, require_role
from episodes.models import Episode

MOST_EPISODES = 50


@dataclass(frozen=True, slots=True)
class Active:
    """``name`` is a day, a person or an episode; time in ms."""

    key: str
    name: str
    active_ms: int
    keystrokes: int
    undos: int
    labels: int

    @property
    def undos_a_label(self) -> float | None:
        return self.undos / self.labels if self.labels else None


@dataclass(frozen=True, slots=True)
class OwnActivity:
    today: Active
    week: Active
    days: list[Active]
    episodes: list[Active]


_MERGED = """
WITH spans AS (
  SELECT a.annotator_id, p.project_id, s.started_at, s.ended_at, s.keystrokes, s.undos, s.labels,
         {key} AS key
    FROM annotation_activityspan s
    JOIN annotation_assignment a ON a.id = s.assignment_id
    JOIN annotation_projectepisode p ON p.id = a.project_episode_id
   WHERE s.started_at >= %s AND s.started_at < %s AND {where}
), merged AS (
  SELECT key, annotator_id, unnest(range_agg(tstzrange(started_at, ended_at))) AS part
    FROM spans GROUP BY key, annotator_id
), times AS (
  SELECT key, sum(extract(epoch FROM upper(part) - lower(part)) * 1000) AS active_ms,
         max(upper(part)) AS last
    FROM merged GROUP BY key
), counts AS (
  SELECT key, sum(keystrokes) AS keystrokes, sum(undos) AS undos, sum(labels) AS labels
    FROM spans GROUP BY key
)
SELECT key, active_ms, keystrokes, undos, labels FROM times JOIN counts USING (key)
 ORDER BY last DESC, key
"""
# What a key may be. A span belongs to the day in which it began: it is no longer than minutes.
_DAY = "to_char(s.started_at AT TIME ZONE %s, 'YYYY-MM-DD')"
_EPISODE = "p.episode_id::text"
_PERSON = "a.annotator_id::text"
_ALL = "'all'"


def _asked(key: str, where: str, params: Sequence[Any]) -> list[Active]:
    with connection.cursor() as cursor:
        cursor.execute(_MERGED.format(key=key, where=where), params)
        return [
            Active(found, found, round(ms), int(keys), int(undos), int(labels))
            for found, ms, keys, undos, labels in cursor.fetchall()
        ]


def day_start(now: datetime, zone: tzinfo | None = None) -> datetime:
    """Of the day in ``zone``; None is the server's, for what is of no single project."""
    return timezone.localtime(now, zone).replace(hour=0, minute=0, second=0, microsecond=0)


def own_activity(user: User) -> OwnActivity:
    """The person's own last seven days. Five queries."""
    now = timezone.now()
    today = day_start(now)
    week = today - timedelta(days=6)
    until = now + timedelta(minutes=1)
    mine = "a.annotator_id = %s"
    zone = timezone.get_current_timezone_name()
    episodes = _asked(_EPISODE, mine, [week, until, user.pk])[:MOST_EPISODES]
    return OwnActivity(
        today=_one(_asked(_ALL, mine, [today, until, user.pk])),
        week=_one(_asked(_ALL, mine, [week, until, user.pk])),
        days=_asked(_DAY, mine, [zone, week, until, user.pk]),
        episodes=_named(episodes, _episode_names([one.key for one in episodes])),
    )


def people_activity(user: User, project: Project, since: datetime) -> list[Active]:
    """Each person's active time in the project since then; managers only. Three queries."""
    require_role(user, project, Role.MANAGER)
    until = timezone.now() + timedelta(minutes=1)
    rows = _asked(_PERSON, "p.project_id = %s", [since, until, project.pk])
    people = User.objects.filter(pk__in=[int(one.key) for one in rows])
    names = {str(one.pk): one.get_full_name() or one.username for one in people}
    return sorted(_named(rows, names), key=lambda one: one.name)


def _one(rows: list[Active]) -> Active:
    return rows[0] if rows else Active("all", "all", 0, 0, 0, 0)


def _episode_names(keys: Sequence[str]) -> dict[str, str]:
    from_ids = Episode.objects.filter(pk__in=[UUID(key) for key in keys])
    return {str(pk): key for pk, key in from_ids.values_list("pk", "key")}


def _named(rows: list[Active], names: dict[str, str]) -> list[Active]:
    return [replace(one, name=names.get(one.key, one.key)) for one in rows]
