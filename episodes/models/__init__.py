"""What was recorded: datasets, episodes, streams, media, signals, and how they came in."""

from episodes.models.embodiments import ActionDimension, DimensionStatistics, Embodiment
from episodes.models.imports import ImportItem, ImportRun, Upload
from episodes.models.recordings import (
    Dataset,
    DatasetQuerySet,
    Episode,
    EpisodeQuerySet,
    FoundLabel,
    SavedFilter,
    Task,
)
from episodes.models.streams import FrameIndex, MediaAsset, Proxy, Signal, Stream
from episodes.models.sync import ClockMap, SyncReport

__all__ = [
    "ActionDimension",
    "ClockMap",
    "Dataset",
    "DatasetQuerySet",
    "DimensionStatistics",
    "Embodiment",
    "Episode",
    "EpisodeQuerySet",
    "FoundLabel",
    "FrameIndex",
    "ImportItem",
    "ImportRun",
    "MediaAsset",
    "Proxy",
    "SavedFilter",
    "Signal",
    "Stream",
    "SyncReport",
    "Task",
    "Upload",
]
