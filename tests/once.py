"""Scenes made once in a worker and put back, rows and files, wherever a test asks for them."""

import pickle
from collections.abc import Callable
from dataclasses import dataclass
from typing import LiteralString, TypeVar

from django.conf import settings
from django.db import connection, transaction
from psycopg import sql

T = TypeVar("T")
Tables = dict[str, bytes]
MANY_BYTES = 100_000


@dataclass(frozen=True)
class _Kept:
    """The tables that a scene changed, as they were before and after it, and what it returned."""

    before: Tables
    after: Tables
    files: dict[str, bytes]
    result: bytes


_kept: dict[str, _Kept] = {}


def once(name: str, make: Callable[[], T]) -> T:
    """``make()``, by COPY from the second time on; ``name`` says all that it depends on.

    The tables that it changes have to hold what they held the first time; where they do not, it is
    made anew. Files are those below the test's data folder; objects returned are copies.
    """
    kept = _kept.get(name)
    if kept is None:
        return _keep(name, make)
    if _tables(list(kept.before)) != kept.before:
        return make()
    _replace(kept)
    for path, content in kept.files.items():
        target = settings.TOUCHLINE_DATA_DIR / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    result: T = pickle.loads(kept.result)
    return result


def _keep(name: str, make: Callable[[], T]) -> T:
    there, files = _tables(_names()), _files()
    result = make()
    now = _tables(list(there))
    changed = [table for table in there if there[table] != now[table]]
    _kept[name] = _Kept(
        before={table: there[table] for table in changed},
        after={table: now[table] for table in changed},
        files={path: content for path, content in _files().items() if path not in files},
        result=pickle.dumps(result),
    )
    return result


def _files() -> dict[str, bytes]:
    folder = settings.TOUCHLINE_DATA_DIR
    found = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def _names() -> list[str]:
    return [name for name in connection.introspection.table_names() if name != "django_migrations"]


def _tables(names: list[str]) -> Tables:
    """Each table's rows, in PostgreSQL's binary form."""
    found = {}
    connection.ensure_connection()
    with connection.connection.cursor() as cursor:
        for name in names:
            with cursor.copy(_copy(name, "TO STDOUT")) as rows:
                found[name] = b"".join(bytes(part) for part in rows)
    return found


def _replace(kept: _Kept) -> None:
    """The rows before give way to those after; foreign keys are looked at after all."""
    with transaction.atomic(), connection.connection.cursor() as cursor:
        for name in kept.before:
            cursor.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(name)))
        for name, content in kept.after.items():
            with cursor.copy(_copy(name, "FROM STDIN")) as rows:
                rows.write(content)
            if len(content) > MANY_BYTES:
                # Without statistics the planner takes every table for a small one.
                cursor.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(name)))


def _copy(name: str, way: LiteralString) -> sql.Composed:
    return sql.SQL("COPY {} " + way + " (FORMAT BINARY)").format(sql.Identifier(name))
