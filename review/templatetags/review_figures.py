"""How figures are written: rates with two decimals, times with units, intervals drawn to scale."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from annotation.models import Project
from review.measures.bounds import Gate
from review.selectors.agreement_cells import Cell
from review.selectors.agreement_figures import BAR, Figure
from review.selectors.agreement_plots import episodes_address
from review.selectors.agreement_wanted import Wanted

register = template.Library()

GATES = {
    Gate.PASS: ("ok", "meets the bar"),
    Gate.FAIL: ("danger", "below the bar"),
    Gate.NEEDS_MORE: ("warn", "not enough data"),
}
WIDTH = 120
DASH, MINUS = "\u2013", "\u2212"


# A template gives "" for an attribute of None; both mean that there is no such figure.
Number = float | str | None


@register.filter
def written(value: str | None) -> datetime | None:
    """A time as a manifest keeps it; the filter ``date`` puts it into the page's time zone."""
    return datetime.fromisoformat(value) if value else None


@register.filter
def rate(value: Number) -> str:
    """0.967; a dash where it is undefined."""
    return f"{value:.3f}" if isinstance(value, int | float) else DASH


@register.filter
def percent(value: Number) -> str:
    """3.2 % of 0.032."""
    return f"{100 * value:.1f}\u00a0%" if isinstance(value, int | float) else DASH


@register.filter
def count(value: Number) -> str:
    """A number of labels; halves happen where one side has one more."""
    if not isinstance(value, int | float):
        return DASH
    return f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"


@register.filter
def seconds(at_ns: int) -> str:
    return f"{at_ns / 1e9:.3f} s"


@register.filter
def milliseconds(value_ns: Number) -> str:
    """Signed, because the sign says who marks later."""
    if not isinstance(value_ns, int | float):
        return DASH
    whole = round(value_ns / 1e6)
    return f"{whole:+} ms".replace("-", MINUS) if whole else "0 ms"


@register.filter
def spread(value_ns: Number) -> str:
    """A length of time without a sign."""
    return f"{value_ns / 1e6:.0f} ms" if isinstance(value_ns, int | float) else DASH


@register.filter
def size(value: int) -> str:
    """Bytes in the largest unit that keeps a number before the point."""
    amount = float(value)
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1000 or unit == "GB":
            break
        amount /= 1000
    return f"{amount:,.0f} {unit}" if unit == "B" else f"{amount:,.1f} {unit}"


@register.filter
def between(figure: Any) -> str:
    """The interval of anything with ``low`` and ``high``."""
    if not figure or figure.low is None:
        return DASH
    return f"{figure.low:.3f} to {figure.high:.3f}"


@register.filter
def span(figure: Mapping[str, Any]) -> str:
    """The interval of a frozen figure."""
    if figure.get("low") is None:
        return DASH
    return f"{figure['low']:.3f} to {figure['high']:.3f}"


@register.simple_tag
def true_value(truth: Mapping[str, float], figure: Figure) -> SafeString:
    """What a simulated figure comes to in the long run, and whether the interval holds it."""
    value = None if figure.label_class else truth.get(figure.measure)
    if value is None or figure.low is None or figure.high is None:
        return SafeString(DASH)
    held = figure.low <= value <= figure.high
    tone, word = ("ok", "held") if held else ("warn", "not held")
    return format_html('{} <span class="badge {}">{}</span>', f"{value:.3f}", tone, word)


@register.simple_tag
def episodes_link(
    project: Project, wanted: Wanted, verb: str, measure: str, label_class: str
) -> str:
    return episodes_address(project, wanted, f"{verb}-{measure}", label_class)


@register.simple_tag
def cell_link(project: Project, wanted: Wanted, cell: Cell) -> str:
    return episodes_address(project, wanted, cell.what, cell.label_class)


@register.simple_tag
def gate_badge(figure: Any) -> SafeString:
    tone, name = GATES[figure.gate]
    return format_html('<span class="badge {}">{}</span>', tone, name)


@register.simple_tag
def interval_plot(figure: Any) -> SafeString:
    """The interval on a scale from 0 to 1, the bar marked. The table's numbers say the same."""
    if not figure or figure.low is None or figure.rate is None:
        return SafeString("")
    wanted = getattr(figure, "bar", BAR)
    x, low, high, bar = (
        f"{2 + value * (WIDTH - 4):.1f}" for value in (figure.rate, figure.low, figure.high, wanted)
    )
    return format_html(
        '<svg class="interval" width="{w}" height="16" viewBox="0 0 {w} 16" aria-hidden="true">'
        '<line class="scale" x1="2" x2="{end}" y1="8" y2="8"/>'
        '<line class="bar" x1="{bar}" x2="{bar}" y1="1" y2="15"/>'
        '<line class="range" x1="{low}" x2="{high}" y1="8" y2="8"/>'
        '<circle class="point" cx="{x}" cy="8" r="3.5"/></svg>',
        w=WIDTH,
        end=WIDTH - 2,
        bar=bar,
        low=low,
        high=high,
        x=x,
    )
