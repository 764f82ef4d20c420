"""Video files as arrays: the per-frame byte index and frame-exact extraction."""

from episodes.video.frame_index import SCHEMA_VERSION, FrameIndexRecord
from episodes.video.index import VideoLimits, build_index
from episodes.video.slices import EpisodeIndex, slice_index

__all__ = [
    "SCHEMA_VERSION",
    "EpisodeIndex",
    "FrameIndexRecord",
    "VideoLimits",
    "build_index",
    "slice_index",
]
