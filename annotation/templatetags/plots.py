"""Plots on pages, each with the table that says the same."""

from typing import Any

from django import template

from annotation.plots import Plot

register = template.Library()


@register.inclusion_tag("annotation/plot.html")
def plot(shown: Plot) -> dict[str, Any]:
    """The figure; a page that has one loads `plots/src/main.ts` in its head."""
    return {"plot": shown, "drawn": shown.to_json()}
