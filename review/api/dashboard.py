"""A project's figures for programs: the dashboard's tables."""

from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.errors import NotFound
from annotation.roles import Role, require_role
from annotation.selectors.projects import project_for
from episodes.api.paging import asked
from review.selectors.daily import Wanted, daily_of
from review.selectors.dashboard_tables import NAMES, table

DAYS = 28


class FiguresFilter(serializers.Serializer[Any]):
    first = serializers.DateField(required=False, help_text="four weeks before the last day")
    last = serializers.DateField(required=False, help_text="today")
    person = serializers.SlugRelatedField(
        slug_field="username", queryset=User.objects.all(), required=False, help_text="user name"
    )
    task = serializers.IntegerField(required=False, help_text="see /api/v1/tasks")


class FiguresAnswer(serializers.Serializer[Any]):
    rows = serializers.ListField(child=serializers.DictField())


class DashboardTable(APIView):
    @extend_schema(
        operation_id="projects_dashboard_retrieve",
        parameters=[FiguresFilter],
        responses=FiguresAnswer,
    )
    def get(self, request: Request, project_id: int, name: str) -> Response:
        """A table of the dashboard, by its name; managers."""
        project = project_for(request.user, project_id)
        require_role(request.user, project, Role.MANAGER)
        if name not in NAMES:
            raise NotFound(
                f"The dashboard has no table {name}.", remedy=f"Ask for {', '.join(NAMES)}."
            )
        given = asked(FiguresFilter, request)
        last = given.get("last") or timezone.localdate(timezone=project.zone)
        first = given.get("first") or last - timedelta(days=DAYS - 1)
        person = given.get("person")
        wanted = Wanted(first, last, person.pk if person else None, given.get("task"))
        header, rows = table(daily_of(project), wanted, name)
        return Response({"rows": [dict(zip(header, row, strict=False)) for row in rows]})
