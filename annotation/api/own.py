"""What concerns oneself, for programs: notifications, active time, guidelines that one has read."""

from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.serializers import ProblemAnswer
from annotation.api.views import actor, parsed
from annotation.models import ApiToken, DigestChoice, Notification
from annotation.roles import Role, require_role
from annotation.selectors.activity import day_start, own_activity, people_activity
from annotation.selectors.guideline_pages import readers_of, version_of
from annotation.selectors.notifications import digest_choice, notifications_of, unread_count
from annotation.selectors.projects import project_for
from annotation.services.guidelines import acknowledge_guideline
from annotation.services.notify import choose_digest, mark_read
from episodes.api.paging import Pages, asked


class NotificationAnswer(serializers.ModelSerializer[Notification]):
    url = serializers.CharField(help_text="path of the page it leads to")

    class Meta:
        model = Notification
        fields = ("id", "kind", "project", "text", "url", "created_at", "read_at")


class NotificationFilter(serializers.Serializer[Any]):
    project = serializers.IntegerField(required=False)
    kind = serializers.ChoiceField(Notification.Kind.choices, required=False)
    unread = serializers.BooleanField(required=False, allow_null=True, default=None)


class ReadWanted(serializers.Serializer[Any]):
    notification = serializers.IntegerField(
        required=False, allow_null=True, help_text="none: all of them"
    )


class UnreadAnswer(serializers.Serializer[Any]):
    unread = serializers.IntegerField(help_text="that are left")


@extend_schema(parameters=[NotificationFilter])
class NotificationList(generics.ListAPIView[Notification]):
    """One's own notifications, newest first."""

    scope = ApiToken.Scope.LABEL
    serializer_class = NotificationAnswer
    pagination_class = Pages
    ordering = ("-id",)
    queryset = Notification.objects.none()

    def get_queryset(self) -> QuerySet[Notification]:
        wanted = asked(NotificationFilter, self.request)
        unread = wanted.pop("unread")
        found = notifications_of(actor(self.request)).filter(**wanted)
        return found if unread is None else found.filter(read_at__isnull=unread)


class NotificationRead(APIView):
    scope = ApiToken.Scope.LABEL

    @extend_schema(request=ReadWanted, responses=UnreadAnswer)
    def post(self, request: Request) -> Response:
        """Mark one of one's own notifications as read, or all."""
        one = parsed(ReadWanted, request).get("notification")
        mark_read(actor=actor(request), notification_id=one)
        return Response({"unread": unread_count(actor(request))})


class DigestAnswer(serializers.Serializer[Any]):
    every = serializers.ChoiceField(DigestChoice.Every.choices)


class NotificationDigest(APIView):
    scope = ApiToken.Scope.LABEL

    @extend_schema(responses=DigestAnswer)
    def get(self, request: Request) -> Response:
        """How often what is unread comes by e-mail."""
        return Response({"every": digest_choice(actor(request)).every})

    @extend_schema(request=DigestAnswer, responses=DigestAnswer)
    def put(self, request: Request) -> Response:
        """Choose how often what is unread comes by e-mail."""
        wanted = parsed(DigestAnswer, request)
        choose_digest(actor=actor(request), **wanted)
        return Response(wanted)


class ActiveAnswer(serializers.Serializer[Any]):
    key = serializers.CharField(help_text="of the day, the person or the episode")
    name = serializers.CharField()
    active_ms = serializers.IntegerField(help_text="the union of all windows; pauses are cut")
    keystrokes = serializers.IntegerField()
    undos = serializers.IntegerField()
    labels = serializers.IntegerField()


class OwnActivityAnswer(serializers.Serializer[Any]):
    today = ActiveAnswer()
    week = ActiveAnswer()
    days = ActiveAnswer(many=True)
    episodes = ActiveAnswer(many=True, help_text="the last fifty")


class OwnActivityOne(APIView):
    @extend_schema(operation_id="activity_retrieve", responses=OwnActivityAnswer)
    def get(self, request: Request) -> Response:
        """One's own active time of the last seven days."""
        return Response(OwnActivityAnswer(own_activity(actor(request))).data)


class PeopleActivityAnswer(serializers.Serializer[Any]):
    people = ActiveAnswer(many=True)


class DaysFilter(serializers.Serializer[Any]):
    days = serializers.IntegerField(min_value=1, max_value=366, default=7)


class ProjectActivity(APIView):
    @extend_schema(
        operation_id="projects_activity_retrieve",
        parameters=[DaysFilter],
        responses=PeopleActivityAnswer,
    )
    def get(self, request: Request, project_id: int) -> Response:
        """Everybody's active time in a project over the last days; managers."""
        project = project_for(request.user, project_id)
        days = asked(DaysFilter, request)["days"]
        since = day_start(timezone.now(), project.zone) - timedelta(days=days - 1)
        rows = people_activity(actor(request), project, since)
        return Response(PeopleActivityAnswer({"people": rows}).data)


class ReaderAnswer(serializers.Serializer[Any]):
    username = serializers.CharField(source="user.username")
    role = serializers.CharField()
    number = serializers.IntegerField(help_text="the newest version that is acknowledged, or 0")
    at = serializers.DateTimeField(allow_null=True)
    behind = serializers.BooleanField(help_text="a newer version asks to be acknowledged")


class ReadersAnswer(serializers.Serializer[Any]):
    readers = ReaderAnswer(many=True)


class GuidelineReaders(APIView):
    @extend_schema(operation_id="projects_guidelines_readers_retrieve", responses=ReadersAnswer)
    def get(self, request: Request, project_id: int) -> Response:
        """Who has acknowledged which version of the guideline, those behind first; managers."""
        project = project_for(request.user, project_id)
        require_role(request.user, project, Role.MANAGER)
        return Response(ReadersAnswer({"readers": readers_of(project)}).data)


class AcknowledgedAnswer(serializers.Serializer[Any]):
    number = serializers.IntegerField(source="version.number")
    at = serializers.DateTimeField()


class GuidelineAcknowledge(APIView):
    scope = ApiToken.Scope.LABEL

    @extend_schema(request=None, responses={200: AcknowledgedAnswer, 404: ProblemAnswer})
    def put(self, request: Request, project_id: int, number: int) -> Response:
        """Say that one has read a version of the guideline."""
        project = project_for(request.user, project_id)
        version = version_of(project, number)
        done = acknowledge_guideline(actor=actor(request), version=version)
        return Response(AcknowledgedAnswer(done).data)
