"""The episodes of a release, noted while they are written: for the sidecar and for the manifest."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from episodes.export_records import ExportEpisode, ExportRecord, ReleaseRecord
from episodes.formats.release_files import (
    episode_entry,
    sidecar_entry,
    write_manifest,
    write_sidecar,
)
from episodes.records import DatasetRecord, Json, Notice


class Ledger:
    """Keeps what is said of each episode, and nothing of the episode itself."""

    def __init__(self, format_id: str, dataset: DatasetRecord, release: ReleaseRecord) -> None:
        self.format_id, self.dataset, self.release = format_id, dataset, release
        self.entries: list[Json] = []
        self.lines: list[Json] = []

    def __len__(self) -> int:
        return len(self.entries)

    def note(self, episode: ExportEpisode, **more: Any) -> Json:
        """Take the next episode down, with ``more`` that is said of it; its line of the sidecar."""
        number = len(self)
        self.entries.append(episode_entry(number, episode) | more)
        self.lines.append(sidecar_entry(number, episode) | more)
        return self.lines[-1]

    @property
    def frames(self) -> int:
        return sum(entry["frames"] for entry in self.entries)

    def finish(
        self,
        partial: Path,
        out: Path,
        notices: Sequence[Notice] = (),
        *,
        details: Mapping[str, Any] | None = None,
        known: Mapping[str, str] | None = None,
    ) -> ExportRecord:
        """Write both; the record names ``out``, where ``partial`` is to go. See write_manifest."""
        write_sidecar(partial, self.lines)
        files, manifest_sha256 = write_manifest(
            partial,
            self.format_id,
            self.dataset,
            self.release,
            self.entries,
            notices,
            details=details,
            known=known,
        )
        return ExportRecord(
            root=out,
            episodes=len(self),
            frames=self.frames,
            files=files,
            manifest_sha256=manifest_sha256,
            notices=tuple(notices),
        )


def step_notices(*, early: int, hidden: int) -> Iterator[Notice]:
    """What putting an episode on steps cost: values repeated backwards, contacts that share one."""
    if early:
        text = f"{early} values lie before a signal's or camera's first; it is repeated."
        yield Notice("held_backwards", text)
    if hidden:
        text = f"{hidden} contacts share a step with another; they are in the sidecar."
        yield Notice("contacts_share_a_frame", text)
