"""How good the labels are: batches, verdicts, gold, agreement, releases."""

from review.models.batches import Batch, BatchItem, Verdict
from review.models.calibration import (
    Calibration,
    CalibrationDecision,
    CalibrationMark,
    ClassTolerance,
    LabelType,
)
from review.models.counts import PairCounts
from review.models.gold import GoldDispute, GoldItem
from review.models.operation import (
    DailyWork,
    DailyWorkMark,
    OperationSettings,
    SimulatedOperation,
    WeeklyReport,
)
from review.models.releases import Release

__all__ = [
    "Batch",
    "BatchItem",
    "Calibration",
    "CalibrationDecision",
    "CalibrationMark",
    "ClassTolerance",
    "DailyWork",
    "DailyWorkMark",
    "GoldDispute",
    "GoldItem",
    "LabelType",
    "OperationSettings",
    "PairCounts",
    "Release",
    "SimulatedOperation",
    "Verdict",
    "WeeklyReport",
]
