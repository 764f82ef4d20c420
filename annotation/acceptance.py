"""Which row of a project's policies holds for an episode's task and a kind of label.

Pure: rows in, a row out. The rows are AcceptancePolicy and TaskPolicy, or anything alike.
"""

from collections.abc import Iterable
from typing import Protocol, TypeVar


class BarRow(Protocol):
    """A row with a bar; ``task_id`` None stands for every task, "" for every kind of label."""

    @property
    def task_id(self) -> int | None: ...
    @property
    def label_type(self) -> str: ...
    @property
    def evaluation(self) -> bool: ...


class TaskRow(Protocol):
    @property
    def task_id(self) -> int: ...


_Bar = TypeVar("_Bar", bound=BarRow)
_Task = TypeVar("_Task", bound=TaskRow)


def policy_for(
    rows: Iterable[_Bar], *, task_id: int | None, label_type: str, evaluation: bool
) -> _Bar | None:
    """The most exact row that holds, None when there is none.

    Task and kind come before task, task before kind, kind before neither. For evaluation episodes
    every row made for them comes before every row made for the rest, because they are held to
    more; where there is none for them, the rest's holds. ``label_type`` "" asks for the row that
    holds for all kinds together.
    """
    holding = [
        row
        for row in rows
        if row.task_id in (None, task_id)
        and row.label_type in ("", label_type)
        and (evaluation or not row.evaluation)
    ]
    return max(
        holding,
        key=lambda row: (row.evaluation, row.task_id is not None, row.label_type != ""),
        default=None,
    )


def task_policy_for(rows: Iterable[_Task], task_id: int | None) -> _Task | None:
    """The row of the task, None when it has none of its own."""
    return next((row for row in rows if row.task_id == task_id), None)
