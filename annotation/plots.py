"""What a plot shows, said once: the page draws it, and the same numbers stand in a table behind it.

Pure values. `frontend/plots` reads the JSON; `annotation.templatetags.plots` puts both on a page.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

X = str | float | int | date


class Kind(StrEnum):
    """LINE: values over an ordered axis, with an interval as a band. BARS: one bar a category and
    series. DOTS: values with their intervals, one row a category. BOXES: least, quartiles, greatest
    a category. MATRIX: counts of row and column."""

    LINE = "line"
    BARS = "bars"
    DOTS = "dots"
    BOXES = "boxes"
    MATRIX = "matrix"


class Scale(StrEnum):
    TIME = "time"
    NUMBER = "number"
    CATEGORY = "category"


@dataclass(frozen=True, slots=True)
class Axis:
    """``unit`` as it is written behind a number; "%" takes values from 0 to 100."""

    label: str
    unit: str = ""
    scale: Scale = Scale.NUMBER
    low: float | None = None
    high: float | None = None

    @property
    def heading(self) -> str:
        return f"{self.label}, {self.unit}" if self.unit else self.label


@dataclass(frozen=True, slots=True)
class Point:
    """``y`` None is a gap. ``low`` and ``high`` are an interval; a box has its quartiles too.

    ``n`` is what the value was made from. ``href`` leads to the records behind it.
    """

    x: X
    y: float | None
    low: float | None = None
    high: float | None = None
    quartiles: tuple[float, float] | None = None
    n: int | None = None
    href: str = ""


@dataclass(frozen=True, slots=True)
class Series:
    """``forecast``: drawn dashed, as what is not known yet."""

    name: str
    points: tuple[Point, ...]
    forecast: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across the plot: a bar to reach, a limit, a date when x is of time."""

    at: float | date
    label: str
    across: str = "y"


@dataclass(frozen=True, slots=True)
class Plot:
    """``says`` is the plot in one sentence, read out instead of the picture.

    ``stacked`` bars of several series stand on each other, otherwise beside each other.
    """

    kind: Kind
    title: str
    says: str
    x: Axis
    y: Axis
    series: tuple[Series, ...]
    rules: tuple[Rule, ...] = ()
    stacked: bool = False

    @property
    def empty(self) -> bool:
        return not any(point.y is not None for one in self.series for point in one.points)

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind.value,
            "title": self.title,
            "says": self.says,
            "x": _axis(self.x),
            "y": _axis(self.y),
            "stacked": self.stacked,
            "series": [
                {
                    "name": one.name,
                    "forecast": one.forecast,
                    "points": [_point(point) for point in one.points],
                }
                for one in self.series
            ],
            "rules": [
                {"at": _plain(rule.at), "label": rule.label, "across": rule.across}
                for rule in self.rules
            ],
        }

    @property
    def intervals(self) -> bool:
        return any(point.low is not None for one in self.series for point in one.points)

    @property
    def counts(self) -> bool:
        return any(point.n is not None for one in self.series for point in one.points)

    @property
    def headings(self) -> list[str]:
        """Of the table: the axis, then each series' value, interval and n."""
        several = len(self.series) > 1
        heads = [self.x.heading]
        for one in self.series:
            named = f"{one.name}: " if several else ""
            heads.append(f"{named}{self.y.heading}")
            heads += [f"{named}from", f"{named}to"] if self.intervals else []
            heads += [f"{named}n"] if self.counts else []
        return heads

    @property
    def rows(self) -> list[list[str]]:
        """The table's cells, one row for each x in the order in which the series name them."""
        found = [{point.x: point for point in one.points} for one in self.series]
        xs = list(dict.fromkeys(point.x for one in self.series for point in one.points))
        if self.x.scale is not Scale.CATEGORY:
            xs.sort()
        return [[_said(x), *self._cells([points.get(x) for points in found])] for x in xs]

    def _cells(self, points: Sequence[Point | None]) -> list[str]:
        cells: list[str] = []
        for point in points:
            cells.append(_said(point.y if point else None))
            if self.intervals:
                cells += [_said(point.low if point else None), _said(point.high if point else None)]
            if self.counts:
                cells.append(_said(point.n if point else None))
        return cells


def _axis(axis: Axis) -> dict[str, Any]:
    return {
        "label": axis.label,
        "unit": axis.unit,
        "scale": axis.scale.value,
        "low": axis.low,
        "high": axis.high,
    }


def _point(point: Point) -> dict[str, Any]:
    filled = {
        "x": _plain(point.x),
        "y": _plain(point.y),
        "low": _plain(point.low),
        "high": _plain(point.high),
        "quartiles": list(point.quartiles) if point.quartiles else None,
        "n": point.n,
        "href": point.href,
    }
    return {
        name: value
        for name, value in filled.items()
        if name in ("x", "y") or value not in (None, "")
    }


def _plain(value: object) -> object:
    """JSON knows neither dates nor infinities: the first become text, the second a gap."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value.isoformat() if isinstance(value, date) else value


def _said(value: object) -> str:
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return "–"
    if isinstance(value, float):
        return f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.0f}"
    if isinstance(value, int):
        return f"{value:,}"
    return value.isoformat() if isinstance(value, date) else str(value)
