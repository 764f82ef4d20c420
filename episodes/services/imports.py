"""Starting an import: who may, what the dataset lists, and an item for every episode."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q

from episodes.access import episode_access
from episodes.errors import EpisodeBroken, ImportNotAllowed, ImportRefused
from episodes.formats import open_dataset, questions
from episodes.models import Dataset, Episode, ImportItem, ImportRun
from episodes.records import (
    Answers,
    BrokenEpisode,
    DatasetRecord,
    EpisodeListing,
    EpisodeRecord,
    Notice,
    PictureStreamRecord,
    Question,
)
from episodes.selectors.media_files import in_import_root
from episodes.services.imports_items import finish_run
from episodes.services.imports_placing import place
from episodes.video.assemble import assemble_stream

MAX_NAME = 200
# Beyond it a length is a mistake, which reading the episode tells.
MAX_FRAMES = 2**31 - 1


@dataclass
class SourceCheck:
    """What an import would bring in."""

    dataset: DatasetRecord
    good: int = 0
    frames: int = 0
    broken: list[BrokenEpisode] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)


def require_may_import(person: User | None) -> None:
    """None stands for the operator at the command line. Raises ImportNotAllowed."""
    if person is not None and not episode_access().may_import(person):
        raise ImportNotAllowed(
            "Bringing recordings in is a manager's work.",
            remedy="Ask a manager of your project to import the dataset.",
        )


def allowed_source(path: Path) -> Path:
    """The folder or file, links resolved, where it lies in an import root. Raises ImportRefused."""
    if not in_import_root(path):
        raise ImportRefused(
            f"“{path}” is in no import root.",
            remedy="Put the dataset into an import root, or ask the operator to add one.",
        )
    return path.resolve()


def check_source(*, path: Path, answers: Answers | None = None) -> SourceCheck:
    """Read everything and write nothing in the data folder.

    Raises FormatUnknown, DatasetBroken, AnswersNeeded, AnswerInvalid.
    """
    reader = open_dataset(path, answers)
    found = SourceCheck(reader.dataset, notices=list(reader.dataset.notices))
    for episode in reader.episodes():
        if isinstance(episode, BrokenEpisode):
            found.broken.append(episode)
            continue
        try:
            found.notices += _checked_streams(episode)
        except EpisodeBroken as broken:
            found.broken.append(
                BrokenEpisode(episode.key, broken.reason, str(broken), broken.remedy)
            )
            continue
        found.notices += episode.notices
        found.good += 1
        found.frames += episode.frames
    return found


def _checked_streams(episode: EpisodeRecord) -> list[Notice]:
    """Raises EpisodeBroken."""
    notices: list[Notice] = []
    with TemporaryDirectory(prefix="touchline-check-") as folder:
        for stream in episode.streams:
            if isinstance(stream, PictureStreamRecord):
                stream = assemble_stream(stream, Path(folder) / "camera.mp4")
            notices += place(stream)[1]
    return notices


def source_stamp(path: Path) -> str:
    """sha256 over name, size and time of change of every file: whether anything was touched."""
    total = hashlib.sha256()
    for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
        if file.is_file():
            stat = file.stat()
            name = file.relative_to(path).as_posix()
            total.update(f"{name}\0{stat.st_size}\0{stat.st_mtime_ns}\n".encode(errors="replace"))
    return total.hexdigest()


def already_whole(*, path: Path, name: str = "", answers: Answers | None = None) -> int | None:
    """How many episodes the dataset has when the last import of this very source left none out.

    None when an import could still add or correct something: files were touched, an answer is
    another one, episodes were quarantined or deleted, or there was no import yet.
    """
    path = path.resolve()
    named = Q(dataset__name=name) if name else Q()
    runs = ImportRun.objects.filter(named, source_path=str(path))
    last = runs.filter(state=ImportRun.State.DONE).order_by("-created_at").first()
    if last is None or last.source_stamp != source_stamp(path):
        return None
    if any(last.answers.get(key, "") != value.strip() for key, value in (answers or {}).items()):
        return None
    items = last.items.count()
    there = last.items.filter(episode__state=Episode.State.READY).count()
    return there if there == items else None


def plan_import(
    *,
    path: Path,
    name: str = "",
    answers: Answers | None = None,
    mode: ImportRun.Mode = ImportRun.Mode.COPY,
    requested_by: User | None = None,
    owner: User | None = None,
) -> ImportRun:
    """Open the dataset and write down an item for every episode it lists.

    ``name`` defaults to the source's. A dataset of that name grows by what is new, and what was
    answered for it before need not be answered again; an empty answer takes one back. A new one
    belongs to ``owner``, else to who asked. Raises ImportNotAllowed, FormatUnknown, DatasetBroken,
    AnswersNeeded, AnswerInvalid, and ImportRefused for a name that is taken or originals that
    cannot be left where they are.
    """
    require_may_import(requested_by)
    if mode == ImportRun.Mode.REFERENCE:
        allowed_source(path)
    path = path.resolve()
    stamp = source_stamp(path)
    before = remembered_answers(path, name)
    asked = questions(path)
    merged = still_valid(asked, before) | dict(answers or {})
    merged = {key: value.strip() for key, value in merged.items() if value.strip()}
    reader = open_dataset(path, merged)
    record, entries = reader.dataset, reader.listing()
    notices = [*record.notices, *_changed_answers(asked, before, merged)]
    with transaction.atomic():
        dataset = _dataset_for(record, name.strip() or record.name, path, requested_by, owner)
        Dataset.objects.filter(pk=dataset.pk).update(answers=merged)
        run = ImportRun.objects.create(
            source_path=str(path),
            answers=merged,
            mode=mode,
            source_stamp=stamp,
            dataset_name=dataset.name,
            format=record.format,
            dataset=dataset,
            requested_by=requested_by,
            reason_code=notices[0].code if notices else "",
            reason="\n".join(notice.message for notice in notices),
            remedy="\n".join(filter(None, (notice.remedy for notice in notices))),
        )
        ImportItem.objects.bulk_create(
            [_planned(run, position, entry) for position, entry in enumerate(entries)],
            batch_size=1000,
        )
    finish_run(run_id=run.pk)
    run.refresh_from_db()
    return run


def remembered_answers(path: Path, name: str = "") -> dict[str, str]:
    """What was answered when the dataset of that name, else that source, was imported before."""
    named = Q(name=name.strip()) if name.strip() else Q(source_path=str(path.resolve()))
    known = Dataset.objects.filter(named).order_by("-created_at").first()
    return dict(known.answers) if known else {}


def still_valid(asked: Iterable[Question], remembered: Answers) -> dict[str, str]:
    """The remembered answers that the source still asks for, as it asks now."""
    return {
        question.id: remembered[question.id]
        for question in asked
        if question.id in remembered
        and (not question.choices or remembered[question.id] in question.choices)
    }


def _changed_answers(asked: Iterable[Question], before: Answers, now: Answers) -> Iterator[Notice]:
    for question in asked:
        old, new = before.get(question.id, ""), now.get(question.id, "")
        if old and old != new:
            said = f"Answered otherwise than before: {question.text} Now: {new or 'unknown'}"
            yield Notice("answer_changed", f"{said}; before: {old}.")


def _planned(run: ImportRun, position: int, entry: EpisodeListing | BrokenEpisode) -> ImportItem:
    item = ImportItem(run=run, key=entry.key[:200], position=position)
    if isinstance(entry, BrokenEpisode):
        item.state = ImportItem.State.QUARANTINED
        item.reason_code, item.reason, item.remedy = entry.code, entry.message, entry.remedy
    elif 0 < entry.frames <= MAX_FRAMES:
        item.frames = entry.frames
    return item


def _dataset_for(
    record: DatasetRecord, name: str, path: Path, requested_by: User | None, owner: User | None
) -> Dataset:
    """The dataset of that name, new or locked; its description is the source's present one."""
    if not 0 < len(name) <= MAX_NAME:
        raise ImportRefused(
            f"A dataset's name has 1 to {MAX_NAME} characters.", remedy="Give another name."
        )
    facts = {
        "format": record.format,
        "format_version": record.version,
        "robot_type": record.embodiment,
        "licence": record.licence,
        "source_path": str(path),
        "fingerprint": record.fingerprint,
        "source_metadata": dict(record.metadata),
    }
    dataset, created = Dataset.objects.select_for_update().get_or_create(
        name=name, defaults={**facts, "domain": record.domain, "owner": owner or requested_by}
    )
    if not created:
        _check_same_dataset(dataset, record, requested_by)
        Dataset.objects.filter(pk=dataset.pk).update(**facts)
    return dataset


def _check_same_dataset(dataset: Dataset, record: DatasetRecord, requested_by: User | None) -> None:
    """A dataset grows from its own source only, by its owner or an administrator."""
    remedy = "Import it under another name."
    stranger = requested_by is not None and not requested_by.is_superuser
    if stranger and dataset.owner_id != getattr(requested_by, "pk", None):
        raise ImportRefused(f"The name “{dataset.name}” is taken.", remedy=remedy)
    if dataset.format != record.format:
        raise ImportRefused(
            f"“{dataset.name}” was imported from the format {dataset.format}, this is"
            f" {record.format}.",
            remedy=remedy,
        )
    if dataset.source_metadata.get("features") != record.metadata.get("features"):
        raise ImportRefused(
            f"“{dataset.name}” has other features than this dataset.", remedy=remedy
        )
