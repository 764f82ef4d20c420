"""Bags of the real recorder (ros2/rosbag2's own test resources): split, service events, sqlite3."""

from pathlib import Path

import pytest

from episodes.errors import DatasetBroken
from episodes.formats.bag_files import (
    Recording,
    RecordingFiles,
    find_recordings,
    listed_counts,
)
from episodes.formats.registry import detect, open_dataset
from episodes.formats.ros2_decode import Undecodable, decoder
from episodes.records import BrokenEpisode, Reason


@pytest.fixture
def bags(shared_data: Path) -> Path:
    return shared_data / "rosbag2_mcap"


def files(root: Path) -> RecordingFiles:
    (found,) = find_recordings(root)
    assert isinstance(found, RecordingFiles)
    return found


def messages(root: Path) -> list[tuple[str, int, bytes]]:
    with Recording(files(root)) as recording:
        found = [(m.topic.name, m.log_ns, m.data) for _, m in recording.messages()]
        assert recording.notices == ()
    return found


def test_a_split_bag_and_its_sqlite3_twin_hold_the_same_messages(bags: Path) -> None:
    mcap, sqlite = messages(bags / "mcap/wbag"), messages(bags / "sqlite3/wbag")
    assert len(mcap) == 6074
    assert sorted(mcap) == sorted(sqlite)


def test_every_message_is_read_again_at_its_place(bags: Path) -> None:
    for root in (bags / "mcap/wbag", bags / "sqlite3/wbag"):
        with Recording(files(root)) as recording:
            for place, message in recording.messages():
                assert recording.read(place) == message.data


def test_topics_are_counted_as_the_bag_counts_them(bags: Path) -> None:
    for root in (bags / "mcap/wbag", bags / "sqlite3/wbag"):
        with Recording(files(root)) as recording:
            counts = {topic.name: count for topic, count in recording.topics().items()}
        assert counts["HHH"] == 726
        assert sum(count or 0 for count in counts.values()) == 6074
        # A listing has the same of the description beside the files, without a look into them.
        listed = listed_counts(files(root))
        assert {topic.name: count for topic, count in listed.items()} == counts


def test_service_events_leave_the_topics_beside_them_readable(bags: Path) -> None:
    root = bags / "mcap/bag_with_topics_and_service_events"
    read, unread = set(), set()
    with Recording(files(root)) as recording:
        for _, message in recording.messages():
            try:
                decoder(message.topic)(message.data)
                read.add(message.topic.name)
            except Undecodable:
                unread.add(message.topic.name)
    assert {"/test_topic1", "/test_topic2"} <= read
    assert {"/test_service1/_service_event", "/test_service2/_service_event"} == unread


def test_texts_decode_as_they_were_said(bags: Path) -> None:
    with Recording(files(bags / "mcap/talker")) as recording:
        texts = [decoder(m.topic)(m.data).data for _, m in recording.messages({"/topic"})]
    assert texts == [f"Hello, world! {number}" for number in range(len(texts))]
    assert len(texts) > 5


def test_recordings_without_camera_and_signal_stay_out_with_a_reason(bags: Path) -> None:
    assert detect(bags).episodes == 5
    reader = open_dataset(bags)
    for found in reader.episodes():
        assert isinstance(found, BrokenEpisode)
        assert found.code == Reason.DATA_MISSING
        assert "no camera and no signal" in found.message
        assert found.remedy


def test_a_folder_with_nothing_but_broken_bags_is_refused(tmp_path: Path) -> None:
    (tmp_path / "metadata.yaml").write_text("rosbag2_bagfile_information: {}")
    with pytest.raises(DatasetBroken):
        open_dataset(tmp_path)
