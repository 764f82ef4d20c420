"""For operators: what was decided and released, to be read. Changes go through the pages."""

from django.contrib import admin

from annotation.admin import ReadOnlyAdmin
from review.models import (
    AgreementRun,
    Batch,
    BatchItem,
    Calibration,
    CalibrationDecision,
    ClassTolerance,
    GoldDispute,
    GoldItem,
    Release,
    Sample,
    SampleItem,
    SimulatedAnnotator,
    Verdict,
)


@admin.register(GoldItem)
class GoldItemAdmin(ReadOnlyAdmin):
    list_display = ("project_episode", "version", "origin", "created_at")
    list_select_related = ("project_episode__project", "project_episode__episode__dataset")


@admin.register(GoldDispute)
class GoldDisputeAdmin(ReadOnlyAdmin):
    list_display = ("item", "passed", "attempts", "decision", "decided_by", "opened_at")
    list_filter = ("decision",)
    list_select_related = (
        "decided_by",
        "item__project_episode__project",
        "item__project_episode__episode__dataset",
    )


@admin.register(Calibration)
class CalibrationAdmin(ReadOnlyAdmin):
    list_display = ("annotator", "project", "label_type", "state", "mean", "total", "last_at")
    list_filter = ("state", "project")
    list_select_related = ("annotator", "project")


@admin.register(CalibrationDecision)
class CalibrationDecisionAdmin(ReadOnlyAdmin):
    list_display = ("annotator", "project", "kind", "actor", "reason", "created_at")
    list_filter = ("kind", "project")
    list_select_related = ("annotator", "project", "actor")


@admin.register(ClassTolerance)
class ClassToleranceAdmin(ReadOnlyAdmin):
    list_display = ("label_class", "project", "guideline", "tolerance_ns", "set_by", "created_at")
    list_filter = ("project",)
    list_select_related = ("project", "guideline__project", "set_by")


@admin.register(Batch)
class BatchAdmin(ReadOnlyAdmin):
    list_display = ("name", "project", "state", "created_by", "approved_by", "approved_at")
    list_filter = ("state", "project")
    list_select_related = ("project", "created_by", "approved_by")


@admin.register(BatchItem)
class BatchItemAdmin(ReadOnlyAdmin):
    list_display = ("project_episode", "batch", "state", "version")
    list_filter = ("state",)
    list_select_related = (
        "batch",
        "project_episode__project",
        "project_episode__episode__dataset",
    )


@admin.register(Verdict)
class VerdictAdmin(ReadOnlyAdmin):
    list_display = ("item", "decision", "reviewer", "comment", "created_at")
    list_filter = ("decision",)
    list_select_related = ("reviewer", "item__batch", "item__project_episode__episode")


@admin.register(Release)
class ReleaseAdmin(ReadOnlyAdmin):
    list_display = ("project", "version", "state", "reason", "created_by", "created_at")
    list_filter = ("state", "project")
    list_select_related = ("project", "created_by")


@admin.register(Sample)
class SampleAdmin(ReadOnlyAdmin):
    list_display = ("batch", "number", "plan", "n", "c", "lot", "state", "follow_up", "drawn_at")
    list_filter = ("state", "plan")
    list_select_related = ("batch",)


@admin.register(SampleItem)
class SampleItemAdmin(ReadOnlyAdmin):
    list_display = ("item", "sample", "order", "annotators")
    list_select_related = (
        "sample__batch",
        "item__batch",
        "item__project_episode__episode",
    )


@admin.register(AgreementRun)
class AgreementRunAdmin(ReadOnlyAdmin):
    list_display = ("project", "number", "note", "state", "pairs", "created_by", "as_of")
    list_filter = ("state", "project")
    list_select_related = ("project", "created_by")


@admin.register(SimulatedAnnotator)
class SimulatedAnnotatorAdmin(ReadOnlyAdmin):
    list_display = ("project", "user", "accuracy_ppm", "bias_ns")
    list_select_related = ("project", "user")
