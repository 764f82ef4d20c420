"""Gold and calibrations, for programs: to be read by reviewers and managers."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.serializers import ProblemAnswer
from episodes.api.paging import Pages
from review.models import Calibration, CalibrationDecision, GoldDispute, GoldItem
from review.selectors.batches import reviewed_project
from review.selectors.calibration_pages import decisions_of, member_of
from review.selectors.gold_item import GoldPage, gold_of, reviewed_place


class GoldAnswer(serializers.ModelSerializer[GoldItem]):
    """``place`` names the episode's place in the project; ``disputed``: a decision is open."""

    place = serializers.IntegerField(source="project_episode_id")
    episode = serializers.UUIDField(source="project_episode.episode_id")
    made_by = serializers.CharField(source="made_by.username", default=None)
    disputed = serializers.SerializerMethodField()

    class Meta:
        model = GoldItem
        fields = (
            *("id", "place", "episode", "annotation_set", "version", "origin", "reason", "made_by"),
            *("state", "state_reason", "state_since", "created_at", "disputed"),
        )

    def get_disputed(self, item: GoldItem) -> bool:
        return any(one.decision == "" for one in item.disputes.all())


class DisputeAnswer(serializers.ModelSerializer[GoldDispute]):
    decided_by = serializers.CharField(source="decided_by.username", default=None)

    class Meta:
        model = GoldDispute
        fields = (
            *("id", "item", "passed", "attempts", "opened_at", "decision", "reason"),
            *("decided_by", "decided_at"),
        )


class AttemptAnswer(serializers.Serializer[Any]):
    annotation_set = serializers.UUIDField(source="set_id")
    annotator = serializers.IntegerField(help_text="id of the person")
    submitted_at = serializers.DateTimeField()
    passed = serializers.BooleanField(help_text="every contact matched, the outcome the same")


class GoldInFull(serializers.Serializer[Any]):
    item = GoldAnswer()
    exposures = serializers.IntegerField()
    passed = serializers.IntegerField(source="passes.passed")
    attempts = serializers.IntegerField(source="passes.attempts")
    answers = serializers.SerializerMethodField()
    versions = serializers.SerializerMethodField()
    disputes = DisputeAnswer(many=True)

    @extend_schema_field(AttemptAnswer(many=True))
    def get_answers(self, page: GoldPage) -> list[dict[str, Any]]:
        return [dict(AttemptAnswer(one).data) for one, _ in page.attempts]

    def get_versions(self, page: GoldPage) -> list[int]:
        return [one.item.version for one in page.versions]


class GoldList(generics.ListAPIView[GoldItem]):
    """The gold of a project under its newest versions; reviewers and managers."""

    serializer_class = GoldAnswer
    pagination_class = Pages
    ordering = ("project_episode_id", "pk")
    queryset = GoldItem.objects.none()

    def get_queryset(self) -> QuerySet[GoldItem]:
        project = reviewed_project(self.request.user, self.kwargs["project_id"])
        return (
            GoldItem.objects.newest()
            .filter(project_episode__project=project)
            .select_related("project_episode", "made_by")
            .prefetch_related("disputes")
        )


class GoldOne(APIView):
    @extend_schema(
        operation_id="gold_retrieve",
        responses={200: GoldInFull, 403: ProblemAnswer, 404: ProblemAnswer},
    )
    def get(self, request: Request, place_id: int) -> Response:
        """One gold item: who answered it and how, its versions and disputes."""
        return Response(GoldInFull(gold_of(reviewed_place(request.user, place_id))).data)


class CalibrationAnswer(serializers.ModelSerializer[Calibration]):
    """``mean``, ``lower`` and ``upper`` are beliefs in accuracy; the bounds are one-sided 95 %."""

    annotator = serializers.CharField(source="annotator.username")

    class Meta:
        model = Calibration
        fields = (
            *("annotator", "label_type", "state", "bar_ppm", "right", "total", "episodes"),
            *("deff", "n_effective", "mean", "lower", "upper", "cusum", "alarm", "timing"),
            *("since", "last_at"),
        )


class CalibrationList(generics.ListAPIView[Calibration]):
    """How everybody stands against gold, a row a person and kind of label; reviewers and
    managers."""

    serializer_class = CalibrationAnswer
    pagination_class = Pages
    ordering = ("annotator_id", "label_type", "pk")
    queryset = Calibration.objects.none()

    def get_queryset(self) -> QuerySet[Calibration]:
        project = reviewed_project(self.request.user, self.kwargs["project_id"])
        return Calibration.objects.filter(project=project).select_related("annotator")


class DecisionAnswer(serializers.ModelSerializer[CalibrationDecision]):
    actor = serializers.CharField(source="actor.username", default=None)

    class Meta:
        model = CalibrationDecision
        fields = ("id", "kind", "reason", "good_until", "actor", "created_at")


class DecisionList(generics.ListAPIView[CalibrationDecision]):
    """A person's pauses, resumptions and decided qualifications, newest first; reviewers and
    managers."""

    serializer_class = DecisionAnswer
    pagination_class = Pages
    ordering = ("-pk",)
    queryset = CalibrationDecision.objects.none()

    def get_queryset(self) -> QuerySet[CalibrationDecision]:
        project = reviewed_project(self.request.user, self.kwargs["project_id"])
        member = member_of(project, self.kwargs["user_id"])
        return decisions_of(project, member.user_id)
