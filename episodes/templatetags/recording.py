"""Quantities of recordings in templates."""

from decimal import Decimal

from django import template

register = template.Library()


@register.filter
def seconds(duration_ns: int | None) -> str:
    """Nanoseconds as seconds with two decimals."""
    return f"{Decimal(duration_ns or 0) / 10**9:,.2f}"


@register.filter
def rate(episode: object) -> str:
    """An episode's rate in Hz, as the source names it where that is a whole number."""
    num, den = getattr(episode, "rate_num", 0), getattr(episode, "rate_den", 1)
    return f"{num}" if den == 1 else f"{Decimal(num) / den:.2f}"
