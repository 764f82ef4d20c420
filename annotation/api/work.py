"""Assignments and annotation sets, for programs: one's own, and those one oversees."""

from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.serializers import LabelSerializer, ProblemAnswer
from annotation.errors import NotFound
from annotation.labels.records import labels_to_json
from annotation.models import AnnotationSet, Assignment, Membership
from annotation.roles import Role
from annotation.selectors.known import settled_unknown
from annotation.selectors.labels import labels_of
from episodes.access import Viewer
from episodes.api.paging import Pages, asked


def overseen(user: Viewer, path: str) -> Q:
    """The condition: work in projects where the person reviews or manages, by the path to one."""
    if not user.is_authenticated:
        return Q(pk=None)
    if user.is_superuser:
        # An empty condition beside another one would be dropped.
        return ~Q(pk=None)
    roles = Membership.objects.filter(user_id=user.pk, role__in=[Role.REVIEWER, Role.MANAGER])
    return Q(**{f"{path}__in": roles.values("project")})


class AssignmentAnswer(serializers.ModelSerializer[Assignment]):
    project = serializers.IntegerField(source="project_episode.project_id")
    episode = serializers.UUIDField(source="project_episode.episode_id")
    annotator = serializers.CharField(source="annotator.username")

    class Meta:
        model = Assignment
        fields = (
            *("id", "project", "episode", "annotator", "state", "rework", "claimed_at"),
            *("submitted_at", "lease_expires_at", "return_comment"),
        )


class WorkFilter(serializers.Serializer[Any]):
    project = serializers.IntegerField(required=False)
    episode = serializers.UUIDField(required=False)
    annotator = serializers.CharField(required=False, help_text="user name")


class AssignmentFilter(WorkFilter):
    state = serializers.ChoiceField(Assignment.State.choices, required=False)


@extend_schema(parameters=[AssignmentFilter])
class AssignmentList(generics.ListAPIView[Assignment]):
    """One's own assignments, and those of projects one reviews or manages; newest first."""

    serializer_class = AssignmentAnswer
    pagination_class = Pages
    ordering = ("-claimed_at", "pk")
    queryset = Assignment.objects.none()

    def get_queryset(self) -> QuerySet[Assignment]:
        wanted = asked(AssignmentFilter, self.request)
        user = self.request.user
        seen = Q(annotator_id=user.pk) | overseen(user, "project_episode__project")
        names = {
            "project": "project_episode__project",
            "episode": "project_episode__episode",
            "annotator": "annotator__username",
            "state": "state",
        }
        found = Assignment.objects.filter(seen, **{names[k]: v for k, v in wanted.items()})
        return found.select_related("project_episode", "annotator")


class AnnotationSetAnswer(serializers.ModelSerializer[AnnotationSet]):
    project = serializers.IntegerField(source="project_episode.project_id")
    episode = serializers.UUIDField(source="project_episode.episode_id")
    annotator = serializers.CharField(source="assignment.annotator.username", default=None)
    schema = serializers.CharField(help_text="name and version")

    class Meta:
        model = AnnotationSet
        fields = (
            *("id", "project", "episode", "annotator", "kind", "round", "state", "revision"),
            *("schema", "created_at", "submitted_at"),
        )


class AnnotationSetInFull(serializers.Serializer[Any]):
    set = AnnotationSetAnswer()
    labels = LabelSerializer(many=True)


class SetFilter(WorkFilter):
    state = serializers.ChoiceField(AnnotationSet.State.choices, required=False)
    kind = serializers.ChoiceField(AnnotationSet.Kind.choices, required=False)


def visible_sets(user: Viewer) -> QuerySet[AnnotationSet]:
    """One's own sets; gold and those of others where one reviews or manages."""
    seen = Q(assignment__annotator_id=user.pk) | overseen(user, "project_episode__project")
    found = AnnotationSet.objects.filter(seen).exclude(settled_unknown(user))
    # A definition is some ten thousand letters of JSON, of which a row says the name.
    rows = found.select_related("project_episode", "assignment__annotator", "schema")
    return rows.defer("schema__definition")


@extend_schema(parameters=[SetFilter])
class AnnotationSetList(generics.ListAPIView[AnnotationSet]):
    """One's own annotation sets, and all of projects one reviews or manages; newest first."""

    serializer_class = AnnotationSetAnswer
    pagination_class = Pages
    ordering = ("-created_at", "pk")
    queryset = AnnotationSet.objects.none()

    def get_queryset(self) -> QuerySet[AnnotationSet]:
        names = {
            "project": "project_episode__project",
            "episode": "project_episode__episode",
            "annotator": "assignment__annotator__username",
            "state": "state",
            "kind": "kind",
        }
        wanted = asked(SetFilter, self.request)
        found = visible_sets(self.request.user)
        return found.filter(**{names[key]: value for key, value in wanted.items()})


class AnnotationSetOne(APIView):
    @extend_schema(
        operation_id="annotation_sets_retrieve",
        responses={200: AnnotationSetInFull, 404: ProblemAnswer},
    )
    def get(self, request: Request, set_id: UUID) -> Response:
        """One annotation set with its labels."""
        found = visible_sets(request.user).filter(pk=set_id).first()
        if found is None:
            raise NotFound(
                "There is no such annotation set.",
                remedy="List the sets that you may see under /api/v1/annotation-sets.",
            )
        labels = labels_to_json(labels_of(found))
        return Response({"set": AnnotationSetAnswer(found).data, "labels": labels})
