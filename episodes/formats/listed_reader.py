"""A reader over a list of entries, each of which is read by itself."""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from episodes.errors import EpisodeBroken, EpisodeUnknown, PathOutsideDataset
from episodes.records import (
    BrokenEpisode,
    DatasetRecord,
    EpisodeListing,
    EpisodeRecord,
    Reason,
)

Entry = EpisodeListing | BrokenEpisode
# How many episodes' files a listing opens to see how long they are: a person waits for it.
MEASURED = 1_000


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
        return tuple(
            replace(entry, frames=self._frames(entry))
            if isinstance(entry, EpisodeListing) and number < MEASURED
            else entry
            for number, entry in enumerate(self._entries)
        )

    def _frames(self, entry: EpisodeListing) -> int:
        """How long the episode is, where that takes no more than a look at a file's head.

        Asked for by ``listing`` and not when the dataset is opened: every worker opens it.
        """
        return entry.frames

    def episodes(self) -> Iterator[EpisodeRecord | BrokenEpisode]:
        for entry in self._entries:
            yield self.episode(entry.key)

    def entry(self, key: str) -> Entry:
        """What the listing says of it. Raises EpisodeUnknown."""
        if key not in self._by_key:
            raise EpisodeUnknown(
                f"The dataset lists no episode “{key}”.",
                remedy="Choose a key from the dataset's listing.",
            )
        return self._by_key[key]

    def episode(self, key: str) -> EpisodeRecord | BrokenEpisode:
        entry = self.entry(key)
        if isinstance(entry, BrokenEpisode):
            return entry
        try:
            return self._read(entry)
        except EpisodeBroken as broken:
            return BrokenEpisode(key, broken.reason, str(broken), broken.remedy)
        except PathOutsideDataset as outside:
            return BrokenEpisode(key, Reason.PATH_OUTSIDE, str(outside), outside.remedy)


def without_doubles(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Each key once: an episode listed twice is ambiguous and stays out, in its first place."""
    listed = tuple(entries)
    times = Counter(entry.key for entry in listed)
    found: dict[str, Entry] = {}
    for entry in listed:
        if times[entry.key] > 1:
            entry = BrokenEpisode(
                entry.key,
                Reason.DUPLICATE_EPISODE,
                f"{entry.key} is listed {times[entry.key]} times.",
                "Keep one of the entries in the dataset's episode list and renumber the others.",
            )
        found.setdefault(entry.key, entry)
    return tuple(found.values())
