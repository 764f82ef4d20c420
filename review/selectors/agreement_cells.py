"""Where people disagree: classes, places in the episode, tasks, pairs, each with what is behind."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.models import User

from annotation.labels.records import Kind
from episodes.models import Task
from review.measures.bounds import Estimate, estimate_of
from review.measures.counts import POOLED, Measure
from review.measures.phases import BOUNDARIES, EVENTS
from review.selectors.agreement_figures import SPEC_OF, Figure, Figures
from review.selectors.agreement_wanted import Wanted
from review.selectors.scores import By, Sums, offsets_by, phase_moments, sums_by

# What a task, a pair or an annotator is told by.
TOLD_BY = (
    Measure.EVENT,
    Measure.SEGMENT_50,
    Measure.BOUNDARY,
    Measure.TEXT,
    Measure.OUTCOME,
    Measure.ONSET,
)
MISSED, EXTRA = "not marked", "too many"
_KINDS = {
    Measure.EVENT: (Kind.INSTANT,),
    Measure.SEGMENT_50: (Kind.SEGMENT, Kind.SPAN),
    Measure.OUTCOME: (Kind.OUTCOME,),
}
_CONFUSED = {
    Measure.EVENT: Measure.EVENT_CONFUSION,
    Measure.SEGMENT_50: Measure.SEGMENT_CONFUSION,
    Measure.OUTCOME: Measure.OUTCOME,
}


@dataclass(frozen=True, slots=True)
class Cell:
    """``count`` labels that one side calls ``first`` and the other ``second``.

    On the diagonal both say the same. ``what`` and ``label_class`` ask for the episodes behind it.
    """

    first: str
    second: str
    count: int
    what: str
    label_class: str

    @property
    def agreed(self) -> bool:
        return self.first == self.second


@dataclass(frozen=True, slots=True)
class Table:
    """A confusion matrix: against gold its rows are gold's classes; between annotators a pair of
    classes is one cell, whoever says which."""

    measure: Measure
    names: tuple[str, ...]
    cells: tuple[Cell, ...]

    @property
    def differing(self) -> list[Cell]:
        found = [one for one in self.cells if not one.agreed and one.count]
        return sorted(found, key=lambda one: (-one.count, one.first, one.second))


def confusion(figures: Figures, measure: Measure, *, gold: bool) -> Table:
    """Classes of instants, of segments and spans, or outcomes."""
    sums = figures.sums
    kinds = _KINDS[measure]
    ids = [one.id for one in figures.schema.classes if one.kind in kinds]
    found: dict[tuple[str, str], int] = defaultdict(int)
    told: dict[str, list[int]] = {}
    for (kind, name), own in sums.items():
        if kind is _CONFUSED[measure] and ">" in name:
            a, b = name.split(">")
            if not gold and _place(ids, b) < _place(ids, a):
                a, b = b, a
            found[a, b] += own.tally.n_a
        elif kind is measure and name != POOLED and measure is not Measure.OUTCOME:
            found[name, name] += own.tally.matched
            told[name] = [own.tally.n_a - own.tally.matched, own.tally.n_b - own.tally.matched]
    used = sorted(
        {name for pair in found for name in pair} | set(told), key=lambda n: _place(ids, n)
    )
    ordered = sorted(found.items(), key=lambda one: [_place(ids, name) for name in one[0]])
    cells = [_cell(figures, measure, a, b, count) for (a, b), count in ordered]
    for name, (first, second) in told.items():
        confused_first = sum(c for (a, b), c in found.items() if a == name != b)
        confused_second = sum(c for (a, b), c in found.items() if b == name != a)
        shown = figures.class_name(name)
        what = f"differs-{measure.value}"
        if gold:
            cells.append(Cell(shown, MISSED, first - confused_first, what, name))
            cells.append(Cell(EXTRA, shown, second - confused_second, what, name))
        else:
            alone = first + second - confused_first - confused_second
            cells.append(Cell(shown, MISSED, alone, what, name))
    return Table(measure, tuple(figures.class_name(one) for one in used), tuple(cells))


def _place(ids: list[str], name: str) -> tuple[int, str]:
    return (ids.index(name), "") if name in ids else (len(ids), name)


def _cell(figures: Figures, measure: Measure, a: str, b: str, count: int) -> Cell:
    what = f"confused-{_CONFUSED[measure].value}"
    return Cell(figures.class_name(a), figures.class_name(b), count, what, f"{a}>{b}")


@dataclass(frozen=True, slots=True)
class Phase:
    """A tenth of the episode, ``at`` 0 to 9, and how much agrees there."""

    kind: str
    at: int
    measured: Estimate

    @property
    def name(self) -> str:
        return f"{self.at * 10} to {self.at * 10 + 10} %"


def phases(wanted: Wanted) -> list[Phase]:
    kinds = {
        "": (EVENTS, BOUNDARIES),
        "instant": (EVENTS,),
        "segment": (BOUNDARIES,),
    }.get(wanted.label_type, ())
    return [
        Phase(kind, at, estimate_of(one))
        for kind in kinds
        for at, one in enumerate(phase_moments(wanted, kind))
    ]


@dataclass(frozen=True, slots=True)
class Part:
    """A task, a pair or an annotator with its figures; ``wanted`` is the filter that shows it."""

    name: str
    figures: tuple[Figure, ...]
    compared: int
    wanted: Wanted

    def of(self, measure: str) -> Figure | None:
        return next((one for one in self.figures if one.measure == measure), None)

    @property
    def events(self) -> Figure | None:
        return self.of(Measure.EVENT.value)


def by_task(wanted: Wanted, figures: Figures) -> list[Part]:
    """By name; episodes without a task are one of their own. Two queries."""
    found = sums_by(wanted, By.TASK, TOLD_BY)
    ids = {key: int(key) if key else None for key in found}
    known = Task.objects.filter(pk__in=[pk for pk in ids.values() if pk])
    names: dict[int | None, str] = {one.pk: one.text for one in known}
    parts = [
        _part(names.get(ids[key], "no task"), sums, {}, figures, wanted.of(task=ids[key]))
        for key, sums in found.items()
    ]
    return sorted(parts, key=lambda one: one.name)


def by_pair(wanted: Wanted, figures: Figures) -> list[Part]:
    """Pairs of annotators, or each annotator against gold, by name. Three queries."""
    by = By.ANNOTATOR if wanted.gold else By.PAIR
    found, moved = sums_by(wanted, by, TOLD_BY), offsets_by(wanted, by)
    ids = {key: tuple(int(pk) for pk in key.split("-") if pk) for key in found}
    names = _names({pk for pair in ids.values() for pk in pair})
    parts = [
        _part(
            " and ".join(names[pk] for pk in pair),
            found[key],
            moved.get(key, {}),
            figures,
            wanted.of(people=pair),
        )
        for key, pair in ids.items()
    ]
    return sorted(parts, key=lambda one: one.name)


def _names(ids: Iterable[int]) -> dict[int, str]:
    people = User.objects.filter(pk__in=list(ids))
    return {one.pk: one.get_full_name() or one.username for one in people}


def _part(
    name: str,
    sums: dict[tuple[Measure, str], Sums],
    offsets: dict[str, list[int]],
    figures: Figures,
    wanted: Wanted,
) -> Part:
    own = Figures(sums, offsets, figures.schema, figures.bars)
    label_type = wanted.label_type
    # Failures are few: their starts stand alone, where they are asked for.
    told = TOLD_BY if label_type else TOLD_BY[:-1]
    chosen = [SPEC_OF[one] for one in told if label_type in ("", SPEC_OF[one].label_type)]
    compared = max((one.compared for one in sums.values()), default=0)
    return Part(name, tuple(own.figure(one) for one in chosen), compared, wanted)
