"""Where times of an episode fall in its cameras' frames."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from annotation.errors import FrameIndexMissing
from episodes.errors import TouchlineError
from episodes.models import Episode, FrameIndex, Stream
from episodes.video.frame_index import FrameIndexRecord


@dataclass(frozen=True, eq=False)
class CameraFrames:
    """One camera's frames in presentation order, shape (frames,): ``times_ns`` on the episode
    clock, ``pts`` in ticks of the video's time base. Both int64."""

    stream: Stream
    times_ns: NDArray[np.int64]
    pts: NDArray[np.int64]

    def at(self, time_ns: int) -> tuple[int, int]:
        """Position and PTS of the frame that is shown at a time: the last that began by then."""
        after = int(np.searchsorted(self.times_ns, time_ns, side="right"))
        position = min(max(after - 1, 0), len(self.times_ns) - 1)
        return position, int(self.pts[position])


def camera_frames(episode: Episode) -> list[CameraFrames]:
    """The frames of every camera of an episode. Raises FrameIndexMissing naming the camera."""
    streams = Stream.objects.filter(episode=episode).select_related("asset__frame_index")
    records: dict[int, FrameIndexRecord] = {}
    found = []
    for stream in streams:
        if stream.asset_id not in records:
            records[stream.asset_id] = _read_index(stream)
        record = records[stream.asset_id]
        rows = record.order[stream.start_frame : stream.start_frame + stream.frames]
        times_ns = record.times_ns(stream.start_frame, stream.frames, stream.clock_offset_ns)
        found.append(CameraFrames(stream, times_ns, record.pts[rows]))
    return found


def _read_index(stream: Stream) -> FrameIndexRecord:
    try:
        path = Path(settings.TOUCHLINE_DATA_DIR) / stream.asset.frame_index.path
        return FrameIndexRecord.from_bytes(path.read_bytes())
    except (OSError, TouchlineError, FrameIndex.DoesNotExist) as error:
        raise FrameIndexMissing(
            f"The frame index of the camera {stream.camera} cannot be read ({error}).",
            remedy="Index the videos again: manage.py index_media --again",
            camera=stream.camera,
        ) from error
