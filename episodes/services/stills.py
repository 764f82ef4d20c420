"""One frame of a camera as a picture, made when it is first asked for."""

from dataclasses import dataclass

from episodes.models import Stream
from episodes.selectors import data_files
from episodes.selectors.media import stream_part
from episodes.selectors.media_files import asset_file
from episodes.timebase import frame_at
from episodes.video.files import write_whole
from episodes.video.images import stills


@dataclass(frozen=True, slots=True)
class Still:
    """The stored JPEG's name, and an entity tag that says which frame it is."""

    name: str
    tag: str


def still_at(stream: Stream, at_ns: int) -> Still:
    """The frame on show at that episode time; before the first it is the first, after the last the
    last. Raises NotIndexed, MediaMissing, DecodeFailed and what ``asset_file`` raises."""
    part = stream_part(stream)
    position = frame_at(part.times_ns, at_ns)
    place = (stream.asset.sha256, stream.start_frame, stream.frames, position)
    name = data_files.still_name(*place)
    target = data_files.data_path(name)
    if not target.is_file():
        _, jpeg = next(stills(asset_file(stream.asset), part, [position]))
        write_whole(target, jpeg)
    return Still(name, f"{stream.asset.sha256}-{stream.start_frame + position}")
