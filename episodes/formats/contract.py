"""What a format is. Third parties bring theirs by the entry-point group ``touchline.formats``."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Protocol, runtime_checkable

from episodes.export_records import ExportEpisode, ExportRecord, ReleaseRecord
from episodes.records import (
    Answers,
    BrokenEpisode,
    DatasetRecord,
    EpisodeListing,
    EpisodeRecord,
    Probe,
    Question,
)

Progress = Callable[[int, int], None]
"""Episodes done, episodes in all."""


class DatasetReader(Protocol):
    """An opened dataset. Nothing but its metadata is in memory."""

    @property
    def dataset(self) -> DatasetRecord: ...

    def listing(self) -> tuple[EpisodeListing | BrokenEpisode, ...]:
        """Every episode that the metadata names, in source order, unread; each key once."""

    def episode(self, key: str) -> EpisodeRecord | BrokenEpisode:
        """One episode, read and checked. Raises EpisodeUnknown for a key that is not listed."""

    def episodes(self) -> Iterator[EpisodeRecord | BrokenEpisode]:
        """Every listed episode in order; only one is in memory at a time."""


@runtime_checkable
class Format(Protocol):
    """A format Touchline can read. ``root`` is the dataset's folder, or its one file.

    ``probe`` answers None for something of another format, and raises DatasetBroken for what is
    plainly of this format but whose metadata cannot be read. It is quick: it opens no more than
    it needs to recognise.
    """

    id: str
    title: str

    def probe(self, root: Path) -> Probe | None: ...

    def questions(self, root: Path) -> tuple[Question, ...]:
        """What the dataset does not say. Raises DatasetBroken."""

    def read(self, root: Path, answers: Answers) -> DatasetReader:
        """Open the dataset; ``answers`` were checked against ``questions``.

        Raises DatasetBroken when no episode of it could be read.
        """


@runtime_checkable
class Writer(Protocol):
    """A format that Touchline can write a release in; several profiles are several writers."""

    id: str
    title: str

    def write(
        self,
        dataset: DatasetRecord,
        episodes: Iterable[ExportEpisode],
        out: Path,
        release: ReleaseRecord,
        *,
        total: int,
        progress: Progress | None = None,
    ) -> ExportRecord:
        """Write ``total`` episodes to the folder ``out``, which must not exist.

        It appears whole or not at all, with the labels in full in meta/annotations.jsonl and a
        manifest of every file. Only one episode is in memory at a time. Raises ExportFailed.
        """
