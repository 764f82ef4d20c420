"""Times of an episode for people."""

from django import template

from annotation.labels.findings import seconds

register = template.Library()


@register.filter(name="seconds")
def seconds_filter(time_ns: int) -> str:
    """1679500000 becomes "1.680"."""
    return seconds(time_ns)
