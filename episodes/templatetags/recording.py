"""Quantities of recordings in templates."""

from decimal import Decimal

from django import template

from episodes.models import Dataset, Episode

register = template.Library()


@register.filter
def seconds(duration_ns: int | None) -> str:
    """Nanoseconds as seconds with two decimals."""
    return f"{Decimal(duration_ns or 0) / 10**9:,.2f}"


@register.filter
def rate(episode: Episode) -> str:
    """An episode's rate in Hz, as the source names it where that is a whole number."""
    num, den = episode.rate_num, episode.rate_den
    return f"{num}" if den == 1 else f"{Decimal(num) / den:.2f}"


@register.filter
def format_name(dataset: Dataset) -> str:
    """A dataset's format as people call it: LeRobot v2.1."""
    family = "LeRobot" if dataset.format.startswith("lerobot_") else dataset.format
    return f"{family} {dataset.format_version}".strip()
