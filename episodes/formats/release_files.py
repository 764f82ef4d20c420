"""What every writer does alike: a folder that appears whole, labels in full, a manifest."""

import json
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from episodes.errors import ExportFailed
from episodes.export_records import ExportedFile, ExportEpisode, ReleaseRecord
from episodes.formats.contract import Progress
from episodes.formats.label_rows import check_classes, placed_labels
from episodes.formats.manifest import MANIFEST, listed_files, sha256_of, write_json
from episodes.records import DatasetRecord, Json, Notice
from episodes.timebase import rate_times_ns

MANIFEST_SCHEMA_VERSION = 1
SIDECAR_PATH = "meta/annotations.jsonl"
NONE_APPROVED = "There is no approved episode to export."
TWICE = "An episode is in the release twice."


@contextmanager
def release_folder(out: Path) -> Iterator[Path]:
    """A folder beside ``out`` to write into, renamed to ``out`` when the block ends well.

    When it does not, nothing is left behind. Raises ExportFailed when ``out`` is there already
    and in place of an OSError: a full disk, a folder without rights, a source that has gone.
    """
    if out.exists():
        raise ExportFailed(
            f"The folder “{out}” exists already.", remedy="Choose a folder that does not exist."
        )
    partial = out.with_name(f".{out.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        partial.mkdir(parents=True)
        yield partial
        partial.rename(out)
    except OSError as error:
        raise ExportFailed(
            f"The release cannot be written to “{out}”: {error}",
            remedy="Check free space and rights of the folder, then start the export again.",
        ) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def check_keys(keys: Sequence[str]) -> None:
    """Raises ExportFailed for an empty or repeated list."""
    if not keys:
        raise ExportFailed(NONE_APPROVED, remedy="Approve one first.")
    if len(set(keys)) < len(keys):
        raise ExportFailed(TWICE, remedy="List every episode once.")


def each_once(
    episodes: Iterable[ExportEpisode],
    release: ReleaseRecord,
    *,
    total: int,
    progress: Progress | None = None,
) -> Iterator[ExportEpisode]:
    """The episodes one by one, checked; ``progress`` is told when the next one is asked for.

    Raises ExportFailed for a repeated or empty list, or a class that is not in the schema.
    """
    seen: set[str] = set()
    for episode in episodes:
        if episode.key in seen:
            raise ExportFailed(TWICE, remedy="List every episode once.", key=episode.key)
        seen.add(episode.key)
        check_classes(episode.labels, release.schema)
        yield episode
        if progress is not None:
            progress(len(seen), total)
    check_keys(list(seen))


def episode_entry(number: int, episode: ExportEpisode) -> dict[str, Any]:
    """What the manifest says of the ``number``-th episode: what it is, and who labelled it."""
    outcomes = [one["label_class"] for one in episode.labels if one["kind"] == "outcome"]
    return {
        "episode_index": number,
        "source_key": episode.key,
        "frames": episode.frames,
        "rate": [episode.rate.num, episode.rate.den],
        "outcome": outcomes[-1] if outcomes else None,
        **episode.provenance,
    }


def sidecar_entry(number: int, episode: ExportEpisode) -> dict[str, Any]:
    """The line of the sidecar: every label in full, with its rows of the step table."""
    times_ns = rate_times_ns(episode.frames, episode.rate)
    entry = episode_entry(number, episode)
    for name in episode.provenance:
        del entry[name]
    return {
        **entry,
        "duration_ns": episode.duration_ns,
        "tasks": [episode.task] if episode.task else [],
        "facts": asdict(episode.facts),
        "labels": list(
            placed_labels(episode.labels, times_ns, episode.rate.time_ns(episode.frames))
        ),
    }


def write_sidecar(partial: Path, entries: Iterable[Json]) -> None:
    """meta/annotations.jsonl: one line an episode."""
    path = partial / SIDECAR_PATH
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as lines:
        for entry in entries:
            lines.write(json.dumps(entry, ensure_ascii=False) + "\n")


def write_manifest(
    partial: Path,
    format_id: str,
    dataset: DatasetRecord,
    release: ReleaseRecord,
    episodes: Sequence[Json],
    notices: Sequence[Notice] = (),
    *,
    details: Mapping[str, Any] | None = None,
    known: Mapping[str, str] | None = None,
) -> tuple[tuple[ExportedFile, ...], str]:
    """manifest.json over every file below ``partial``: the files, and the manifest's own sha256.

    ``episodes`` are entries as ``episode_entry`` makes them, ``details`` says more of the format
    (a profile, a version), ``known`` has the sha256 of files, by path, that were computed already.
    """
    files = listed_files(partial, dict(known or {}))
    schema = release.schema
    manifest = {
        "manifest_version": MANIFEST_SCHEMA_VERSION,
        "name": release.name,
        "created_at": release.created_at,
        "format": {"id": format_id, **(details or {})},
        "label_schema": {"name": schema["name"], "version": schema["version"]},
        "source": {
            "name": dataset.name,
            "format": dataset.format,
            "version": dataset.version,
            "licence": dataset.licence,
            "metadata_sha256": dataset.fingerprint,
        },
        "provenance": release.provenance,
        "totals": {
            "episodes": len(episodes),
            "frames": sum(entry["frames"] for entry in episodes),
        },
        "notices": [notice.message for notice in notices],
        "episodes": list(episodes),
        "files": [{"path": f.path, "size": f.size, "sha256": f.sha256} for f in files],
    }
    write_json(partial / MANIFEST, manifest)
    return files, sha256_of(partial / MANIFEST)
