"""Cells of a table of figures, each leading to what is behind it."""

from collections.abc import Iterable

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def figure_cells(cells: Iterable[tuple[str, str | int]]) -> SafeString:
    """Pairs of address and figure; without an address it leads nowhere. In one pass: a page of two
    hundred people has two thousand of them."""
    return format_html_join(
        "",
        '<td class="num">{}</td>',
        (
            (format_html('<a href="{}">{}</a>', address, figure) if address else figure,)
            for address, figure in cells
        ),
    )
