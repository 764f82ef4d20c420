"""A release out of Touchline's own data folder: the source folder may be gone."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from episodes.errors import EpisodeUnknown, ExportFailed
from episodes.formats import lerobot_store
from episodes.formats.lerobot import SourceEpisode
from episodes.formats.lerobot_v30_writer import Progress, write_classic
from episodes.models import Dataset, Episode
from episodes.records import DatasetRecord, ExportRecord, LabelledEpisode, ReleaseRecord
from episodes.selectors.data_files import data_path, existing_file
from episodes.services.imports_storing import episode_folder
from episodes.timebase import Rate


class StoredSource:
    """An imported dataset as the writer wants its source; see ``LeRobotSource``."""

    def __init__(self, dataset: Dataset) -> None:
        self._row = dataset

    @cached_property
    def dataset(self) -> DatasetRecord:
        row = self._row
        if not row.format.startswith("lerobot_"):
            raise ExportFailed(
                f"“{row.name}” was imported from {row.format}; only LeRobot datasets can be"
                " released as LeRobot yet.",
                remedy="Release a project whose episodes come from a LeRobot dataset.",
            )
        return DatasetRecord(
            name=row.name,
            format=row.format,
            version=row.format_version,
            embodiment=row.embodiment,
            rate=Rate.from_number(row.source_metadata["fps"]),
            licence=row.licence,
            fingerprint=row.fingerprint,
            metadata=row.source_metadata,
        )

    def source_episode(self, key: str) -> SourceEpisode:
        """Raises EpisodeUnknown, EpisodeBroken when its stored rows are damaged, MediaMissing."""
        row = Episode.objects.filter(dataset=self._row, key=key).first()
        if row is None:
            raise EpisodeUnknown(
                f"“{self._row.name}” has no episode “{key}”.",
                remedy="Import the dataset again.",
            )
        media = {
            stream.source_key: existing_file(stream.asset.path)
            for stream in row.streams.select_related("asset")
        }
        return lerobot_store.load(data_path(episode_folder(self._row.pk, key)), media)


def export_release(
    *,
    dataset: Dataset,
    episodes: Sequence[LabelledEpisode],
    out: Path,
    release: ReleaseRecord,
    progress: Progress | None = None,
) -> ExportRecord:
    """Write approved episodes of one dataset as LeRobot v3.0, classic profile, to ``out``.

    ``LabelledEpisode.key`` is ``Episode.key``; ``out`` must not exist and appears whole or not
    at all. Takes seconds to minutes: call it from a task or a command. Raises ExportFailed,
    EpisodeUnknown, EpisodeBroken, MediaMissing.
    """
    return write_classic(StoredSource(dataset), episodes, out, release, progress=progress)
