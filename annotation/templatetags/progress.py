"""How far an episode is, for people."""

from django import template

from annotation.models import ProjectEpisode

register = template.Library()


@register.filter(name="progress_name")
def progress_name_filter(progress: str) -> str:
    """What "in_review" is called on pages: In review."""
    return str(ProjectEpisode.Progress(progress).label)
