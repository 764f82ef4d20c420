"""The dashboard's figures as rows, for CSV and JSON."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

from review.selectors.backlog import (
    OPEN_STAGES,
    aging,
    backlog_forecast,
    held_work,
    stage_counts,
    stages,
    task_backlogs,
)
from review.selectors.daily import Daily, Wanted
from review.selectors.dashboard import (
    Sums,
    day_rows,
    handed_in,
    length_name,
    person_rows,
    task_rows,
    times_by_length,
)
from review.selectors.label_counts import class_counts

Table = tuple[list[str], Iterable[Sequence[object]]]
_SUMS = [
    "first_rounds", "rework", "sent_back", "accepted", "labels", "labels_accepted", "hours",
    "rework_hours", "timed_first_rounds", "claim_to_handing_in_hours", "accepted_episode_hours",
]  # fmt: skip
# In the order of the list of downloads.
NAMES = (
    *("states", "days", "tasks", "people", "lengths", "stages", "backlog", "held", "aging"),
    *("forecast", "labels", "sets"),
)


def table(daily: Daily, wanted: Wanted, name: str) -> Table:
    """Header and rows of one of NAMES."""
    return _TABLES[name](daily, wanted)


def _states(daily: Daily, wanted: Wanted) -> Table:
    found = stage_counts(daily.project, wanted.task)
    return ["state", "episodes"], [(one.progress, one.episodes) for one in found]


def _days(daily: Daily, wanted: Wanted) -> Table:
    return ["day", *_SUMS], [(day, *_cells(one)) for day, one in day_rows(daily, wanted)]


def _tasks(daily: Daily, wanted: Wanted) -> Table:
    rows = task_rows(daily, wanted)
    return ["task", *_SUMS], [(task.text if task else "", *_cells(one)) for task, one in rows]


def _people(daily: Daily, wanted: Wanted) -> Table:
    head = ["user", "name", *_SUMS, "sets_an_hour_median", "low_quartile", "high_quartile", "n"]
    return head, [
        (
            one.user.username,
            one.user.get_full_name(),
            *_cells(one.sums),
            *((one.pace.middle, one.pace.low, one.pace.high, one.pace.n) if one.pace else ()),
        )
        for one in person_rows(daily, wanted)
    ]


def _lengths(daily: Daily, wanted: Wanted) -> Table:
    rows = times_by_length(daily.project, wanted)
    head = ["length", "minutes_median", "low_quartile", "high_quartile", "n"]
    return head, [(length_name(at), one.middle, one.low, one.high, one.n) for at, one in rows]


def _stages(daily: Daily, wanted: Wanted) -> Table:
    head = [
        "stage", "episodes", "dated", "waiting_s_median", "waiting_s_longest", "left",
        "left_after_s_median",
    ]  # fmt: skip
    return head, [
        (
            one.progress, one.episodes, one.dated, one.median_s, one.oldest_s, one.left,
            one.left_median_s,
        )
        for one in stages(daily, wanted)
    ]  # fmt: skip


def _backlog(daily: Daily, wanted: Wanted) -> Table:
    return ["task", *OPEN_STAGES], [
        (one.task.text if one.task else "", *(count for _, count in one.by_stage))
        for one in task_backlogs(daily.project)
    ]


def _held(daily: Daily, wanted: Wanted) -> Table:
    head = ["episode", "user", "state", "rework", "taken", "lease_until"]
    rows = held_work(daily.project).values_list(
        "project_episode__episode__key",
        "annotator__username",
        "state",
        "rework",
        "claimed_at",
        "lease_expires_at",
    )
    return head, rows.iterator(chunk_size=2000)


def _aging(daily: Daily, wanted: Wanted) -> Table:
    return ["days", "episodes"], [
        (f"up to {one.days}" if one.days else "more", one.count) for one in aging(daily.project)
    ]


def _forecast(daily: Daily, wanted: Wanted) -> Table:
    left, found = backlog_forecast(daily, wanted.task)
    head = ["day", "left_low", "left_middle", "left_high"]
    if found is None:
        return head, [("", left, left, left)]
    return head, [
        (found.today + timedelta(days=ahead), *course) for ahead, course in enumerate(found.left)
    ]


def _labels(daily: Daily, wanted: Wanted) -> Table:
    head = ["label_class", "name", "kind", "in_drafts", "handed_in", "sent_back", "accepted"]
    return head, [
        (
            one.label_class, one.name, one.kind, one.drafts, one.labels, one.returned, one.accepted,
        )
        for one in class_counts(daily, wanted)
    ]  # fmt: skip


def _sets(daily: Daily, wanted: Wanted) -> Table:
    head = ["set", "episode", "task", "user", "round", "claimed_or_returned", "handed_in"]
    return head, _set_rows(daily, wanted)


def _set_rows(daily: Daily, wanted: Wanted) -> Iterator[tuple[object, ...]]:
    """Day by day, so that the first line does not wait until a million are in order."""
    for day, _ in day_rows(daily, wanted):
        sets = handed_in(daily.project, replace(wanted, first=day, last=day))
        yield from (
            sets.order_by("submitted_at", "pk")
            .values_list(
                "pk",
                "project_episode__episode__key",
                "project_episode__episode__task__text",
                "assignment__annotator__username",
                "round",
                "created_at",
                "submitted_at",
            )
            .iterator(chunk_size=2000)
        )


_TABLES = {
    "states": _states,
    "days": _days,
    "tasks": _tasks,
    "people": _people,
    "lengths": _lengths,
    "stages": _stages,
    "backlog": _backlog,
    "held": _held,
    "aging": _aging,
    "forecast": _forecast,
    "labels": _labels,
    "sets": _sets,
}
assert tuple(_TABLES) == NAMES


def _cells(one: Sums) -> tuple[object, ...]:
    return (
        one.submitted, one.reworked, one.returned, one.accepted, one.labels, one.labels_accepted,
        round(one.worked_h, 3), round(one.rework_h, 3), one.timed, round(one.held_h, 3),
        round(one.accepted_h, 3),
    )  # fmt: skip
