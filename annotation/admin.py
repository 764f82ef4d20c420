"""For operators: what there is and what happened, to be read. Changes go through the pages."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from annotation.models import (
    ActivitySpan,
    AnnotationSet,
    Assignment,
    AuditEntry,
    Comment,
    LabelSchema,
    Membership,
    Project,
    QueueCount,
    ReworkPoint,
    SetRevision,
    Skip,
    SkipDecision,
)

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
else:  # generic for the type checker only
    ModelAdmin = admin.ModelAdmin


class ReadOnlyAdmin(ModelAdmin):
    """Services keep the audit trail; a change made here would leave none."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


@admin.register(LabelSchema)
class LabelSchemaAdmin(ReadOnlyAdmin):
    list_display = ("name", "version", "created_at")


@admin.register(Project)
class ProjectAdmin(ReadOnlyAdmin):
    list_display = ("name", "schema", "overlap", "created_at")
    list_select_related = ("schema",)
    search_fields = ("name",)


@admin.register(Membership)
class MembershipAdmin(ReadOnlyAdmin):
    list_display = ("project", "user", "role")
    list_select_related = ("project", "user")
    list_filter = ("role", "project")
    search_fields = ("user__username",)


@admin.register(Assignment)
class AssignmentAdmin(ReadOnlyAdmin):
    list_display = ("id", "project_episode", "annotator", "state", "rework", "lease_expires_at")
    list_select_related = (
        "project_episode__project",
        "project_episode__episode__dataset",
        "annotator",
    )
    list_filter = ("state", "rework", "project_episode__project")
    search_fields = ("annotator__username", "project_episode__episode__key")


@admin.register(AnnotationSet)
class AnnotationSetAdmin(ReadOnlyAdmin):
    list_display = ("id", "project_episode", "kind", "round", "state", "revision", "submitted_at")
    list_select_related = ("project_episode__project", "project_episode__episode__dataset")
    list_filter = ("kind", "state", "project_episode__project")


@admin.register(SetRevision)
class SetRevisionAdmin(ReadOnlyAdmin):
    list_display = ("annotation_set_id", "number", "author", "client_id", "created_at")
    list_select_related = ("author",)


@admin.register(ReworkPoint)
class ReworkPointAdmin(ReadOnlyAdmin):
    list_display = ("annotation_set_id", "position", "finding", "text", "comment")


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "actor", "action", "project", "subject")
    list_select_related = ("actor", "project")
    list_filter = ("action", "project")
    search_fields = ("subject", "actor__username")
    date_hierarchy = "created_at"


@admin.register(Comment)
class CommentAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "author", "text", "blocks", "resolved_at")
    list_select_related = ("author",)
    list_filter = ("blocks", "project_episode__project")
    search_fields = ("text", "author__username")


@admin.register(ActivitySpan)
class ActivitySpanAdmin(ReadOnlyAdmin):
    list_display = ("started_at", "annotator", "active_ms", "keystrokes", "undos", "labels")
    list_select_related = ("assignment__annotator",)
    search_fields = ("assignment__annotator__username",)

    @admin.display(ordering="assignment__annotator")
    def annotator(self, span: ActivitySpan) -> str:
        return span.assignment.annotator.username


@admin.register(Skip)
class SkipAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "annotator", "project_episode", "reason", "text")
    list_select_related = (
        "annotator",
        "project_episode__project",
        "project_episode__episode__dataset",
    )
    list_filter = ("reason", "project_episode__project")


@admin.register(SkipDecision)
class SkipDecisionAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "decided_by", "project_episode", "decision", "handed_to", "note")
    list_select_related = (
        "decided_by",
        "handed_to",
        "project_episode__project",
        "project_episode__episode__dataset",
    )
    list_filter = ("decision", "project_episode__project")


@admin.register(QueueCount)
class QueueCountAdmin(ReadOnlyAdmin):
    list_display = ("project", "task", "progress", "episodes")
    list_select_related = ("project", "task")
    list_filter = ("progress", "project")
