"""Plots on pages, each with the table that says the same."""

from collections.abc import Sequence
from typing import Any

from django import template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from annotation.plots import Plot

register = template.Library()


@register.inclusion_tag("annotation/plot.html")
def plot(shown: Plot) -> dict[str, Any]:
    """The figure; a page that has one loads `plots/src/main.ts` in its head."""
    rows = [] if shown.empty else shown.rows
    return {"plot": shown, "drawn": shown.to_json(), "rows": _table_rows(rows)}


def _table_rows(rows: Sequence[Sequence[str]]) -> SafeString:
    """Two hundred people with seven figures each: cell by cell in a template they take longer than
    everything else on the page."""
    return format_html_join(
        "",
        '<tr><th scope="row">{}</th>{}</tr>',
        (
            (
                first,
                format_html_join("", '<td class="num">{}</td>', ((one,) for one in others)),
            )
            for first, *others in rows
        ),
    )
