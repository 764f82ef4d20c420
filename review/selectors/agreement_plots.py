"""Where people disagree, as plots. Each point leads to the episodes behind it."""

from collections.abc import Sequence

import numpy as np
from django.urls import reverse

from annotation.models import Project
from annotation.plots import Axis, Kind, Plot, Point, Rule, Scale, Series
from review.measures.counts import Measure
from review.measures.phases import BOUNDARIES
from review.selectors.agreement import Agreement
from review.selectors.agreement_cells import EXTRA, MISSED, Part, Phase, Table
from review.selectors.agreement_figures import Figure
from review.selectors.agreement_wanted import Wanted
from review.selectors.scores import offsets

MS = 1_000_000
PERCENT = 100
_TITLES = {
    Measure.EVENT: "Contacts by class",
    Measure.SEGMENT_50: "Segments by class",
    Measure.OUTCOME: "Outcomes",
}
# Rows of a plot; the table below it has them all.
MOST = 24


def plots_of(found: Agreement) -> list[Plot]:
    """Those that have something to draw, in the order in which one looks for a cause."""
    drawn = [confusion_plot(found, table) for table in found.tables]
    drawn += phase_plots(found)
    drawn += [offsets_plot(found), parts_plot(found, found.tasks, "Tasks", "task")]
    pairs = "Annotators against gold" if found.wanted.gold else "Pairs of annotators"
    drawn.append(parts_plot(found, found.pairs, pairs, "pair"))
    return [one for one in drawn if not one.empty]


def episodes_address(
    project: Project, wanted: Wanted, what: str, label_class: str = "", phase: int | None = None
) -> str:
    """The list of the episodes behind a figure."""
    address = reverse("review-agreement-episodes", args=[project.pk])
    more = wanted.of(as_of=None).query
    parts = [f"what={what}"]
    parts += [f"class={label_class.replace('>', '%3E')}"] if label_class else []
    parts += [f"phase={phase}"] if phase is not None else []
    parts += [more] if more else []
    return f"{address}?{'&'.join(parts)}"


def confusion_plot(found: Agreement, table: Table) -> Plot:
    gold = found.wanted.gold
    rows = [*table.names, EXTRA] if gold else list(table.names)
    cells = {(one.first, one.second): one for one in table.cells}
    columns = list(table.names)
    if any(one.second == MISSED for one in table.cells):
        columns.append(MISSED)
    else:
        rows = [one for one in rows if one != EXTRA]

    def point(row: str, column: str) -> Point:
        cell = cells.get((row, column))
        if cell is None or not cell.count:
            return Point(column, 0 if cell else None)
        href = ""
        if not cell.agreed:
            href = episodes_address(found.project, found.wanted, cell.what, cell.label_class)
        return Point(column, cell.count, href=href)

    return Plot(
        Kind.MATRIX,
        _TITLES[table.measure],
        _confusion_said(table, gold),
        Axis("Annotator says" if gold else "The other says", scale=Scale.CATEGORY),
        Axis("Labels"),
        tuple(Series(row, tuple(point(row, column) for column in columns)) for row in rows),
    )


def _confusion_said(table: Table, gold: bool) -> str:
    if not table.differing:
        return "Nobody takes one class for another, and nothing is left out."
    worst = table.differing[0]
    sides = "Rows are gold's" if gold else "A pair of classes is one cell, whoever says which"
    return (
        f"{sides}; on the diagonal both agree. Most often they differ about {worst.first}, "
        f"{worst.second}: {worst.count} times. Look there first, then at the guideline's words "
        "on it."
    )


def phase_plots(found: Agreement) -> list[Plot]:
    kinds = list(dict.fromkeys(one.kind for one in found.phases))
    return [
        phase_plot(found, kind, [one for one in found.phases if one.kind == kind]) for kind in kinds
    ]


def phase_plot(found: Agreement, kind: str, phases: Sequence[Phase]) -> Plot:
    name = "Boundaries" if kind == BOUNDARIES else "Contacts"
    points = tuple(
        Point(
            one.name,
            _percent(one.measured.rate),
            _percent(one.measured.low),
            _percent(one.measured.high),
            n=round(one.measured.trials),
            href=episodes_address(found.project, found.wanted, f"phase-{kind}", phase=one.at),
        )
        for one in phases
    )
    known = [one for one in phases if one.measured.rate is not None]
    worst = min(known, key=lambda one: one.measured.rate or 0, default=None)
    says = "Nothing was marked yet."
    if worst is not None and worst.measured.rate is not None:
        says = (
            f"Each episode cut into ten parts. They agree least at {worst.name} of its length "
            f"(F {worst.measured.rate:.3f}); where intervals overlap that is no difference yet."
        )
    return Plot(
        Kind.BARS,
        f"{name} by part of the episode",
        says,
        Axis("Part of the episode", scale=Scale.CATEGORY),
        Axis("F", "%", low=0, high=100),
        (Series("F", points),),
        (Rule(95, "bar"),),
    )


def offsets_plot(found: Agreement) -> Plot:
    """Signed offsets of matched labels by class; boundaries of instructions last."""
    moved = {
        found.of.class_name(name): (own, f"differs-{Measure.EVENT_HALF.value}", name)
        for name, own in found.of.offsets.items()
        if name and found.wanted.label_type in ("", "instant")
    }
    if found.wanted.label_type in ("", "segment"):
        edges = offsets(found.wanted, Measure.BOUNDARY).get("")
        if edges:
            what = f"differs-{Measure.BOUNDARY_HALF.value}"
            moved["Instruction boundaries"] = (edges, what, "")
    points = tuple(
        _box(name, own, episodes_address(found.project, found.wanted, what, label_class))
        for name, (own, what, label_class) in moved.items()
    )
    side = "the annotator marks later than gold" if found.wanted.gold else "the second one by account marks later"  # fmt: skip # noqa: E501
    return Plot(
        Kind.BOXES,
        "Offsets of matched labels",
        f"Above 0 {side}. A box off 0 is a habit to talk about, a tall one needs clearer words "
        "for when it happens. Beyond the tolerance nothing is matched.",
        Axis("Class", scale=Scale.CATEGORY),
        Axis("Offset", "ms"),
        (Series("Offset", points),),
    )


def parts_plot(found: Agreement, parts: Sequence[Part], title: str, noun: str) -> Plot:
    """Contacts, else the first kind of label shown, the least agreeing first."""
    known = [(one, figure) for one in parts if (figure := _told(one)) is not None]
    known.sort(key=lambda one: one[1].rate or 0)
    points = tuple(
        Point(
            one.name,
            _percent(figure.rate),
            _percent(figure.low),
            _percent(figure.high),
            n=round(figure.n),
            href=episodes_address(found.project, one.wanted, f"differs-{figure.measure}"),
        )
        for one, figure in known[:MOST]
    )
    bar = known[0][1].bar if known else 0.95
    return Plot(
        Kind.DOTS,
        title,
        _parts_said(known, noun),
        Axis(title, scale=Scale.CATEGORY),
        Axis(known[0][1].name if known else "F", "%", high=100),
        (Series("F", points),),
        (Rule(bar * PERCENT, f"bar {PERCENT * bar:g}\u00a0%"),),
    )


def _told(part: Part) -> Figure | None:
    return next((one for one in part.figures if one.rate is not None), None)


def _parts_said(known: Sequence[tuple[Part, Figure]], noun: str) -> str:
    if not known:
        return f"No {noun} has anything to compare yet."
    part, figure = known[0]
    more = f" The {MOST} least agreeing are drawn." if len(known) > MOST else ""
    return (
        f"The least agreeing {noun} is “{part.name.rstrip('.')}”: {figure.rate:.3f} over "
        f"{figure.episodes} {'episode' if figure.episodes == 1 else 'episodes'}. A {noun} is apart "
        f"only where its interval lies clear of the others'.{more}"
    )


def _box(name: str, moved: Sequence[int], href: str) -> Point:
    least, low, middle, high, greatest = np.percentile(np.array(moved) / MS, (0, 25, 50, 75, 100))
    return Point(
        name,
        round(float(middle), 1),
        round(float(least), 1),
        round(float(greatest), 1),
        (round(float(low), 1), round(float(high), 1)),
        n=len(moved),
        href=href,
    )


def _percent(value: float | None) -> float | None:
    return None if value is None else round(value * PERCENT, 2)
