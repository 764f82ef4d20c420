"""A release as MCAP, read back: pictures, numbers, sound, labels, and what Foxglove needs."""

import json
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
from mcap.reader import make_reader
from mcap_protobuf.decoder import DecoderFactory
from numpy.typing import NDArray

from episodes.errors import ExportFailed
from episodes.export_records import ExportCamera, ExportEpisode, ReleaseRecord
from episodes.formats.manifest import problems
from episodes.formats.mcap_writer import McapWriter
from episodes.formats.registry import WRITERS, open_dataset, questions
from episodes.records import (
    Coding,
    DatasetRecord,
    DimensionRecord,
    EpisodeRecord,
    Modality,
    PictureStreamRecord,
    Role,
    SignalKind,
    SignalRecord,
)
from episodes.timebase import Rate, rate_times_ns
from tests.pure.formats.mcap_sets import jpeg, scene

FRAMES = 20
RATE = Rate(30)
TIMES = rate_times_ns(FRAMES, RATE)
DATASET = DatasetRecord("set", "folder", "1", "arm", RATE, "CC-BY-4.0", "0" * 64, {})
SCHEMA = {
    "name": "grasps",
    "version": 1,
    "classes": [
        {"id": "contact", "kind": "instant"},
        {"id": "grasp", "kind": "segment"},
        {"id": "success", "kind": "outcome"},
        {"id": "glare", "kind": "tag"},
    ],
}
RELEASE = ReleaseRecord("r1", "2026-11-26T12:00:00Z", SCHEMA, {"approved_by": "ravi"})


def label(kind: str, name: str, start: int | None, end: int | None, **more: Any) -> dict[str, Any]:
    return {"id": name, "kind": kind, "label_class": name, "start_ns": start, "end_ns": end, **more}


LABELS = (
    label("segment", "grasp", 50_000_000, 300_000_000, text="close the gripper"),
    label("instant", "contact", 123_456_789, None),
    label("outcome", "success", None, None),
)
IN_FULL = {"effector": "left", "attributes": {"phase": "closing", "n": 2}, "uncertainty_ns": 7}


def video(path: Path, b_frames: int) -> Path:
    """MP4 with H.264 as cameras and encoders write it: parameters apart, lengths before units."""
    with av.open(str(path), "w") as out:
        options = {"bf": str(b_frames), "g": "8", "b_adapt": "0", "sc_threshold": "0"}
        stream: Any = out.add_stream("libx264", rate=30, options=options)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for number in range(FRAMES):
            frame = av.VideoFrame.from_ndarray(scene(number), format="rgb24")
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def video_camera(path: Path) -> ExportCamera:
    def pictures() -> Iterator[NDArray[Any]]:
        with av.open(str(path)) as container:
            for frame in container.decode(video=0):
                yield frame.to_ndarray(format="rgb24")

    def coded() -> Iterator[bytes]:
        with av.open(str(path)) as container:
            packets = [p for p in container.demux(video=0) if p.size]
            yield from (bytes(p) for p in sorted(packets, key=lambda p: p.pts or 0))

    return ExportCamera(
        "front", "observation.images.front", Role.EXTERNAL, "h264", 64, 48, path, TIMES, pictures,
        coded,
    )  # fmt: skip


def stored_camera(name: str, codec: str, files: list[bytes], **more: Any) -> ExportCamera:
    def pictures() -> Iterator[NDArray[Any]]:
        for data in files:
            picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
            assert picture is not None
            yield picture

    return ExportCamera(
        name, name, Role.WRIST, codec, 64, 48, Path("unused"), TIMES, pictures,
        lambda: iter(files), **more,
    )  # fmt: skip


def numbers(name: str, kind: SignalKind, dtype: type[np.generic] = np.float64) -> SignalRecord:
    values = np.random.default_rng(3).normal(size=(50, 3)).astype(dtype)
    dimensions = (
        DimensionRecord("left arm/1", "rad", "left arm"),
        DimensionRecord("left-arm 1", "", ""),
        DimensionRecord("timestamp", "m", ""),
    )
    return SignalRecord(name, kind, dimensions, np.arange(50, dtype=np.int64) * 12_345_678, values)


def sound() -> SignalRecord:
    values = (np.arange(4000) % 3000 - 1500).astype(np.int16).reshape(2000, 2)
    t_ns = np.arange(2000, dtype=np.int64) * 1_000_000_000 // 8000
    named = (DimensionRecord("left"), DimensionRecord("right"))
    return SignalRecord("mic", SignalKind.AUDIO, named, t_ns, values)


def export(path: Path, **changes: Any) -> ExportEpisode:
    jpegs = [jpeg(n) for n in range(FRAMES)]
    depth = [
        cv2.imencode(".png", np.full((6, 8), 500 + n, np.uint16))[1].tobytes()
        for n in range(FRAMES)
    ]
    metric = {"modality": Modality.DEPTH, "depth_unit_m": 0.0005}
    episode = ExportEpisode(
        key="day 1/pick_003",
        index=3,
        task="pick the cup",
        frames=FRAMES,
        rate=RATE,
        duration_ns=RATE.time_ns(FRAMES),
        cameras=(
            video_camera(path),
            stored_camera("wrist", "jpeg", jpegs),
            stored_camera("range", "png", depth, **metric),
        ),
        signals=(
            numbers("observation.state", SignalKind.STATE),
            numbers("action", SignalKind.ACTION, np.float32),
            sound(),
        ),
        labels=LABELS,
        provenance={"annotator": "ada"},
    )
    return replace(episode, **changes)


def write(out: Path, *episodes: ExportEpisode) -> Any:
    return McapWriter().write(DATASET, episodes, out, RELEASE, total=len(episodes))


@pytest.fixture
def episode(tmp_path: Path) -> ExportEpisode:
    return export(video(tmp_path / "front.mp4", b_frames=0))


@pytest.fixture
def again(tmp_path: Path, episode: ExportEpisode) -> EpisodeRecord:
    write(tmp_path / "out", episode)
    (found,) = open_dataset(tmp_path / "out").episodes()
    assert isinstance(found, EpisodeRecord), found
    return found


def stream(record: EpisodeRecord, name: str) -> PictureStreamRecord:
    (found,) = (one for one in record.streams if one.camera == name)
    assert isinstance(found, PictureStreamRecord)
    return found


def test_it_is_a_writer_of_the_registry() -> None:
    assert isinstance(WRITERS["mcap"], McapWriter)


def test_the_folder_is_whole_with_sidecar_and_manifest(
    tmp_path: Path, episode: ExportEpisode
) -> None:
    record = write(tmp_path / "out", episode, replace(episode, key="day_1/pick_003"))
    assert (record.episodes, record.frames) == (2, 2 * FRAMES)
    assert sorted(file.path for file in record.files) == [
        "day_1_pick_003.mcap",
        "day_1_pick_003_2.mcap",
        "meta/annotations.jsonl",
    ]
    assert list(problems(tmp_path / "out")) == []
    first = json.loads((tmp_path / "out/meta/annotations.jsonl").read_text().splitlines()[0])
    assert first["source_key"] == "day 1/pick_003"
    assert {one["label_class"] for one in first["labels"]} == {"contact", "grasp", "success"}
    manifest = json.loads((tmp_path / "out/manifest.json").read_text())
    assert manifest["episodes"][0]["annotator"] == "ada"


def test_nothing_is_left_of_a_release_that_fails(tmp_path: Path, episode: ExportEpisode) -> None:
    def fails() -> Iterator[bytes]:
        yield jpeg(0)
        raise OSError("disk full")

    broken = replace(episode, cameras=(replace(episode.cameras[1], coded=fails),))
    with pytest.raises(ExportFailed):
        write(tmp_path / "out", broken)
    assert sorted(path.name for path in tmp_path.iterdir() if "out" in path.name) == []


def test_read_back_it_is_the_same_episode(again: EpisodeRecord, episode: ExportEpisode) -> None:
    assert (again.task, again.rate, again.frames) == (episode.task, RATE, FRAMES)
    assert {s.camera: s.role for s in again.streams} == {
        "front": Role.EXTERNAL,
        "wrist": Role.WRIST,
        "range": Role.WRIST,
    }
    for one in episode.signals:
        (found,) = (s for s in again.signals if s.name == one.name)
        assert found.kind is one.kind
        np.testing.assert_array_equal(found.values, one.values)
        np.testing.assert_array_equal(found.t_ns, one.t_ns)
        if one.kind is not SignalKind.AUDIO:
            assert found.dimensions == one.dimensions


def test_pictures_keep_their_bytes_and_times(again: EpisodeRecord, episode: ExportEpisode) -> None:
    wrist = list(stream(again, "wrist").pictures())
    assert [t for t, _ in wrist] == TIMES.tolist()
    assert [picture for _, picture in wrist] == list(episode.cameras[1].coded())
    depth = stream(again, "range")
    assert (depth.modality, depth.depth_unit_m) == (Modality.DEPTH, 0.0005)
    assert [picture for _, picture in depth.pictures()] == list(episode.cameras[2].coded())


def test_video_stays_coded_in_annex_b_with_parameters_at_every_key(
    again: EpisodeRecord, episode: ExportEpisode
) -> None:
    front = stream(again, "front")
    assert front.coding is Coding.H264
    packets = [picture for _, picture in front.pictures()]
    assert len(packets) == FRAMES
    decoder: Any = av.CodecContext.create("h264", "r")
    shown = []
    for number, data in enumerate(packets):
        assert isinstance(data, bytes)
        assert data.startswith((b"\0\0\1", b"\0\0\0\1"))
        if number % 8 == 0:
            kinds = {part[0] & 0x1F for part in data.split(b"\0\0\1")[1:]}
            assert {5, 7, 8} <= kinds
        packet = av.Packet(data)
        packet.pts, packet.time_base = number, Fraction(1, 30)
        shown += decoder.decode(packet)
    shown += decoder.decode(None)
    for frame, picture in zip(shown, episode.cameras[0].pictures(), strict=True):
        np.testing.assert_array_equal(frame.to_ndarray(format="rgb24"), picture)


def test_video_with_pictures_out_of_order_becomes_jpeg_and_that_is_said(tmp_path: Path) -> None:
    episode = export(video(tmp_path / "b.mp4", b_frames=3))
    record = write(tmp_path / "out", replace(episode, cameras=episode.cameras[:1]))
    assert [notice.code for notice in record.notices] == ["pictures_encoded_anew"]
    (found,) = open_dataset(tmp_path / "out").episodes()
    assert isinstance(found, EpisodeRecord)
    front = stream(found, "front")
    assert front.coding is Coding.JPEG
    for (_, data), picture in zip(front.pictures(), episode.cameras[0].pictures(), strict=True):
        assert isinstance(data, bytes)
        shown = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
        assert shown is not None
        assert np.abs(shown[..., ::-1].astype(int) - picture).mean() < 4


def test_a_label_comes_back_with_all_that_it_says(tmp_path: Path, episode: ExportEpisode) -> None:
    said = ({**LABELS[1], **IN_FULL}, label("tag", "glare", None, None))
    write(tmp_path / "full", replace(episode, labels=said))
    (found,) = open_dataset(tmp_path / "full").episodes()
    assert isinstance(found, EpisodeRecord)
    instant, tag = sorted(found.labels, key=lambda one: one.kind)
    assert (instant.effector, dict(instant.attributes)) == ("left", IN_FULL["attributes"])
    assert instant.uncertainty_ns == 7
    assert (tag.kind, tag.label_class, tag.start_ns) == ("tag", "glare", None)


def test_labels_come_back_as_found_labels(again: EpisodeRecord) -> None:
    found = {
        (one.kind, one.label_class, one.start_ns, one.end_ns, one.text) for one in again.labels
    }
    assert found == {
        ("segment", "grasp", 50_000_000, 300_000_000, "close the gripper"),
        ("instant", "contact", 123_456_789, None, ""),
        ("outcome", "success", None, None, ""),
    }


def test_an_export_asks_nothing_but_what_nobody_knows(tmp_path: Path, again: EpisodeRecord) -> None:
    assert again.key == "day_1_pick_003"
    assert questions(tmp_path / "out") == ()


def test_another_reader_finds_what_foxglove_shows(tmp_path: Path, episode: ExportEpisode) -> None:
    write(tmp_path / "out", episode)
    with (tmp_path / "out/day_1_pick_003.mcap").open("rb") as file:
        reader = make_reader(file, decoder_factories=[DecoderFactory()])
        summary = reader.get_summary()
        assert summary is not None
        kinds = {schema.name for schema in summary.schemas.values()}
        assert {
            "foxglove.CompressedImage",
            "foxglove.CompressedVideo",
            "foxglove.RawAudio",
            "touchline.Annotation",
        } <= kinds
        times = [message.log_time for _, _, message in reader.iter_messages()]
        assert times == sorted(times)
        decoded = reader.iter_decoded_messages(topics=["/signal/observation.state"])
        first = next(iter(decoded)).decoded_message
        names = [field.name for field in first.DESCRIPTOR.fields]
        assert names == ["timestamp", "left_arm_1", "left_arm_1_2", "timestamp_2"]
        (attachment,) = reader.iter_attachments()
        assert len(json.loads(attachment.data)["labels"]) == 3
        (metadata,) = reader.iter_metadata()
        assert metadata.metadata["key"] == "day 1/pick_003"
