"""Tables as CSV that a spreadsheet can open without running what somebody typed."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from django.http import StreamingHttpResponse

# What makes Excel, LibreOffice or Sheets read a cell as a formula. A tab or line break before such
# a sign is skipped by some of them, so it counts too. (OWASP, CSV injection)
_FORMULA = re.compile(r"[=+\-@\t\r\n|%\uff0b\uff0d\uff1d\uff20]")


def safe_cell(value: object) -> str:
    """The value as text; an apostrophe comes before text that a spreadsheet would compute.

    Numbers, dates, True, False and None come from the program and are written as they are.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    text = str(value).replace("\x00", "")
    return f"'{text}" if _FORMULA.match(text.lstrip(" ")) else text


class _Line:
    """What csv.writer writes to, handed back at once."""

    def write(self, line: str) -> str:
        return line


def csv_lines(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """RFC 4180 lines, the header first; every cell is a ``safe_cell``."""
    writer = csv.writer(_Line())
    yield writer.writerow([safe_cell(name) for name in header])
    for row in rows:
        yield writer.writerow([safe_cell(value) for value in row])


def csv_answer(
    name: str, header: Sequence[str], rows: Iterable[Sequence[object]]
) -> StreamingHttpResponse:
    """A download called ``name``.csv, sent while it is being read."""
    lines = (line.encode() for line in csv_lines(header, rows))
    answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.") or "table"
    answer["Content-Disposition"] = f'attachment; filename="{plain}.csv"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
