"""For operators: what was decided and released, to be read. Changes go through the pages."""

from django.contrib import admin

from annotation.admin import ReadOnlyAdmin
from review.models import (
    Adjudication,
    AgreementRun,
    AlignmentItem,
    AlignmentJudgement,
    AlignmentSample,
    Batch,
    BatchItem,
    Calibration,
    CalibrationDecision,
    CheckFinding,
    CheckRun,
    ClassTolerance,
    CountedSet,
    DailyLabels,
    DailyWorkMark,
    Datasheet,
    GoldDispute,
    GoldItem,
    LabelSource,
    LabelVerdict,
    OperationSettings,
    PersonDay,
    QualityPlan,
    QualityReport,
    Release,
    ReleaseItem,
    ReviewPolicy,
    ReviewRepeat,
    Sample,
    SampleItem,
    ScoredPair,
    SimulatedAnnotator,
    SimulatedOperation,
    TaskDay,
    Verdict,
    WeeklyReport,
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


@admin.register(ReviewPolicy)
class ReviewPolicyAdmin(ReadOnlyAdmin):
    list_display = ("project", "blind", "repeat_percent", "quorum_percent")
    list_select_related = ("project",)


@admin.register(LabelVerdict)
class LabelVerdictAdmin(ReadOnlyAdmin):
    list_display = ("item", "verdict", "label_id", "reviewer", "comment", "created_at")
    list_filter = ("verdict",)
    list_select_related = ("reviewer", "item__batch", "item__project_episode__episode")


@admin.register(ReviewRepeat)
class ReviewRepeatAdmin(ReadOnlyAdmin):
    list_display = ("item", "reviewer", "state", "decision", "drawn_at", "decided_at")
    list_filter = ("state",)
    list_select_related = ("reviewer", "item__batch", "item__project_episode__episode")


@admin.register(Adjudication)
class AdjudicationAdmin(ReadOnlyAdmin):
    list_display = ("item", "method", "state", "reviewer", "created_at", "accepted_at", "ended_by")
    list_filter = ("state", "method")
    list_select_related = (
        "reviewer",
        "ended_by",
        "item__batch",
        "item__project_episode__episode",
    )


@admin.register(LabelSource)
class LabelSourceAdmin(ReadOnlyAdmin):
    list_display = ("annotation_set_id", "label_id", "how", "source_set_id", "source_label_id")
    list_filter = ("how",)


@admin.register(ScoredPair)
class ScoredPairAdmin(ReadOnlyAdmin):
    list_display = (
        *("project_episode", "first_annotator", "second_annotator", "against_gold"),
        *("handed_in_at", "scored_at", "retired"),
    )
    list_filter = ("against_gold", "retired")
    list_select_related = (
        "first_annotator",
        "second_annotator",
        "project_episode__project",
        "project_episode__episode__dataset",
    )
    show_full_result_count = False


@admin.register(QualityPlan)
class QualityPlanAdmin(ReadOnlyAdmin):
    list_display = ("project", "version", "updated_by", "updated_at")
    list_select_related = ("project", "updated_by")


@admin.register(CheckRun)
class CheckRunAdmin(ReadOnlyAdmin):
    list_display = ("project", "number", "release", "state", "sets", "created_by", "computed_at")
    list_filter = ("state", "project")
    list_select_related = ("project", "release__project", "created_by")


@admin.register(CheckFinding)
class CheckFindingAdmin(ReadOnlyAdmin):
    list_display = ("run", "figure", "code", "why", "subject", "project_episode")
    list_filter = ("code",)
    list_select_related = (
        "run__project",
        "project_episode__project",
        "project_episode__episode__dataset",
    )
    show_full_result_count = False


@admin.register(AlignmentSample)
class AlignmentSampleAdmin(ReadOnlyAdmin):
    list_display = ("project", "number", "segments", "drawn_by", "drawn_at")
    list_filter = ("project",)
    list_select_related = ("project", "drawn_by")


@admin.register(AlignmentItem)
class AlignmentItemAdmin(ReadOnlyAdmin):
    list_display = ("sample", "order", "verb", "text", "annotation_set_id")
    list_select_related = ("sample__project",)


@admin.register(AlignmentJudgement)
class AlignmentJudgementAdmin(ReadOnlyAdmin):
    list_display = ("item", "reviewer", "slots", "created_at")
    list_select_related = ("reviewer", "item__sample__project")


@admin.register(Datasheet)
class DatasheetAdmin(ReadOnlyAdmin):
    list_display = ("project", "version", "updated_by", "updated_at")
    list_select_related = ("project", "updated_by")


@admin.register(QualityReport)
class QualityReportAdmin(ReadOnlyAdmin):
    list_display = ("release", "number", "signed", "sha256", "created_by", "created_at")
    list_filter = ("signed",)
    list_select_related = ("release__project", "created_by")


@admin.register(ReleaseItem)
class ReleaseItemAdmin(ReadOnlyAdmin):
    list_display = ("release", "project_episode", "annotation_set_id")
    list_select_related = (
        "release__project",
        "project_episode__project",
        "project_episode__episode__dataset",
    )
    show_full_result_count = False


@admin.register(CountedSet)
class CountedSetAdmin(ReadOnlyAdmin):
    list_display = (
        *("annotation_set_id", "day", "project", "annotator", "task", "submitted", "reworked"),
        *("returned", "accepted", "labels", "worked_ms"),
    )
    list_filter = ("project",)
    list_select_related = ("project", "annotator", "task")
    search_fields = ("annotator__username",)
    date_hierarchy = "day"
    show_full_result_count = False


@admin.register(PersonDay)
class PersonDayAdmin(ReadOnlyAdmin):
    list_display = ("day", "project", "annotator", "submitted", "reworked", "returned", "accepted")
    list_filter = ("project",)
    list_select_related = ("project", "annotator")
    search_fields = ("annotator__username",)
    date_hierarchy = "day"
    show_full_result_count = False


@admin.register(TaskDay)
class TaskDayAdmin(ReadOnlyAdmin):
    list_display = ("day", "project", "task", "submitted", "reworked", "returned", "accepted")
    list_filter = ("project",)
    list_select_related = ("project", "task")
    search_fields = ("task__text",)
    date_hierarchy = "day"
    show_full_result_count = False


@admin.register(DailyLabels)
class DailyLabelsAdmin(ReadOnlyAdmin):
    list_display = ("day", "project", "task", "label_class", "labels", "returned", "accepted")
    list_filter = ("project",)
    list_select_related = ("project", "task")
    search_fields = ("label_class",)
    date_hierarchy = "day"
    show_full_result_count = False


@admin.register(DailyWorkMark)
class DailyWorkMarkAdmin(ReadOnlyAdmin):
    list_display = ("project", "audit_id", "looked_at")
    list_select_related = ("project",)


@admin.register(OperationSettings)
class OperationSettingsAdmin(ReadOnlyAdmin):
    list_display = ("project", "hourly_cost_cents", "currency", "weekly_report")
    list_select_related = ("project",)


@admin.register(WeeklyReport)
class WeeklyReportAdmin(ReadOnlyAdmin):
    list_display = ("project", "monday", "recipient", "taken_at", "sent_at")
    list_filter = ("project",)
    list_select_related = ("project", "recipient")
    date_hierarchy = "monday"


@admin.register(SimulatedOperation)
class SimulatedOperationAdmin(ReadOnlyAdmin):
    list_display = ("project", "months", "people_wanted", "stage", "ordered_at", "filled_at")
    list_select_related = ("project",)
