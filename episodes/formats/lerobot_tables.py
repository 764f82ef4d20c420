"""Tables of texts by number: meta/tasks.parquet of v3.0, and meta/subtasks.parquet.

The text is the index of a pandas table, stored under one of several names.
"""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from episodes.errors import DatasetBroken
from episodes.formats.lerobot_columns import UNREADABLE
from episodes.formats.paths import confined

TASKS_PATH = "meta/tasks.parquet"
SUBTASKS_PATH = "meta/subtasks.parquet"
MAX_TEXTS = 1_000_000


def listed_tasks(root: Path) -> dict[int, str]:
    """task_index to text; empty without a table. Raises DatasetBroken."""
    return _texts(root, TASKS_PATH, "task")


def listed_subtasks(root: Path) -> dict[int, str]:
    """subtask_index to text; empty without a table. Raises DatasetBroken."""
    return _texts(root, SUBTASKS_PATH, "subtask")


def _texts(root: Path, relative: str, name: str) -> dict[int, str]:
    path = confined(root, relative)
    if not path.is_file():
        return {}
    remedy = f"Restore {relative} from the source; the copy may be incomplete."
    try:
        if pq.read_metadata(path).num_rows > MAX_TEXTS:
            raise DatasetBroken(f"{relative} lists more than {MAX_TEXTS:,} texts.", remedy=remedy)
        table = pq.read_table(path)
        text, number = _text_column(table, name), f"{name}_index"
        if text is None or number not in table.column_names:
            raise DatasetBroken(
                f"{relative} needs the columns “{number}” and “{name}”;"
                f" it has {', '.join(table.column_names)}.",
                remedy=remedy,
            )
        pairs = zip(table[number].to_pylist(), table[text].to_pylist(), strict=True)
        return {number: str(text) for number, text in pairs if isinstance(number, int)}
    except UNREADABLE as error:
        raise DatasetBroken(f"{relative} cannot be read: {error}", remedy=remedy) from error


def _text_column(table: pa.Table, name: str) -> str | None:
    """``name``, else the unnamed pandas index, else the only column of text."""
    for known in (name, "__index_level_0__"):
        if known in table.column_names:
            return known
    kinds = (pa.types.is_string, pa.types.is_large_string)
    texts = [f.name for f in table.schema if any(kind(f.type) for kind in kinds)]
    return texts[0] if len(texts) == 1 else None
