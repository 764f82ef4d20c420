"""How good the labels are: batches, verdicts, gold, agreement, releases."""

from review.models.batches import Batch, BatchItem, Verdict
from review.models.counts import PairCounts
from review.models.gold import GoldItem
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
    "DailyWork",
    "DailyWorkMark",
    "GoldItem",
    "OperationSettings",
    "PairCounts",
    "Release",
    "SimulatedOperation",
    "Verdict",
    "WeeklyReport",
]
