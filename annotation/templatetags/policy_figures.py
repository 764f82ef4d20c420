"""Numbers of policies for people."""

from django import template

register = template.Library()


@register.filter(name="percent")
def percent_filter(ppm: int) -> str:
    """950000 becomes "95 %"."""
    return f"{ppm / 10_000:g}\u00a0%"


@register.filter(name="milliseconds")
def milliseconds_filter(time_ns: int | None) -> str:
    """100000000 becomes "100 ms"; nothing stays nothing."""
    return "" if time_ns is None else f"{time_ns / 1_000_000:g} ms"
