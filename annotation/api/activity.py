"""Reports of active time."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.activity_time import LONGEST_MS, OLDEST_MS
from annotation.api.serializers import ProblemAnswer
from annotation.api.views import actor, parsed
from annotation.models import ApiToken
from annotation.services.own import own_assignment
from annotation.services.report_activity import Report, report_activity

_MOST = 100_000


class SpanReport(serializers.Serializer[Any]):
    id = serializers.UUIDField(help_text="yours: the same id again adds nothing")
    ago_ms = serializers.IntegerField(min_value=0, help_text=f"when it began; {OLDEST_MS} at most")
    length_ms = serializers.IntegerField(min_value=1, help_text=f"{LONGEST_MS} at most")
    keystrokes = serializers.IntegerField(min_value=0, max_value=_MOST, default=0)
    undos = serializers.IntegerField(min_value=0, max_value=_MOST, default=0)
    labels = serializers.IntegerField(min_value=0, max_value=_MOST, default=0)


class ActivityReport(serializers.Serializer[Any]):
    spans = serializers.ListField(child=SpanReport(), max_length=100)


class ActivityTaken(serializers.Serializer[Any]):
    new = serializers.IntegerField()


class AssignmentActivity(APIView):
    """How long the work on an episode takes."""

    scope = ApiToken.Scope.LABEL

    @extend_schema(
        request=ActivityReport,
        responses={200: ActivityTaken, 400: ProblemAnswer, 403: ProblemAnswer, 404: ProblemAnswer},
    )
    def post(self, request: Request, assignment_id: UUID) -> Response:
        """Stretches of active time by their age, so that no clock but the server's counts."""
        own_assignment(actor(request), assignment_id)
        spans = [Report(**one) for one in parsed(ActivityReport, request)["spans"]]
        new = report_activity(actor=actor(request), assignment_id=assignment_id, spans=spans)
        return Response({"new": new})
