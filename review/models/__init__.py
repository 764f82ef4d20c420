"""How good the labels are: batches, verdicts, gold, agreement, releases."""

from review.models.acceptance import Sample, SampleItem
from review.models.adjudication import Adjudication, LabelSource
from review.models.agreement_runs import AgreementRun, SimulatedAnnotator
from review.models.batches import Batch, BatchItem, Verdict
from review.models.calibration import (
    Calibration,
    CalibrationDecision,
    CalibrationMark,
    ClassTolerance,
    LabelType,
)
from review.models.counts import PairCounts, ScoredPair
from review.models.daily import CountedSet, DailyLabels, DailyWorkMark, PersonDay, TaskDay
from review.models.gold import GoldDispute, GoldItem
from review.models.marks import LabelVerdict, ReviewRepeat
from review.models.operation import OperationSettings, SimulatedOperation, WeeklyReport
from review.models.policy import ReviewPolicy
from review.models.quality import (
    AlignmentItem,
    AlignmentJudgement,
    AlignmentSample,
    CheckFinding,
    CheckRun,
    Datasheet,
    QualityPlan,
    QualityReport,
    ReleaseItem,
)
from review.models.releases import Release

__all__ = [
    "Adjudication",
    "AgreementRun",
    "AlignmentItem",
    "AlignmentJudgement",
    "AlignmentSample",
    "Batch",
    "BatchItem",
    "Calibration",
    "CalibrationDecision",
    "CalibrationMark",
    "CheckFinding",
    "CheckRun",
    "ClassTolerance",
    "CountedSet",
    "DailyLabels",
    "DailyWorkMark",
    "Datasheet",
    "GoldDispute",
    "GoldItem",
    "LabelSource",
    "LabelType",
    "LabelVerdict",
    "OperationSettings",
    "PairCounts",
    "PersonDay",
    "QualityPlan",
    "QualityReport",
    "Release",
    "ReleaseItem",
    "ReviewPolicy",
    "ReviewRepeat",
    "Sample",
    "SampleItem",
    "ScoredPair",
    "SimulatedAnnotator",
    "SimulatedOperation",
    "TaskDay",
    "Verdict",
    "WeeklyReport",
]
