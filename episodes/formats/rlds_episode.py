"""One RLDS record as an episode: its steps counted, signals, cameras, language and labels.

Layout: google-research/rlds README (steps, is_first, is_last, is_terminal, reward, discount);
BridgeData v2 as in kvablack/bridge_data_v2 and octo-models/octo; DROID as in
huggingface/lerobot examples/port_datasets/port_droid.py.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from episodes.errors import EpisodeBroken
from episodes.formats.features import dimensions, signal_kind, words
from episodes.formats.hdf5_episodes import require_finite
from episodes.formats.rlds_info import Field, RldsInfo
from episodes.formats.tfrecord import RESTORE, ExampleRecord
from episodes.records import (
    EpisodeFacts,
    FoundLabel,
    Notice,
    Reason,
    SignalKind,
    SignalRecord,
)
from episodes.timebase import Rate, rate_times_ns

MAX_DIMENSIONS = 512
MAX_STEPS = 5_000_000
MAX_TEXT_BYTES = 64 * 2**10
MAX_FACT = 120
# Bookkeeping of RLDS: what it says becomes labels and notices.
FLAGS = ("is_first", "is_last", "is_terminal")
REWARD, DISCOUNT = "reward", "discount"
NOT_SIGNALS = frozenset({*FLAGS, REWARD, DISCOUNT})
INSTRUCTIONS = (
    "language_instruction",
    "observation/natural_language_instruction",
    "observation/language_instruction",
)
# DROID's second and third annotator.
FURTHER = ("language_instruction_2", "language_instruction_3")
FILE_PATH = "episode_metadata/file_path"
EPISODE_LANGUAGE = "episode_metadata/language_instruction"
CLASSES = "annotation/"


def signal_name(short: str) -> str:
    return short.replace("/", ".")


def is_signal(field_: Field) -> bool:
    """A few numbers a step that are the robot's, not the format's and not a text's embedding."""
    size = field_.size
    return (
        field_.in_steps
        and field_.kind == "number"
        and field_.short not in NOT_SIGNALS
        and not field_.short.startswith(CLASSES)
        and not {"embedding", "embeddings"} & set(words(field_.short))
        and not {"instruction"} & set(words(field_.short))
        and size is not None
        and 0 < size <= MAX_DIMENSIONS
    )


def instruction_field(info: RldsInfo) -> str:
    """The short name of the field that holds the instruction; empty without one."""
    texts = {f.short for f in info.fields if f.in_steps and f.kind == "text"}
    return next((name for name in INSTRUCTIONS if name in texts), "")


@dataclass(slots=True, eq=False)
class Steps:
    """The numbers of one opened record, read once; (steps, size) by the field's short name."""

    record: ExampleRecord
    info: RldsInfo
    rate: Rate
    what: str
    notices: list[Notice] = field(default_factory=list)
    frames: int = 0
    scalars: dict[str, NDArray[Any]] = field(default_factory=dict)

    def count(self) -> int:
        """Steps of the episode: the length that most fields have.

        Raises EpisodeBroken for none, too many, or fields of several lengths.
        """
        lengths = dict(self._lengths())
        frames = Counter(lengths.values()).most_common(1)[0][0] if lengths else 0
        if frames == 0:
            raise EpisodeBroken(
                Reason.ZERO_LENGTH,
                f"{self.what} has no steps.",
                remedy="Leave it out, or record it again.",
            )
        for name, length in lengths.items():
            if length != frames:
                raise EpisodeBroken(
                    Reason.LENGTH_MISMATCH,
                    f"{self.what} has {length:,} values of “{name}”, {frames:,} of the others.",
                    remedy=RESTORE,
                )
        if frames > MAX_STEPS:
            raise EpisodeBroken(
                Reason.ABSURD_SIZE,
                f"{self.what} has {frames:,} steps; at most {MAX_STEPS:,} are read.",
                remedy="Write the recording in shorter episodes.",
            )
        self.frames = frames
        return frames

    def _lengths(self) -> Iterator[tuple[str, int]]:
        for found in self.info.fields:
            if not found.in_steps or found.name not in self.record.features:
                continue
            if found.kind in ("image", "text"):
                yield found.short, len(self.record.blobs(found.name))
            elif found.short in NOT_SIGNALS or is_signal(found):
                values = self.record.numbers(found.name)
                size = found.size or 1
                if len(values) % size:
                    raise EpisodeBroken(
                        Reason.SHAPE_MISMATCH,
                        f"{self.what} has {len(values):,} numbers of “{found.short}”, which is no"
                        f" whole number of steps of {size}.",
                        remedy="Restore features.json, or the shards, from the source.",
                    )
                self.scalars[found.short] = values.reshape(-1, size)
                yield found.short, len(values) // size

    def signals(self) -> Iterator[SignalRecord]:
        """Every numeric field of the robot. Raises EpisodeBroken for a missing one, or NaN."""
        t_ns = rate_times_ns(self.frames, self.rate)
        for found in self.info.fields:
            if not is_signal(found) and not self._is_dense_reward(found):
                continue
            values = self.scalars.get(found.short)
            if values is None:
                raise EpisodeBroken(
                    Reason.COLUMN_MISSING,
                    f"{self.what} has no “{found.short}”, which features.json declares.",
                    remedy=RESTORE,
                )
            require_finite(values, f"“{found.short}” of {self.what}")
            name = signal_name(found.short)
            kind = SignalKind.OTHER if found.short in NOT_SIGNALS else signal_kind(name)
            named = dimensions(name, None, values.shape[1])
            yield SignalRecord(name, kind, named, t_ns, values)

    def _is_dense_reward(self, found: Field) -> bool:
        """A reward that says more than success at the end; constant ones say nothing."""
        if found.short not in (REWARD, DISCOUNT) or found.short not in self.scalars:
            return False
        values = self.scalars[found.short][:, 0]
        varies = bool((values != values[0]).any())
        return varies and not (found.short == REWARD and _is_sparse(values))

    def language(self) -> tuple[str, list[FoundLabel]]:
        """The instruction of the first step that has one, and labels where it changes.

        The instructions of further annotators are labels of the whole episode.
        """
        main = instruction_field(self.info)
        runs = self.runs(main) if main else []
        texts = list(dict.fromkeys(text for _, _, text in runs if text))
        if not texts and EPISODE_LANGUAGE in self.record.features:
            texts = [text for text in self.texts(EPISODE_LANGUAGE) if text][:1]
        labels: list[FoundLabel] = []
        if len(texts) > 1:
            labels += [self.segment(main, *run) for run in runs if run[2]]
        for name in FURTHER:
            if f"steps/{name}" in self.record.features:
                labels += [self.segment(name, *run) for run in self.runs(name) if run[2]]
        if main and not texts:
            said = f"“{main}” of {self.what} is empty."
            self.notices.append(Notice("instruction_empty", said, "Write one in the episode."))
        return (texts[0] if texts else ""), labels

    def segment(self, name: str, start: int, end: int, text: str) -> FoundLabel:
        return FoundLabel(
            kind="segment",
            label_class=name.rsplit("/", 1)[-1],
            origin=f"steps/{name}",
            start_ns=self.rate.time_ns(start),
            end_ns=self.rate.time_ns(end),
            text=text,
        )

    def runs(self, short: str) -> list[tuple[int, int, str]]:
        """(first step, end, text) of every stretch of one text."""
        runs: list[tuple[int, int, str]] = []
        for step, text in enumerate(self.texts(f"steps/{short}")):
            if runs and runs[-1][2] == text:
                runs[-1] = (runs[-1][0], step + 1, text)
            else:
                runs.append((step, step + 1, text))
        return runs

    def texts(self, name: str) -> Iterator[str]:
        for span in self.record.blobs(name):
            if span[1] - span[0] > MAX_TEXT_BYTES:
                raise EpisodeBroken(
                    Reason.ABSURD_SIZE,
                    f"{self.what} has a text of {span[1] - span[0]:,} bytes in “{name}”.",
                    remedy=RESTORE,
                )
            text = self.record.blob(span).decode("utf-8", "replace")
            yield text.replace("\0", "").strip()

    def outcome(self) -> Iterator[FoundLabel]:
        """Success or failure where the record says it: by its path, as DROID, else by reward."""
        path = f"/{self.file_path().strip('/')}/"
        for word in ("success", "failure"):
            if f"/{word}/" in path:
                yield FoundLabel("outcome", word, FILE_PATH)
                return
        reward = self.scalars.get(REWARD)
        if reward is not None and _is_sparse(reward[:, 0]) and reward[-1, 0] == 1:
            yield FoundLabel("outcome", "success", f"steps/{REWARD}")

    def file_path(self) -> str:
        return next(self.texts(FILE_PATH), "") if FILE_PATH in self.record.features else ""

    def facts(self) -> EpisodeFacts:
        """The source file as the session: its end, which tells it from others."""
        path = self.file_path()
        return EpisodeFacts(session=path if len(path) <= MAX_FACT else f"…{path[1 - MAX_FACT :]}")

    def note_ends(self) -> None:
        """Say where an episode does not begin or end as RLDS has it: it was cut."""
        for flag, step, word in (("is_first", 0, "begin"), ("is_last", -1, "end")):
            values = self.scalars.get(flag)
            if values is not None and values[step, 0] != 1:
                said = f"{self.what} does not {word} with {flag}: it was cut from a longer one."
                self.notices.append(Notice(f"{word}_missing", said))
            others = values is not None and (np.count_nonzero(values) > (values[step, 0] == 1))
            if others:
                said = f"{self.what} has {flag} on steps within it."
                self.notices.append(Notice(f"{flag}_within", said, "Check where it begins."))


def _is_sparse(reward: NDArray[Any]) -> bool:
    """0 on every step but the last, which is 0 or 1."""
    return bool((reward[:-1] == 0).all() and reward[-1] in (0, 1))
