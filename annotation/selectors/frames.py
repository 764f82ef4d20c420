"""Where times of an episode fall in its cameras' frames."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from episodes.models import Episode, Stream
from episodes.selectors.media import stream_part


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
    """The frames of every camera of an episode.

    Raises NotIndexed, MediaMissing or IndexUnreadable when a camera's frame index is not there.
    """
    streams = Stream.objects.filter(episode=episode).select_related("asset__frame_index")
    streams = streams.prefetch_related("clock_maps")
    found = []
    for stream in streams:
        part = stream_part(stream)
        pts = part.source.pts[part.first_row + part.order]
        found.append(CameraFrames(stream, part.times_ns, pts))
    return found
