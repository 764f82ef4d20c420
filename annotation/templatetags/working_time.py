"""Lengths of time as people write them."""

from django import template

register = template.Library()


@register.filter
def working_time(ms: int) -> str:
    """3:52:12, or 0:07:30: hours, minutes and seconds."""
    seconds = ms // 1000
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
