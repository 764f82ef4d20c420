"""Storing, indexing and extracting: repeated, interrupted and impossible work."""

import hashlib
from pathlib import Path

import pytest
from django.db import connection

from episodes.media_errors import MediaChanged, PackProfileUnknown
from episodes.models import FrameIndex, MediaAsset, Stream
from episodes.selectors.media import sprite_json, stream_part
from episodes.services import media
from episodes.services.media import index_asset, make_packs, make_sprite, store_asset
from episodes.tasks_media import prepare_stream, prepare_waiting_streams
from episodes.video.errors import DecodeFailed, TruncatedVideo, VideoMissing
from tests.episodes.media.conftest import Recorded
from tests.pure.video.conftest import Videos

pytestmark = pytest.mark.django_db


def test_storing_twice_keeps_one_file(videos: Videos, data_dir: Path, tmp_path: Path) -> None:
    source = videos("h264_g2").path
    first = store_asset(source=source)
    twin = tmp_path / "another name.mp4"
    twin.write_bytes(source.read_bytes())
    assert store_asset(source=twin) == first
    assert first.path == f"media/{first.sha256[:2]}/{first.sha256}.mp4"
    assert (data_dir / first.path).read_bytes() == source.read_bytes()
    assert [path.name for path in (data_dir / "media").rglob("*.*")] == [f"{first.sha256}.mp4"]


def test_a_copy_that_was_cut_off_is_made_again(videos: Videos, data_dir: Path) -> None:
    source = videos("h264_g2").path
    asset = store_asset(source=source)
    (data_dir / asset.path).write_bytes(b"half")
    store_asset(source=source)
    assert (data_dir / asset.path).read_bytes() == source.read_bytes()


def test_storing_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(VideoMissing, match=r"gone\.mp4"):
        store_asset(source=tmp_path / "gone.mp4")
    assert not MediaAsset.objects.exists()


def test_indexing_twice_makes_one_row(videos: Videos, monkeypatch: pytest.MonkeyPatch) -> None:
    asset = store_asset(source=videos("h264_b").path)
    record = index_asset(asset=asset)
    row = FrameIndex.objects.get()
    assert (row.codec, row.frames, row.max_gop) == (record.codec, 120, 120)
    assert (row.width, row.height, row.time_base_den) == (320, 240, 15360)
    monkeypatch.setattr(media, "build_index", None)
    assert index_asset(asset=asset).to_bytes() == record.to_bytes()


def test_indexing_again_on_request(videos: Videos, data_dir: Path) -> None:
    asset = store_asset(source=videos("h264_b").path)
    record = index_asset(asset=asset)
    stored = data_dir / FrameIndex.objects.get().path
    stored.write_bytes(b"damaged")
    assert index_asset(asset=asset, again=True).to_bytes() == record.to_bytes()
    assert stored.read_bytes() == record.to_bytes()


def test_a_broken_video_leaves_no_index(videos: Videos, tmp_path: Path, data_dir: Path) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(videos("h264_g2").path.read_bytes()[:9000])
    asset = store_asset(source=broken)
    with pytest.raises(TruncatedVideo):
        index_asset(asset=asset)
    assert not FrameIndex.objects.exists()
    assert not (data_dir / "index").exists()


def test_a_stored_video_that_changed_is_noticed(videos: Videos, data_dir: Path) -> None:
    asset = store_asset(source=videos("h264_g2").path)
    (data_dir / asset.path).write_bytes(videos("av1_g2").path.read_bytes())
    with pytest.raises(MediaChanged):
        index_asset(asset=asset)


def test_a_sprite_is_made_once(recorded: Recorded, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = recorded("concat_b", 40, 47)
    assert sprite_json(stream) is None
    prepare_stream(str(stream.pk))
    stream.refresh_from_db()
    described = sprite_json(stream)
    assert described is not None
    assert described["url"] == f"/media/streams/{stream.pk}/sprite.jpg"
    assert described["count"] == len(described["times_ns"]) == 4
    assert described["times_ns"][0] == 0
    monkeypatch.setattr(media, "sprite", None)
    make_sprite(stream_id=stream.pk)


def test_a_video_that_cannot_be_decoded_is_noted_and_not_tried_for_ever(
    recorded: Recorded, data_dir: Path, eager: None
) -> None:
    stream = recorded("av1_g2")
    damage(stream, data_dir)
    with pytest.raises(DecodeFailed):
        make_sprite(stream_id=stream.pk)
    stream.refresh_from_db()
    assert sprite_json(stream) is None
    assert stream.sprite["error"] == "video_decode_failed"
    prepare_waiting_streams()
    assert not Stream.objects.filter(sprite_path__gt="").exists()


def damage(stream: Stream, data_dir: Path) -> None:
    path = data_dir / stream.asset.path
    content = bytearray(path.read_bytes())
    content[1000:-9000] = bytes(len(content) - 10000)
    path.write_bytes(bytes(content))


def test_the_sweep_prepares_what_got_lost(recorded: Recorded, eager: None) -> None:
    stream = recorded("h264_g2")
    prepare_waiting_streams()
    stream.refresh_from_db()
    assert stream.sprite_path


def test_hevc_gets_its_packs_ahead_of_time(recorded: Recorded, data_dir: Path) -> None:
    hevc, h264 = recorded("hevc"), recorded("h264_g2")
    prepare_stream(str(hevc.pk))
    prepare_stream(str(h264.pk))
    made = sorted(path.name for path in (data_dir / "packs").rglob("*.bin"))
    assert made == ["00000.bin", "00001.bin", "00002.bin"]
    assert hevc.asset.sha256 in str(next((data_dir / "packs").rglob("*.bin")))
    assert make_packs(stream_id=hevc.pk) == 0


def test_a_deleted_stream_is_no_error(recorded: Recorded) -> None:
    stream = recorded("h264_g2")
    Stream.objects.all().delete()
    prepare_stream(str(stream.pk))


def test_an_unknown_profile_is_named(recorded: Recorded) -> None:
    with pytest.raises(PackProfileUnknown, match="webp"):
        make_packs(stream_id=recorded("h264_g2").pk, profile_name="webp")


@pytest.mark.django_db(transaction=True)
def test_two_workers_do_not_make_the_same_packs(recorded: Recorded) -> None:
    stream = recorded("h264_g2")
    folder = str(media.packs_folder(stream, media.pack_profile("jpeg640")))
    other = connection.copy()
    try:
        key = int.from_bytes(hashlib.sha256(folder.encode()).digest()[:8], signed=True)
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [key])
            assert make_packs(stream_id=stream.pk) == 0
            cursor.execute("SELECT pg_advisory_unlock(%s)", [key])
        assert make_packs(stream_id=stream.pk) == 3
    finally:
        other.close()


def test_a_slice_keeps_the_episode_clock(recorded: Recorded) -> None:
    stream = recorded("h264_g2", 10, 5, offset=-7)
    assert stream_part(stream).times_ns.tolist()[:2] == [-7, 33333326]
