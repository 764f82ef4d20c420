"""RLDS datasets as TFDS stores them: a record an episode, no clock, language on every step.

Shards are walked by the lengths of their records and read record by record, so that an episode
costs what it holds, wherever it lies. See rlds_episode for what its fields become.
"""

import hashlib
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from episodes.formats.features import camera_role, signal_kind
from episodes.formats.hdf5_episodes import check_frames
from episodes.formats.listed_reader import Entry, ListedReader
from episodes.formats.paths import natural
from episodes.formats.questions import (
    answered_rate,
    gripper_question,
    instruction_question,
    rate_question,
    role_question,
    unit_question,
)
from episodes.formats.rlds_episode import (
    EPISODE_LANGUAGE,
    FURTHER,
    NOT_SIGNALS,
    Steps,
    instruction_field,
    is_signal,
    signal_name,
)
from episodes.formats.rlds_info import (
    FEATURES,
    INFO,
    RldsInfo,
    Shard,
    dataset_folder,
    read_info,
)
from episodes.formats.rlds_labels import LABEL_FIELDS, step_labels, step_outcome
from episodes.formats.rlds_pictures import (
    DEPTH_UNITS,
    Source,
    camera_of,
    cameras,
    depth_like,
    is_camera,
    is_depth,
)
from episodes.formats.sidecar import Sidecar
from episodes.formats.tfrecord import RESTORE, ExampleRecord, Place, index_shard
from episodes.records import (
    Answers,
    BrokenEpisode,
    DatasetRecord,
    EpisodeListing,
    EpisodeRecord,
    Notice,
    Probe,
    Question,
    Reason,
    Role,
    SignalKind,
)

FORMAT_ID = "rlds"


class Rlds:
    """The format; see ``Format``."""

    id = FORMAT_ID
    title = "RLDS / TFDS"

    def probe(self, root: Path) -> Probe | None:
        folder = dataset_folder(root)
        if folder is None:
            return None
        info = read_info(folder)
        episodes = sum(shard.records for shard in info.shards)
        return Probe(FORMAT_ID, info.version, info.name, episodes)

    def questions(self, root: Path) -> tuple[Question, ...]:
        info = _info(root)
        asked = [rate_question()]
        if not instruction_field(info) and not any(f.name == EPISODE_LANGUAGE for f in info.fields):
            asked.append(instruction_question())
        # Colour before depth, and by their numbers: a description has them in any order.
        for field in sorted(
            filter(is_camera, info.fields), key=lambda f: (is_depth(f), natural(camera_of(f)))
        ):
            camera = camera_of(field)
            if camera_role(camera) is Role.UNKNOWN:
                asked.append(role_question(camera))
            if is_depth(field):
                asked.append(unit_question(camera, DEPTH_UNITS))
        names = [signal_name(field.short) for field in info.fields if is_signal(field)]
        asked += [gripper_question(n) for n in names if signal_kind(n) is SignalKind.GRIPPER]
        return tuple(asked)

    def read(self, root: Path, answers: Answers) -> "RldsReader":
        return RldsReader(_info(root), answers, Sidecar(root))


def _info(root: Path) -> RldsInfo:
    return read_info(dataset_folder(root) or root)


class RldsReader(ListedReader):
    """An opened dataset; see ``DatasetReader``. Holds where each record lies, nothing of it."""

    def __init__(self, info: RldsInfo, answers: Answers, sidecar: Sidecar) -> None:
        self.info, self.answers, self._sidecar = info, answers, sidecar
        self.rate = answered_rate(answers)
        self._places: dict[str, tuple[Shard, int, Place]] = {}
        self._damage: list[Notice] = []
        super().__init__(self._list())

    def _list(self) -> Iterator[Entry]:
        """Every record of every shard; those behind a damaged head are named as broken.

        The index counts over all splits; a key is the split and the number within it, which
        stay the same when more shards are copied.
        """
        index = 0
        for shard in self.info.shards:
            found = index_shard(shard.path, shard.name)
            listed = max(shard.records, len(found.places))
            if found.damage and listed == len(found.places):
                self._damage.append(Notice("shard_damaged", found.damage, RESTORE))
            for number in range(listed):
                key = f"{shard.split}_{shard.first + number:06d}"
                if number >= len(found.places):
                    said = found.damage or f"{shard.name} ends after {number} records."
                    yield BrokenEpisode(
                        key,
                        Reason.DATA_UNREADABLE,
                        f"{INFO} lists {shard.records} episodes in {shard.name}. {said}",
                        RESTORE,
                    )
                elif number >= shard.records:
                    continue
                else:
                    self._places[key] = (shard, number, found.places[number])
                    # TFDS keeps no lengths of episodes outside their records, and a record is
                    # read through to know how many steps it has.
                    yield EpisodeListing(key, index, 0)
                index += 1
            if len(found.places) > (shard.records):
                said = f"{shard.name} holds {len(found.places)} records, {INFO} lists"
                self._damage.append(
                    Notice(
                        "records_unlisted",
                        f"{said} {shard.records}; the further ones are left out.",
                        f"Restore {INFO} from the source.",
                    )
                )

    @cached_property
    def dataset(self) -> DatasetRecord:
        files = (self.info.root / INFO, self.info.root / FEATURES)
        total = hashlib.sha256()
        for path in files:
            total.update(hashlib.sha256(path.read_bytes()).digest())
        return DatasetRecord(
            name=self.info.name,
            format=FORMAT_ID,
            version=self.info.version,
            embodiment="",
            rate=self.rate,
            licence=self.info.licence,
            fingerprint=total.hexdigest(),
            metadata={"dataset_info": self.info.info, "features": self.info.features},
            notices=(*self.info.notices, *self._damage, *self._skipped()),
            metadata_files=(*files, *(shard.path for shard in self.info.shards)),
        )

    def _skipped(self) -> Iterator[Notice]:
        for field in self.info.fields:
            used = is_signal(field) or is_camera(field) or field.short in NOT_SIGNALS
            text = field.kind == "text" and field.short in (
                instruction_field(self.info),
                *FURTHER,
                *LABEL_FIELDS,
            )
            if not field.in_steps or used or text:
                continue
            shape = "x".join("?" if n is None else str(n) for n in field.shape) or "one value"
            what = f"{field.dtype or field.kind}, {shape} a step"
            remedy = "Store distances as 16-bit PNG." if depth_like(field) else ""
            yield Notice("field_skipped", f"“{field.short}” ({what}) is not read.", remedy)

    def _read(self, listing: EpisodeListing) -> EpisodeRecord:
        shard, number, place = self._places[listing.key]
        what = f"Record {number} of {shard.name}"
        with ExampleRecord(shard.path, place, what) as record:
            steps = Steps(record, self.info, self.rate, listing.key)
            frames = steps.count()
            check_frames(frames, self.rate, listing.key)
            steps.note_ends()
            task, labels = steps.language()
            released = self._sidecar.labels(listing.index, frames)
            if released is not None:
                labels = list(released)
            else:
                outcome = step_outcome(steps)
                labels += [outcome] if outcome else steps.outcome()
                labels += step_labels(steps)
            return EpisodeRecord(
                key=listing.key,
                index=listing.index,
                task=task or self.answers.get("instruction", ""),
                frames=frames,
                rate=self.rate,
                duration_ns=self.rate.time_ns(frames),
                streams=tuple(cameras(steps, Source(shard.path, place, what), self.answers)),
                signals=tuple(steps.signals()),
                labels=tuple(labels),
                facts=steps.facts(),
                notices=tuple(steps.notices),
            )
