"""An import brings every good episode in once, whole."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from django.contrib.auth.models import User

from episodes.errors import ImportNotAllowed, ImportRefused
from episodes.models import Dataset, Episode, ImportItem, ImportRun, MediaAsset, Stream
from episodes.selectors.data_files import data_path
from episodes.selectors.imports import open_items, progress
from episodes.selectors.media import stream_part
from episodes.services.imports import check_source, plan_import
from episodes.services.imports_items import import_item
from tests.pure.formats.sets import Plan, change_info, rows, write_v21, write_v30

pytestmark = pytest.mark.django_db


def bring_in(path: Path, name: str = "", by: User | None = None) -> ImportRun:
    run = plan_import(path=path, name=name, requested_by=by)
    for item_id in open_items(run):
        import_item(item_id=item_id)
    run.refresh_from_db()
    return run


def states(run: ImportRun) -> list[str]:
    return list(run.items.values_list("state", flat=True))


def test_every_row_of_an_import(v30: Path, mei: User) -> None:
    run = bring_in(v30, by=mei)
    assert run.state == ImportRun.State.DONE
    assert run.finished_at is not None
    assert states(run) == [ImportItem.State.DONE] * 3
    dataset = Dataset.objects.get()
    assert (dataset.name, dataset.format, dataset.owner) == ("bricks3", "lerobot_v30", mei)
    second = Episode.objects.get(key="episode_000001")
    assert (second.rows, second.duration_ns, second.state) == (9, 300_000_000, "ready")
    assert second.task is not None
    assert second.task.text == "Put the block on the plate."
    assert [s.name for s in second.signals.all()] == ["action", "observation.state"]
    assert [(s.camera, s.role) for s in second.streams.all()] == [
        ("front", "external"),
        ("wrist", "wrist"),
    ]


def test_episodes_of_one_file_share_its_asset(v30: Path) -> None:
    bring_in(v30)
    assert MediaAsset.objects.count() == 2
    front = Stream.objects.filter(camera="front").order_by("episode__index")
    assert [(s.start_frame, s.frames) for s in front] == [(0, 6), (6, 9), (15, 5)]
    for stream in front:
        part = stream_part(stream)
        assert (part.byte_start, part.byte_end) == (stream.byte_start, stream.byte_end)
    ends = [(s.byte_start, s.byte_end) for s in front]
    assert ends == sorted(ends)


def test_signals_are_stored_as_they_were(v21: Path) -> None:
    bring_in(v21)
    signal = Episode.objects.get(key="episode_000002").signals.get(name="action")
    table = pa.ipc.open_file(str(data_path(signal.path))).read_all()
    assert table.column_names[0] == "t_ns"
    assert table["t_ns"].type == pa.int64()
    assert table["t_ns"].to_pylist()[:2] == [0, 33_333_333]
    stored = np.stack([table.column(i).to_numpy() for i in (1, 2, 3)], axis=1)
    expected = np.array(rows(Plan(), 2)["action"].to_pylist(), dtype="f4")
    np.testing.assert_array_equal(stored, expected)
    assert [d["name"] for d in signal.dimensions] == table.column_names[1:]
    assert signal.samples == 5


def test_a_second_run_adds_nothing(v30: Path, data_dir: Path) -> None:
    bring_in(v30)
    before = sorted(p.relative_to(data_dir) for p in data_dir.rglob("*"))
    counts = (Episode.objects.count(), Stream.objects.count(), MediaAsset.objects.count())
    run = bring_in(v30)
    assert states(run) == [ImportItem.State.SKIPPED] * 3
    assert run.state == ImportRun.State.DONE
    assert progress(run).skipped == 3
    assert counts == (Episode.objects.count(), Stream.objects.count(), MediaAsset.objects.count())
    assert before == sorted(p.relative_to(data_dir) for p in data_dir.rglob("*"))


def test_an_item_run_twice_is_done_once(v21: Path) -> None:
    run = plan_import(path=v21)
    item_id = open_items(run)[0]
    first = import_item(item_id=item_id)
    again = import_item(item_id=item_id)
    assert (first.state, again.state) == (ImportItem.State.DONE, ImportItem.State.DONE)
    assert again.attempts == 1
    assert Episode.objects.count() == 1


@pytest.mark.parametrize("write", [write_v21, write_v30])
def test_a_dataset_that_grew_brings_in_what_is_new(
    tmp_path: Path, write: Callable[..., Path]
) -> None:
    """A grown v3 file has other bytes, but its earlier episodes are the same pictures."""
    root = tmp_path / "grows"
    write(root, Plan(lengths=(6, 9)))
    bring_in(root)
    write(root, Plan(lengths=(6, 9, 5, 4)))
    run = bring_in(root)
    state = ImportItem.State
    assert states(run) == [state.SKIPPED, state.SKIPPED, state.DONE, state.DONE]
    assert Dataset.objects.count() == 1
    assert [e.rows for e in Episode.objects.all()] == [6, 9, 5, 4]


def test_the_same_key_with_other_contents_stays_out(tmp_path: Path) -> None:
    root = write_v21(tmp_path / "set", Plan(lengths=(6, 9)))
    bring_in(root)
    before = Episode.objects.get(index=1)
    write_v21(root, Plan(lengths=(6, 8)))
    run = bring_in(root)
    skipped, changed = run.items.all()
    assert skipped.state == ImportItem.State.SKIPPED
    assert (changed.state, changed.reason_code) == ("quarantined", "content_changed")
    assert "episode_000001" in changed.reason
    assert "another name" in changed.remedy
    after = Episode.objects.get(index=1)
    assert (after.pk, after.content_sha256, after.rows) == (before.pk, before.content_sha256, 9)
    table = pa.ipc.open_file(str(data_path(after.signals.all()[0].path))).read_all()
    assert table.num_rows == 9


def test_the_same_recording_under_another_name_is_another_dataset(v21: Path, v30: Path) -> None:
    bring_in(v21, "one")
    bring_in(v30, "two")
    assert Dataset.objects.count() == 2
    one, two = (Episode.objects.get(dataset__name=n, index=1) for n in ("one", "two"))
    assert one.rows == two.rows


def test_a_name_of_another_format_is_refused(v21: Path, v30: Path) -> None:
    bring_in(v21, "bricks")
    with pytest.raises(ImportRefused, match="lerobot_v21") as caught:
        plan_import(path=v30, name="bricks")
    assert caught.value.remedy == "Import it under another name."
    assert ImportRun.objects.count() == 1


def test_a_name_of_other_features_is_refused(v21: Path, tmp_path: Path) -> None:
    bring_in(v21, "bricks")
    other = write_v21(tmp_path / "other", Plan(cameras=("front",)))
    with pytest.raises(ImportRefused, match="other features"):
        plan_import(path=other, name="bricks")


def test_a_name_of_somebody_else_is_refused(v21: Path, cast: dict[str, User]) -> None:
    bring_in(v21, "bricks", by=cast["root"])
    with pytest.raises(ImportRefused, match="taken"):
        plan_import(path=v21, name="bricks", requested_by=cast["mei"])


@pytest.mark.parametrize("name", ["ada", "ravi", "otto"])
def test_who_may_not_import(v21: Path, cast: dict[str, User], name: str) -> None:
    with pytest.raises(ImportNotAllowed):
        plan_import(path=v21, requested_by=cast[name])
    assert not Dataset.objects.exists()


def test_a_check_stores_nothing(v30: Path, data_dir: Path) -> None:
    found = check_source(path=v30)
    assert (found.good, found.frames, found.broken) == (3, 20, [])
    assert not Dataset.objects.exists()
    assert list(data_dir.iterdir()) == []


def test_notices_are_kept_with_the_run(v21: Path) -> None:
    change_info(v21, lambda info: info.update(total_frames=99))
    run = bring_in(v21)
    assert run.state == ImportRun.State.DONE
    assert "total_frames 99" in run.reason


@pytest.mark.parametrize("version", ["v21", "v30"])
def test_the_real_recordings_come_in_whole(shared_data: Path, version: str) -> None:
    run = bring_in(shared_data / f"unitree_g1_lerobot_{version}")
    assert states(run) == [ImportItem.State.DONE] * 4
    episodes = Episode.objects.all()
    assert sum(e.rows for e in episodes) == 1214
    streams = Stream.objects.order_by("episode__index")
    assert [s.frames for s in streams] == [221, 277, 389, 327]
    starts = [0, 221, 498, 887] if version == "v30" else [0, 0, 0, 0]
    assert [s.start_frame for s in streams] == starts
    assert {s.asset.frame_index.codec[:5] for s in streams} == {"av01."}
    for episode in episodes:
        assert [(s.name, len(s.dimensions), s.samples) for s in episode.signals.all()] == [
            ("action", 26, episode.rows),
            ("observation.state", 26, episode.rows),
        ]
    assert states(bring_in(shared_data / f"unitree_g1_lerobot_{version}")) == ["skipped"] * 4
