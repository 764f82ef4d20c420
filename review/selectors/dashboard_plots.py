"""The dashboard's figures as plots."""

from collections.abc import Sequence
from datetime import date, timedelta

from django.urls import reverse

from annotation.models import Project
from annotation.plots import Axis, Kind, Plot, Point, Scale, Series
from review.measures.forecast import Forecast
from review.selectors.dashboard import PersonRow, Spread, Stage, Sums, Wanted


def states_plot(project: Project, stages: Sequence[Stage]) -> Plot:
    episodes = reverse("project-episodes", args=[project.pk])
    points = tuple(
        Point(one.name, one.episodes, href=f"{episodes}?progress={one.progress}") for one in stages
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
    def points(name: str) -> tuple[Point, ...]:
        return tuple(
            Point(
                day,
                getattr(one, name),
                href=sets_address(project, Wanted(day, day, wanted.person, wanted.task)),
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
        (Series("First rounds", points("submitted")), Series("Rework", points("reworked"))),
    )


def people_plot(project: Project, wanted: Wanted, people: Sequence[PersonRow]) -> Plot:
    points = tuple(
        _box(
            one.user.get_full_name() or one.user.username,
            one.pace,
            sets_address(project, Wanted(wanted.first, wanted.last, one.user.pk, wanted.task)),
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


def lengths_plot(bins: Sequence[tuple[str, Spread]]) -> Plot:
    return Plot(
        Kind.BOXES,
        "Time an episode takes, by its length",
        "From claim to handing in, breaks included, over the newest sets: where the boxes rise "
        "faster than the lengths, long episodes cost more than their seconds.",
        Axis("Length of the episode", scale=Scale.CATEGORY),
        Axis("Time from claim to handing in", "min", low=0),
        (Series("Minutes", tuple(_box(name, one) for name, one in bins)),),
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
    late = found.high.isoformat() if found.high else "later than three years"
    middle = found.middle.isoformat() if found.middle else "later than three years"
    low = found.low.isoformat() if found.low else "later than three years"
    return (
        f"{left:,} first rounds are left: done about {middle}, with 80 % chance between {low} and "
        f"{late}, if the next weeks go like the last four."
    )


def sets_address(project: Project, wanted: Wanted) -> str:
    return f"{reverse('project-dashboard-sets', args=[project.pk])}?{wanted.query}"


def _box(name: str, one: Spread, href: str = "") -> Point:
    return Point(name, one.middle, one.least, one.greatest, (one.low, one.high), n=one.n, href=href)
