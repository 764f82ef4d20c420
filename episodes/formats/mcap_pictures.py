"""A camera's stored pictures as Foxglove takes them: as they are where it can, else as JPEG.

Foxglove plays H.264 and HEVC in Annex B form, VP9 and AV1, each from a key frame on and without
pictures out of order (docs.foxglove.dev, CompressedVideo).
"""

from collections.abc import Iterator
from itertools import chain, islice
from typing import Any

import av
import cv2
import numpy as np
from av.bitstream import BitStreamFilterContext
from av.error import FFmpegError

from episodes.export_records import ExportCamera
from episodes.formats.foxglove import COMPRESSED_IMAGE, COMPRESSED_VIDEO, message_class
from episodes.records import Coding, Modality, Notice
from episodes.video.assemble import is_key

JPEG_QUALITY = 95
PNG_EFFORT = 1
# Codec as stored: (Foxglove's word, the filter that makes Annex B, the coding).
VIDEO = {
    "h264": ("h264", "h264_mp4toannexb", Coding.H264),
    "hevc": ("h265", "hevc_mp4toannexb", Coding.HEVC),
    "vp9": ("vp9", "", Coding.VP9),
    "av1": ("av1", "", Coding.AV1),
}


class CameraMessages:
    """What a camera's messages hold. ``format`` and ``message`` are settled before the first."""

    def __init__(self, camera: ExportCamera) -> None:
        self.camera = camera
        self.notices: tuple[Notice, ...] = ()
        self._stored = camera.codec in ("jpeg", "png")
        self._video = camera.codec in VIDEO and camera.modality is Modality.RGB
        if self._video and not self._playable():
            self._video = False
            said = (
                f"Camera “{camera.camera}” is written as JPEG: its video has pictures out of order"
            )
            said += " or starts between key frames, which Foxglove does not play."
            self.notices = (Notice("pictures_encoded_anew", said),)
        if self._video:
            self.format = VIDEO[camera.codec][0]
            self.message: Any = message_class("foxglove", "CompressedVideo", COMPRESSED_VIDEO)
        else:
            depth = camera.modality is Modality.DEPTH
            self.format = camera.codec if self._stored else "png" if depth else "jpeg"
            self.message = message_class("foxglove", "CompressedImage", COMPRESSED_IMAGE)

    def data(self) -> Iterator[bytes]:
        """One picture's bytes after another."""
        if self._video:
            return self._packets()
        return self.camera.coded() if self._stored else self._encoded()

    def _encoded(self) -> Iterator[bytes]:
        for picture in self.camera.pictures():
            if picture.ndim == 2:
                settings = [cv2.IMWRITE_PNG_COMPRESSION, PNG_EFFORT]
                yield cv2.imencode(".png", picture, settings)[1].tobytes()
            else:
                settings = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]
                turned = np.ascontiguousarray(picture[..., ::-1])
                yield cv2.imencode(".jpg", turned, settings)[1].tobytes()

    def _playable(self) -> bool:
        """Whether its packets come in the order they are shown and begin with a key."""
        coding = VIDEO[self.camera.codec][2]
        try:
            with av.open(str(self.camera.path)) as container:
                last = None
                for packet in container.demux(container.streams.video[0]):
                    if packet.pts is not None and last is not None and packet.pts <= last:
                        return False
                    last = packet.pts if packet.pts is not None else last
            first = next(self._packets(), b"")
        except FFmpegError:
            return False
        return is_key(first, coding)

    def _packets(self) -> Iterator[bytes]:
        """Every packet as it is stored, with H.264 and HEVC turned to Annex B."""
        filter_name = VIDEO[self.camera.codec][1]
        coded = self.camera.coded()
        first = list(islice(coded, 1))
        whole = chain(first, coded)
        if not filter_name or (first[:1] and first[0].startswith((b"\0\0\1", b"\0\0\0\1"))):
            yield from whole
            return
        with av.open(str(self.camera.path)) as container:
            stream = container.streams.video[0]
            to_annex_b = BitStreamFilterContext(filter_name, stream)
            for data in whole:
                packet = av.Packet(data)
                packet.stream = stream
                yield b"".join(bytes(part) for part in to_annex_b.filter(packet))
