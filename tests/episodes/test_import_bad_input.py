"""Broken videos and files are quarantined with a reason; what is stored is never damaged."""

from pathlib import Path
from typing import Any

import pytest

from episodes.errors import DatasetBroken, FormatUnknown
from episodes.models import Episode, ImportItem, ImportRun, MediaAsset
from episodes.selectors.imports import open_items
from episodes.services.imports import check_source, plan_import
from episodes.services.imports_items import import_item
from tests.episodes.test_import import bring_in, states
from tests.pure.formats.sets import (
    Plan,
    change_info,
    change_table,
    cut,
    set_value,
    write_v21,
    write_v30,
    write_video,
)

pytestmark = pytest.mark.django_db
STATE = ImportItem.State


def video(root: Path, camera: str = "front", episode: int = 1) -> Path:
    return root / f"videos/chunk-000/observation.images.{camera}/episode_{episode:06d}.mp4"


def only_second(run: ImportRun, code: str) -> ImportItem:
    """The second is quarantined with that code and a remedy, the others are in."""
    assert states(run) == [STATE.DONE, STATE.QUARANTINED, STATE.DONE]
    assert run.state == ImportRun.State.DONE
    item = run.items.get(position=1)
    assert (item.reason_code, item.episode) == (code, None)
    assert item.reason
    assert item.remedy
    assert Episode.objects.count() == 2
    return item


@pytest.mark.parametrize("keep", [0.4, 0.9])
def test_a_truncated_video(v21: Path, keep: float) -> None:
    cut(video(v21), keep)
    item = only_second(bring_in(v21), "media_unreadable")
    assert "observation.images.front/episode_000001.mp4" in item.reason
    assert "“front”" in item.reason


def test_a_file_that_is_no_video(v21: Path) -> None:
    video(v21).write_bytes(b"not a video at all" * 100)
    only_second(bring_in(v21), "media_unreadable")


def test_a_codec_that_nobody_decodes(v21: Path) -> None:
    video(v21).unlink()
    write_video(video(v21), 9, codec="mpeg4")
    item = only_second(bring_in(v21), "media_codec")
    assert "mpeg4" in item.reason
    assert "ffmpeg" in item.remedy


def test_fewer_frames_than_rows(v21: Path) -> None:
    video(v21, "wrist").unlink()
    write_video(video(v21, "wrist"), 7)
    item = only_second(bring_in(v21), "media_too_short")
    assert "frames 0 to 8" in item.reason
    assert "has 7 frames" in item.reason


def test_a_shared_video_that_ends_too_early(v30: Path) -> None:
    shared = v30 / "videos/observation.images.front/chunk-000/file-000.mp4"
    shared.unlink()
    write_video(shared, 12)
    run = bring_in(v30)
    assert states(run) == [STATE.DONE, STATE.QUARANTINED, STATE.QUARANTINED]
    codes = list(run.items.values_list("reason_code", flat=True))
    assert codes == ["", "media_too_short", "media_offset"]


def test_an_offset_between_two_frames(v30: Path) -> None:
    """Half a frame or more from every frame: nobody can say which one is meant."""
    contents = v30 / "meta/episodes/chunk-000/file-000.parquet"
    column = "videos/observation.images.front/from_timestamp"
    change_table(contents, lambda t: set_value(t, column, 2, 15 / 30 + 5.0))
    run = bring_in(v30)
    assert states(run) == [STATE.DONE, STATE.DONE, STATE.QUARANTINED]
    assert run.items.get(position=2).reason_code == "media_offset"


def test_an_offset_a_little_off_finds_its_frame(v30: Path) -> None:
    """Summed floats drift: the nearest frame is meant."""
    contents = v30 / "meta/episodes/chunk-000/file-000.parquet"
    column = "videos/observation.images.front/from_timestamp"
    change_table(contents, lambda t: set_value(t, column, 2, 15 / 30 + 0.012))
    bring_in(v30)
    stream = Episode.objects.get(index=2).streams.get(camera="front")
    assert (stream.start_frame, stream.frames) == (15, 5)


def test_a_video_of_another_pace_is_said(v21: Path) -> None:
    video(v21).unlink()
    write_video(video(v21), 9, fps=25)
    run = bring_in(v21)
    assert states(run) == [STATE.DONE] * 3
    item = run.items.get(position=1)
    assert item.reason_code == "video_pace"
    assert "“front”" in item.reason


def test_bad_rows_are_kept_out_before_anything_is_stored(v21: Path, data_dir: Path) -> None:
    file = v21 / "data/chunk-000/episode_000001.parquet"
    change_table(file, lambda t: set_value(t, "action", 3, [0.0, float("nan"), 0.0]))
    item = only_second(bring_in(v21), "values_not_finite")
    assert "frame 3" in item.reason
    assert len(list((data_dir / "episodes").glob("*/*"))) == 2


def test_a_broken_video_is_not_stored(v21: Path) -> None:
    cut(video(v21), 0.5)
    bring_in(v21)
    assert MediaAsset.objects.count() == 4


def test_a_repaired_episode_comes_in_with_the_next_run(v21: Path) -> None:
    good = video(v21).read_bytes()
    cut(video(v21), 0.5)
    bring_in(v21)
    video(v21).write_bytes(good)
    assert states(bring_in(v21)) == [STATE.SKIPPED, STATE.DONE, STATE.SKIPPED]


def test_repaired_rows_come_in_though_the_worker_read_the_broken_ones(v30: Path) -> None:
    file = v30 / "data/chunk-000/file-000.parquet"
    good = file.read_bytes()
    change_table(file, lambda t: set_value(t, "action", 7, [float("nan")] * 3))
    assert states(bring_in(v30)) == [STATE.DONE, STATE.QUARANTINED, STATE.DONE]
    file.write_bytes(good)
    assert states(bring_in(v30)) == [STATE.SKIPPED, STATE.DONE, STATE.SKIPPED]


def test_episodes_listed_wrongly_are_in_quarantine_at_once(tmp_path: Path) -> None:
    root = write_v21(tmp_path / "set", Plan(lengths=(4, 5)))
    listing = root / "meta/episodes.jsonl"
    listing.write_text(listing.read_text() * 2)
    run = plan_import(path=root)
    assert states(run) == [STATE.QUARANTINED] * 2
    assert run.state == ImportRun.State.DONE
    assert open_items(run) == []


@pytest.mark.parametrize("write", [write_v21, write_v30])
def test_a_dataset_that_cannot_be_read_leaves_nothing_behind(tmp_path: Path, write: Any) -> None:
    root = write(tmp_path / "set")
    change_info(root, lambda info: info.update(fps=-1))
    with pytest.raises(DatasetBroken, match="fps -1"):
        plan_import(path=root)
    with pytest.raises(FormatUnknown):
        plan_import(path=tmp_path)
    assert not ImportRun.objects.exists()


def test_a_source_that_went_away(v21: Path, tmp_path: Path) -> None:
    run = plan_import(path=v21)
    v21.rename(tmp_path / "elsewhere")
    for item_id in open_items(run):
        import_item(item_id=item_id)
    assert set(run.items.values_list("reason_code", flat=True)) == {"format_unknown"}


def test_a_check_names_what_is_broken(v21: Path) -> None:
    cut(video(v21), 0.5)
    found = check_source(path=v21)
    assert (found.good, [b.code for b in found.broken]) == (2, ["media_unreadable"])
    assert not ImportRun.objects.exists()
