"""Runs of the dataset checks, quality reports and signatures, for programs."""

from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
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
from episodes.api.paging import Pages
from review.errors import ReportNotReady
from review.models import CheckFinding, CheckRun
from review.selectors.batches import reviewed_project
from review.selectors.dataset_checks import findings_of, runs_of, visible_run
from review.selectors.quality_report import newest_report, report_document
from review.selectors.releases import managed_release
from review.services.check_runs import request_checks
from review.services.quality_reports import request_report, sign_release
from review.tasks import compute_checks_task

# A run may find more than an answer should carry; the page shows all of them.
MOST_FINDINGS = 1000


class CheckRunAnswer(serializers.ModelSerializer[CheckRun]):
    class Meta:
        model = CheckRun
        fields: tuple[str, ...] = (
            *("id", "project", "release", "number", "state", "reason", "done", "total", "sets"),
            *("judgements", "sets_sha256", "result_sha256", "code_version", "figures"),
            *("created_at", "computed_at"),
        )


class FindingAnswer(serializers.ModelSerializer[CheckFinding]):
    episode = serializers.UUIDField(source="project_episode.episode_id", default=None)

    class Meta:
        model = CheckFinding
        fields = ("figure", "code", "why", "subject", "episode", "label", "at_ns")


class CheckRunInFull(CheckRunAnswer):
    """With the plan, what stands behind the figures, and the first 1000 findings."""

    findings = serializers.SerializerMethodField()

    class Meta(CheckRunAnswer.Meta):
        fields = (*CheckRunAnswer.Meta.fields, "plan", "details", "findings")

    def get_findings(self, run: CheckRun) -> list[dict[str, Any]]:
        found = findings_of(run, "", self.context["user"])
        return [dict(FindingAnswer(one).data) for one in found[:MOST_FINDINGS]]


class SignatureWanted(serializers.Serializer[Any]):
    report = serializers.UUIDField(help_text="id of the report that was read, of GET …/report")
    override_reason = serializers.CharField(
        default="", allow_blank=True, max_length=2000, help_text="needed while a gate is not met"
    )


class CheckRunList(generics.ListAPIView[CheckRun], Idempotent):
    """Runs of the four dataset checks, newest first; reviewers and managers."""

    scope = ApiToken.Scope.REVIEW
    serializer_class = CheckRunAnswer
    pagination_class = Pages
    ordering = ("-number",)
    queryset = CheckRun.objects.none()

    def get_queryset(self) -> QuerySet[CheckRun]:
        return runs_of(reviewed_project(self.request.user, self.kwargs["project_id"]))

    @extend_schema(request=None, responses={202: CheckRunAnswer, 403: ProblemAnswer})
    def post(self, request: Request, project_id: int) -> Response:
        """Run the checks over everything that is accepted; its state says when it is ready."""
        project = reviewed_project(request.user, project_id)
        run = request_checks(actor=actor(request), project=project)
        transaction.on_commit(partial(compute_checks_task.delay, str(run.pk)))
        return Response(CheckRunAnswer(run).data, status=status.HTTP_202_ACCEPTED)


class CheckRunOne(APIView):
    @extend_schema(operation_id="checks_retrieve", responses=CheckRunInFull)
    def get(self, request: Request, run_id: UUID) -> Response:
        """One run with everything it found."""
        run = visible_run(request.user, run_id)
        return Response(CheckRunInFull(run, context={"user": request.user}).data)


class ReportOne(Idempotent):
    @extend_schema(
        operation_id="reports_retrieve",
        responses={200: OpenApiTypes.OBJECT, 409: ProblemAnswer},
    )
    def get(self, request: Request, release_id: UUID) -> Response:
        """The newest quality report of a release, its signature with it; 409 until there is one."""
        release = managed_release(request.user, release_id)
        report = newest_report(release)
        if report is None:
            raise ReportNotReady(
                "The release has no quality report yet.",
                remedy="Wait until it is built and its checks are computed.",
            )
        return Response({"id": str(report.pk), **report_document(report)})

    @extend_schema(
        operation_id="reports_create",
        request=None,
        responses={202: CheckRunAnswer, 403: ProblemAnswer, 409: ProblemAnswer},
    )
    def post(self, request: Request, release_id: UUID) -> Response:
        """Run the checks over the release anew; its next report follows. 409 once it is signed."""
        release = managed_release(request.user, release_id)
        run = request_report(actor=actor(request), release=release)
        transaction.on_commit(partial(compute_checks_task.delay, str(run.pk)))
        return Response(CheckRunAnswer(run).data, status=status.HTTP_202_ACCEPTED)


class ReleaseSign(Idempotent):
    @extend_schema(
        operation_id="releases_sign",
        request=SignatureWanted,
        responses={200: OpenApiTypes.OBJECT, 403: ProblemAnswer, 409: ProblemAnswer},
    )
    def post(self, request: Request, release_id: UUID) -> Response:
        """Sign a release with the report that was read; 409 names the gates that are not met."""
        release = managed_release(request.user, release_id)
        wanted = parsed(SignatureWanted, request)
        sign_release(
            actor=actor(request),
            release=release,
            report_id=wanted["report"],
            override_reason=wanted["override_reason"],
        )
        signed = newest_report(managed_release(request.user, release_id))
        return Response(report_document(signed) if signed else {})
