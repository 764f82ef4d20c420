"""Cameras and sound of a plain folder: videos, folders of pictures, WAV files."""

import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from episodes.errors import EpisodeBroken
from episodes.formats.folder_entries import CameraEntry, SoundEntry
from episodes.formats.folder_tables import read_columns
from episodes.formats.paths import confined, natural
from episodes.records import (
    Coding,
    DimensionRecord,
    Modality,
    Picture,
    PictureStreamRecord,
    Reason,
    Role,
    SignalKind,
    SignalRecord,
    StreamRecord,
)
from episodes.timebase import Rate, rate_times_ns
from episodes.video import build_index
from episodes.video.errors import UnsupportedCodec, VideoError

CODINGS = {".jpg": Coding.JPEG, ".jpeg": Coding.JPEG, ".png": Coding.PNG}
MAX_PICTURES = 4_000_000
MAX_PICTURE_BYTES = 256 * 2**20
# Every sample has its time, eight bytes: half a gigabyte.
MAX_SOUND_SAMPLES = 64_000_000
PCM16_BYTES = 2
# PNG's header (ISO/IEC 15948, 11.2.2): bit depth and colour type, 0 being grey.
PNG_DEPTH16 = bytes([16, 0])


def existing(root: Path, relative: str, reason: Reason) -> Path:
    """The file, with bytes in it. Raises EpisodeBroken, PathOutsideDataset."""
    path = confined(root, relative)
    if not path.is_file() or path.stat().st_size == 0:
        raise EpisodeBroken(
            reason,
            f"The file {relative} is missing or empty.",
            remedy="Put the file in place, or correct its path in touchline.json.",
        )
    return path


def video_stream(
    root: Path, entry: CameraEntry, role: Role, unit_m: float | None
) -> tuple[StreamRecord, int]:
    """(the camera, when its last frame ends on the episode clock). Raises EpisodeBroken."""
    path = existing(root, entry.file, Reason.MEDIA_MISSING)
    try:
        index = build_index(path)
    except VideoError as error:
        codec = isinstance(error, UnsupportedCodec)
        raise EpisodeBroken(
            Reason.MEDIA_CODEC if codec else Reason.MEDIA_UNREADABLE,
            f"The video {entry.file} of camera “{entry.camera}” cannot be used: {error}",
            remedy=error.remedy,
        ) from error
    seconds = index.duration_ns / 1e9
    stream = StreamRecord(
        camera=entry.camera,
        source_key=entry.file,
        role=role,
        media=entry.file,
        path=path,
        from_ns=0,
        frames=index.frames,
        # Nominal only: every frame keeps the time its file gives it.
        rate=Rate.from_number(round(min(max(index.frames / max(seconds, 1e-3), 0.01), 1000), 3)),
        starts_ns=entry.offset_ns,
        paced=False,
        modality=Modality.DEPTH if entry.depth else Modality.RGB,
        depth_unit_m=unit_m,
    )
    return stream, entry.offset_ns + index.duration_ns


def picture_stream(
    root: Path, entry: CameraEntry, role: Role, unit_m: float | None, rate: Rate
) -> tuple[PictureStreamRecord, int]:
    """Like ``video_stream``, for a folder of pictures in the order of their numbers."""
    files = _files(root, entry)
    coding = CODINGS[files[0].suffix.lower()]
    own = entry.rate or rate
    t_ns = _picture_times(root, entry, len(files), own)
    if entry.depth and coding is Coding.PNG:
        _require_depth16(files[0], entry)

    def pictures() -> Iterator[tuple[int, Picture]]:
        for at_ns, path in zip(t_ns.tolist(), files, strict=True):
            if path.stat().st_size > MAX_PICTURE_BYTES:
                raise EpisodeBroken(
                    Reason.ABSURD_SIZE,
                    f"The picture {path.name} of camera “{entry.camera}” has"
                    f" {path.stat().st_size:,} bytes.",
                    remedy=f"At most {MAX_PICTURE_BYTES:,} bytes are read.",
                )
            yield at_ns, path.read_bytes()

    stream = PictureStreamRecord(
        camera=entry.camera,
        source_key=entry.folder,
        role=role,
        coding=coding,
        pictures=pictures,
        frames=len(files),
        rate=own,
        paced=False,
        modality=Modality.DEPTH if entry.depth else Modality.RGB,
        depth_unit_m=unit_m,
    )
    return stream, int(t_ns[-1]) + own.time_ns(1)


def _files(root: Path, entry: CameraEntry) -> list[Path]:
    """The pictures, 2 before 10; of one kind, none a link that leads out."""
    folder = confined(root, entry.folder)
    if not folder.is_dir():
        raise EpisodeBroken(
            Reason.MEDIA_MISSING,
            f"There is no folder {entry.folder} for camera “{entry.camera}”.",
            remedy="Put the folder in place, or correct its path in touchline.json.",
        )
    found = [path for path in folder.iterdir() if path.suffix.lower() in CODINGS]
    if not 0 < len(found) <= MAX_PICTURES or len({_coding(path) for path in found}) > 1:
        raise EpisodeBroken(
            Reason.MEDIA_UNREADABLE,
            f"{entry.folder} holds {len(found):,} JPEG and PNG files;"
            f" it has to hold 1 to {MAX_PICTURES:,} of one kind.",
            remedy="Leave only the pictures of this camera in the folder.",
        )
    found.sort(key=lambda path: natural(path.name))
    return [confined(root, path.relative_to(root.resolve()).as_posix()) for path in found]


def _coding(path: Path) -> Coding:
    return CODINGS[path.suffix.lower()]


def _picture_times(root: Path, entry: CameraEntry, count: int, rate: Rate) -> NDArray[np.int64]:
    if entry.times is None:
        return rate_times_ns(count, rate) + entry.offset_ns
    path = existing(root, entry.times.file, Reason.DATA_MISSING)
    t_ns, _ = read_columns(path, entry.times.file, entry.times.time, [])
    if len(t_ns) != count:
        raise EpisodeBroken(
            Reason.LENGTH_MISMATCH,
            f"{entry.times.file} has {len(t_ns):,} times, {entry.folder} {count:,} pictures.",
            remedy="Give every picture its time.",
        )
    return t_ns + entry.offset_ns


def _require_depth16(path: Path, entry: CameraEntry) -> None:
    with path.open("rb") as file:
        head = file.read(26)
    if head[24:26] != PNG_DEPTH16:
        raise EpisodeBroken(
            Reason.MEDIA_UNREADABLE,
            f"The depth camera “{entry.camera}” has PNG files that are not 16-bit grey.",
            remedy="Write depth as 16-bit grey PNG, or take “depth” out of touchline.json.",
        )


def sound_signal(root: Path, entry: SoundEntry) -> SignalRecord:
    """A WAV file as int16 (samples, channels), mapped and not loaded. Raises EpisodeBroken."""
    path = existing(root, entry.file, Reason.DATA_MISSING)
    try:
        with path.open("rb") as file, wave.open(file) as sound:
            start, channels, rate = file.tell(), sound.getnchannels(), sound.getframerate()
            width, samples = sound.getsampwidth(), sound.getnframes()
    except (wave.Error, EOFError, ValueError) as error:
        raise _bad_sound(entry, f"cannot be read ({str(error) or 'it is cut off'})") from error
    if width != PCM16_BYTES:
        raise _bad_sound(entry, f"has samples of {8 * width} bits")
    if not 0 < samples * channels <= MAX_SOUND_SAMPLES:
        raise _bad_sound(entry, f"claims {samples:,} samples of {channels} channels")
    if start + samples * channels * width > path.stat().st_size:
        raise _bad_sound(entry, f"is cut off: its head promises {samples:,} samples")
    values = np.memmap(path, "<i2", "r", offset=start, shape=(samples, channels))
    names = [entry.name] if channels == 1 else [f"{entry.name}[{n}]" for n in range(channels)]
    return SignalRecord(
        name=entry.name,
        kind=SignalKind.AUDIO,
        dimensions=tuple(DimensionRecord(name) for name in names),
        t_ns=_sample_times(samples, rate) + entry.offset_ns,
        values=values,
    )


def _sample_times(samples: int, rate: int) -> NDArray[np.int64]:
    """floor(i * 1e9 / rate) in whole numbers: audio runs faster than ``Rate`` allows."""
    return np.arange(samples, dtype=np.int64) * 1_000_000_000 // rate


def _bad_sound(entry: SoundEntry, said: str) -> EpisodeBroken:
    return EpisodeBroken(
        Reason.DATA_UNREADABLE,
        f"The sound {entry.file} {said}.",
        remedy="Write it as WAV with 16-bit PCM samples: ffmpeg -i INPUT -c:a pcm_s16le OUTPUT.wav",
    )
