"""The labels of an earlier release of Touchline's, in full, beside whatever its format can say."""

import json
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from episodes.errors import PathOutsideDataset
from episodes.formats.paths import confined
from episodes.formats.release_files import SIDECAR_PATH
from episodes.formats.wire_labels import MAX_LINE, wire_labels
from episodes.records import FoundLabel

EPISODE_INDEX = re.compile(rb'"episode_index":\s*(\d{1,9})\b')


@dataclass(frozen=True)
class Sidecar:
    """meta/annotations.jsonl by episode; only where its lines begin is in memory."""

    root: Path

    @cached_property
    def _places(self) -> dict[int, int]:
        try:
            path = confined(self.root, SIDECAR_PATH)
            if not path.is_file():
                return {}
            found, at = {}, 0
            with path.open("rb") as lines:
                while line := lines.readline(MAX_LINE):
                    if named := EPISODE_INDEX.search(line[:1000]):
                        found[int(named.group(1))] = at
                    at += len(line)
            return found
        except (OSError, PathOutsideDataset):
            return {}

    def labels(self, index: int, frames: int) -> tuple[FoundLabel, ...] | None:
        """The episode's labels; None when the sidecar has no line that tells of it."""
        if index not in self._places:
            return None
        with confined(self.root, SIDECAR_PATH).open("rb") as lines:
            lines.seek(self._places[index])
            try:
                entry = json.loads(lines.readline(MAX_LINE))
            except (ValueError, RecursionError):
                return None
        if not isinstance(entry, dict) or entry.get("frames") != frames:
            return None
        return wire_labels(entry.get("labels"), SIDECAR_PATH)
