"""Imports for programs: start one, follow it, steer it, see what stayed out."""

from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from episodes.api.paging import Pages, asked
from episodes.api.uploads import actor
from episodes.models import ImportItem, ImportRun
from episodes.selectors.imports import progress, visible_run, visible_runs
from episodes.services.imports import allowed_source, plan_import, require_may_import
from episodes.services.imports_control import pause_run, resume_run, retry_items
from episodes.tasks import handed_over, start_import


class ImportAnswer(serializers.ModelSerializer[ImportRun]):
    requested_by = serializers.CharField(source="requested_by.username", default=None)

    class Meta:
        model = ImportRun
        fields: tuple[str, ...] = (
            *("id", "source_path", "dataset", "dataset_name", "format", "state", "mode"),
            *("reason_code", "reason", "remedy", "requested_by", "created_at", "finished_at"),
        )


class ImportProgressAnswer(serializers.Serializer[Any]):
    total = serializers.IntegerField()
    imported = serializers.IntegerField()
    skipped = serializers.IntegerField(help_text="were there already")
    quarantined = serializers.IntegerField()
    frames = serializers.IntegerField(
        allow_null=True, help_text="of all that can come in; null where the source does not say it"
    )
    settled_frames = serializers.IntegerField(help_text="of those, frames of what is done")


class ImportInFull(ImportAnswer):
    progress = ImportProgressAnswer()

    class Meta(ImportAnswer.Meta):
        fields = (*ImportAnswer.Meta.fields, "progress")


class ImportItemAnswer(serializers.ModelSerializer[ImportItem]):
    class Meta:
        model = ImportItem
        fields = (
            *("id", "key", "position", "state", "reason_code", "reason", "remedy", "episode"),
            "attempts",
        )


class ImportNew(serializers.Serializer[Any]):
    path = serializers.CharField(help_text="of the folder or file, in an import root")
    name = serializers.CharField(max_length=200, default="", allow_blank=True)
    mode = serializers.ChoiceField(ImportRun.Mode.choices, default=ImportRun.Mode.COPY)
    answers = serializers.DictField(
        child=serializers.CharField(allow_blank=True, max_length=500),
        default=dict,
        help_text="by question; what is asked comes with the 422 `answers_needed`",
    )


class ImportFilter(serializers.Serializer[Any]):
    state = serializers.ChoiceField(ImportRun.State.choices, required=False)
    dataset = serializers.IntegerField(required=False)


class ImportItemFilter(serializers.Serializer[Any]):
    state = serializers.ChoiceField(ImportItem.State.choices, required=False)


class ItemWanted(serializers.Serializer[Any]):
    item = serializers.IntegerField(
        required=False, allow_null=True, help_text="one of its items; all that are quarantined"
    )


@extend_schema(parameters=[ImportFilter])
class ImportList(generics.ListAPIView[ImportRun]):
    """The imports that the person may see, newest first."""

    serializer_class = ImportAnswer
    pagination_class = Pages
    ordering = ("-created_at", "pk")
    queryset = ImportRun.objects.none()

    def get_queryset(self) -> QuerySet[ImportRun]:
        wanted = asked(ImportFilter, self.request)
        return visible_runs(self.request.user).filter(**wanted)

    @extend_schema(request=ImportNew, responses={202: ImportInFull})
    def post(self, request: Request) -> Response:
        """Import a dataset that lies in an import root.

        The same import again adds nothing. 422 ``answers_needed`` asks what the files do not say.
        """
        person = actor(request)
        require_may_import(person)
        form = ImportNew(data=request.data)
        form.is_valid(raise_exception=True)
        fields = form.validated_data
        fields["path"] = allowed_source(Path(fields["path"]))
        fields["mode"] = ImportRun.Mode(fields["mode"])
        return _under_way(plan_import(requested_by=person, **fields))


class ImportOne(APIView):
    @extend_schema(operation_id="imports_retrieve", responses=ImportInFull)
    def get(self, request: Request, run_id: UUID) -> Response:
        """One import and how far it is."""
        return Response(_in_full(visible_run(request.user, run_id)))


@extend_schema(parameters=[ImportItemFilter])
class ImportItems(generics.ListAPIView[ImportItem]):
    """The episodes of an import, in the order of the source, with what kept them out."""

    serializer_class = ImportItemAnswer
    pagination_class = Pages
    ordering = ("position",)
    queryset = ImportItem.objects.none()

    def get_queryset(self) -> QuerySet[ImportItem]:
        run = visible_run(self.request.user, self.kwargs["run_id"])
        return ImportItem.objects.filter(run=run, **asked(ImportItemFilter, self.request))


class ImportPause(APIView):
    @extend_schema(request=None, responses=ImportInFull)
    def post(self, request: Request, run_id: UUID) -> Response:
        """Begin no further episode."""
        return Response(_in_full(pause_run(actor=actor(request), run_id=run_id)))


class ImportResume(APIView):
    @extend_schema(request=None, responses={202: ImportInFull})
    def post(self, request: Request, run_id: UUID) -> Response:
        """Go on with a paused import."""
        return _under_way(resume_run(actor=actor(request), run_id=run_id))


class ImportRetry(APIView):
    @extend_schema(request=ItemWanted, responses={202: ImportInFull})
    def post(self, request: Request, run_id: UUID) -> Response:
        """Try quarantined episodes again, all of them or one."""
        person = actor(request)
        form = ItemWanted(data=request.data)
        form.is_valid(raise_exception=True)
        item = form.validated_data.get("item")
        return _under_way(retry_items(actor=person, run_id=run_id, item_id=item))


def _under_way(run: ImportRun) -> Response:
    handed_over(partial(start_import.delay, str(run.pk)))
    return Response(_in_full(run), status=status.HTTP_202_ACCEPTED)


def _in_full(run: ImportRun) -> dict[str, Any]:
    counts = ImportProgressAnswer(progress(run)).data
    return {**ImportAnswer(run).data, "progress": counts}
