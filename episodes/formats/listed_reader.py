"""A reader over a list of entries, each of which is read by itself."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator

from episodes.errors import EpisodeBroken, EpisodeUnknown, PathOutsideDataset
from episodes.records import (
    BrokenEpisode,
    DatasetRecord,
    EpisodeListing,
    EpisodeRecord,
    Reason,
)

Entry = EpisodeListing | BrokenEpisode


class ListedReader(ABC):
    """An opened dataset; see ``DatasetReader``. Says how one episode is read, no more."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._entries = tuple(entries)
        self._by_key = {entry.key: entry for entry in self._entries}

    @property
    @abstractmethod
    def dataset(self) -> DatasetRecord: ...

    @abstractmethod
    def _read(self, listing: EpisodeListing) -> EpisodeRecord:
        """Raises EpisodeBroken, PathOutsideDataset."""

    def listing(self) -> tuple[Entry, ...]:
        return self._entries

    def episodes(self) -> Iterator[EpisodeRecord | BrokenEpisode]:
        for entry in self._entries:
            yield self.episode(entry.key)

    def episode(self, key: str) -> EpisodeRecord | BrokenEpisode:
        entry = self._by_key.get(key)
        if entry is None:
            raise EpisodeUnknown(
                f"The dataset lists no episode “{key}”.",
                remedy="Choose a key from the dataset's listing.",
            )
        if isinstance(entry, BrokenEpisode):
            return entry
        try:
            return self._read(entry)
        except EpisodeBroken as broken:
            return BrokenEpisode(key, broken.reason, str(broken), broken.remedy)
        except PathOutsideDataset as outside:
            return BrokenEpisode(key, Reason.PATH_OUTSIDE, str(outside), outside.remedy)
