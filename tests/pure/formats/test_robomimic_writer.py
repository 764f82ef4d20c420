"""A release as robomimic: on the step table, read back whole, there whole or not at all."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from numpy.typing import NDArray

from episodes.errors import ExportFailed
from episodes.export_records import ExportCamera, ExportEpisode, ExportRecord
from episodes.formats import open_dataset
from episodes.formats.manifest import problems
from episodes.formats.robomimic_writer import RobomimicWriter
from episodes.records import (
    DatasetRecord,
    DimensionRecord,
    EpisodeRecord,
    FoundLabel,
    Modality,
    PictureStreamRecord,
    Role,
    SignalKind,
    SignalRecord,
)
from episodes.timebase import Rate, rate_times_ns
from tests.pure.formats.hdf5_sets import SIZE, frames, write_robomimic
from tests.pure.formats.test_release import FULL, RELEASE

RATE = Rate(30)
DATASET = DatasetRecord("set", "lerobot_v30", "v3.0", "arm", RATE, "MIT", "00", {})


def camera(name: str, pictures: NDArray[Any], t_ns: NDArray[np.int64], **more: Any) -> ExportCamera:
    def decoded() -> Iterator[NDArray[Any]]:
        yield from pictures

    return ExportCamera(
        camera=name,
        source_key=f"observation.images.{name}",
        role=Role.UNKNOWN,
        codec="h264",
        width=SIZE[1],
        height=SIZE[0],
        path=Path("unused"),
        t_ns=t_ns,
        pictures=decoded,
        coded=lambda: iter(()),
        **more,
    )


def series(name: str, kind: SignalKind, t_ns: NDArray[np.int64], count: int = 2) -> SignalRecord:
    values = np.random.default_rng(len(name)).normal(size=(len(t_ns), count))
    named = tuple(DimensionRecord(f"{name}_{n}", "rad", "left arm") for n in range(count))
    return SignalRecord(name, kind, named, t_ns, values)


def episode(key: str = "episode_000001", **more: Any) -> ExportEpisode:
    steps = rate_times_ns(9, RATE)
    found = ExportEpisode(
        key=key,
        index=0,
        task="lift the block",
        frames=9,
        rate=RATE,
        duration_ns=RATE.time_ns(9),
        # Videos round times to microseconds, up and down.
        cameras=(camera("front", frames(9), (steps + 500) // 1000 * 1000),),
        signals=(
            series("action", SignalKind.ACTION, steps),
            series("observation.state", SignalKind.STATE, steps, 3),
        ),
        labels=FULL,
        provenance={"annotators": ["ada"]},
    )
    return replace(found, **more)


def write(out: Path, *episodes: ExportEpisode, dataset: DatasetRecord = DATASET) -> ExportRecord:
    return RobomimicWriter().write(dataset, episodes, out, RELEASE, total=len(episodes))


def test_our_own_reader_reads_the_same_back(tmp_path: Path) -> None:
    record = write(tmp_path / "out", episode(), episode("episode_000002", labels=()))
    assert (record.episodes, record.frames, record.notices) == (2, 18, ())
    assert list(problems(tmp_path / "out")) == []
    reader = open_dataset(tmp_path / "out")
    assert reader.dataset.rate == RATE
    found = reader.episode("demo_0")
    assert isinstance(found, EpisodeRecord)
    assert (found.frames, found.task) == (9, "lift the block")
    signals = {signal.name: signal for signal in found.signals}
    for old, name in zip(episode().signals, ("actions", "observation.state"), strict=True):
        new = signals[name]
        assert (new.kind, new.dimensions) == (old.kind, old.dimensions)
        np.testing.assert_array_equal(new.values, old.values)
        np.testing.assert_array_equal(new.t_ns, old.t_ns)
    (stream,) = found.streams
    assert isinstance(stream, PictureStreamRecord)
    assert stream.camera == "front"
    np.testing.assert_array_equal(np.stack([p for _, p in stream.pictures()]), frames(9))


def test_labels_come_back_as_they_were(tmp_path: Path) -> None:
    write(tmp_path / "out", episode())
    found = open_dataset(tmp_path / "out").episode("demo_0")
    assert isinstance(found, EpisodeRecord)
    expected = {
        FoundLabel(
            one["kind"],
            one["label_class"],
            "annotations",
            one["start_ns"],
            one["end_ns"],
            one["text"],
            one["effector"],
        )
        for one in FULL
    }
    assert set(found.labels) == expected
    line = json.loads((tmp_path / "out/meta/annotations.jsonl").read_text())
    assert (line["source_key"], len(line["labels"])) == ("episode_000001", len(FULL))


def test_rewards_dones_and_splits_follow_the_outcome(tmp_path: Path) -> None:
    write(tmp_path / "out", episode(), episode("episode_000002", labels=()))
    with h5py.File(tmp_path / "out/demos.hdf5") as file:
        assert file["data"].attrs["total"] == 18
        assert file["data/demo_0"].attrs["num_samples"] == 9
        assert file["data/demo_0/rewards"][()].tolist() == [0.0] * 8 + [1.0]
        assert file["data/demo_1/rewards"][()].tolist() == [0.0] * 9
        assert file["data/demo_1/dones"][()].tolist() == [0] * 8 + [1]
        assert file["mask/outcome_success"][()].tolist() == [b"demo_0"]
        texts = [text.decode() for text in file["subtasks"][()]]
        subtask = [texts[n] for n in file["data/demo_0/labels/subtask"][()]]
        assert subtask == ["reach the block"] * 4 + ["lift the block"] * 5
        env_args = json.loads(file["data"].attrs["env_args"])
    assert env_args["env_kwargs"] == {"control_freq": 30, "reward_shaping": False}


def test_a_step_has_the_last_value_at_or_before_it(tmp_path: Path) -> None:
    steps = rate_times_ns(9, RATE)
    slow = steps[::3] + 20_000_000
    action = series("action", SignalKind.ACTION, np.sort(np.concatenate([steps, steps + 10])))
    write(
        tmp_path / "out",
        episode(cameras=(camera("slow", frames(3), slow),), signals=(action,)),
    )
    with h5py.File(tmp_path / "out/demos.hdf5") as file:
        shown = file["data/demo_0/obs/slow_image"][()]
        np.testing.assert_array_equal(file["data/demo_0/actions"][()], action.values[1::2])
    np.testing.assert_array_equal(shown, frames(3)[[0, 0, 0, 0, 1, 1, 1, 2, 2]])
    manifest = json.loads((tmp_path / "out/manifest.json").read_text())
    assert manifest["notices"] == [
        "1 values lie before a signal's or camera's first; it is repeated."
    ]


def test_depth_keeps_its_values_and_unit(tmp_path: Path) -> None:
    depth = np.random.default_rng(3).integers(0, 2**16, (9, *SIZE), dtype=np.uint16)
    steps = rate_times_ns(9, RATE)
    deep = camera("deep", depth, steps, modality=Modality.DEPTH, depth_unit_m=0.00025)
    write(tmp_path / "out", episode(cameras=(deep,)))
    found = open_dataset(tmp_path / "out").episode("demo_0")
    assert isinstance(found, EpisodeRecord)
    (stream,) = found.streams
    assert isinstance(stream, PictureStreamRecord)
    assert (stream.modality, stream.depth_unit_m) == (Modality.DEPTH, 0.00025)
    np.testing.assert_array_equal(np.stack([p for _, p in stream.pictures()]), depth)


def test_several_actions_stand_side_by_side(tmp_path: Path) -> None:
    steps = rate_times_ns(9, RATE)
    both = tuple(series(name, SignalKind.ACTION, steps) for name in ("action.arm", "action.base"))
    write(tmp_path / "out", episode(signals=both))
    found = open_dataset(tmp_path / "out").episode("demo_0")
    assert isinstance(found, EpisodeRecord)
    np.testing.assert_array_equal(
        found.signals[0].values, np.concatenate([one.values for one in both], axis=1)
    )
    assert found.signals[0].dimensions[2].name == "action.base.action.base_0"


def test_a_robomimic_source_keeps_its_keys_and_environment(tmp_path: Path) -> None:
    source = open_dataset(write_robomimic(tmp_path / "lift.hdf5"))
    old = source.episode("demo_1")
    assert isinstance(old, EpisodeRecord)
    given = episode("demo_1", frames=7, rate=old.rate, signals=old.signals, labels=(), cameras=())
    write(tmp_path / "out", given, dataset=source.dataset)
    reader = open_dataset(tmp_path / "out")
    assert reader.dataset.metadata["env_args"]["env_name"] == "Lift"
    new = reader.episode("demo_0")
    assert isinstance(new, EpisodeRecord)
    assert {s.name for s in new.signals} == {s.name for s in old.signals}
    for a in old.signals:
        if a.name not in ("rewards", "dones"):
            b = next(s for s in new.signals if s.name == a.name)
            np.testing.assert_array_equal(a.values, b.values)


def test_nothing_is_left_of_a_release_that_fails(tmp_path: Path) -> None:
    wordless = episode("episode_000002", signals=episode().signals[1:])
    with pytest.raises(ExportFailed, match="episode_000002 has no actions"):
        write(tmp_path / "out", episode(), wordless)
    with pytest.raises(ExportFailed, match="twice"):
        write(tmp_path / "out", episode(), episode())
    with pytest.raises(ExportFailed):
        write(tmp_path / "out")
    assert [path for path in tmp_path.iterdir() if "out" in path.name] == []


def test_many_dimensions_fit_their_names(tmp_path: Path) -> None:
    wide = series("tactile", SignalKind.TACTILE, rate_times_ns(9, RATE), 512)
    named = tuple(DimensionRecord(f"{n}".rjust(110, "t"), "N") for n in range(512))
    signals = (*episode().signals, replace(wide, dimensions=named))
    write(tmp_path / "out", episode(signals=signals))
    found = open_dataset(tmp_path / "out").episode("demo_0")
    assert isinstance(found, EpisodeRecord)
    assert next(s for s in found.signals if s.name == "tactile").dimensions == named


def test_nothing_but_demonstrations_lies_among_them(tmp_path: Path) -> None:
    """robomimic's SequenceDataset numbers every name below data by what follows "demo_"."""
    write(tmp_path / "out", episode())
    with h5py.File(tmp_path / "out/demos.hdf5") as file:
        assert sorted(int(name[5:]) for name in file["data"]) == [0]
