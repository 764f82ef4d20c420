"""Control charts of one person, and everybody's accuracy, as plots."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.urls import reverse

from annotation.models import Project
from annotation.plots import Axis, Kind, Plot, Point, Rule, Scale, Series
from review.measures.calibration.drift import (
    LATELY,
    ChartPoint,
    EwmaResult,
    cusum,
    ewma,
    p_chart,
    scale_of,
)
from review.measures.calibration.picture import H, plan_around
from review.measures.calibration.sprt import SprtPlan, SprtResult
from review.models import Calibration
from review.selectors.calibration_pages import PersonRow
from review.selectors.gold_results import GoldResult

MS = 1_000_000
ORDER = Axis("Gold episode, in the order of handing in")


def people_plot(project: Project, rows: Sequence[PersonRow], bar: float) -> Plot:
    points = tuple(
        Point(
            row.user.get_full_name() or row.user.username,
            100 * row.all.mean,
            100 * row.all.lower,
            100 * row.all.upper,
            n=round(row.all.total),
            href=reverse("calibration-person", args=[project.pk, row.user.pk]),
        )
        for row in rows
        if row.all is not None
    )
    below = [row for row in rows if row.all is not None and row.all.upper < bar]
    said = "nobody's upper bound lies below it"
    if below:
        said = f"the upper {'bound' if len(below) == 1 else 'bounds'} of {len(below)} below it"
    return Plot(
        Kind.DOTS,
        "Accuracy against gold, all labels",
        f"Mean belief with one-sided 95 % bounds, of each person; the bar is {bar:.3f}, {said}.",
        Axis("Person", scale=Scale.CATEGORY),
        Axis("Accuracy", "%"),
        (Series("Accuracy", points),),
        (Rule(100 * bar, "bar"),),
    )


def cusum_plot(
    name: str, label_type: str, results: Sequence[GoldResult], bar: float, row: Calibration | None
) -> Plot:
    """The chart over everything, begun anew after each resumption; one plan, the stored deff."""
    measured = [one for one in results if one.trials(label_type).total]
    plan = plan_around(bar, row.deff if row else 2.0)
    begun = row.since if row else None
    before = [one for one in measured if begun is not None and one.submitted_at <= begun]
    after = measured[len(before) :]
    path: list[float] = []
    for part in (before, after):
        path += cusum([one.trials(label_type) for one in part], plan).path
    points = tuple(Point(n, value) for n, value in enumerate(path, start=1))
    rules = [Rule(H, "alarm")]
    if before and after:
        rules.append(Rule(len(before) + 0.5, "resumed", across="x"))
    return Plot(
        Kind.LINE,
        f"{name}: CUSUM",
        _cusum_says(row, path, plan.p_in, plan.p_bad),
        ORDER,
        Axis("S", low=0, high=max([H + 1, *path])),
        (Series("S", points),),
        tuple(rules),
    )


def _cusum_says(row: Calibration | None, path: Sequence[float], p_in: float, p_bad: float) -> str:
    if not path:
        return "Nothing was measured yet."
    meaning = f"S rises when accuracy falls from {p_in:.2f} towards {p_bad:.2f}; an alarm at {H:g}."
    if row is not None and row.alarm:
        return f"{meaning} It alarmed: review what was handed in since S left 0."
    if path[-1] == 0:
        return f"{meaning} It stands at 0: nothing to do."
    return f"{meaning} It stands at {path[-1]:.1f}: watch the next gold episodes."


def ewma_plot(name: str, offsets_ns: Sequence[int], team_ns: Sequence[int]) -> Plot:
    centre, sigma = scale_of(team_ns)
    chart = ewma(offsets_ns, sigma_ns=sigma, centre_ns=centre)
    points = tuple(
        Point(n, one.value_ns / MS, one.low_ns / MS, one.high_ns / MS)
        for n, one in enumerate(chart.points, start=1)
    )
    return Plot(
        Kind.LINE,
        f"{name}: timing against gold, EWMA",
        _ewma_says(chart, centre),
        Axis("Matched contact, in the order of handing in"),
        Axis("Offset, later is positive", "ms"),
        (Series("EWMA within its limits", points),),
        (Rule(centre / MS, "team's middle"),),
    )


def _ewma_says(chart: EwmaResult, centre_ns: float) -> str:
    if not chart.points:
        return "The team's offsets have no spread to judge by yet."
    last = chart.points[-1]
    if not chart.out_lately:
        return f"Within three sigma of the team's middle for {LATELY} marks: nothing to do."
    side = "later" if last.value_ns > centre_ns else "earlier"
    apart = abs(last.value_ns - centre_ns) / MS
    return f"{apart:.0f} ms {side} than the team of late: show the guideline's clip of this event."


def weekly_plot(results: Sequence[GoldResult], deff: float) -> Plot:
    weeks: dict[datetime, tuple[float, float]] = defaultdict(lambda: (0.0, 0.0))
    for one in results:
        day = one.submitted_at.replace(hour=0, minute=0, second=0, microsecond=0)
        monday = day - timedelta(days=day.weekday())
        right, total = weeks[monday]
        found = one.trials("")
        weeks[monday] = (right + found.right, total + found.total)
    named = [(monday.date().isoformat(), *sums) for monday, sums in sorted(weeks.items())]
    _, chart = p_chart(named, deff=deff)
    mondays = sorted(weeks)
    points = tuple(
        Point(
            monday.date(),
            None if one.rate is None else 100 * one.rate,
            None if one.low is None else 100 * one.low,
            None if one.high is None else 100 * one.high,
            n=round(one.total),
        )
        for monday, one in zip(mondays, chart, strict=True)
    )
    return Plot(
        Kind.LINE,
        "Accuracy by week, all labels",
        _weekly_says(chart),
        Axis("Week from Monday", scale=Scale.TIME),
        Axis("Right", "%", high=100),
        (Series("Right, with control limits of a steady person", points),),
    )


def _weekly_says(chart: Sequence[ChartPoint]) -> str:
    if not chart:
        return "No week with gold yet."
    if len(chart) == 1:
        return "One week so far: there is nothing to hold it against."
    low = [one.name for one in chart if one.out and (one.rate or 0) < (one.low or 0)]
    if not low:
        # The limits are the person's own: how good they are is said by the figures above.
        return "No week lies below what chance alone explains: as steady as can be expected."
    return f"Below the limit in the week of {', '.join(low)}: look at what was different then."


def sprt_plot(result: SprtResult, plan: SprtPlan) -> Plot:
    points = tuple(Point(n, value) for n, value in enumerate(result.path, start=1))
    return Plot(
        Kind.LINE,
        "Qualification: sequential test",
        f"The log-likelihood ratio passes above {plan.upper:.2f} and fails below {plan.lower:.2f}, "
        f"not before {plan.min_episodes} episodes.",
        ORDER,
        Axis("Log-likelihood ratio"),
        (Series("Ratio", points),),
        (Rule(plan.upper, "passed"), Rule(plan.lower, "not passed")),
    )
