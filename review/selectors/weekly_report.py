"""A week of a project in figures: those of the dashboards, and where each leads."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import formats, timezone, translation

from annotation.models import Membership, Project
from annotation.selectors.skips import flagged_count
from review.measures.forecast import Forecast
from review.report_words import words_of
from review.selectors.backlog import Stage, aging, backlog_forecast, stage_counts, stages
from review.selectors.daily import Wanted, daily_of
from review.selectors.dashboard import PersonRow, Sums, cost_of, person_rows, sums

WEEK = timedelta(days=7)
_WITHHELD = (Membership.Standing.PAUSED, Membership.Standing.FAILED)


@dataclass(frozen=True, slots=True)
class WeekFigures:
    project: Project
    monday: date
    week: Sums
    before: Sums
    cost: tuple[float, str] | None
    people: list[PersonRow]
    stages: list[Stage]
    left: int
    forecast: Forecast | None
    flagged: int
    withheld: int
    long_held: int


@dataclass(frozen=True, slots=True)
class Letter:
    subject: str
    text: str
    html: str


def last_monday(project: Project) -> date:
    """The first day of the last whole week where the project is."""
    today = timezone.localdate(timezone=daily_of(project).zone)
    return monday_of(today) - WEEK


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def week_figures(project: Project, monday: date) -> WeekFigures:
    """A fixed number of queries."""
    daily, wanted = daily_of(project), Wanted(monday, monday + timedelta(days=6))
    week = sums(daily, wanted)
    left, forecast = backlog_forecast(daily)
    waits = {one.progress: one for one in stages(daily, wanted)}
    counted = [waits.get(one.progress, one) for one in stage_counts(project)]
    withheld = Membership.objects.filter(project=project, standing__in=_WITHHELD)
    return WeekFigures(
        project=project,
        monday=monday,
        week=week,
        before=sums(daily, Wanted(monday - WEEK, monday - timedelta(days=1))),
        cost=cost_of(project, week),
        people=person_rows(daily, wanted),
        stages=counted,
        left=left,
        forecast=forecast,
        flagged=flagged_count(project),
        withheld=withheld.count(),
        long_held=aging(project)[-1].count,
    )


def letter_of(found: WeekFigures, base: str) -> Letter:
    """In the project's working language; ``base`` is where the site is reached."""
    language, words = words_of(found.project.language)
    with translation.override(language):
        facts = _facts(found, base, words, language)
        subject = words["subject"].format(
            project=found.project.name,
            submitted=found.week.submitted,
            accepted=found.week.accepted,
            monday=facts["monday"],
        )
        return Letter(
            subject=" ".join(subject.split()),
            text=render_to_string("review/weekly_report.txt", facts),
            html=render_to_string("review/weekly_report.html", facts),
        )


def _facts(found: WeekFigures, base: str, words: dict[str, str], language: str) -> dict[str, Any]:
    project, sunday = found.project, found.monday + timedelta(days=6)
    days = {"monday": _day(found.monday), "sunday": _day(sunday)}
    said = {**days, "project": project.name, "left": found.left}
    sets = base + reverse("project-dashboard-sets", args=[project.pk])
    query = Wanted(found.monday, sunday).query
    return {
        "found": found,
        "words": {name: _filled(text, said) for name, text in words.items()},
        "language": language,
        **days,
        "rows": _rows(found, words, f"{sets}?{query}"),
        "stages": [
            (words[f"stage_{one.progress}"], one, _wait_days(one), _places(base, project, one))
            for one in found.stages
        ],
        "people": [
            (one, f"{sets}?{query}&person={one.user.pk}&what=first") for one in found.people
        ],
        "forecast": _forecast(found, words),
        "attention": _attention(found, words, base),
        "dashboard": base + reverse("project-dashboard", args=[project.pk]) + f"?{query}",
        "switch": base + reverse("project-dashboard-settings", args=[project.pk]),
    }


def _rows(found: WeekFigures, words: dict[str, str], sets: str) -> list[tuple[str, str, str, str]]:
    """Name, this week, the week before, address."""
    week, before = found.week, found.before
    counts = [
        ("first", "submitted", "&what=first"),
        ("rework", "reworked", "&what=rework"),
        ("returned", "returned", "&what=returned"),
        ("accepted", "accepted", "&what=accepted"),
        ("labels", "labels", ""),
    ]
    rows = [
        (words[word], str(getattr(week, name)), str(getattr(before, name)), f"{sets}{more}")
        for word, name, more in counts
    ]
    rows.append((words["hours"], _number(week.hours), _number(before.hours), sets))
    rows.append((words["an_hour"], _number(week.an_hour), _number(before.an_hour), sets))
    if found.cost:
        rows.append((words["cost"], f"{_number(found.cost[0], 2)} {found.cost[1]}", "", sets))
    return rows


def _forecast(found: WeekFigures, words: dict[str, str]) -> str:
    if found.left and found.forecast is None:
        return words["no_forecast"]
    if not found.left or found.forecast is None:
        return ""
    one = found.forecast
    days = {"middle": one.middle, "low": one.low, "high": one.high}
    said = {name: _day(day) if day else words["later"] for name, day in days.items()}
    return words["forecast"].format(**said)


def _attention(found: WeekFigures, words: dict[str, str], base: str) -> list[tuple[str, str]]:
    pk = [found.project.pk]
    rows = (
        ("flagged", found.flagged, reverse("project-skips", args=pk) + "?flagged=on"),
        ("withheld", found.withheld, reverse("project-people", args=pk)),
        ("long_held", found.long_held, reverse("project-dashboard-backlog", args=pk) + "#held"),
    )
    return [(words[name].format(count=n), base + path) for name, n, path in rows if n]


def _places(base: str, project: Project, stage: Stage) -> str:
    return f"{base}{reverse('project-episodes', args=[project.pk])}?progress={stage.progress}"


def _wait_days(stage: Stage) -> str:
    return "" if stage.median_s is None else _number(stage.median_s / 86_400)


def _number(value: float | None, decimals: int = 1) -> str:
    return "–" if value is None else formats.number_format(value, decimals)


def _day(day: date) -> str:
    german = translation.get_language() == "de"
    return formats.date_format(day, "SHORT_DATE_FORMAT") if german else day.isoformat()


def _filled(text: str, said: dict[str, object]) -> str:
    """What can be said of all; texts with a place of their own are filled where they are used."""
    try:
        return text.format(**said)
    except KeyError:
        return text
