"""A source episode kept in Touchline's own data folder, so that a release needs no source folder.

rows.parquet holds the declared columns with their exact types, source.json the rest. Videos are
not in it: they lie in the media store, and their paths are given anew when the episode is read.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from episodes.errors import EpisodeBroken
from episodes.formats.lerobot_source import SourceEpisode
from episodes.records import Reason, Role, StreamRecord
from episodes.timebase import Rate

ROWS = "rows.parquet"
FACTS = "source.json"


def save(folder: Path, episode: SourceEpisode) -> None:
    """Write the two files; a release reads them back bit for bit."""
    rows = episode.rows.replace_schema_metadata(None)
    # Measured values hardly repeat: without a dictionary they are packed smaller, and quicker.
    pq.write_table(
        rows, folder / ROWS, compression="zstd", use_dictionary=False, write_statistics=False
    )
    facts = {
        "key": episode.key,
        "tasks": list(episode.tasks),
        "task_texts": {str(index): text for index, text in episode.task_texts.items()},
        "stats": episode.stats,
        "streams": [_stream_facts(stream) for stream in episode.streams],
    }
    (folder / FACTS).write_text(json.dumps(facts), encoding="utf-8")


def load(folder: Path, media: Mapping[str, Path]) -> SourceEpisode:
    """The episode again; ``media`` has a video's path by feature, videos without one are left out.

    Raises EpisodeBroken when the files are gone or damaged.
    """
    try:
        facts = json.loads((folder / FACTS).read_text(encoding="utf-8"))
        rows = pq.read_table(folder / ROWS)
    except (OSError, ValueError, pa.ArrowException) as error:
        raise EpisodeBroken(
            Reason.DATA_UNREADABLE,
            f"The stored rows in “{folder.name}” cannot be read: {error}",
            remedy="Restore the data folder from its backup, or import the dataset again.",
        ) from error
    streams = [_stream(found, media) for found in facts["streams"] if found["source_key"] in media]
    return SourceEpisode(
        key=facts["key"],
        rows=rows,
        task_texts={int(index): text for index, text in facts["task_texts"].items()},
        tasks=tuple(facts["tasks"]),
        streams=tuple(streams),
        stats=facts["stats"],
    )


def _stream_facts(stream: StreamRecord) -> dict[str, Any]:
    return {
        "camera": stream.camera,
        "source_key": stream.source_key,
        "role": stream.role.value,
        "media": stream.media,
        "from_ns": stream.from_ns,
        "frames": stream.frames,
        "rate": [stream.rate.num, stream.rate.den],
        "span_s": list(stream.span_s) if stream.span_s else None,
    }


def _stream(facts: Mapping[str, Any], media: Mapping[str, Path]) -> StreamRecord:
    return StreamRecord(
        camera=facts["camera"],
        source_key=facts["source_key"],
        role=Role(facts["role"]),
        media=facts["media"],
        path=media[facts["source_key"]],
        from_ns=facts["from_ns"],
        frames=facts["frames"],
        rate=Rate(*facts["rate"]),
        span_s=tuple(facts["span_s"]) if facts["span_s"] else None,
    )
