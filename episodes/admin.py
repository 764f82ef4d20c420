"""For operators: what came in, what stayed out, and why. History is read-only."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from episodes.models import (
    ActionDimension,
    ClockMap,
    Dataset,
    Embodiment,
    Episode,
    ImportItem,
    ImportRun,
    MediaAsset,
    Signal,
    Stream,
    SyncReport,
    Upload,
)

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
else:
    ModelAdmin = admin.ModelAdmin


class ReadOnly(ModelAdmin):
    """Written by services only: an edit here would not reach the files behind the row."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Dataset)
class DatasetAdmin(ModelAdmin):
    """Licence, domain and owner are people's; the rest is the source's."""

    list_display = ("name", "format", "format_version", "robot_type", "licence", "owner")
    list_filter = ("format", "domain")
    list_select_related = ("owner",)
    search_fields = ("name", "robot_type")
    fields = ("name", "domain", "licence", "owner", "format", "format_version", "robot_type")
    readonly_fields = ("name", "format", "format_version", "robot_type")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Episode)
class EpisodeAdmin(ReadOnly):
    list_display = ("key", "dataset", "state", "task", "rows", "created_at")
    list_filter = ("state", "dataset")
    list_select_related = ("dataset", "task")
    search_fields = ("key", "dataset__name", "task__text")


@admin.register(Stream)
class StreamAdmin(ReadOnly):
    list_display = ("camera", "episode", "role", "start_frame", "frames", "asset")
    list_filter = ("role",)
    list_select_related = ("episode__dataset", "asset")
    search_fields = ("camera", "episode__key", "asset__sha256")


@admin.register(Signal)
class SignalAdmin(ReadOnly):
    list_display = ("name", "episode", "kind", "samples")
    list_filter = ("kind",)
    list_select_related = ("episode__dataset",)
    search_fields = ("name", "episode__key")


@admin.register(MediaAsset)
class MediaAssetAdmin(ReadOnly):
    list_display = ("sha256", "size", "path", "created_at")
    search_fields = ("sha256",)


@admin.register(ImportRun)
class ImportRunAdmin(ReadOnly):
    list_display = ("dataset_name", "format", "state", "requested_by", "created_at", "finished_at")
    list_filter = ("state", "format")
    list_select_related = ("requested_by",)
    search_fields = ("dataset_name", "source_path")


@admin.register(ImportItem)
class ImportItemAdmin(ReadOnly):
    list_display = ("key", "run", "state", "reason_code", "attempts", "updated_at")
    list_filter = ("state", "reason_code")
    list_select_related = ("run",)
    search_fields = ("key", "run__dataset_name", "reason")


@admin.register(Upload)
class UploadAdmin(ReadOnly):
    list_display = ("filename", "owner", "state", "received", "size", "created_at")
    list_filter = ("state",)
    list_select_related = ("owner",)
    search_fields = ("filename", "owner__username")


@admin.register(SyncReport)
class SyncReportAdmin(ReadOnly):
    list_display = ("episode", "verdict", "decision", "decided_by", "measured_at")
    list_filter = ("verdict", "decision")
    list_select_related = ("episode__dataset", "decided_by")
    search_fields = ("episode__key", "episode__dataset__name", "reason")


@admin.register(ClockMap)
class ClockMapAdmin(ReadOnly):
    list_display = ("stream", "offset_ns", "drift_ppm", "method", "created_by", "created_at")
    list_filter = ("method",)
    list_select_related = ("stream__episode__dataset", "created_by")
    search_fields = ("stream__camera", "stream__episode__key", "reason")


@admin.register(Embodiment)
class EmbodimentAdmin(ReadOnly):
    list_display = ("name", "kind", "template", "created_at")
    list_filter = ("kind",)
    search_fields = ("name", "notes")


@admin.register(ActionDimension)
class ActionDimensionAdmin(ReadOnly):
    list_display = ("name", "embodiment", "space", "position", "quantity", "unit", "lower", "upper")
    list_filter = ("space", "unit")
    list_select_related = ("embodiment",)
    search_fields = ("name", "embodiment__name")
