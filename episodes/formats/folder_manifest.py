"""touchline.json, the description of a plain folder: read strictly, every mistake named by place.

The table of fields is docs/formats/folder.md. What is wrong at the top closes the dataset; what
is wrong within an episode keeps that episode out.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from episodes.errors import DatasetBroken, EpisodeBroken
from episodes.formats.lerobot_info import MAX_EPISODES, read_json
from episodes.formats.wire_labels import KINDS, TIMELESS, wire_attributes
from episodes.records import EpisodeFacts, FoundLabel, Reason, Role, SignalKind
from episodes.timebase import Rate, seconds_to_ns

MANIFEST_PATH = "touchline.json"
VERSION = 1
DOMAINS = ("real", "sim", "human", "unknown")
TIME_UNITS = {"s": 1_000_000_000, "ms": 1_000_000, "us": 1000, "ns": 1}
# An episode of a hundred hours is none.
MAX_SECONDS = 360_000.0
MAX_NAME, MAX_TEXT, MAX_PARTS = 120, 500, 1000

Made = dict[str, Any]


class Wrong(Exception):
    """A mistake in the manifest, by place; becomes DatasetBroken or EpisodeBroken."""


@dataclass(frozen=True, slots=True)
class TimeColumn:
    """Where times lie: ``zero`` is the column's value when the episode begins."""

    column: str
    unit: str
    zero: float | int


@dataclass(frozen=True, slots=True)
class TimesFile:
    file: str
    time: TimeColumn


@dataclass(frozen=True, slots=True)
class CameraEntry:
    """A video ``file``, or a ``folder`` of pictures at ``rate`` or at the times of ``times``."""

    camera: str
    file: str
    folder: str
    role: Role | None
    offset_ns: int
    depth: bool
    unit_m: float | None
    rate: Rate | None
    times: TimesFile | None


@dataclass(frozen=True, slots=True)
class DimensionEntry:
    column: str
    name: str
    unit: str


@dataclass(frozen=True, slots=True)
class SignalEntry:
    """A table of numbers; without ``dimensions`` every column but the time is one."""

    name: str
    file: str
    kind: SignalKind | None
    time: TimeColumn
    offset_ns: int
    dimensions: tuple[DimensionEntry, ...]


@dataclass(frozen=True, slots=True)
class SoundEntry:
    name: str
    file: str
    offset_ns: int


@dataclass(frozen=True, slots=True)
class EpisodeEntry:
    key: str
    instruction: str
    rate: Rate | None
    facts: EpisodeFacts
    cameras: tuple[CameraEntry, ...]
    signals: tuple[SignalEntry, ...]
    audio: tuple[SoundEntry, ...]
    labels: tuple[FoundLabel, ...]


@dataclass(frozen=True, slots=True)
class Manifest:
    """The top of the file; ``episodes`` are raw, each is read when it is asked for."""

    name: str
    robot: str
    licence: str
    domain: str
    rate: Rate | None
    labels_file: str
    episodes: tuple[tuple[str, Any], ...]


def read_manifest(root: Path) -> Manifest:
    """Raises DatasetBroken naming the first mistake."""
    raw = read_json(root, MANIFEST_PATH)
    try:
        top = Fields(raw, "")
        if top.take("touchline", _whole) != VERSION:
            raise Wrong(f"“touchline” has to be {VERSION}, the version of this description")
        listed = top.take("episodes", _list)
        if not 0 < len(listed) <= MAX_EPISODES:
            raise Wrong(f"“episodes” lists {len(listed):,}; 1 to {MAX_EPISODES:,} are possible")
        manifest = Manifest(
            name=top.maybe("name", _text, root.name) or root.name,
            robot=top.maybe("robot", _text, ""),
            licence=top.maybe("licence", _text, ""),
            domain=top.maybe("domain", _one_of(DOMAINS), "unknown"),
            rate=top.maybe("rate", _rate, None),
            labels_file=top.maybe("labels_file", _text, ""),
            episodes=tuple((_key(entry, n), entry) for n, entry in enumerate(listed)),
        )
        top.close()
        return manifest
    except Wrong as wrong:
        raise DatasetBroken(
            f"{MANIFEST_PATH}: {wrong}.",
            remedy=f"Correct {MANIFEST_PATH}; docs/formats/folder.md lists its fields.",
        ) from None


def _key(raw: Any, number: int) -> str:
    key = raw.get("key") if isinstance(raw, Mapping) else None
    if not isinstance(key, str) or not 0 < len(key) <= MAX_NAME:
        raise Wrong(f"episodes[{number}] has no “key”, a text of 1 to {MAX_NAME} characters")
    return key


def read_episode(raw: Any, number: int) -> EpisodeEntry:
    """The entry in full. Raises EpisodeBroken naming the first mistake by its place."""
    try:
        return _episode(raw, f"episodes[{number}]")
    except Wrong as wrong:
        raise EpisodeBroken(
            Reason.LISTING_BROKEN,
            f"{MANIFEST_PATH}: {wrong}.",
            remedy=f"Correct {MANIFEST_PATH}; docs/formats/folder.md lists its fields.",
        ) from None


class Fields:
    """The fields of one object; what nobody asked for by ``close`` is a mistake, not a wish."""

    def __init__(self, raw: Any, place: str) -> None:
        if not isinstance(raw, Mapping):
            raise Wrong(f"{place} has to be an object")
        self.place, self._raw, self._asked = place, raw, set[str]()

    def __contains__(self, name: str) -> bool:
        return name in self._raw

    def take(self, name: str, check: Callable[[Any, str], Any]) -> Any:
        self._asked.add(name)
        where = f"{self.place}.{name}" if self.place else name
        if name not in self._raw:
            raise Wrong(f"{where} is missing")
        return check(self._raw[name], where)

    def maybe(self, name: str, check: Callable[[Any, str], Any], default: Any) -> Any:
        self._asked.add(name)
        return self.take(name, check) if self._raw.get(name) is not None else default

    def each(self, name: str, make: Callable[[Any, str], Any]) -> tuple[Any, ...]:
        self._asked.add(name)
        listed = self.maybe(name, _list, [])
        if len(listed) > MAX_PARTS and name != "labels":
            raise Wrong(f"{self.place}.{name} lists {len(listed):,}; at most {MAX_PARTS:,}")
        return tuple(make(raw, f"{self.place}.{name}[{n}]") for n, raw in enumerate(listed))

    def close(self) -> None:
        unknown = sorted(str(name) for name in self._raw.keys() - self._asked)
        if unknown:
            known = ", ".join(sorted(self._asked))
            raise Wrong(
                f"{self.place or 'the file'} has the unknown field “{unknown[0][:MAX_NAME]}”;"
                f" its fields are {known}"
            )


def _episode(raw: Any, place: str) -> EpisodeEntry:
    entry = Fields(raw, place)
    found = EpisodeEntry(
        key=entry.take("key", _text),
        instruction=entry.maybe("instruction", _text, ""),
        rate=entry.maybe("rate", _rate, None),
        facts=entry.maybe("facts", _facts, EpisodeFacts()),
        cameras=entry.each("cameras", _camera),
        signals=entry.each("signals", _signal),
        audio=entry.each("audio", _sound),
        labels=entry.each("labels", _label),
    )
    entry.close()
    if not found.cameras:
        raise Wrong(f"{place}.cameras lists none: there is nothing to look at")
    _require_names(place, "cameras", [one.camera for one in found.cameras])
    _require_names(
        place, "signals", [*(one.name for one in found.signals), *(one.name for one in found.audio)]
    )
    return found


def _require_names(place: str, what: str, names: list[str]) -> None:
    double = next((name for name in names if names.count(name) > 1), None)
    if double is not None:
        raise Wrong(f"{place} has two {what} named “{double}”")


def _camera(raw: Any, place: str) -> CameraEntry:
    entry = Fields(raw, place)
    found = CameraEntry(
        camera=entry.take("camera", _name),
        file=entry.maybe("file", _text, ""),
        folder=entry.maybe("folder", _text, ""),
        role=entry.maybe("role", lambda v, w: Role(_one_of(tuple(Role))(v, w)), None),
        offset_ns=entry.maybe("offset_s", _offset, 0),
        depth=entry.maybe("depth", _flag, False),
        unit_m=entry.maybe("unit_m", _positive, None),
        rate=entry.maybe("rate", _rate, None),
        times=entry.maybe("times", _times, None),
    )
    entry.close()
    if bool(found.file) == bool(found.folder):
        raise Wrong(f"{place} needs either “file”, a video, or “folder”, a folder of pictures")
    if found.file and (found.rate or found.times):
        raise Wrong(f"{place} is a video, which has its own times: leave out “rate” and “times”")
    if found.unit_m is not None and not found.depth:
        raise Wrong(f"{place} has “unit_m” but is not marked “depth”: true")
    return found


def _signal(raw: Any, place: str) -> SignalEntry:
    entry = Fields(raw, place)
    found = SignalEntry(
        name=entry.take("name", _name),
        file=entry.take("file", _text),
        kind=entry.maybe("kind", lambda v, w: SignalKind(_one_of(tuple(SignalKind))(v, w)), None),
        time=entry.take("time", _time),
        offset_ns=entry.maybe("offset_s", _offset, 0),
        dimensions=entry.each("dimensions", _dimension),
    )
    entry.close()
    if found.kind is SignalKind.AUDIO:
        raise Wrong(f"{place} is sound: list its WAV file under “audio”")
    columns = [one.column for one in found.dimensions]
    double = next((c for c in columns if columns.count(c) > 1 or c == found.time.column), None)
    if double is not None:
        raise Wrong(f"{place} uses the column “{double}” twice")
    return found


def _sound(raw: Any, place: str) -> SoundEntry:
    entry = Fields(raw, place)
    found = SoundEntry(
        name=entry.take("name", _name),
        file=entry.take("file", _text),
        offset_ns=entry.maybe("offset_s", _offset, 0),
    )
    entry.close()
    return found


def _times(raw: Any, place: str) -> TimesFile:
    entry = Fields(raw, place)
    found = TimesFile(file=entry.take("file", _text), time=entry.take("time", _time))
    entry.close()
    return found


def _time(raw: Any, place: str) -> TimeColumn:
    entry = Fields(raw, place)
    found = TimeColumn(
        column=entry.take("column", _text),
        unit=entry.take("unit", _one_of(tuple(TIME_UNITS))),
        zero=entry.maybe("zero", _number, 0),
    )
    entry.close()
    return found


def _dimension(raw: Any, place: str) -> DimensionEntry:
    entry = Fields(raw, place)
    column = entry.take("column", _text)
    found = DimensionEntry(
        column=column,
        name=entry.maybe("name", _name, column),
        unit=entry.maybe("unit", _name, ""),
    )
    entry.close()
    return found


def _facts(raw: Any, place: str) -> EpisodeFacts:
    entry = Fields(raw, place)
    found = EpisodeFacts(
        scene=entry.maybe("scene", _text, ""),
        objects=entry.each("objects", _text),
        operator=entry.maybe("operator", _text, ""),
        session=entry.maybe("session", _text, ""),
    )
    entry.close()
    return found


def _label(raw: Any, place: str) -> FoundLabel:
    entry = Fields(raw, place)
    kind = entry.take("kind", _one_of(KINDS))
    start = entry.maybe("start_s", _offset, None)
    end = entry.maybe("end_s", _offset, None)
    found = FoundLabel(
        kind=kind,
        label_class=entry.take("class", _name),
        origin=f"{MANIFEST_PATH} labels",
        start_ns=start,
        end_ns=end,
        text=entry.maybe("text", _text, ""),
        effector=entry.maybe("effector", _name, ""),
        attributes=wire_attributes(entry.maybe("attributes", _object, {})),
        uncertainty_ns=entry.maybe("uncertainty_s", _offset, 0),
    )
    entry.close()
    if (kind not in TIMELESS) != (start is not None):
        raise Wrong(f"{place}: outcomes and tags have no times, every other label has “start_s”")
    if (kind in ("segment", "span")) != (end is not None):
        raise Wrong(f"{place}: segments and spans have “end_s”, other labels have not")
    if start is not None and end is not None and end <= start:
        raise Wrong(f"{place}: “end_s” is not after “start_s”")
    return found


def _object(value: Any, place: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise Wrong(f"{place} has to be an object")
    return value


def _list(value: Any, place: str) -> list[Any]:
    if not isinstance(value, list):
        raise Wrong(f"{place} has to be a list")
    return value


def _text(value: Any, place: str) -> str:
    if not isinstance(value, str) or len(value) > MAX_TEXT:
        raise Wrong(f"{place} has to be a text of at most {MAX_TEXT} characters")
    return value


def _name(value: Any, place: str) -> str:
    if not isinstance(value, str) or not 0 < len(value.strip()) <= MAX_NAME:
        raise Wrong(f"{place} has to be a text of 1 to {MAX_NAME} characters")
    return value.strip()


def _whole(value: Any, place: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise Wrong(f"{place} has to be a whole number")
    return value


def _number(value: Any, place: str) -> float | int:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise Wrong(f"{place} has to be a number")
    return value


def _positive(value: Any, place: str) -> float:
    found = float(_number(value, place))
    if found <= 0:
        raise Wrong(f"{place} has to be above 0")
    return found


def _flag(value: Any, place: str) -> bool:
    if not isinstance(value, bool):
        raise Wrong(f"{place} has to be true or false")
    return value


def _rate(value: Any, place: str) -> Rate:
    try:
        return Rate.from_number(_number(value, place))
    except ValueError:
        raise Wrong(f"{place} has to be a rate in Hz above 0 and at most 10,000") from None


def _offset(value: Any, place: str) -> int:
    found = float(_number(value, place))
    if not 0 <= found <= MAX_SECONDS:
        raise Wrong(f"{place} has to be seconds from the episode's start, 0 to {MAX_SECONDS:,.0f}")
    return seconds_to_ns(found)


def _one_of(choices: tuple[str, ...]) -> Callable[[Any, str], str]:
    def check(value: Any, place: str) -> str:
        if value not in choices:
            raise Wrong(f"{place} has to be one of {', '.join(map(str, choices))}")
        return str(value)

    return check
