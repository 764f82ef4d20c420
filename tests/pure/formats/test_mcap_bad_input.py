"""Damaged and crafted recordings: what is whole is kept, what is refused says why."""

import sqlite3
import struct
from pathlib import Path

import numpy as np
import pytest
import zstandard
from mcap.opcode import Opcode
from mcap.writer import CompressionType

from episodes.errors import DatasetBroken
from episodes.formats.mcap_files import HEAD, McapFile, unpack
from episodes.formats.registry import detect, open_dataset, questions
from episodes.records import BrokenEpisode, EpisodeListing, EpisodeRecord, Reason
from tests.pure.formats.mcap_sets import ARM, Bag, header, joints, of, write_robot


def read(root: Path) -> EpisodeRecord | BrokenEpisode:
    (found,) = open_dataset(root).episodes()
    return found


def said(found: EpisodeRecord | BrokenEpisode, code: str) -> str:
    assert isinstance(found, EpisodeRecord), found
    return " ".join(one.message for one in found.notices if one.code == code)


def records(data: bytes) -> list[tuple[int, int, int]]:
    """(opcode, place of the content, length) of every record of a file."""
    at, found = 8, []
    while at + HEAD.size <= len(data) - 8:
        opcode, length = HEAD.unpack_from(data, at)
        found.append((opcode, at + HEAD.size, length))
        at += HEAD.size + length
    return found


@pytest.fixture
def robot(tmp_path: Path) -> Path:
    return write_robot(tmp_path / "pick.mcap", frames=40, chunk_size=4096)


@pytest.mark.parametrize("compression", list(CompressionType))
def test_a_file_without_its_end_keeps_what_is_whole(
    tmp_path: Path, compression: CompressionType
) -> None:
    path = write_robot(tmp_path / "a.mcap", 40, chunk_size=4096, compression=compression)
    whole = read(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 6 // 10])
    cut = read(path)
    assert "ends in the middle" in said(cut, "recording_cut_off")
    assert isinstance(cut, EpisodeRecord)
    assert isinstance(whole, EpisodeRecord)
    assert 5 < cut.frames < whole.frames
    assert "instruction" not in {question.id for question in questions(path)}


def test_a_file_without_chunks_and_index_is_read(tmp_path: Path) -> None:
    path = write_robot(tmp_path / "a.mcap", 10, use_chunking=False)
    assert isinstance(read(path), EpisodeRecord)
    path.write_bytes(path.read_bytes()[:-2000])
    cut = read(path)
    assert isinstance(cut, EpisodeRecord)
    assert [picture for _, picture in cut.streams[1].pictures()]  # type: ignore[union-attr]
    (listed,) = open_dataset(path).listing()
    assert isinstance(listed, EpisodeListing)
    assert listed.frames == 0  # nothing counts them, and a listing does not read them


def test_a_chunk_with_a_wrong_checksum_is_left_out(robot: Path) -> None:
    data = bytearray(robot.read_bytes())
    chunks = [(at, length) for opcode, at, length in records(bytes(data)) if opcode == Opcode.CHUNK]
    at = chunks[len(chunks) // 2][0]
    struct.pack_into("<I", data, at + 24, 12345)
    robot.write_bytes(bytes(data))
    assert "1 chunks" in said(read(robot), "chunks_damaged")


def test_bits_flipped_anywhere_never_crash_the_reader(robot: Path) -> None:
    good = robot.read_bytes()
    for number in range(30):
        data = bytearray(good)
        data[(number * 7919 + 11) % len(data)] ^= 1 << number % 8
        robot.write_bytes(bytes(data))
        try:
            found = read(robot)
        except DatasetBroken:
            continue
        assert isinstance(found, EpisodeRecord | BrokenEpisode)


def test_a_chunk_that_claims_an_absurd_size_is_refused(robot: Path) -> None:
    data = bytearray(robot.read_bytes())
    at = next(at for opcode, at, _ in records(bytes(data)) if opcode == Opcode.CHUNK)
    struct.pack_into("<Q", data, at + 16, 2**40)
    robot.write_bytes(bytes(data))
    found = read(robot)
    assert isinstance(found, BrokenEpisode)
    assert found.code == Reason.ABSURD_SIZE


def test_a_chunk_that_unpacks_to_more_than_it_claims_is_not_unpacked() -> None:
    bomb = zstandard.compress(bytes(50_000_000))
    assert len(bomb) < 10_000
    assert len(unpack("zstd", bomb, 1000)) == 1001


def test_a_record_longer_than_the_file_is_an_end(robot: Path) -> None:
    robot.write_bytes(robot.read_bytes()[:600] + HEAD.pack(Opcode.CHUNK, 2**62))
    file = McapFile(robot)
    list(file.messages())
    assert [notice.code for notice in file.notices][-1] == "recording_cut_off"


def test_one_unreadable_topic_leaves_the_others(tmp_path: Path) -> None:
    with Bag(tmp_path / "a.mcap") as bag:
        for n in range(3):
            bag.add("/joint_states", n * 10**8, joints(n * 10**8, ARM, (n, 0, 0)))
            bag.raw("/odd", "pkg/msg/Odd", "float64 a\n---\nfloat64 b\n", n, bytes(20))
            bag.raw("/wide", "pkg/msg/Wide", "string[4000000000] a\n", n, bytes(20))
            bag.raw("/self", "pkg/msg/Self", "pkg/Self a\n", n, bytes(20))
            text = "std_msgs/msg/Float64"
            bag.raw("/short_state", text, "float64 data\n", n, b"\0\1\0\0")
    found = read(tmp_path / "a.mcap")
    assert isinstance(found, EpisodeRecord)
    assert [signal.name for signal in found.signals] == ["joint_states.position"]
    assert "3 messages of /short_state" in said(found, "messages_damaged")


def test_pictures_of_other_sizes_and_absurd_ones_are_counted(tmp_path: Path) -> None:
    with Bag(tmp_path / "a.mcap") as bag:
        for n in range(3):
            bag.add("/joint_states", n * 10**8, joints(n * 10**8, ARM, (n, 0, 0)))
            nothing = np.zeros(0, np.uint8)
            huge = (2**31, 2**31, "rgb8", 0, 2**31, nothing)
            bag.add("/c/image_raw", n, of("sensor_msgs/Image", header(n), *huge))
    found = read(tmp_path / "a.mcap")
    assert "2147483648x2147483648" in said(found, "pictures_left_out")


def test_nothing_that_is_no_recording_is_claimed(tmp_path: Path) -> None:
    path = tmp_path / "a.mcap"
    path.write_bytes(b"not an mcap file at all")
    found = read(path)
    assert isinstance(found, BrokenEpisode)
    assert found.code == Reason.DATA_UNREADABLE
    other = tmp_path / "b.db3"
    other.write_bytes(b"SQLite format 3\0" + bytes(500))
    found = read(other)
    assert isinstance(found, BrokenEpisode)
    assert found.code == Reason.DATA_UNREADABLE


METADATA = """rosbag2_bagfile_information:
  version: 9
  storage_identifier: mcap
  relative_file_paths: [{paths}]
  compression_mode: '{compression}'
"""


def bag_folder(root: Path, paths: str, compression: str = "") -> Path:
    folder = root / "bag"
    folder.mkdir()
    (folder / "metadata.yaml").write_text(METADATA.format(paths=paths, compression=compression))
    write_robot(folder / "bag_0.mcap", 3)
    return folder


def refused(folder: Path) -> BrokenEpisode:
    assert detect(folder).format == "ros2_bag"
    write_robot(folder.parent / "good.mcap", 3)
    found = {entry.key: entry for entry in open_dataset(folder.parent).listing()}
    broken = found["bag"]
    assert isinstance(broken, BrokenEpisode)
    assert broken.remedy
    with pytest.raises(DatasetBroken):
        open_dataset(folder)
    return broken


@pytest.mark.parametrize("path", ["../good.mcap", "/etc/passwd.mcap", "a/../../good.mcap"])
def test_paths_that_leave_the_bag_are_refused(tmp_path: Path, path: str) -> None:
    assert refused(bag_folder(tmp_path, path)).code == Reason.PATH_OUTSIDE


def test_a_link_that_leads_out_is_refused(tmp_path: Path) -> None:
    folder = bag_folder(tmp_path, "link.mcap")
    (folder / "link.mcap").symlink_to("/etc/hostname")
    assert refused(folder).code == Reason.PATH_OUTSIDE


def test_a_missing_part_is_named(tmp_path: Path) -> None:
    broken = refused(bag_folder(tmp_path, "bag_0.mcap, bag_1.mcap"))
    assert broken.code == Reason.DATA_MISSING
    assert "bag_1.mcap, part 2 of 2" in broken.message


def test_compression_of_rosbag2_is_refused_with_a_way_out(tmp_path: Path) -> None:
    broken = refused(bag_folder(tmp_path, "bag_0.mcap.zstd", "FILE"))
    assert "ros2 bag convert" in broken.remedy


@pytest.mark.parametrize("text", ["[1, 2", "rosbag2_bagfile_information: 3", "{paths: &a [*a]}"])
def test_metadata_that_is_no_metadata_is_said(tmp_path: Path, text: str) -> None:
    folder = bag_folder(tmp_path, "bag_0.mcap")
    (folder / "metadata.yaml").write_text(text + " # rosbag2_bagfile_information")
    assert refused(folder).code == Reason.LISTING_BROKEN


def test_a_damaged_page_of_a_database_ends_it(tmp_path: Path) -> None:
    path = tmp_path / "a.db3"
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE topics (id INTEGER PRIMARY KEY, name, type, serialization_format)")
        db.execute("CREATE TABLE messages (id INTEGER PRIMARY KEY, topic_id, timestamp, data BLOB)")
        db.execute("INSERT INTO topics VALUES (1, '/state', 'std_msgs/msg/Float64', 'cdr')")
        for n in range(5000):
            value = b"\0\1\0\0" + struct.pack("<d", n)
            db.execute("INSERT INTO messages VALUES (?, 1, ?, ?)", (n + 1, n * 10**7 + 1, value))
    whole = read(path)
    assert isinstance(whole, EpisodeRecord)
    assert len(whole.signals[0].t_ns) == 5000
    data = bytearray(path.read_bytes())
    middle = len(data) // 2 // 4096 * 4096
    data[middle : middle + 4096] = b"\xff" * 4096
    path.write_bytes(bytes(data))
    cut = read(path)
    assert isinstance(cut, EpisodeRecord)
    assert 100 < len(cut.signals[0].t_ns) < 5000
    assert said(cut, "recording_cut_off")
