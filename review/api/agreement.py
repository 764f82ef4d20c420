"""Agreement figures and runs, for programs."""

from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.idempotency import Idempotent
from annotation.api.serializers import ProblemAnswer
from annotation.api.views import actor, parsed
from annotation.models import AcceptancePolicy, ApiToken, Project, ProjectEpisode
from episodes.api.paging import Pages
from review.models import AgreementRun
from review.selectors.agreement import agreement
from review.selectors.agreement_runs import reviewed_run, runs_of
from review.selectors.agreement_wanted import Wanted
from review.selectors.batches import reviewed_project
from review.services.agreement_runs import request_run
from review.tasks import compute_run_task


class WantedParts(serializers.Serializer[Any]):
    """Which comparisons: every part is optional. ``people`` are one annotator, or two."""

    gold = serializers.BooleanField(default=False)
    label_type = serializers.ChoiceField(
        AcceptancePolicy.LabelType.choices, default="", allow_blank=True
    )
    task = serializers.IntegerField(required=False, min_value=1)
    batch = serializers.IntegerField(required=False, min_value=1)
    people = serializers.ListField(
        child=serializers.IntegerField(min_value=1), max_length=2, required=False
    )
    first = serializers.DateField(required=False)
    last = serializers.DateField(required=False)
    schema = serializers.IntegerField(required=False, min_value=1)
    purpose = serializers.ChoiceField(ProjectEpisode.Purpose.choices, default="", allow_blank=True)
    steady = serializers.BooleanField(default=False)

    def validate_people(self, given: list[int]) -> list[int]:
        if len(given) != len(set(given)):
            raise serializers.ValidationError("Nobody is compared with themself.")
        return given

    @staticmethod
    def wanted(project: Project, given: dict[str, Any]) -> Wanted:
        return Wanted(project.pk, **{**given, "people": tuple(given.get("people", ()))})


class RunWanted(WantedParts):
    note = serializers.CharField(max_length=200, default="", allow_blank=True)


class RunAnswer(serializers.ModelSerializer[AgreementRun]):
    class Meta:
        model = AgreementRun
        fields: tuple[str, ...] = (
            *("id", "project", "number", "note", "wanted", "as_of", "state", "reason"),
            *("pairs", "episodes", "pairs_sha256", "created_at", "computed_at"),
        )


class RunInFull(RunAnswer):
    class Meta(RunAnswer.Meta):
        fields = (*RunAnswer.Meta.fields, "figures")


class AgreementNow(APIView):
    @extend_schema(
        operation_id="agreement_retrieve",
        parameters=[
            OpenApiParameter(one, OpenApiTypes.STR)
            for one in ("gold", "label_type", "task", "batch", "people", "first", "last",
                        "schema", "purpose", "steady")
        ],
        responses=OpenApiTypes.OBJECT,
    )  # fmt: skip
    def get(self, request: Request, project_id: int) -> Response:
        """Figures of now, each with n, interval, bar and state; reviewers and managers."""
        project = reviewed_project(request.user, project_id)
        given = WantedParts(data=request.query_params)
        given.is_valid(raise_exception=True)
        found = agreement(project, WantedParts.wanted(project, given.validated_data))
        return Response(
            {
                "filter": found.wanted.to_json(),
                "comparisons": found.compared.pairs,
                "episodes": found.compared.episodes,
                "two_schemas": found.compared.two_schemas,
                "clock_moved": found.compared.clock_moved,
                "figures": [one.to_json() for one in found.pooled],
                "classes": [one.to_json() for one in found.by_class],
            }
        )


class RunList(generics.ListAPIView[AgreementRun], Idempotent):
    """The agreement runs of a project, newest first; reviewers and managers."""

    scope = ApiToken.Scope.REVIEW
    serializer_class = RunAnswer
    pagination_class = Pages
    ordering = ("-number",)
    queryset = AgreementRun.objects.none()

    def get_queryset(self) -> QuerySet[AgreementRun]:
        return runs_of(reviewed_project(self.request.user, self.kwargs["project_id"]))

    @extend_schema(
        request=RunWanted,
        responses={202: RunAnswer, 403: ProblemAnswer, 409: ProblemAnswer},
    )
    def post(self, request: Request, project_id: int) -> Response:
        """Freeze the figures of now; the run's state says when they are there."""
        project = reviewed_project(request.user, project_id)
        given = parsed(RunWanted, request)
        note = given.pop("note")
        made = request_run(
            actor=actor(request),
            project=project,
            wanted=WantedParts.wanted(project, given),
            note=note,
        )
        transaction.on_commit(partial(compute_run_task.delay, str(made.pk)))
        return Response(RunAnswer(made).data, status=status.HTTP_202_ACCEPTED)


class RunOne(APIView):
    @extend_schema(operation_id="agreement_runs_retrieve", responses=RunInFull)
    def get(self, request: Request, run_id: UUID) -> Response:
        """One run with its figures."""
        return Response(RunInFull(reviewed_run(request.user, run_id)).data)
