"""The cameras of an RLDS record: coded pictures that lie in its file, read one by one."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from episodes.errors import EpisodeBroken
from episodes.formats.features import camera_role, words
from episodes.formats.questions import answered_role
from episodes.formats.rlds_episode import Steps
from episodes.formats.rlds_info import Field
from episodes.formats.tfrecord import RESTORE, ExampleRecord, Place, Spans
from episodes.records import (
    Answers,
    Coding,
    Modality,
    Notice,
    Picture,
    PictureStreamRecord,
    Reason,
)

MAX_PICTURE_BYTES = 64 * 2**20
# A decoded picture beyond this is a bomb, not a camera's.
MAX_PIXELS = 64 * 2**20
# JPEG of a black picture may come out a shade lighter.
BLACK = 3
DEPTH_UNITS = {"mm": 0.001, "m": 1.0}


def camera_of(field: Field) -> str:
    """``steps/observation/image_0`` is the camera ``image_0``."""
    return field.short.removeprefix("observation/").replace("/", ".")


def is_camera(field: Field) -> bool:
    """Pictures that can be shown: 8-bit of colours or greys, 16-bit of distances."""
    return field.in_steps and field.kind == "image" and field.dtype in ("", "uint8", "uint16")


def is_depth(field: Field) -> bool:
    """16-bit pictures are distances; nothing else in robot learning is stored so."""
    return is_camera(field) and field.dtype == "uint16"


class Source(NamedTuple):
    """Where a record lies, to be opened anew for its pictures."""

    path: Path
    place: Place
    what: str


def cameras(steps: Steps, source: Source, answers: Answers) -> Iterator[PictureStreamRecord]:
    """Cameras that have pictures; black and empty ones are said and left out."""
    doubted: list[str] = []
    for field in filter(is_camera, steps.info.fields):
        camera = camera_of(field)
        spans = steps.record.blobs(field.name)
        missing = _missing(steps.record, spans)
        if missing:
            said = f"Camera “{camera}” of {steps.what} {missing}; it is left out."
            steps.notices.append(Notice("camera_missing", said))
            continue
        flag = f"episode_metadata/has_{field.short.rsplit('/', 1)[-1]}"
        if flag in steps.record.features and not steps.record.numbers(flag).any():
            doubted.append(camera)
        yield _stream(steps, field, spans, source, answers)
    if doubted:
        named = ", ".join(f"“{camera}”" for camera in doubted)
        said = f"{steps.what} says that {named} are missing; their pictures are there and are used."
        steps.notices.append(Notice("camera_flag_wrong", said))


def _missing(record: ExampleRecord, spans: Spans) -> str:
    """Why there are no pictures, as a predicate; empty when there are some."""
    if not spans or all(start == end for start, end in spans):
        return "has no pictures"
    first = spans[0]
    if first[1] - first[0] > MAX_PICTURE_BYTES:
        return ""
    data = record.blob(first)
    for span in spans[1:]:
        if span[1] - span[0] != len(data) or record.blob(span) != data:
            return ""
    picture = decoded(data)
    return "" if picture is None or picture.max() > BLACK else "has only black pictures"


def decoded(data: bytes) -> NDArray[Any] | None:
    """A picture as it is, (height, width[, channels]); None for none, or an absurdly large one."""
    size = _size(data)
    if size is None or not 0 < size[0] * size[1] <= MAX_PIXELS:
        return None
    try:
        found: NDArray[Any] | None = cv2.imdecode(
            np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED
        )
    except cv2.error:
        return None
    return found


def _size(data: bytes) -> tuple[int, int] | None:
    """(width, height) of a PNG's or JPEG's header, before anything is unpacked."""
    if data[:8] == b"\x89PNG\r\n\x1a\n":
        return int.from_bytes(data[16:20]), int.from_bytes(data[20:24])
    at = 2
    while data[:2] == b"\xff\xd8" and at + 9 < len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            return int.from_bytes(data[at + 7 : at + 9]), int.from_bytes(data[at + 5 : at + 7])
        at += 1 if marker == 0xFF else 2 + int.from_bytes(data[at + 2 : at + 4])
    return None


def _stream(
    steps: Steps, field: Field, spans: Spans, source: Source, answers: Answers
) -> PictureStreamRecord:
    camera, depth = camera_of(field), is_depth(field)
    head = steps.record.blob((spans[0][0], min(spans[0][0] + 8, spans[0][1])))
    coding = _coding(head)
    if coding is None or (depth and coding is not Coding.PNG):
        raise EpisodeBroken(
            Reason.MEDIA_UNREADABLE,
            f"Camera “{camera}” of {steps.what} does not begin with a JPEG or PNG picture.",
            remedy=RESTORE,
        )
    times = [steps.rate.time_ns(step) for step in range(len(spans))]
    read = partial(_pictures, source, field.name, times, depth)
    return PictureStreamRecord(
        camera=camera,
        source_key=field.name,
        role=answered_role(answers, camera, camera_role(camera)),
        coding=Coding.DEPTH16 if depth else coding,
        pictures=read,
        frames=len(spans),
        rate=steps.rate,
        modality=Modality.DEPTH if depth else Modality.RGB,
        depth_unit_m=DEPTH_UNITS.get(answers.get(f"unit.{camera}", "")) if depth else None,
    )


def _coding(head: bytes) -> Coding | None:
    if head[:2] == b"\xff\xd8":
        return Coding.JPEG
    return Coding.PNG if head == b"\x89PNG\r\n\x1a\n" else None


def _pictures(
    source: Source, name: str, times: list[int], depth: bool
) -> Iterator[tuple[int, Picture]]:
    """Each picture's own bytes, the record checked anew before the first of them."""
    what = source.what
    with ExampleRecord(*source) as record:
        for t_ns, span in zip(times, record.blobs(name), strict=True):
            size = span[1] - span[0]
            data = record.blob(span) if size <= MAX_PICTURE_BYTES else b""
            if depth:
                picture = decoded(data)
                if picture is None or picture.dtype != np.uint16 or picture.ndim != 2:
                    raise EpisodeBroken(
                        Reason.MEDIA_UNREADABLE,
                        f"“{name}” of {what} holds a picture that is no 16-bit PNG.",
                        remedy=RESTORE,
                    )
                yield t_ns, picture
            elif not data:
                raise EpisodeBroken(
                    Reason.MEDIA_UNREADABLE,
                    f"“{name}” of {what} has a picture of {size:,} bytes at {t_ns / 1e9:.3f} s.",
                    remedy=RESTORE,
                )
            else:
                yield t_ns, data


def depth_like(field: Field) -> bool:
    """Whether a picture that is not read sounds like one of distances."""
    return "depth" in words(field.short)
