"""The files of an RLDS release: shards of records, and the two descriptions beside them."""

import re
from pathlib import Path
from typing import Any

from episodes.errors import ExportFailed
from episodes.formats.manifest import write_json
from episodes.formats.rlds_info import FEATURES, INFO, TEMPLATE
from episodes.formats.tfrecord import MAX_RECORD_BYTES, write_record
from episodes.records import DatasetRecord

SPLIT = "train"
VERSION = "1.0.0"
# A shard is closed when it is larger: TFDS advises files of 100 MB to 1 GiB.
SHARD_BYTES = 256 * 2**20


class ShardWriter:
    """Appends records; how many shards there are, and so their names, is known at the end."""

    def __init__(self, root: Path, name: str, shard_bytes: int = SHARD_BYTES) -> None:
        self.root, self.name, self.shard_bytes = root, dataset_name(name), shard_bytes
        self.lengths: list[int] = []
        self.bytes = 0

    def add(self, record: bytes, key: str) -> None:
        if len(record) > MAX_RECORD_BYTES:
            raise ExportFailed(
                f"{key} is a record of {len(record):,} bytes; no reader takes more than"
                f" {MAX_RECORD_BYTES:,}.",
                remedy="Release it in another format.",
                key=key,
            )
        if not self.lengths or self._part(len(self.lengths) - 1).stat().st_size > self.shard_bytes:
            self.lengths.append(0)
        with self._part(len(self.lengths) - 1).open("ab") as file:
            write_record(file, record)
        self.lengths[-1] += 1
        self.bytes += len(record)

    def _part(self, number: int) -> Path:
        return self.root / f"{number:05d}.part"

    def close(self, features: dict[str, Any], dataset: DatasetRecord) -> None:
        total = len(self.lengths)
        for number in range(total):
            name = f"{self.name}-{SPLIT}.tfrecord-{number:05d}-of-{total:05d}"
            self._part(number).rename(self.root / name)
        write_json(self.root / FEATURES, features)
        write_json(self.root / INFO, self._info(dataset))

    def _info(self, dataset: DatasetRecord) -> dict[str, Any]:
        """As TFDS writes it: 64-bit integers are strings in the JSON of a protocol buffer."""
        found: dict[str, Any] = {
            "description": f"Labelled episodes of {dataset.name}; see manifest.json.",
            "fileFormat": "tfrecord",
            "name": self.name,
            "releaseNotes": {VERSION: "See manifest.json."},
            "splits": [
                {
                    "filepathTemplate": TEMPLATE,
                    "name": SPLIT,
                    "numBytes": str(self.bytes),
                    "shardLengths": [str(length) for length in self.lengths],
                }
            ],
            "version": VERSION,
        }
        if dataset.licence:
            found["redistributionInfo"] = {"license": dataset.licence}
        return found


def dataset_name(name: str) -> str:
    """A name as TFDS takes them: lower-case words joined by underscores, a letter first."""
    words = re.findall(r"[a-z0-9]+", name.lower())
    found = "_".join(words) or "dataset"
    return found if found[0].isalpha() else f"dataset_{found}"
