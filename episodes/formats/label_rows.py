"""Labels on the rows of a step table: where on it a label begins and ends, and whether it may."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from episodes.errors import ExportFailed
from episodes.records import Json
from episodes.timebase import nearest_frame


def frame_span(times_ns: NDArray[np.int64], end_ns: int, label: Json) -> tuple[int, int]:
    """Rows [first, last) of a label on ``times_ns``; at least one row.

    Both ends go to the nearest row, so that segments which touch in time touch in rows; an end
    nearer to the episode's end ``end_ns`` than to the last row includes that row.
    """
    first = nearest_frame(times_ns, label["start_ns"])
    if label["end_ns"] is None:
        return first, first + 1
    edges = np.append(times_ns, end_ns)
    return first, max(first + 1, nearest_frame(edges, label["end_ns"]))


def placed_labels(
    labels: Sequence[Json], times_ns: NDArray[np.int64], end_ns: int
) -> Iterator[Json]:
    """The labels by start, each with ``start_frame`` and ``end_frame`` (exclusive).

    ``times_ns`` int64 (rows,) are the rows' times, ``end_ns`` the episode's end. Outcomes, which
    have no times, come last and as they are.
    """
    for label in sorted(labels, key=_order):
        if label["start_ns"] is None:
            yield label
        else:
            first, last = frame_span(times_ns, end_ns, label)
            yield {**label, "start_frame": first, "end_frame": last}


def _order(label: Json) -> tuple[int, int, str]:
    start = label["start_ns"]
    return (1, 0, label["id"]) if start is None else (0, start, label["id"])


def check_classes(labels: Sequence[Json], schema: Json) -> None:
    """Raises ExportFailed for a label whose class the schema does not have."""
    known = {(entry["kind"], entry["id"]) for entry in schema["classes"]}
    for label in labels:
        if (label["kind"], label["label_class"]) not in known:
            raise ExportFailed(
                f"The {label['kind']} class “{label['label_class']}” is not in the label schema"
                f" “{schema['name']}” version {schema['version']}.",
                remedy="Export with the schema version that the labels were made with.",
            )
