"""What can be wrong with a video file; each error names the file and what would help."""

from pathlib import Path

from episodes.errors import TouchlineError


class VideoError(TouchlineError):
    """A video that cannot be used as it is."""

    code = "video_unusable"
    status = 422

    def __init__(self, path: Path, fact: str, *, remedy: str, **fields: object) -> None:
        super().__init__(f"{path.name}: {fact}", remedy=remedy, file=path.name, **fields)


class VideoMissing(VideoError):
    """There is no file under that name."""

    code = "video_missing"


class NotAVideo(VideoError):
    """The bytes are not a readable MP4 or MOV file."""

    code = "video_not_a_video"


class TruncatedVideo(VideoError):
    """The end of the file is missing."""

    code = "video_truncated"


class NoVideoStream(VideoError):
    """The container holds no picture track, or one without a frame."""

    code = "video_no_stream"


class UnsupportedCodec(VideoError):
    """The pictures are coded in a way that Touchline does not index."""

    code = "video_codec_unsupported"


class VideoTooLarge(VideoError):
    """Size, picture or frame count is beyond what a recording can plausibly be."""

    code = "video_too_large"


class TimestampsUnusable(VideoError):
    """Presentation times are missing or shared, so that a time names no single frame."""

    code = "video_timestamps_unusable"


class DecodeFailed(VideoError):
    """A frame that the index lists does not come out of the decoder."""

    code = "video_decode_failed"


class ProxyFailed(VideoError):
    """A video with far-apart key frames of which no faithful proxy can be made."""

    code = "video_proxy_failed"


class SliceOutsideVideo(TouchlineError):
    """The frames asked for are not all in the video."""

    code = "video_slice_outside"
    status = 422


class IndexUnreadable(TouchlineError):
    """A stored frame index is damaged or of another schema version."""

    code = "frame_index_unreadable"
    status = 500
