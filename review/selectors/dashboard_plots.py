"""The dashboard's figures as plots."""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache
from urllib.parse import urlencode

from django.urls import reverse

from annotation.models import Project, ProjectEpisode
from annotation.plots import Axis, Kind, Plot, Point, Scale, Series
from review.measures.forecast import Forecast
from review.selectors.backlog import Aging, Stage, TaskBacklog, bottleneck
from review.selectors.daily import Wanted
from review.selectors.dashboard import PersonRow, Spread, Sums, length_name
from review.selectors.label_counts import ClassCount


def states_plot(project: Project, stages: Sequence[Stage], task: int | None = None) -> Plot:
    points = tuple(
        Point(one.name, one.episodes, href=places_address(project, one.progress, task))
        for one in stages
    )
    waits = max(stages, key=lambda one: one.episodes if one.progress != "approved" else -1)
    return Plot(
        Kind.BARS,
        "Episodes by state",
        f"Beside those approved most are {waits.name.lower()}: {waits.episodes:,}.",
        Axis("State", scale=Scale.CATEGORY),
        Axis("Episodes", low=0),
        (Series("Episodes", points),),
    )


def days_plot(project: Project, wanted: Wanted, days: Sequence[tuple[date, Sums]]) -> Plot:
    def points(name: str, what: str) -> tuple[Point, ...]:
        return tuple(
            Point(
                day,
                getattr(one, name),
                href=sets_address(project, Wanted(day, day, wanted.person, wanted.task), what=what),
            )
            for day, one in days
        )

    total = sum(one.submitted for _, one in days)
    return Plot(
        Kind.LINE,
        "Handed in by day",
        f"{total:,} first rounds on {len(days)} days with work; of rework it is told apart.",
        Axis("Day", scale=Scale.TIME),
        Axis("Sets", low=0),
        (
            Series("First rounds", points("submitted", "first")),
            Series("Rework", points("reworked", "rework")),
        ),
    )


def people_plot(project: Project, wanted: Wanted, people: Sequence[PersonRow]) -> Plot:
    points = tuple(
        _box(
            one.user.get_full_name() or one.user.username,
            one.pace,
            sets_address(
                project, Wanted(wanted.first, wanted.last, one.user.pk, wanted.task), what="first"
            ),
        )
        for one in people
        if one.pace is not None
    )
    return Plot(
        Kind.BOXES,
        "Sets an hour, by person",
        "Each box is over a person's days, n of them: what lies within the boxes of others is no "
        "difference. By name, not by rank.",
        Axis("Person", scale=Scale.CATEGORY),
        Axis("First rounds an hour", low=0),
        (Series("Sets an hour", points),),
    )


def lengths_plot(project: Project, wanted: Wanted, bins: Sequence[tuple[int, Spread]]) -> Plot:
    points = tuple(
        _box(length_name(at), one, sets_address(project, wanted, what="first", length=at))
        for at, one in bins
    )
    return Plot(
        Kind.BOXES,
        "Time an episode takes, by its length",
        "From claim to handing in, breaks included, over the newest sets: where the boxes rise "
        "faster than the lengths, long episodes cost more than their seconds.",
        Axis("Length of the episode", scale=Scale.CATEGORY),
        Axis("Time from claim to handing in", "min", low=0),
        (Series("Minutes", points),),
    )


def waits_plot(project: Project, wanted: Wanted, found: Sequence[Stage]) -> Plot:
    narrow = bottleneck(list(found))
    says = (
        f"Most waiting lies in “{narrow.name.lower()}”: {narrow.episodes:,} episodes, half of them "
        f"for more than {_days(narrow.median_s)} days."
        if narrow
        else "Nothing waits."
    )
    points = tuple(
        Point(
            one.name,
            None if one.median_s is None else round(one.median_s / 86_400, 2),
            n=one.dated,
            href=places_address(project, one.progress, wanted.task),
        )
        for one in found
        if one.episodes
    )
    return Plot(
        Kind.BARS,
        "How long what is there now has waited",
        says,
        Axis("Stage", scale=Scale.CATEGORY),
        Axis("Median wait so far", "days", low=0),
        (Series("Days", points),),
    )


def tasks_plot(project: Project, rows: Sequence[TaskBacklog]) -> Plot:
    shown = rows[:20]
    names = [name for name, _ in shown[0].by_stage] if shown else []
    series = tuple(
        Series(
            ProjectEpisode.Progress(stage).label,
            tuple(
                Point(
                    one.task.text if one.task else "No task",
                    dict(one.by_stage)[stage],
                    href=places_address(project, stage, one.task.pk if one.task else None),
                )
                for one in shown
            ),
        )
        for stage in names
    )
    more = f" The {len(shown)} largest of {len(rows)} tasks." if len(rows) > len(shown) else ""
    left = sum(one.episodes for one in rows)
    return Plot(
        Kind.BARS,
        "Backlog by task",
        f"{left:,} episodes are not approved yet.{more}",
        Axis("Task", scale=Scale.CATEGORY),
        Axis("Episodes", low=0),
        series,
        stacked=True,
    )


def aging_plot(rows: Sequence[Aging]) -> Plot:
    names = [f"up to {one.days} d" if one.days else "longer" for one in rows]
    old = rows[-1].count if rows else 0
    return Plot(
        Kind.BARS,
        "Work at hand by age",
        f"{sum(one.count for one in rows):,} are at hand; {old:,} for more than two weeks.",
        Axis("Since it was taken", scale=Scale.CATEGORY),
        Axis("Episodes", low=0),
        (Series("Episodes", tuple(Point(n, o.count) for n, o in zip(names, rows, strict=True))),),
    )


def labels_plot(project: Project, wanted: Wanted, rows: Sequence[ClassCount]) -> Plot:
    def points(value: str, what: str) -> tuple[Point, ...]:
        return tuple(
            Point(
                one.name,
                getattr(one, value),
                href=sets_address(project, wanted, what=what, label=one.label_class),
            )
            for one in rows
        )

    every = sum(one.labels for one in rows)
    taken = sum(one.accepted for one in rows)
    share = f", {100 * taken / every:.0f} % of them accepted" if every else ""
    return Plot(
        Kind.BARS,
        "Labels by class",
        f"{every:,} labels were handed in{share}.",
        Axis("Class", scale=Scale.CATEGORY),
        Axis("Labels", low=0),
        (
            Series("Handed in", points("labels", "")),
            Series("Sent back", points("returned", "returned")),
            Series("Accepted", points("accepted", "accepted")),
        ),
    )


def burn_down_plot(left: int, found: Forecast | None) -> Plot:
    courses = found.left if found else ()
    today = found.today if found else date.min
    # A point a week is enough over a long course.
    step = max(1, len(courses) // 60)
    points = tuple(
        Point(today + timedelta(days=ahead), middle, low, high)
        for ahead, (low, middle, high) in enumerate(courses)
        if ahead % step == 0 or ahead == len(courses) - 1
    )
    return Plot(
        Kind.LINE,
        "Burn-down",
        burn_down_said(left, found),
        Axis("Day", scale=Scale.TIME),
        Axis("First rounds left", low=0),
        (Series("Forecast", points, forecast=True),),
    )


def burn_down_said(left: int, found: Forecast | None) -> str:
    if left == 0:
        return "Everything is handed in."
    if found is None:
        return (
            f"{left:,} first rounds are left. Nothing was handed in within the last four weeks, "
            "so there is no telling when they are done."
        )
    if found.low == found.middle == found.high and found.middle:
        return (
            f"{left:,} first rounds are left: done about {found.middle.isoformat()}, in at least "
            "four of five cases, if the next weeks go like the last four."
        )
    late = found.high.isoformat() if found.high else "later than three years"
    middle = found.middle.isoformat() if found.middle else "later than three years"
    low = found.low.isoformat() if found.low else "later than three years"
    return (
        f"{left:,} first rounds are left: done about {middle}, with 80 % chance between {low} and "
        f"{late}, if the next weeks go like the last four."
    )


def sets_address(project: Project, wanted: Wanted, **more: object) -> str:
    """The sets behind a number; ``more`` are what, label and length."""
    narrowed = urlencode({k: v for k, v in more.items() if v not in (None, "")})
    query = f"{wanted.query}&{narrowed}" if narrowed else wanted.query
    return f"{_path('project-dashboard-sets', project.pk)}?{query}"


def places_address(project: Project, progress: str, task: int | None = None) -> str:
    """The episodes behind a number."""
    query = urlencode({"progress": progress, **({"task": task} if task else {})})
    return f"{_path('project-episodes', project.pk)}?{query}"


@lru_cache(maxsize=256)
def _path(name: str, project_id: int) -> str:
    """Asked hundreds of times a page."""
    return reverse(name, args=[project_id])


def _days(seconds: float | None) -> str:
    return f"{(seconds or 0) / 86_400:.1f}"


def _box(name: str, one: Spread, href: str = "") -> Point:
    return Point(name, one.middle, one.least, one.greatest, (one.low, one.high), n=one.n, href=href)
