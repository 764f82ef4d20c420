"""Clocks and values in templates: numbers with their sign, severities by icon and word."""

from math import isfinite

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from episodes.findings import Severity

register = template.Library()

# Word, sign and colour: the sign and the word say it without the colour.
LOOKS = {
    Severity.GREEN: ("In step", "✓", "ok"),
    Severity.UNKNOWN: ("Unknown", "?", "info"),
    Severity.AMBER: ("Look at it", "!", "warn"),
    Severity.RED: ("Out of step", "✕", "danger"),
}
WORDS = {
    Severity.GREEN: "Fits",
    Severity.UNKNOWN: "Unknown",
    Severity.AMBER: "Look at it",
    Severity.RED: "Wrong",
}
DASH = "–"


@register.filter
def verdict(value: str) -> SafeString:
    """The verdict on clocks; "unmeasured" is none yet."""
    if value == "unmeasured":
        return format_html('<span class="badge"><span aria-hidden="true">…</span>{}</span>',
                           "Not measured yet")  # fmt: skip
    word, sign, tone = LOOKS[Severity(value)]
    return _badge(word, sign, tone)


@register.filter
def severity(value: str) -> SafeString:
    """How bad a finding is."""
    found = Severity(value)
    _word, sign, tone = LOOKS[found]
    return _badge(WORDS[found], sign, tone)


def _badge(word: str, sign: str, tone: str) -> SafeString:
    return format_html(
        '<span class="badge {}"><span aria-hidden="true">{}</span>{}</span>', tone, sign, word
    )


@register.filter
def ms(value_ns: int | None) -> str:
    """Nanoseconds in ms with one decimal and a sign; a dash for unknown."""
    return DASH if value_ns is None else f"{value_ns / 1e6:+.1f}".replace("-", "−")


@register.filter
def length_ms(value_ns: int | None) -> str:
    return DASH if value_ns is None else f"{value_ns / 1e6:.2f}"


@register.filter
def exact_ms(value_ns: int) -> str:
    """For a form's field: a plain number of ms, no more decimals than it has."""
    return f"{value_ns / 10**6:.6f}".rstrip("0").rstrip(".")


@register.filter
def number(value: float | None, digits: int = 3) -> str:
    return DASH if value is None else f"{value:.{digits}f}".replace("-", "−")


@register.filter
def words(value: str) -> str:
    """A name from the code in plain words."""
    return value.replace("_", " ") or "unknown"


@register.filter
def unlocalized(value: float) -> str:
    """For a form's field: the shortest number that reads back as this one."""
    return repr(value)


@register.filter
def figure(value: float | None) -> str:
    """Four significant digits, as far as it is a number."""
    return DASH if value is None or not isfinite(value) else f"{value:.4g}".replace("-", "−")
