"""Waits as people say them."""

from django import template

register = template.Library()


@register.filter
def wait(seconds: float | str | None) -> str:
    """3.2 d, 4.5 h or 12 min; a dash where it is not known."""
    if not isinstance(seconds, int | float):
        return "–"
    if seconds >= 86_400:
        return f"{seconds / 86_400:.1f} d"
    return f"{seconds / 3600:.1f} h" if seconds >= 3600 else f"{seconds / 60:.0f} min"
