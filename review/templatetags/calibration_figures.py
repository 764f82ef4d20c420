"""Small pictures and words of calibration."""

from collections.abc import Sequence

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

WIDTH, HEIGHT = 90, 20
# Shares below this are drawn at the bottom: good work would lie on one line otherwise.
LOWEST = 0.5


@register.simple_tag
def spark(shares: Sequence[float], bar: float) -> SafeString:
    """Shares right, one a gold episode, the bar marked; the cells beside it say the sum."""
    if len(shares) < 2:
        return SafeString("")
    step = (WIDTH - 4) / (len(shares) - 1)
    points = " ".join(f"{2 + n * step:.1f},{_height(one)}" for n, one in enumerate(shares))
    return format_html(
        '<svg class="interval" width="{w}" height="{h}" viewBox="0 0 {w} {h}" aria-hidden="true">'
        '<line class="bar" x1="2" x2="{end}" y1="{bar}" y2="{bar}"/>'
        '<polyline points="{points}" fill="none" stroke="var(--accent)" stroke-width="1.5"/></svg>',
        w=WIDTH,
        h=HEIGHT,
        end=WIDTH - 2,
        bar=_height(bar),
        points=points,
    )


def _height(share: float) -> str:
    part = (max(share, LOWEST) - LOWEST) / (1 - LOWEST)
    return f"{2 + (1 - part) * (HEIGHT - 4):.1f}"


@register.filter
def standing_tone(standing: str) -> str:
    return {"qualified": "ok", "paused": "danger", "failed": "danger"}.get(standing, "info")
