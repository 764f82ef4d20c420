"""touchline.json, the description of a plain folder: read strictly, every mistake named by place.

The table of fields is docs/formats/folder.md. What is wrong at the top closes the dataset; what
is wrong within an episode keeps that episode out.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from episodes.errors import DatasetBroken, EpisodeBroken
from episodes.formats.folder_entries import (
    TIME_UNITS,
    CameraEntry,
    DimensionEntry,
    EpisodeEntry,
    Manifest,
    SignalEntry,
    SoundEntry,
    TimeColumn,
    TimesFile,
)
from episodes.formats.folder_fields import (
    MAX_NAME,
    Fields,
    Wrong,
    a_flag,
    a_list,
    a_name,
    a_number,
    a_rate,
    a_text,
    a_whole,
    above_zero,
    an_object,
    an_offset,
    one_of,
)
from episodes.formats.lerobot_info import MAX_EPISODES, read_json
from episodes.formats.wire_labels import KINDS, TIMELESS, wire_attributes
from episodes.records import EpisodeFacts, FoundLabel, Reason, Role, SignalKind

MANIFEST_PATH = "touchline.json"
VERSION = 1
DOMAINS = ("real", "sim", "human", "unknown")


def read_manifest(root: Path) -> Manifest:
    """Raises DatasetBroken naming the first mistake."""
    raw = read_json(root, MANIFEST_PATH)
    try:
        top = Fields(raw, "")
        if top.take("touchline", a_whole) != VERSION:
            raise Wrong(f"“touchline” has to be {VERSION}, the version of this description")
        listed = top.take("episodes", a_list)
        if not 0 < len(listed) <= MAX_EPISODES:
            raise Wrong(f"“episodes” lists {len(listed):,}; 1 to {MAX_EPISODES:,} are possible")
        manifest = Manifest(
            name=top.maybe("name", a_text, root.name) or root.name,
            robot=top.maybe("robot", a_text, ""),
            licence=top.maybe("licence", a_text, ""),
            domain=top.maybe("domain", one_of(DOMAINS), "unknown"),
            rate=top.maybe("rate", a_rate, None),
            labels_file=top.maybe("labels_file", a_text, ""),
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


def _episode(raw: Any, place: str) -> EpisodeEntry:
    entry = Fields(raw, place)
    found = EpisodeEntry(
        key=entry.take("key", a_text),
        instruction=entry.maybe("instruction", a_text, ""),
        rate=entry.maybe("rate", a_rate, None),
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
        camera=entry.take("camera", a_name),
        file=entry.maybe("file", a_text, ""),
        folder=entry.maybe("folder", a_text, ""),
        role=entry.maybe("role", lambda v, w: Role(one_of(tuple(Role))(v, w)), None),
        offset_ns=entry.maybe("offset_s", an_offset, 0),
        depth=entry.maybe("depth", a_flag, False),
        unit_m=entry.maybe("unit_m", above_zero, None),
        rate=entry.maybe("rate", a_rate, None),
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
        name=entry.take("name", a_name),
        file=entry.take("file", a_text),
        kind=entry.maybe("kind", lambda v, w: SignalKind(one_of(tuple(SignalKind))(v, w)), None),
        time=entry.take("time", _time),
        offset_ns=entry.maybe("offset_s", an_offset, 0),
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
        name=entry.take("name", a_name),
        file=entry.take("file", a_text),
        offset_ns=entry.maybe("offset_s", an_offset, 0),
    )
    entry.close()
    return found


def _times(raw: Any, place: str) -> TimesFile:
    entry = Fields(raw, place)
    found = TimesFile(file=entry.take("file", a_text), time=entry.take("time", _time))
    entry.close()
    return found


def _time(raw: Any, place: str) -> TimeColumn:
    entry = Fields(raw, place)
    found = TimeColumn(
        column=entry.take("column", a_text),
        unit=entry.take("unit", one_of(tuple(TIME_UNITS))),
        zero=entry.maybe("zero", a_number, 0),
    )
    entry.close()
    return found


def _dimension(raw: Any, place: str) -> DimensionEntry:
    entry = Fields(raw, place)
    column = entry.take("column", a_text)
    found = DimensionEntry(
        column=column,
        name=entry.maybe("name", a_name, column),
        unit=entry.maybe("unit", a_name, ""),
    )
    entry.close()
    return found


def _facts(raw: Any, place: str) -> EpisodeFacts:
    entry = Fields(raw, place)
    found = EpisodeFacts(
        scene=entry.maybe("scene", a_text, ""),
        objects=entry.each("objects", a_text),
        operator=entry.maybe("operator", a_text, ""),
        session=entry.maybe("session", a_text, ""),
    )
    entry.close()
    return found


def _label(raw: Any, place: str) -> FoundLabel:
    entry = Fields(raw, place)
    kind = entry.take("kind", one_of(KINDS))
    start = entry.maybe("start_s", an_offset, None)
    end = entry.maybe("end_s", an_offset, None)
    found = FoundLabel(
        kind=kind,
        label_class=entry.take("class", a_name),
        origin=f"{MANIFEST_PATH} labels",
        start_ns=start,
        end_ns=end,
        text=entry.maybe("text", a_text, ""),
        effector=entry.maybe("effector", a_name, ""),
        attributes=wire_attributes(entry.maybe("attributes", an_object, {})),
        uncertainty_ns=entry.maybe("uncertainty_s", an_offset, 0),
    )
    entry.close()
    if (kind not in TIMELESS) != (start is not None):
        raise Wrong(f"{place}: outcomes and tags have no times, every other label has “start_s”")
    if (kind in ("segment", "span")) != (end is not None):
        raise Wrong(f"{place}: segments and spans have “end_s”, other labels have not")
    if start is not None and end is not None and end <= start:
        raise Wrong(f"{place}: “end_s” is not after “start_s”")
    return found
