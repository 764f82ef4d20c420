"""Where the recordings of a dataset lie: single files, rosbag2 folders, folders of either."""

import hashlib
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

import yaml

from episodes.errors import DatasetBroken, EpisodeBroken, PathOutsideDataset
from episodes.formats.bag_sqlite import SqliteBag
from episodes.formats.mcap_files import McapFile
from episodes.formats.paths import confined, natural
from episodes.formats.recording import Container, Message, Topic
from episodes.records import BrokenEpisode, Notice, Reason

BAG_METADATA = "metadata.yaml"
BAG_KEY = "rosbag2_bagfile_information"
SUFFIXES: Mapping[str, Callable[[Path], Container]] = {".mcap": McapFile, ".db3": SqliteBag}
MAX_METADATA_BYTES = 8 * 2**20
MAX_PARTS = 10_000
MAX_RECORDINGS = 100_000
MAX_DEPTH = 4
SAMPLED_BYTES = 64 * 2**10
DECOMPRESS = "Convert the bag with `ros2 bag convert` to an uncompressed one (chunks may be)."


@dataclass(frozen=True, slots=True)
class RecordingFiles:
    """A recording that is not opened yet: its files in order, and what listing it showed."""

    key: str
    parts: tuple[Path, ...]
    metadata_file: Path | None = None
    notices: tuple[Notice, ...] = ()

    @property
    def files(self) -> tuple[Path, ...]:
        return (*((self.metadata_file,) if self.metadata_file else ()), *self.parts)


Found = RecordingFiles | BrokenEpisode


class Place(NamedTuple):
    """Where a message lies in a recording."""

    part: int
    at: int
    inner: int


class Recording:
    """An opened recording: its parts read one after another. Use it as a context."""

    def __init__(self, files: RecordingFiles) -> None:
        self.files = files
        self._stack = ExitStack()
        self.parts: list[Container] = []

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            for path in self.files.parts:
                part = SUFFIXES[path.suffix.lower()](path)
                stack.callback(part.close)
                self.parts.append(part)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    @property
    def indexed(self) -> bool:
        return all(part.indexed for part in self.parts)

    def topics(self) -> dict[Topic, int | None]:
        found: dict[Topic, int | None] = {}
        for part in self.parts:
            for topic, count in part.topics().items():
                before = found.get(topic, 0)
                found[topic] = None if count is None or before is None else before + count
        return found

    def messages(self, names: Collection[str] | None = None) -> Iterator[tuple[Place, Message]]:
        for number, part in enumerate(self.parts):
            for message in part.messages(names):
                yield Place(number, message.at, message.inner), message

    def read(self, place: Place) -> bytes:
        return self.parts[place.part].read(place.at, place.inner)

    def metadata(self) -> Mapping[str, Mapping[str, str]]:
        return {k: v for part in self.parts for k, v in part.metadata().items()}

    @property
    def notices(self) -> tuple[Notice, ...]:
        return tuple(notice for part in self.parts for notice in part.notices)


def find_recordings(root: Path) -> tuple[Found, ...]:
    """Every recording at or below ``root``, in natural order; each key once.

    Raises DatasetBroken for an absurd number of them.
    """
    if root.is_file():
        return (RecordingFiles(root.stem, (root,)),) if is_recording(root) else ()
    found = tuple(islice(_walk(root, root, 0), MAX_RECORDINGS + 1))
    if len(found) > MAX_RECORDINGS:
        raise DatasetBroken(
            f"“{root.name}” holds more than {MAX_RECORDINGS:,} recordings.",
            remedy="Import it in smaller folders.",
        )
    return tuple(_told_apart(found))


def is_recording(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES and path.is_file()


def _told_apart(found: tuple[Found, ...]) -> Iterator[Found]:
    """A bag stored twice, as run.mcap and run.db3, keeps the ending in its keys."""
    keys = [entry.key for entry in found]
    for entry in found:
        if isinstance(entry, RecordingFiles) and keys.count(entry.key) > 1:
            key = entry.key + entry.parts[0].suffix
            yield RecordingFiles(key, entry.parts, entry.metadata_file, entry.notices)
        else:
            yield entry


def _walk(root: Path, folder: Path, depth: int) -> Iterator[Found]:
    key = folder.relative_to(root).as_posix() if folder != root else root.name
    if _is_bag(folder):
        yield _bag(root, folder, key)
        return
    children = sorted(folder.iterdir(), key=lambda path: natural(path.name))
    files = [path for path in children if is_recording(path)]
    split = _split_parts(folder, files)
    if split:
        said = f"{key} has no {BAG_METADATA}; its {len(split)} files are joined by their numbers."
        notice = Notice("metadata_missing", said, f"Run `ros2 bag reindex {folder.name}`.")
        yield RecordingFiles(key, split, notices=(notice,))
        return
    for path in files:
        relative = path.relative_to(root).with_suffix("").as_posix()
        yield _loose(root, path, relative)
    for path in children:
        plain = path.is_dir() and not path.is_symlink() and not path.name.startswith(".")
        if plain and depth < MAX_DEPTH:
            yield from _walk(root, path, depth + 1)


def _loose(root: Path, path: Path, key: str) -> Found:
    try:
        return RecordingFiles(key, (confined(root, path.relative_to(root).as_posix()),))
    except PathOutsideDataset as outside:
        return BrokenEpisode(key, Reason.PATH_OUTSIDE, str(outside), outside.remedy)


def _split_parts(folder: Path, files: list[Path]) -> tuple[Path, ...]:
    """FOLDER_0.mcap, FOLDER_1.mcap, ...: rosbag2's names for the parts of one recording."""
    pattern = re.compile(re.escape(folder.name) + r"_\d+")
    own = len(files) > 1 and all(pattern.fullmatch(path.stem) for path in files)
    same = len({path.suffix for path in files}) == 1
    return tuple(path.resolve() for path in files) if own and same else ()


def _is_bag(folder: Path) -> bool:
    path = folder / BAG_METADATA
    try:
        with path.open("rb") as file:
            return BAG_KEY.encode() in file.read(SAMPLED_BYTES)
    except OSError:
        return False


def _bag(root: Path, folder: Path, key: str) -> Found:
    try:
        names = _part_names(folder / BAG_METADATA, key)
        parts = tuple(confined(folder, name) for name in names)
        confined(root, folder.relative_to(root).as_posix())
    except EpisodeBroken as broken:
        return BrokenEpisode(key, broken.reason, str(broken), broken.remedy)
    except PathOutsideDataset as outside:
        remedy = f"Correct relative_file_paths in {BAG_METADATA}; the files lie beside it."
        return BrokenEpisode(key, Reason.PATH_OUTSIDE, str(outside), remedy)
    for name, path in zip(names, parts, strict=True):
        if not path.is_file():
            return BrokenEpisode(
                key,
                Reason.DATA_MISSING,
                f"{name}, part {names.index(name) + 1} of {len(names)} of {key}, is missing.",
                f"Restore it, or run `ros2 bag reindex {folder.name}` to import what is there.",
            )
    return RecordingFiles(key, parts, folder / BAG_METADATA)


def _part_names(path: Path, key: str) -> list[str]:
    """relative_file_paths of metadata.yaml. Raises EpisodeBroken."""
    info = _bag_information(path, key)
    compression = str(info.get("compression_mode") or "").lower()
    if compression not in ("", "none"):
        raise EpisodeBroken(
            Reason.DATA_UNREADABLE,
            f"{key} is compressed by rosbag2 (mode “{compression}”), which is not read.",
            remedy=DECOMPRESS,
        )
    names = info.get("relative_file_paths")
    if not isinstance(names, list) or not 0 < len(names) <= MAX_PARTS:
        raise _listing_broken(key, "names no files")
    # Bags before version 4 name their parts from the folder that holds the bag's own folder.
    texts = [str(name).removeprefix(f"{path.parent.name}/") for name in names]
    unknown = [text for text in texts if Path(text).suffix.lower() not in SUFFIXES]
    if unknown:
        raise _listing_broken(key, f"names “{unknown[0]}”, neither .mcap nor .db3")
    return texts


def _bag_information(path: Path, key: str) -> dict[str, Any]:
    try:
        if path.stat().st_size > MAX_METADATA_BYTES:
            raise _listing_broken(key, "is absurdly large")
        loaded = yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)
    except (OSError, yaml.YAMLError, ValueError, RecursionError) as error:
        raise _listing_broken(key, f"cannot be read: {error}") from error
    info = loaded.get(BAG_KEY) if isinstance(loaded, dict) else None
    if not isinstance(info, dict):
        raise _listing_broken(key, f"has no {BAG_KEY}")
    return info


def listed_counts(files: RecordingFiles) -> dict[Topic, int]:
    """Messages by topic as metadata.yaml counts them; empty without one that does."""
    found: dict[Topic, int] = {}
    try:
        info = _bag_information(files.metadata_file, files.key) if files.metadata_file else {}
        for one in info.get("topics_with_message_count") or ():
            topic = one["topic_metadata"]
            found[Topic(str(topic["name"]), str(topic["type"]), "", "", b"")] = int(
                one["message_count"]
            )
    except (EpisodeBroken, LookupError, TypeError, ValueError):
        return {}
    return found


def _listing_broken(key: str, fact: str) -> EpisodeBroken:
    return EpisodeBroken(
        Reason.LISTING_BROKEN,
        f"The {BAG_METADATA} of {key} {fact}.",
        remedy="Restore it from the source, or write it anew with `ros2 bag reindex`.",
    )


def fingerprint(root: Path, found: Collection[Found]) -> str:
    """sha256 over names, sizes, first and last bytes of every file: none is read through."""
    total = hashlib.sha256()
    for entry in found:
        total.update(f"{entry.key}\n".encode())
        for path in entry.files if isinstance(entry, RecordingFiles) else ():
            size = path.stat().st_size
            total.update(f"{path.name} {size}\n".encode())
            with path.open("rb") as file:
                total.update(file.read(SAMPLED_BYTES))
                file.seek(max(0, size - SAMPLED_BYTES))
                total.update(file.read(SAMPLED_BYTES))
    return total.hexdigest()
