"""A release is made of what is stored, whatever became of the source."""

import json
import shutil
from pathlib import Path

import pytest

from episodes.errors import EpisodeUnknown, ExportFailed
from episodes.export_records import LabelledEpisode
from episodes.formats import open_dataset
from episodes.formats.manifest import problems, sha256_of
from episodes.formats.registry import WRITERS
from episodes.media_errors import MediaMissing
from episodes.models import Dataset, MediaAsset, Stream
from episodes.records import EpisodeRecord, StreamRecord
from episodes.selectors.data_files import data_path
from episodes.services.exports import export_release, goes_out_untouched
from tests.episodes.test_import import bring_in
from tests.pure.formats.test_release import FULL, RELEASE, all_rows

pytestmark = pytest.mark.django_db
ORDER = [LabelledEpisode("episode_000002", ()), LabelledEpisode("episode_000001", FULL)]


def release(root: Path, out: Path) -> None:
    bring_in(root)
    shutil.rmtree(root)
    export_release(dataset=Dataset.objects.get(), episodes=ORDER, out=out, release=RELEASE)


@pytest.mark.parametrize("version", ["v21", "v30"])
def test_without_its_source_folder(
    version: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    root: Path = request.getfixturevalue(version)
    old = all_rows(root).to_pylist()
    expected = [row["timestamp"] for n in (2, 1) for row in old if row["episode_index"] == n]
    release(root, tmp_path / "out")
    assert list(problems(tmp_path / "out")) == []
    found = [e for e in open_dataset(tmp_path / "out").episodes() if isinstance(e, EpisodeRecord)]
    assert [e.frames for e in found] == [5, 9]
    stored = set(MediaAsset.objects.values_list("sha256", flat=True))
    videos = {s.path for e in found for s in e.streams if isinstance(s, StreamRecord)}
    assert len(videos) > 0
    assert {sha256_of(path) for path in videos} <= stored
    assert all_rows(tmp_path / "out")["timestamp"].to_pylist() == expected


def test_statistics_of_pictures_and_the_manifest_survive(v30: Path, tmp_path: Path) -> None:
    fingerprint = open_dataset(v30).dataset.fingerprint
    release(v30, tmp_path / "out")
    manifest = json.loads((tmp_path / "out/manifest.json").read_text())
    assert manifest["source"]["name"] == "bricks3"
    assert manifest["source"]["metadata_sha256"] == fingerprint


def test_labels_say_their_frame_and_pts_on_every_camera(v30: Path, tmp_path: Path) -> None:
    release(v30, tmp_path / "out")
    lines = (tmp_path / "out/meta/annotations.jsonl").read_text().splitlines()
    labels = {one["id"]: one for one in json.loads(lines[1])["labels"]}
    second, grasp, outcome = (labels[FULL[i]["id"]] for i in (1, 2, 5))
    assert "cameras" not in outcome
    assert set(grasp["cameras"]) == {"front", "wrist"}
    front = grasp["cameras"]["front"]
    num, den = front["time_base"]
    assert front["start_frame"] == 4
    # The episode starts at frame 6 of the shared file.
    assert front["start_pts"] * num * 30 == 10 * den
    assert second["cameras"]["wrist"]["end_frame"] == 9
    # The next frame of the file is another episode's.
    assert second["cameras"]["wrist"]["end_pts"] is None


def test_a_video_that_is_gone_fails_the_release(v30: Path, tmp_path: Path) -> None:
    bring_in(v30)
    data_path(MediaAsset.objects.all()[0].path).unlink()
    with pytest.raises(MediaMissing):
        export_release(
            dataset=Dataset.objects.get(), episodes=ORDER, out=tmp_path / "out", release=RELEASE
        )
    assert not (tmp_path / "out").exists()


def test_an_episode_that_is_not_there(v30: Path, tmp_path: Path) -> None:
    bring_in(v30)
    wanted = [LabelledEpisode("episode_000077", ())]
    with pytest.raises(EpisodeUnknown, match="episode_000077"):
        export_release(
            dataset=Dataset.objects.get(), episodes=wanted, out=tmp_path / "out", release=RELEASE
        )


def test_a_format_that_nothing_is_written_in_says_so(v30: Path, tmp_path: Path) -> None:
    bring_in(v30)
    with pytest.raises(ExportFailed, match="rosbag1") as refused:
        export_release(
            dataset=Dataset.objects.get(),
            episodes=ORDER,
            out=tmp_path / "out",
            release=RELEASE,
            format_id="rosbag1",
        )
    assert "lerobot_v30_classic" in refused.value.remedy


@pytest.mark.parametrize("format_id", list(WRITERS))
def test_every_writer_takes_what_is_stored(v30: Path, tmp_path: Path, format_id: str) -> None:
    """Of a dataset that is no LeRobot one, as far as the application knows."""
    bring_in(v30)
    shutil.rmtree(v30)
    Dataset.objects.update(format="folder")
    out = tmp_path / "out"
    done: list[tuple[int, int]] = []
    written = export_release(
        dataset=Dataset.objects.get(),
        episodes=ORDER,
        out=out,
        release=RELEASE,
        format_id=format_id,
        progress=lambda *step: done.append(step),
    )
    assert (written.episodes, done[-1]) == (2, (2, 2))
    assert list(problems(out)) == []
    lines = (out / "meta/annotations.jsonl").read_text().splitlines()
    assert [len(json.loads(line)["labels"]) for line in lines] == [0, len(FULL)]
    if format_id == "labels":
        return
    reader = open_dataset(out, {"rate": "30"} if format_id == "rlds" else {})
    found = [episode for episode in reader.episodes() if isinstance(episode, EpisodeRecord)]
    assert sorted(episode.frames for episode in found) == [5, 9]
    assert {len(episode.streams) for episode in found} == {2}
    assert all(episode.signals and episode.labels for episode in found if episode.frames == 9)


def test_a_simulations_copy_goes_out_through_what_is_stored(v30: Path, tmp_path: Path) -> None:
    """It has the format of what it was copied of, and nothing of the files."""
    bring_in(v30)
    Dataset.objects.update(source_metadata={"simulated": True})
    dataset, out = Dataset.objects.get(), tmp_path / "out"
    assert not goes_out_untouched(dataset, ORDER)
    export_release(dataset=dataset, episodes=ORDER, out=out, release=RELEASE)
    found = [e for e in open_dataset(out).episodes() if isinstance(e, EpisodeRecord)]
    assert [e.frames for e in found] == [5, 9]


def test_depth_and_pictures_go_out_through_what_is_stored(v30: Path, tmp_path: Path) -> None:
    """LeRobot's own rows hold no camera that was made of pictures: the general writer has it."""
    bring_in(v30)
    Stream.objects.filter(camera="wrist").update(assembled=True)
    dataset, out = Dataset.objects.get(), tmp_path / "out"
    assert not goes_out_untouched(dataset, ORDER)
    export_release(dataset=dataset, episodes=ORDER, out=out, release=RELEASE)
    found = [e for e in open_dataset(out).episodes() if isinstance(e, EpisodeRecord)]
    assert [(e.frames, len(e.streams)) for e in found] == [(5, 2), (9, 2)]
