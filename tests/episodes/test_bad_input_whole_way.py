"""Each kind of damage, from the disk through the command to the database and back.

The message names the thing and the remedy, the other episodes come in, and nothing that is stored
changes: neither a dataset beside it nor the one that was imported before its source was damaged.
"""

import hashlib
import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from episodes.models import Episode, FrameIndex, ImportItem, MediaAsset, Signal, Stream
from tests.episodes.test_import_command import run
from tests.pure.formats.sets import change_info, change_table, cut, set_value, write_video

pytestmark = pytest.mark.django_db
SECOND = "episode_000001"


def data_file(root: Path) -> Path:
    return root / f"data/chunk-000/{SECOND}.parquet"


def video(root: Path) -> Path:
    return root / f"videos/chunk-000/observation.images.front/{SECOND}.mp4"


def relist(root: Path, **values: Any) -> None:
    """Change the second episode's line in the table of contents."""
    path = root / "meta/episodes.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    lines[1].update(values)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))


def empty(root: Path) -> None:
    pq.write_table(pq.read_table(data_file(root)).slice(0, 0), data_file(root))
    relist(root, length=0)


def other_codec(root: Path) -> None:
    video(root).unlink()
    write_video(video(root), 9, codec="mpeg4")


def link_outside(root: Path) -> None:
    outside = root.parent / "outside.mp4"
    video(root).rename(outside)
    os.symlink(outside, video(root))


def spoil_value(root: Path) -> None:
    nan = [0.0, float("nan"), 0.0]
    change_table(data_file(root), lambda table: set_value(table, "action", 4, nan))


# What is done to the dataset, the reason it is kept with, what its message names.
DAMAGE: dict[str, tuple[Callable[[Path], object], str, str]] = {
    "truncated mp4": (lambda r: cut(video(r), 0.5), "media_unreadable", f"front/{SECOND}.mp4"),
    "truncated parquet": (lambda r: cut(data_file(r), 0.5), "data_unreadable", f"{SECOND}.parquet"),
    "missing column": (
        lambda r: change_table(data_file(r), lambda table: table.drop_columns(["action"])),
        "column_missing",
        "“action”",
    ),
    "absent video": (lambda r: video(r).unlink(), "media_missing", f"front/{SECOND}.mp4"),
    "wrong codec": (other_codec, "media_codec", "mpeg4"),
    "zero length": (empty, "zero_length", SECOND),
    "NaN": (spoil_value, "values_not_finite", "“action”"),
    "lying length": (lambda r: relist(r, length=11), "length_mismatch", "claims 11 frames"),
    "absurd length": (lambda r: relist(r, length=10**12), "absurd_size", "1,000,000,000,000"),
    "absurd number": (lambda r: relist(r, episode_index=10**12), "listing_broken", "10" + "0" * 11),
    "out of the dataset": (link_outside, "path_outside_dataset", f"front/{SECOND}.mp4"),
}


def stored(data_dir: Path) -> dict[str, object]:
    """Every row of a recording, and every byte in the data folder."""
    rows = {
        model.__name__: list(model._default_manager.order_by("pk").values())
        for model in (Episode, Stream, Signal, MediaAsset, FrameIndex)
    }
    files = {
        path.relative_to(data_dir).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in data_dir.rglob("*")
        if path.is_file()
    }
    return {**rows, "files": files}


def kept(now: dict[str, Any], before: dict[str, Any]) -> bool:
    """Whether everything of before is still there as it was; more may have come."""
    return now["files"].items() >= before["files"].items() and all(
        row in now[name] for name in before if name != "files" for row in before[name]
    )


@pytest.mark.parametrize("kind", DAMAGE)
def test_one_broken_episode(v21: Path, data_dir: Path, kind: str) -> None:
    spoil, code, named = DAMAGE[kind]
    run(v21, name="whole")
    before = stored(data_dir)
    spoil(v21)

    run(v21, name="whole")
    assert stored(data_dir) == before

    said = run(v21, name="damaged")
    found = re.search(r"quarantined (\S+): (.*)\n  remedy: (.+)\n", said)
    assert found is not None, said
    assert named in found[0]
    assert str(v21) not in found[0]
    assert "2 imported, 0 already imported, 1 quarantined." in said
    item = ImportItem.objects.get(run__dataset_name="damaged", state="quarantined")
    assert (item.reason_code, item.episode) == (code, None)
    assert Episode.objects.filter(dataset__name="damaged", state="ready").count() == 2
    assert kept(stored(data_dir), before)


def test_the_same_id_twice(v21: Path, data_dir: Path) -> None:
    """Two lines claim one episode: which of them is meant nobody can say."""
    run(v21, name="whole")
    before = stored(data_dir)
    relist(v21, episode_index=2)
    run(v21, name="whole")
    assert stored(data_dir) == before
    said = run(v21, name="damaged")
    assert "quarantined episode_000002" in said
    assert "2 times" in said
    assert "  remedy: " in said
    assert kept(stored(data_dir), before)


@pytest.mark.parametrize("template", ["../{episode_index:06d}.mp4", "/etc/{episode_index}.mp4"])
def test_a_video_path_that_leaves_the_dataset(v21: Path, data_dir: Path, template: str) -> None:
    run(v21, name="whole")
    before = stored(data_dir)
    change_info(v21, lambda info: info.update(video_path=template))
    run(v21, name="whole")
    assert stored(data_dir) == before
    said = run(v21, name="damaged")
    assert "0 imported, 0 already imported, 3 quarantined." in said
    assert template.partition("{")[0] in said
    assert said.count("  remedy: ") == 3
    assert stored(data_dir) == before


@pytest.mark.parametrize("claim", [1, 999_999_999])
def test_totals_that_lie(v21: Path, claim: int) -> None:
    """The episodes themselves are whole: they come in, and the lie is said."""
    change_info(v21, lambda info: info.update(total_frames=claim))
    said = run(v21)
    assert f"note: info.json says total_frames {claim:,}, listed are 20." in said
    assert "  remedy: Correct meta/info.json" in said
    assert Episode.objects.filter(state="ready").count() == 3
