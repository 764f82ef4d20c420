"""Batches and releases, for programs."""

from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.idempotency import Idempotent
from annotation.api.serializers import ProblemAnswer
from annotation.api.views import actor, parsed
from annotation.models import ApiToken
from episodes.api.paging import Pages, asked
from episodes.formats.registry import WRITERS
from episodes.services.exports import DEFAULT_FORMAT
from review.download import archive
from review.measures.acceptance.standard import AQLS
from review.models import Batch, BatchItem, Release, Sample
from review.selectors.acceptance_plans import Choice
from review.selectors.batches import (
    Ready,
    batches_of,
    repeated_items,
    reviewed_batch,
    reviewed_project,
)
from review.selectors.releases import managed_project, managed_release, releases_of
from review.services.batches import approve_batch, create_batch
from review.services.releases import request_release
from review.tasks import build_release_task


class BatchAnswer(serializers.ModelSerializer[Batch]):
    class Meta:
        model = Batch
        fields: tuple[str, ...] = (
            *("id", "project", "name", "mode", "state", "created_at", "approved_at", "remark"),
        )

    def to_representation(self, instance: Batch) -> dict[str, Any]:
        """As the person knows it: in review while they are to decide an episode of it again."""
        told: dict[str, Any] = super().to_representation(instance)
        if getattr(instance, "known_state", instance.state) != instance.state:
            told |= {"state": Batch.State.OPEN.value, "approved_at": None, "remark": ""}
        return told


class BatchWanted(serializers.Serializer[Any]):
    """Everything is optional. ``plan`` needs ``allowed`` errors, of a Z1.4-style one its AQL."""

    name = serializers.CharField(max_length=200, default="", allow_blank=True)
    limit = serializers.IntegerField(min_value=1, required=False)
    task = serializers.IntegerField(min_value=1, required=False)
    purpose = serializers.ChoiceField(["production", "evaluation"], default="", allow_blank=True)
    plan = serializers.ChoiceField(Sample.Plan.choices, default="", allow_blank=True)
    allowed = serializers.IntegerField(min_value=0, max_value=100, default=2)
    aql_percent = serializers.ChoiceField(AQLS, default=2.5)  # type: ignore[arg-type]

    @staticmethod
    def choice(given: dict[str, Any]) -> Choice | None:
        kind = given["plan"]
        if not kind:
            return None
        if kind == Sample.Plan.Z14:
            return Choice(kind, aql=float(given["aql_percent"]))
        return Choice(kind, c=given["allowed"])


class BatchItemAnswer(serializers.ModelSerializer[BatchItem]):
    episode = serializers.UUIDField(source="project_episode.episode_id")

    class Meta:
        model = BatchItem
        fields = ("id", "episode", "state", "accepted_set", "version")

    def to_representation(self, instance: BatchItem) -> dict[str, Any]:
        """What the person is to decide again without being told looks undecided."""
        told: dict[str, Any] = super().to_representation(instance)
        if instance.pk in self.context.get("hidden", ()):
            told |= {"state": BatchItem.State.OPEN.value, "accepted_set": None, "version": 0}
        return told


class BatchInFull(BatchAnswer):
    items = BatchItemAnswer(many=True)

    class Meta(BatchAnswer.Meta):
        fields = (*BatchAnswer.Meta.fields, "items")


class BatchFilter(serializers.Serializer[Any]):
    state = serializers.ChoiceField(Batch.State.choices, required=False)


class ReleaseFilter(serializers.Serializer[Any]):
    state = serializers.ChoiceField(Release.State.choices, required=False)
    version = serializers.IntegerField(required=False)


@extend_schema(parameters=[BatchFilter])
class BatchList(generics.ListAPIView[Batch], Idempotent):
    """The batches of a project, newest first; reviewers and managers."""

    scope = ApiToken.Scope.REVIEW
    serializer_class = BatchAnswer
    pagination_class = Pages
    ordering = ("-created_at", "pk")
    queryset = Batch.objects.none()

    def get_queryset(self) -> QuerySet[Batch]:
        user = actor(self.request)
        found = batches_of(reviewed_project(user, self.kwargs["project_id"]), user)
        wanted = asked(BatchFilter, self.request)
        return found.filter(**{f"known_{name}": value for name, value in wanted.items()})

    @extend_schema(request=BatchWanted, responses={201: BatchAnswer, 409: ProblemAnswer})
    def post(self, request: Request, project_id: int) -> Response:
        """Put finished episodes that are in no batch into a new one, all of them unless limited.

        With a plan a sample decides on it, else every episode is reviewed.
        """
        project = reviewed_project(request.user, project_id)
        wanted = parsed(BatchWanted, request)
        made = create_batch(
            actor=actor(request),
            project=project,
            name=wanted["name"],
            limit=wanted.get("limit"),
            wanted=Ready(wanted.get("task"), wanted["purpose"]),
            choice=BatchWanted.choice(wanted),
        )
        return Response(BatchAnswer(made).data, status=status.HTTP_201_CREATED)


class BatchOne(APIView):
    @extend_schema(operation_id="batches_retrieve", responses=BatchInFull)
    def get(self, request: Request, batch_id: int) -> Response:
        """One batch and where each of its episodes stands."""
        batch = reviewed_batch(request.user, batch_id)
        hidden = repeated_items(actor(request), batch)
        return Response(BatchInFull(batch, context={"hidden": hidden}).data)


class BatchApprove(Idempotent):
    scope = ApiToken.Scope.REVIEW

    @extend_schema(
        request=None, responses={200: BatchAnswer, 403: ProblemAnswer, 409: ProblemAnswer}
    )
    def post(self, request: Request, batch_id: int) -> Response:
        """Approve a batch all of whose episodes are approved."""
        reviewed_batch(request.user, batch_id)
        done = approve_batch(actor=actor(request), batch_id=batch_id)
        return Response(BatchAnswer(done).data)


class ReleaseAnswer(serializers.ModelSerializer[Release]):
    download = serializers.SerializerMethodField(help_text="null until it is ready")
    signed_by = serializers.CharField(source="signed_by.username", default=None)

    class Meta:
        model = Release
        fields = (
            *("id", "project", "version", "format", "state", "reason", "content_sha256"),
            *("episodes_done", "episodes_total", "created_at", "finished_at", "download"),
            *("signed_by", "signed_at", "override_reason"),
        )

    def get_download(self, release: Release) -> str | None:
        ready = release.state == Release.State.READY
        return reverse("api-release-archive", args=[release.pk]) if ready else None


class ReleaseWanted(serializers.Serializer[Any]):
    batches = serializers.PrimaryKeyRelatedField(queryset=Batch.objects.all(), many=True)
    format = serializers.ChoiceField(sorted(WRITERS), default=DEFAULT_FORMAT)


@extend_schema(parameters=[ReleaseFilter])
class ReleaseList(generics.ListAPIView[Release], Idempotent):
    """The releases of a project, newest first; managers."""

    serializer_class = ReleaseAnswer
    pagination_class = Pages
    ordering = ("-version",)
    queryset = Release.objects.none()

    def get_queryset(self) -> QuerySet[Release]:
        found = releases_of(managed_project(self.request.user, self.kwargs["project_id"]))
        return found.filter(**asked(ReleaseFilter, self.request))

    @extend_schema(
        request=ReleaseWanted,
        responses={202: ReleaseAnswer, 403: ProblemAnswer, 409: ProblemAnswer},
    )
    def post(self, request: Request, project_id: int) -> Response:
        """Build a version from approved batches; its state says when it is ready."""
        project = managed_project(request.user, project_id)
        wanted = parsed(ReleaseWanted, request)
        made = request_release(
            actor=actor(request),
            project=project,
            batches=wanted["batches"],
            format_id=wanted["format"],
        )
        transaction.on_commit(partial(build_release_task.delay, str(made.pk)))
        return Response(ReleaseAnswer(made).data, status=status.HTTP_202_ACCEPTED)


class ReleaseOne(APIView):
    @extend_schema(operation_id="releases_retrieve", responses=ReleaseAnswer)
    def get(self, request: Request, release_id: UUID) -> Response:
        """One release."""
        return Response(ReleaseAnswer(managed_release(request.user, release_id)).data)


class ReleaseArchive(APIView):
    @extend_schema(responses={(200, "application/zip"): OpenApiTypes.BINARY, 409: ProblemAnswer})
    def get(self, request: Request, release_id: UUID) -> StreamingHttpResponse:
        """The whole release as a zip; 409 while it is built."""
        return archive(managed_release(request.user, release_id))
