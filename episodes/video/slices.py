"""An episode's part of a frame index: the rows that decode its frames, and nothing else."""

import base64
from dataclasses import dataclass
from typing import Any

from episodes.video.frame_index import SCHEMA_VERSION, FrameIndexRecord, Ints


@dataclass(frozen=True, eq=False)
class EpisodeIndex:
    """``frames`` pictures of a video and the packets that decode them.

    ``first_row`` is the asset's row that stands first here; ``order`` maps a position in the
    episode to a row of this slice; ``byte_start`` and ``byte_end`` (exclusive) bound its packets.
    """

    source: FrameIndexRecord
    start_frame: int
    frames: int
    first_row: int
    end_row: int
    order: Ints
    byte_start: int
    byte_end: int
    times_ns: Ints

    def to_json(self) -> dict[str, Any]:
        """What the video alone decides of GET /api/v1/streams/<id>/index."""
        source, rows = self.source, slice(self.first_row, self.end_row)
        description = base64.b64encode(source.description).decode() if source.description else None
        return {
            "schema_version": SCHEMA_VERSION,
            "codec": source.codec,
            "description": description,
            "width": source.width,
            "height": source.height,
            "rotation": source.rotation,
            "time_base": list(source.time_base),
            "off": source.off[rows].tolist(),
            "size": source.size[rows].tolist(),
            "pts": source.pts[rows].tolist(),
            "key": source.key[rows].astype(int).tolist(),
            "order": self.order.tolist(),
            "frames": self.frames,
        }


def slice_index(
    index: FrameIndexRecord, start_frame: int, frames: int, offset_ns: int = 0
) -> EpisodeIndex:
    """Cut presentation positions [start_frame, start_frame + frames) out of ``index``.

    The rows run from the key frame that the first position needs to the last row in decode order
    that any of them needs; pictures hidden by an edit list stay in the rows. ``offset_ns`` moves
    ``times_ns`` from the stream's clock to the episode's. Raises SliceOutsideVideo.
    """
    index.check_slice(start_frame, frames)
    rows = index.order[start_frame : start_frame + frames]
    decoded_first = start_frame + int(rows.argmin())
    first_row = min(index.start_row(start_frame), index.start_row(decoded_first))
    end_row = int(rows.max()) + 1
    taken = slice(first_row, end_row)
    return EpisodeIndex(
        source=index,
        start_frame=start_frame,
        frames=frames,
        first_row=first_row,
        end_row=end_row,
        order=rows - first_row,
        byte_start=int(index.off[taken].min()),
        byte_end=int((index.off[taken] + index.size[taken]).max()),
        times_ns=index.times_ns(start_frame, frames, offset_ns),
    )
