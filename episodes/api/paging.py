"""Long lists of the API, a page at a time."""

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.views import APIView


class Pages(CursorPagination):
    """`results` with addresses of the `next` and the `previous` page.

    A page begins behind a row, not at a number: rows that come and go meanwhile shift nothing. The
    view's ``ordering`` has to be total.
    """

    page_size = 50
    max_page_size = 500
    page_size_query_param = "page_size"

    def get_ordering(
        self, request: Request, queryset: QuerySet[Any], view: APIView
    ) -> tuple[str, ...]:
        ordering: tuple[str, ...] = getattr(view, "ordering", ("pk",))
        return ordering

    def _get_position_from_instance(self, instance: Any, ordering: Any) -> Any:
        """Also where a list goes by what its rows refer to: DRF looks at the row alone."""
        value: Any = instance
        for name in ordering[0].removeprefix("-").split("__"):
            value = getattr(value, name)
        return None if value is None else str(value)

    # Words of the query that are about pages and not about what is looked for.
    words = ("cursor", "page_size")


def asked(shape: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    """The filters of a list. A name that it does not know is an error: passed over, it would give
    a program more than it asked for."""
    query = {name: value for name, value in request.query_params.items() if name not in Pages.words}
    form = shape(data=query)
    unknown = sorted(set(query) - set(form.fields))
    if unknown:
        known = ", ".join(form.fields)
        raise serializers.ValidationError(
            {name: [f"There is no such filter; there are {known}."] for name in unknown}
        )
    form.is_valid(raise_exception=True)
    wanted: dict[str, Any] = form.validated_data
    return wanted
