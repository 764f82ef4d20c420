"""How figures of checks and reports are written and drawn: one-sided bounds, bins, states."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from review.measures.checks.coverage import MIN_EPISODES
from review.selectors.check_pages import STATUS

register = template.Library()

WIDTH, DASH = 120, "\u2013"
FINDINGS: Mapping[str, str] = {
    "slot_wrong": "wrong instruction",
    "rule_closes": "gripper does not close",
    "rule_opens": "gripper does not open",
    "rule_moves": "no motion",
    "rule_pushes": "no push",
    "rule_force": "no force",
    "signal_unreadable": "unreadable signal",
    "outside": "outside the episode",
    "overlap": "overlapping segments",
    "gap": "gap",
    "short": "too short",
    "repeated": "repeated segment",
    "event_outside": "mark in no segment",
    "sequence_apart": "unlike its task",
    "duration_outlier": "unusual length",
    "part_below": "little covered",
    "cell_missing": "skill missing",
    "tag_missing": "tag missing",
    "tag_below": "too few episodes",
}


@register.filter
def bounds(figure: Mapping[str, Any]) -> str:
    """The one-sided bounds of a figure that was estimated; a dash of one counted in full."""
    if not figure or figure.get("lower") is None or figure.get("upper") is None:
        return DASH
    return f"{figure['lower']:.3f} to {figure['upper']:.3f}"


@register.filter
def finding(code: str) -> str:
    return FINDINGS.get(code, code)


@register.filter
def at_seconds(at_ns: int) -> str:
    """As the editor's address takes it."""
    return f"{at_ns / 1e9:.3f}"


@register.filter
def figure_query(figure: str) -> str:
    return f"figure={figure}" if figure else ""


@register.filter
def percent(value: float | None) -> str:
    return f"{value * 100:g}\u00a0%" if isinstance(value, int | float) else DASH


@register.filter
def moment(written: str) -> str:
    """A time as a report keeps it, to the minute, in UTC."""
    return written[:16].replace("T", " ") if written else DASH


@register.simple_tag
def status_badge(status: str) -> SafeString:
    tone, word = STATUS.get(status, ("", status))
    return format_html('<span class="badge {}">{}</span>', tone, word)


@register.simple_tag
def bounds_plot(figure: Mapping[str, Any]) -> SafeString:
    """Value and bounds on a scale from 0 to 1, the bar marked; the table's numbers say the same."""
    value = figure.get("value", figure.get("rate"))
    if value is None:
        return SafeString("")
    low = figure["lower"] if figure.get("lower") is not None else value
    high = figure["upper"] if figure.get("upper") is not None else value
    threshold = figure.get("threshold")
    bar = SafeString("")
    if threshold is not None:
        bar = format_html('<line class="bar" x1="{x}" x2="{x}" y1="1" y2="15"/>', x=_x(threshold))
    return format_html(
        '<svg class="interval" width="{w}" height="16" viewBox="0 0 {w} 16" aria-hidden="true">'
        '<line class="scale" x1="2" x2="{end}" y1="8" y2="8"/>{bar}'
        '<line class="range" x1="{low}" x2="{high}" y1="8" y2="8"/>'
        '<circle class="point" cx="{x}" cy="8" r="3.5"/></svg>',
        w=WIDTH,
        end=WIDTH - 2,
        bar=bar,
        low=_x(low),
        high=_x(high),
        x=_x(value),
    )


def _x(value: float) -> str:
    return f"{2 + min(max(value, 0), 1) * (WIDTH - 4):.1f}"


@register.simple_tag
def bins(episodes: Sequence[int]) -> SafeString:
    """A bin a cell: empty, visited by too few episodes, occupied. Said in words beside it."""
    side, gap = 11, 2
    cells = format_html_join(
        "",
        '<rect class="{}" x="{}" y="1" width="{}" height="{}" rx="2"/>',
        (
            (
                "full" if n >= MIN_EPISODES else "some" if n else "none",
                at * (side + gap),
                side,
                side,
            )
            for at, n in enumerate(episodes)
        ),
    )
    full = sum(n >= MIN_EPISODES for n in episodes)
    some = sum(0 < n < MIN_EPISODES for n in episodes)
    return format_html(
        '<svg class="bins" width="{}" height="13" aria-hidden="true">{}</svg>'
        '<span class="muted">{} of {} bins{}</span>',
        len(episodes) * (side + gap),
        cells,
        full,
        len(episodes),
        f", {some} with fewer than {MIN_EPISODES} episodes" if some else "",
    )
