"""Projects, their queue, people, guideline and history, for programs."""

from typing import Any, ClassVar
from zoneinfo import available_timezones

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.idempotency import Idempotent
from annotation.api.serializers import ProblemAnswer
from annotation.api.views import actor, parsed
from annotation.models import (
    AuditEntry,
    GuidelineVersion,
    Membership,
    Project,
    ProjectEpisode,
)
from annotation.roles import Role, require_role
from annotation.selectors.project_pages import project_entries, queue_rows
from annotation.selectors.projects import project_for
from annotation.services.add_episodes import add_episodes
from annotation.services.create_project import create_project
from annotation.services.guidelines import publish_guideline
from annotation.services.set_membership import set_membership
from annotation.services.update_project import update_project
from episodes.api.paging import Pages, asked

# Settings that PATCH may change, as in services.update_project.
EDITABLE = (
    *("name", "description", "state", "language", "timezone", "priority", "deadline", "overlap"),
    *("overlap_percent", "gold_first_percent", "gold_first_episodes", "gold_percent"),
    *("training_required", "qualification_required", "skips_flagged"),
)
MOST_AT_ONCE = 1000


class ProjectAnswer(serializers.ModelSerializer[Project]):
    schema = serializers.CharField(help_text="name and version of the label schema")

    class Meta:
        model = Project
        fields = ("id", *EDITABLE, "schema", "simulated", "version", "created_at")


class ProjectChange(serializers.ModelSerializer[Project]):
    """``version`` is the one that was read; somebody else's change since is a 409."""

    version = serializers.IntegerField(min_value=1)

    class Meta:
        model = Project
        fields = (*EDITABLE, "version")
        # The service answers for a name that is taken, with its remedy.
        extra_kwargs: ClassVar[dict[str, dict[str, Any]]] = {"name": {"validators": []}}

    def validate_timezone(self, value: str) -> str:
        if value and value not in available_timezones():
            raise serializers.ValidationError(
                "There is no such time zone. Write one as Europe/Berlin."
            )
        return value


class ProjectNew(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=200)
    overlap = serializers.IntegerField(min_value=1, max_value=10, default=2)
    guideline = serializers.CharField(max_length=50_000, default="", allow_blank=True)


class ProjectFilter(serializers.Serializer[Any]):
    name = serializers.CharField(required=False, help_text="a part of it")
    state = serializers.ChoiceField(Project.State.choices, required=False)
    simulated = serializers.BooleanField(required=False, allow_null=True, default=None)


@extend_schema(parameters=[ProjectFilter])
class ProjectList(generics.ListAPIView[Project], Idempotent):
    """The person's projects."""

    serializer_class = ProjectAnswer
    pagination_class = Pages
    ordering = ("name", "pk")
    queryset = Project.objects.none()

    def get_queryset(self) -> QuerySet[Project]:
        wanted = asked(ProjectFilter, self.request)
        names = {"name": "name__icontains", "state": "state", "simulated": "simulated"}
        given = {names[key]: value for key, value in wanted.items() if value is not None}
        found = Project.objects.visible_to(self.request.user).filter(**given)
        return found.select_related("schema").defer("schema__definition")

    @extend_schema(request=ProjectNew, responses={201: ProjectAnswer, 403: ProblemAnswer})
    def post(self, request: Request) -> Response:
        """Start a project and become its manager."""
        made = create_project(actor=actor(request), **parsed(ProjectNew, request))
        return Response(ProjectAnswer(made).data, status=status.HTTP_201_CREATED)


class ProjectOne(APIView):
    @extend_schema(operation_id="projects_retrieve", responses=ProjectAnswer)
    def get(self, request: Request, project_id: int) -> Response:
        """One project."""
        return Response(ProjectAnswer(project_for(request.user, project_id)).data)

    @extend_schema(
        request=ProjectChange,
        responses={200: ProjectAnswer, 403: ProblemAnswer, 409: ProblemAnswer},
    )
    def patch(self, request: Request, project_id: int) -> Response:
        """Change settings; what is left out stays. 409 ``stale_project`` after another's change."""
        project = project_for(request.user, project_id)
        require_role(request.user, project, Role.MANAGER)
        form = ProjectChange(project, data=request.data, partial=True)
        form.is_valid(raise_exception=True)
        if "version" not in form.validated_data:
            raise serializers.ValidationError({"version": ["Say which version you have read."]})
        stored = update_project(actor=actor(request), project=project, **form.validated_data)
        return Response(ProjectAnswer(stored).data)


class QueuedEpisode(serializers.ModelSerializer[ProjectEpisode]):
    key = serializers.CharField(source="episode.key")
    progress = serializers.ChoiceField(
        ProjectEpisode.Progress.choices, source="known_progress", read_only=True
    )

    class Meta:
        model = ProjectEpisode
        fields = (
            *("id", "episode", "key", "position", "purpose", "priority", "overlap"),
            *("progress", "slots_taken"),
        )


class EpisodesToAdd(serializers.Serializer[Any]):
    episodes = serializers.ListField(child=serializers.UUIDField(), max_length=MOST_AT_ONCE)


class EpisodesAdded(serializers.Serializer[Any]):
    added = serializers.IntegerField()


class QueueFilter(serializers.Serializer[Any]):
    progress = serializers.ChoiceField(ProjectEpisode.Progress.choices, required=False)
    purpose = serializers.ChoiceField(ProjectEpisode.Purpose.choices, required=False)


@extend_schema(parameters=[QueueFilter])
class ProjectQueue(generics.ListAPIView[ProjectEpisode], Idempotent):
    """The episodes of a project in the order of the queue; reviewers and managers."""

    serializer_class = QueuedEpisode
    pagination_class = Pages
    ordering = ("position", "pk")
    queryset = ProjectEpisode.objects.none()

    def get_queryset(self) -> QuerySet[ProjectEpisode]:
        project = project_for(self.request.user, self.kwargs["project_id"])
        require_role(self.request.user, project, Role.REVIEWER)
        wanted = asked(QueueFilter, self.request)
        queued = queue_rows(self.request.user, project, wanted)
        return queued.select_related("episode")

    @extend_schema(request=EpisodesToAdd, responses={200: EpisodesAdded, 403: ProblemAnswer})
    def post(self, request: Request, project_id: int) -> Response:
        """Add episodes to the end of the queue, all or none; those that are there stay put."""
        project = project_for(request.user, project_id)
        require_role(request.user, project, Role.MANAGER)
        wanted = parsed(EpisodesToAdd, request)["episodes"]
        added = add_episodes(actor=actor(request), project=project, episode_ids=wanted)
        return Response({"added": added})


class MemberAnswer(serializers.ModelSerializer[Membership]):
    username = serializers.CharField(source="user.username", read_only=True)
    name = serializers.CharField(source="user.get_full_name", read_only=True)

    class Meta:
        model = Membership
        fields = ("username", "name", "role", "standing", "standing_reason", "standing_since")


class RoleWanted(serializers.Serializer[Any]):
    role = serializers.ChoiceField(Role.choices)


class MemberFilter(serializers.Serializer[Any]):
    role = serializers.ChoiceField(Role.choices, required=False)
    standing = serializers.ChoiceField(Membership.Standing.choices, required=False)


@extend_schema(parameters=[MemberFilter])
class ProjectMembers(generics.ListAPIView[Membership]):
    """Who works in a project; reviewers and managers."""

    serializer_class = MemberAnswer
    pagination_class = Pages
    ordering = ("user__username",)
    queryset = Membership.objects.none()

    def get_queryset(self) -> QuerySet[Membership]:
        project = project_for(self.request.user, self.kwargs["project_id"])
        require_role(self.request.user, project, Role.REVIEWER)
        wanted = asked(MemberFilter, self.request)
        return Membership.objects.filter(project=project, **wanted).select_related("user")


class ProjectMember(APIView):
    @extend_schema(
        request=RoleWanted, responses={200: MemberAnswer, 403: ProblemAnswer, 409: ProblemAnswer}
    )
    def put(self, request: Request, project_id: int, username: str) -> Response:
        """Give a person a role."""
        project, person = self._both(request, project_id, username)
        role = Role(parsed(RoleWanted, request)["role"])
        made = set_membership(actor=actor(request), project=project, user=person, role=role)
        return Response(MemberAnswer(made).data)

    @extend_schema(responses={204: None, 403: ProblemAnswer, 409: ProblemAnswer})
    def delete(self, request: Request, project_id: int, username: str) -> Response:
        """Take a person out; their work stays."""
        project, person = self._both(request, project_id, username)
        set_membership(actor=actor(request), project=project, user=person, role=None)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _both(self, request: Request, project_id: int, username: str) -> tuple[Project, User]:
        project = project_for(request.user, project_id)
        require_role(request.user, project, Role.MANAGER)
        return project, get_object_or_404(User, username=username, is_active=True)


class GuidelineAnswer(serializers.ModelSerializer[GuidelineVersion]):
    class Meta:
        model = GuidelineVersion
        fields = ("number", "text", "summary", "must_acknowledge", "created_at")


class GuidelineNew(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=50_000, allow_blank=True)
    summary = serializers.CharField(max_length=300, default="", allow_blank=True)
    must_acknowledge = serializers.BooleanField(default=False)
    based_on = serializers.IntegerField(min_value=0, required=False)


class GuidelineFilter(serializers.Serializer[Any]):
    number = serializers.IntegerField(required=False)


@extend_schema(parameters=[GuidelineFilter])
class ProjectGuidelines(generics.ListAPIView[GuidelineVersion], Idempotent):
    """The versions of a project's guideline, newest first."""

    serializer_class = GuidelineAnswer
    pagination_class = Pages
    ordering = ("-number",)
    queryset = GuidelineVersion.objects.none()

    def get_queryset(self) -> QuerySet[GuidelineVersion]:
        project = project_for(self.request.user, self.kwargs["project_id"])
        wanted = asked(GuidelineFilter, self.request)
        return GuidelineVersion.objects.filter(project=project, **wanted)

    @extend_schema(
        request=GuidelineNew,
        responses={201: GuidelineAnswer, 403: ProblemAnswer, 409: ProblemAnswer},
    )
    def post(self, request: Request, project_id: int) -> Response:
        """Publish the next version."""
        project = project_for(request.user, project_id)
        require_role(request.user, project, Role.MANAGER)
        fields = parsed(GuidelineNew, request)
        made = publish_guideline(actor=actor(request), project=project, **fields)
        return Response(GuidelineAnswer(made).data, status=status.HTTP_201_CREATED)


class EntryAnswer(serializers.ModelSerializer[AuditEntry]):
    actor = serializers.CharField(source="actor.username", default=None)

    class Meta:
        model = AuditEntry
        fields = ("id", "actor", "action", "subject", "facts", "created_at")


class HistoryFilter(serializers.Serializer[Any]):
    action = serializers.CharField(required=False, help_text="such as project.updated")
    who = serializers.CharField(required=False, help_text="user name")
    since = serializers.DateField(required=False)
    until = serializers.DateField(required=False)


@extend_schema(parameters=[HistoryFilter])
class ProjectHistory(generics.ListAPIView[AuditEntry]):
    """Everything that was done in a project, newest first; managers."""

    serializer_class = EntryAnswer
    pagination_class = Pages
    ordering = ("-id",)
    queryset = AuditEntry.objects.none()

    def get_queryset(self) -> QuerySet[AuditEntry]:
        project = project_for(self.request.user, self.kwargs["project_id"])
        require_role(self.request.user, project, Role.MANAGER)
        return project_entries(project, asked(HistoryFilter, self.request))
