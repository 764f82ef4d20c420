"""Handing out by hand, for programs: skips and what is done about them, standings, reservations."""

from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.idempotency import Idempotent
from annotation.api.projects import MOST_AT_ONCE, MemberAnswer
from annotation.api.serializers import ProblemAnswer
from annotation.api.views import actor, parsed
from annotation.models import (
    ApiToken,
    Membership,
    Project,
    ProjectEpisode,
    Skip,
    SkipDecision,
)
from annotation.roles import Role, require_role
from annotation.selectors.people import member_of
from annotation.selectors.projects import project_for
from annotation.services.decide_skips import decide_skips
from annotation.services.reserve import reserve
from annotation.services.skip import skip
from annotation.services.standing import set_standing
from annotation.services.take_back import take_back
from episodes.api.paging import Pages


class SkipAnswer(serializers.ModelSerializer[Skip]):
    place = serializers.IntegerField(source="project_episode_id", help_text="id in the queue")
    episode = serializers.UUIDField(source="project_episode.episode_id")
    key = serializers.CharField(source="project_episode.episode.key")
    annotator = serializers.CharField(source="annotator.username")

    class Meta:
        model = Skip
        fields = ("id", "place", "episode", "key", "annotator", "reason", "text", "created_at")


class SkipWanted(serializers.Serializer[Any]):
    reason = serializers.ChoiceField(Skip.Reason.choices)
    text = serializers.CharField(max_length=500, default="", allow_blank=True)


class SkipFilter(serializers.Serializer[Any]):
    reason = serializers.ChoiceField(Skip.Reason.choices, required=False)
    annotator = serializers.CharField(required=False, help_text="user name")
    episode = serializers.UUIDField(required=False)


class DecisionWanted(serializers.Serializer[Any]):
    place = serializers.IntegerField(help_text="id in the queue")
    decision = serializers.ChoiceField(SkipDecision.Decision.choices)
    hand_to = serializers.CharField(required=False, help_text="user name, when handed to somebody")
    until = serializers.DateField(required=False, allow_null=True)
    note = serializers.CharField(max_length=500, default="", allow_blank=True)


class SkipDecisionAnswer(serializers.ModelSerializer[SkipDecision]):
    place = serializers.IntegerField(source="project_episode_id")
    handed_to = serializers.CharField(source="handed_to.username", default=None)
    decided_by = serializers.CharField(source="decided_by.username")

    class Meta:
        model = SkipDecision
        fields = ("id", "place", "decision", "handed_to", "note", "decided_by", "created_at")


class StandingWanted(serializers.Serializer[Any]):
    standing = serializers.ChoiceField(Membership.Standing.choices)
    reason = serializers.CharField(max_length=500)


class ReservationWanted(serializers.Serializer[Any]):
    places = serializers.ListField(
        child=serializers.IntegerField(), max_length=MOST_AT_ONCE, help_text="ids in the queue"
    )
    username = serializers.CharField(allow_null=True, help_text="null takes the reservations back")
    until = serializers.DateField(required=False, allow_null=True, help_text="its last day")


class ReservationDone(serializers.Serializer[Any]):
    reserved = serializers.IntegerField(help_text="or taken back")
    had = serializers.IntegerField(help_text="the person has had these before")
    full = serializers.IntegerField(help_text="without a free place")


class ReservedPlace(serializers.ModelSerializer[ProjectEpisode]):
    key = serializers.CharField(source="episode.key")
    reserved_for = serializers.CharField(source="reserved_for.username")

    class Meta:
        model = ProjectEpisode
        fields = ("id", "episode", "key", "reserved_for", "reserved_until")


class ReasonGiven(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=500, default="", allow_blank=True)


class AssignmentSkip(APIView):
    """Giving an episode back for a reason."""

    scope = ApiToken.Scope.LABEL

    @extend_schema(
        request=SkipWanted,
        responses={200: SkipAnswer, 403: ProblemAnswer, 404: ProblemAnswer, 409: ProblemAnswer},
    )
    def post(self, request: Request, assignment_id: UUID) -> Response:
        """Somebody else gets the episode, oneself never again. Skipping twice is one skip."""
        given = parsed(SkipWanted, request)
        made = skip(actor=actor(request), assignment_id=assignment_id, **given)
        return Response(SkipAnswer(made).data)


class ProjectSkips(generics.ListAPIView[Skip], Idempotent):
    """Who skipped what and why; reviewers and managers."""

    serializer_class = SkipAnswer
    pagination_class = Pages
    ordering = ("-id",)
    queryset = Skip.objects.none()

    @extend_schema(parameters=[SkipFilter])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The newest first."""
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Skip]:
        project = project_for(self.request.user, self.kwargs["project_id"])
        require_role(self.request.user, project, Role.REVIEWER)
        form = SkipFilter(data=self.request.query_params.dict())
        form.is_valid(raise_exception=True)
        names = {
            "reason": "reason",
            "annotator": "annotator__username",
            "episode": "project_episode__episode",
        }
        asked = {names[name]: value for name, value in form.validated_data.items()}
        found = Skip.objects.filter(project_episode__project=project, **asked)
        return found.select_related("annotator", "project_episode__episode")

    @extend_schema(
        request=DecisionWanted,
        responses={
            201: SkipDecisionAnswer,
            403: ProblemAnswer,
            404: ProblemAnswer,
            409: ProblemAnswer,
        },
    )
    def post(self, request: Request, project_id: int) -> Response:
        """Decide about a skipped episode: hand it to somebody, hold it back, put it back."""
        project = project_for(request.user, project_id)
        require_role(request.user, project, Role.MANAGER)
        given = parsed(DecisionWanted, request)
        name = given.pop("hand_to", None)
        given["hand_to"] = member_of(project, name).user if name else None
        made = decide_skips(actor=actor(request), project=project, **given)
        return Response(SkipDecisionAnswer(made).data, status=status.HTTP_201_CREATED)


class MemberStanding(APIView):
    @extend_schema(
        request=StandingWanted,
        responses={200: MemberAnswer, 403: ProblemAnswer, 404: ProblemAnswer},
    )
    def put(self, request: Request, project_id: int, username: str) -> Response:
        """Say what work a person gets, over training and tests; managers."""
        project = project_for(request.user, project_id)
        require_role(request.user, project, Role.MANAGER)
        user = get_object_or_404(User, username=username)
        given = parsed(StandingWanted, request)
        return Response(
            MemberAnswer(
                set_standing(actor=actor(request), project=project, user=user, **given)
            ).data
        )


class ProjectReservations(generics.ListAPIView[ProjectEpisode], Idempotent):
    """What is reserved for whom; reviewers and managers."""

    serializer_class = ReservedPlace
    pagination_class = Pages
    ordering = ("position", "pk")
    queryset = ProjectEpisode.objects.none()

    def get_queryset(self) -> QuerySet[ProjectEpisode]:
        project = self._project()
        require_role(self.request.user, project, Role.REVIEWER)
        reserved = ProjectEpisode.objects.filter(project=project, reserved_for__isnull=False)
        return reserved.select_related("episode", "reserved_for")

    @extend_schema(
        request=ReservationWanted,
        responses={
            200: ReservationDone,
            403: ProblemAnswer,
            404: ProblemAnswer,
            409: ProblemAnswer,
        },
    )
    def post(self, request: Request, project_id: int) -> Response:
        """Give episodes to a person, before all their other new work; or take them back."""
        project = self._project()
        require_role(request.user, project, Role.MANAGER)
        given = parsed(ReservationWanted, request)
        name = given["username"]
        done = reserve(
            actor=actor(request),
            project=project,
            places=given["places"],
            user=member_of(project, name).user if name else None,
            until=given.get("until"),
        )
        return Response({"reserved": done.reserved, "had": done.had, "full": done.full})

    def _project(self) -> Project:
        return project_for(self.request.user, self.kwargs["project_id"])


class AssignmentTakeBack(APIView):
    @extend_schema(
        request=ReasonGiven,
        responses={204: None, 403: ProblemAnswer, 404: ProblemAnswer, 409: ProblemAnswer},
    )
    def post(self, request: Request, assignment_id: UUID) -> Response:
        """Take an episode back from who holds it; managers. The draft is kept."""
        given = parsed(ReasonGiven, request)
        take_back(actor=actor(request), assignment_id=assignment_id, **given)
        return Response(status=status.HTTP_204_NO_CONTENT)
