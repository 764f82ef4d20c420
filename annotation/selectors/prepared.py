"""Statements that are put together once a process.

What a claim asks takes several times as long to be put together by the ORM as to be answered. So
it is put together for stand-ins of who asks and where, and carried out for whoever really does.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import QuerySet

from annotation.models import Project, ProjectEpisode

# Keys that no row has.
PERSON, PROJECT = User(pk=-1_000_000_007), Project(pk=-1_000_000_009)

_LOCKED = f"FOR NO KEY UPDATE OF {ProjectEpisode._meta.db_table} SKIP LOCKED"


@dataclass(frozen=True, slots=True)
class Statement:
    """A query as the database gets it, with stand-ins among what is given to it."""

    sql: str
    given: tuple[Any, ...]

    @classmethod
    def of(cls, query: QuerySet[Any, Any]) -> "Statement":
        sql, given = query.query.get_compiler(DEFAULT_DB_ALIAS).as_sql()
        return cls(sql, tuple(given))

    def put(self, really: Mapping[Hashable, Any]) -> "Statement":
        """With what the stand-ins stand for."""
        return Statement(self.sql, tuple(really.get(one, one) for one in self.given))

    def row(self) -> tuple[Any, ...] | None:
        """The first row of it."""
        with connection.cursor() as cursor:
            cursor.execute(self.sql, self.given)
            found: tuple[Any, ...] | None = cursor.fetchone()
            return found

    def first(self) -> ProjectEpisode | None:
        return self._place("LIMIT 1")

    def first_free(self) -> ProjectEpisode | None:
        """The first that nobody else has locked; locked from now on."""
        return self._place(f"LIMIT 1 {_LOCKED}")

    def _place(self, end: str) -> ProjectEpisode | None:
        rows = ProjectEpisode.objects.raw(f"{self.sql} {end}", self.given)
        return next(iter(rows), None)
