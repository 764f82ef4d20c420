"""Many rows at once, with the times that they carry."""

from collections.abc import Iterable
from typing import Any

from django.db import connection, models


def copy_rows(rows: Iterable[models.Model]) -> int:
    """Store unsaved rows of one model by COPY and return how many there were.

    Unlike bulk_create it keeps what is set on fields that note the time of creation: made-up work
    happened when its plan says. A serial key is given by the database and stays unknown here.
    """
    waiting = iter(rows)
    first = next(waiting, None)
    if first is None:
        return 0
    fields = [one for one in first._meta.local_concrete_fields if not _serial(one)]
    quoted = connection.ops.quote_name
    columns = ", ".join(quoted(one.column or one.attname) for one in fields)
    command = f"COPY {quoted(first._meta.db_table)} ({columns}) FROM STDIN"
    total = 0
    with connection.cursor() as cursor, cursor.copy(command) as copying:
        row: models.Model | None = first
        while row is not None:
            copying.write_row(
                [one.get_db_prep_save(getattr(row, one.attname), connection) for one in fields]
            )
            total += 1
            row = next(waiting, None)
    return total


def _serial(field: "models.Field[Any, Any]") -> bool:
    return isinstance(field, models.AutoField)
