"""CSV of what people typed opens in a spreadsheet as text, never as a formula."""

import csv
import io
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotation.csv_rows import csv_answer, csv_lines, safe_cell

FORMULAS = (
    "=1+1",
    "+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1",
    "  =cmd|' /C calc'!A0",
    "|calc",
    "%0A=1",
    "＝1+1",
)


@pytest.mark.parametrize("typed", FORMULAS)
def test_what_a_spreadsheet_would_compute_is_quoted(typed: str) -> None:
    assert safe_cell(typed) == f"'{typed}"


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (-3, "-3"),
        (-0.5, "-0.5"),
        (True, "true"),
        (None, ""),
        (date(2026, 11, 26), "2026-11-26"),
        (datetime(2026, 11, 26, 8, tzinfo=UTC), "2026-11-26T08:00:00+00:00"),
        ("put the cup down - slowly", "put the cup down - slowly"),
        ("a\x00b", "ab"),
    ],
)
def test_numbers_dates_and_prose_stay_as_they_are(value: object, cell: str) -> None:
    assert safe_cell(value) == cell


@given(
    st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=2), max_size=5)
)
def test_every_cell_comes_back_and_none_begins_a_formula(rows: list[list[str]]) -> None:
    read = list(csv.reader(io.StringIO("".join(csv_lines(["=head", "b"], rows)), newline="")))
    assert read[0] == ["'=head", "b"]
    for cells, row in zip(read[1:], rows, strict=True):
        for cell, typed in zip(cells, row, strict=True):
            assert cell.removeprefix("'") == typed.replace("\x00", "").removeprefix("'")
            assert cell.lstrip(" ")[:1] not in ("=", "+", "-", "@", "\t", "\r", "\n")


def test_the_file_name_cannot_break_the_header() -> None:
    answer = csv_answer('Blocks "A"\r\nX: y', ["a"], [[1]])
    assert answer["Content-Disposition"] == 'attachment; filename="Blocks-A-X-y.csv"'
    assert b"".join(answer).decode() == "a\r\n1\r\n"
