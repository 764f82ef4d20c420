"""The dashboard's figures as rows, for CSV and JSON."""

from collections.abc import Iterable, Sequence

from annotation.models import Project
from review.selectors.dashboard import (
    Sums,
    Wanted,
    day_rows,
    handed_in,
    person_rows,
    stages,
    times_by_length,
)

Table = tuple[list[str], Iterable[Sequence[object]]]
_SUMS = [
    "first_rounds", "rework", "sent_back", "accepted", "labels", "labels_accepted", "hours",
    "accepted_episode_hours",
]  # fmt: skip
NAMES = ("states", "days", "people", "lengths", "sets")


def table(project: Project, wanted: Wanted, name: str) -> Table:
    """Header and rows of one of NAMES."""
    if name == "states":
        return ["state", "episodes"], [(one.progress, one.episodes) for one in stages(project)]
    if name == "days":
        return ["day", *_SUMS], [(day, *_cells(one)) for day, one in day_rows(project, wanted)]
    if name == "people":
        head = ["user", "name", *_SUMS, "sets_an_hour_median", "low_quartile", "high_quartile", "n"]
        return head, [
            (
                one.user.username,
                one.user.get_full_name(),
                *_cells(one.sums),
                *((one.pace.middle, one.pace.low, one.pace.high, one.pace.n) if one.pace else ()),
            )
            for one in person_rows(project, wanted)
        ]
    if name == "lengths":
        rows = times_by_length(project, wanted)
        head = ["length", "minutes_median", "low_quartile", "high_quartile", "n"]
        return head, [(at, one.middle, one.low, one.high, one.n) for at, one in rows]
    head = ["set", "episode", "task", "user", "round", "claimed_or_returned", "handed_in"]
    sets = handed_in(project, wanted).order_by("submitted_at", "pk")
    return head, sets.values_list(
        "pk",
        "project_episode__episode__key",
        "project_episode__episode__task__text",
        "assignment__annotator__username",
        "round",
        "created_at",
        "submitted_at",
    ).iterator(chunk_size=2000)


def _cells(one: Sums) -> tuple[object, ...]:
    return (
        one.submitted, one.reworked, one.returned, one.accepted, one.labels, one.labels_accepted,
        round(one.held_h, 3), round(one.accepted_h, 3),
    )  # fmt: skip
