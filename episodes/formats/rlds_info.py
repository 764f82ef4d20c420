"""dataset_info.json and features.json of a TFDS folder: splits, shards and the shape of a step.

Source: tensorflow/datasets tensorflow_datasets/core/dataset_info.proto and
core/features/feature.proto, whose JSON form these files are (64-bit integers are strings there).
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from math import prod
from pathlib import Path
from typing import Any

from episodes.errors import DatasetBroken
from episodes.formats.paths import confined
from episodes.records import Json, Notice

INFO, FEATURES = "dataset_info.json", "features.json"
STEPS = "steps"
MAX_JSON_BYTES = 32 * 2**20
MAX_DEPTH = 8
MAX_SHARDS = 100_000
MAX_EPISODES = 5_000_000
MAX_SPLITS = 1_000
TEMPLATE = "{DATASET}-{SPLIT}.{FILEFORMAT}-{SHARD_X_OF_Y}"
_PLACE = re.compile(r"\{([A-Z_]+)\}")
RESTORE_METADATA = "Restore it from the source; the copy may be incomplete."


@dataclass(frozen=True, slots=True)
class Shard:
    """A file of a split. ``records`` is how many episodes dataset_info.json says it
    holds, ``first`` the number of its first one within the split."""

    split: str
    number: int
    name: str
    path: Path
    records: int
    first: int


@dataclass(frozen=True, slots=True)
class Field:
    """A leaf of features.json by its flattened name, such as ``steps/observation/image_0``.

    ``kind`` is image, text, number, or other for what has no meaning here. ``shape`` is that of
    one step; None in it is a length that varies.
    """

    name: str
    kind: str
    dtype: str = ""
    shape: tuple[int | None, ...] = ()
    coding: str = ""
    description: str = ""

    @property
    def in_steps(self) -> bool:
        return self.name.startswith(f"{STEPS}/")

    @property
    def short(self) -> str:
        """The name within a step."""
        return self.name.removeprefix(f"{STEPS}/")

    @property
    def size(self) -> int | None:
        """Numbers a step; None when it varies."""
        known = [n for n in self.shape if n is not None]
        return prod(known) if len(known) == len(self.shape) else None


@dataclass(frozen=True, slots=True, eq=False)
class RldsInfo:
    """What the two files say."""

    root: Path
    name: str
    version: str
    licence: str
    info: Json
    features: Json
    shards: tuple[Shard, ...]
    fields: tuple[Field, ...]
    notices: tuple[Notice, ...]


def dataset_folder(root: Path) -> Path | None:
    """The folder of the one version: ``root``, or its only child that is one.

    Raises DatasetBroken when ``root`` holds several versions.
    """
    if not root.is_dir():
        return None
    if _is_version(root):
        return root
    found = [child for child in sorted(root.iterdir()) if _is_version(child)]
    if len(found) > 1:
        raise DatasetBroken(
            f"“{root.name}” holds several versions: {', '.join(path.name for path in found[:10])}.",
            remedy="Give the folder of the version to import.",
        )
    return found[0] if found else None


def _is_version(folder: Path) -> bool:
    return (folder / INFO).is_file() and (folder / FEATURES).is_file()


def read_info(folder: Path) -> RldsInfo:
    """Raises DatasetBroken, PathOutsideDataset."""
    info, features = _json(folder, INFO), _json(folder, FEATURES)
    kind = str(info.get("fileFormat") or "tfrecord")
    if kind != "tfrecord":
        raise DatasetBroken(
            f"The shards of “{folder.name}” are {kind} files.",
            remedy="Write them as TFRecord: tfds convert_format --out_file_format=tfrecord.",
        )
    name = str(info.get("name") or folder.parent.name)
    shards = tuple(_shards(folder, name, info))
    notices = tuple(missing_shards(shards))
    present = tuple(shard for shard in shards if shard.path.is_file())
    if not present:
        raise DatasetBroken(
            f"None of the {len(shards)} files that {INFO} of “{name}” lists are there.",
            remedy="Copy the .tfrecord files beside it.",
        )
    fields = tuple(_fields(features, "", MAX_DEPTH))
    if not any(field.in_steps for field in fields):
        raise DatasetBroken(
            f"{FEATURES} of “{name}” has no “{STEPS}”: it is no dataset of episodes.",
            remedy="Give a dataset in the RLDS layout, one episode a record.",
        )
    redistribution = info.get("redistributionInfo")
    licence = redistribution.get("license") if isinstance(redistribution, dict) else ""
    return RldsInfo(
        root=folder,
        name=name,
        version=str(info.get("version") or folder.name)[:50],
        licence=str(licence or "")[:200],
        info=info,
        features=features,
        shards=present,
        fields=fields,
        notices=notices,
    )


def _json(folder: Path, name: str) -> dict[str, Any]:
    path = confined(folder, name)
    try:
        if path.stat().st_size > MAX_JSON_BYTES:
            raise ValueError(f"it is larger than {MAX_JSON_BYTES:,} bytes")
        found = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(found, dict):
            raise TypeError("it is no JSON object")
    except (OSError, ValueError, TypeError, RecursionError) as error:
        raise DatasetBroken(f"{name} cannot be read: {error}", remedy=RESTORE_METADATA) from error
    return found


def _shards(folder: Path, name: str, info: Json) -> Iterator[Shard]:
    splits = info.get("splits")
    if not isinstance(splits, list) or not splits or len(splits) > MAX_SPLITS:
        raise DatasetBroken(f"{INFO} of “{name}” lists no splits.", remedy=RESTORE_METADATA)
    seen: set[str] = set()
    for split in splits:
        label = str(split.get("name") or "") if isinstance(split, dict) else ""
        if not label or label in seen:
            raise DatasetBroken(
                f"{INFO} of “{name}” lists a split without a name of its own.",
                remedy=RESTORE_METADATA,
            )
        seen.add(label)
        yield from _split_shards(folder, name, label, split)


def _split_shards(folder: Path, name: str, label: str, split: Json) -> Iterator[Shard]:
    template = str(split.get("filepathTemplate") or TEMPLATE)
    lengths = _lengths(split.get("shardLengths"), label)
    first = 0
    for number, records in enumerate(lengths):
        place = {
            "DATASET": name,
            "SPLIT": label,
            "FILEFORMAT": "tfrecord",
            "SHARD_INDEX": f"{number:05d}",
            "NUM_SHARDS": f"{len(lengths):05d}",
            "SHARD_X_OF_Y": f"{number:05d}-of-{len(lengths):05d}",
        }
        file = "".join(
            place.get(part, part) if odd else part
            for odd, part in zip(cycle((False, True)), _PLACE.split(template))
        )
        yield Shard(label, number, file, confined(folder, file), records, first)
        first += records


def _lengths(lengths: Any, split: str) -> list[int]:
    found = lengths if isinstance(lengths, list) else []
    try:
        numbers = [int(length) for length in found]
    except (TypeError, ValueError):
        numbers = [-1]
    bad = len(numbers) > MAX_SHARDS or any(number < 0 for number in numbers)
    if bad or sum(numbers) > MAX_EPISODES:
        raise DatasetBroken(
            f"The shardLengths of the split “{split}” in {INFO} are no numbers of episodes.",
            remedy=RESTORE_METADATA,
        )
    return numbers


def missing_shards(shards: Sequence[Shard]) -> Iterator[Notice]:
    """What dataset_info.json lists and the folder does not have: a set need not be copied whole."""
    absent: dict[str, list[Shard]] = {}
    for shard in shards:
        if not shard.path.is_file():
            absent.setdefault(shard.split, []).append(shard)
    for split, missing in absent.items():
        total = sum(shard.split == split for shard in shards)
        episodes = sum(shard.records for shard in missing)
        yield Notice(
            "shards_missing",
            f"Files of the split “{split}” that are not there: {len(missing)} of {total};"
            f" {episodes:,} episodes are left out with them.",
            "Copy the files beside dataset_info.json and import again.",
        )


def _fields(node: Any, name: str, depth: int) -> Iterator[Field]:
    """Every leaf below ``node``; what is nested deeper than ``depth`` is no recording."""
    if not isinstance(node, Mapping) or depth == 0:
        yield Field(name, "other")
        return
    described = str(node.get("description") or "")
    if isinstance(node.get("featuresDict"), Mapping):
        children = node["featuresDict"].get("features")
        for child, inner in (children if isinstance(children, Mapping) else {}).items():
            yield from _fields(inner, f"{name}/{child}".lstrip("/"), depth - 1)
    elif name == STEPS and isinstance(node.get("sequence"), Mapping):
        yield from _fields(node["sequence"].get("feature"), name, depth - 1)
    elif isinstance(node.get("image"), Mapping):
        image = node["image"]
        coding = str(image.get("encodingFormat") or "")
        yield Field(
            name, "image", str(image.get("dtype") or "uint8"), _shape(image), coding, described
        )
    elif "text" in node:
        yield Field(name, "text", "string", (), "", described)
    elif "classLabel" in node:
        yield Field(name, "number", "int64", (), "", described)
    elif isinstance(node.get("tensor"), Mapping):
        yield _tensor(name, node["tensor"], described)
    else:
        yield Field(name, "other", description=described)


def _tensor(name: str, tensor: Json, described: str) -> Field:
    dtype, shape = str(tensor.get("dtype") or ""), _shape(tensor)
    if str(tensor.get("encoding") or "none") != "none":
        return Field(name, "other", dtype, shape, "", described)
    if dtype in ("string", "object"):
        return Field(name, "text" if not shape else "other", dtype, shape, "", described)
    number = re.fullmatch(r"(float|bfloat|int|uint)\d+|bool", dtype)
    return Field(name, "number" if number else "other", dtype, shape, "", described)


def _shape(node: Json) -> tuple[int | None, ...]:
    shape = node.get("shape")
    found = shape.get("dimensions") if isinstance(shape, Mapping) else None
    lengths: list[int | None] = []
    for length in found if isinstance(found, list) else []:
        try:
            number = int(length)
        except (TypeError, ValueError):
            number = -1
        lengths.append(number if number >= 0 else None)
    return tuple(lengths)
