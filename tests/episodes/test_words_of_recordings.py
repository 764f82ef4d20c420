"""How pages call formats and circumstances of recordings."""

import pytest

from episodes.models import Dataset, Episode
from episodes.templatetags.recording import circumstances, format_name


@pytest.mark.parametrize(
    ("format_id", "version", "said"),
    [
        ("lerobot_v21", "v2.1", "LeRobot v2.1"),
        ("rlds", "1.0.0", "RLDS / TFDS 1.0.0"),
        ("folder", "1", "plain folder"),
        ("aloha_hdf5", "1", "ALOHA / ACT HDF5"),
        ("ros2_bag", "MCAP, sqlite3", "MCAP or rosbag2"),
        ("of_a_plugin", "", "of_a_plugin"),
    ],
)
def test_formats_go_by_their_names(format_id: str, version: str, said: str) -> None:
    assert format_name(Dataset(format=format_id, format_version=version)) == said


def test_what_is_known_of_a_recording_stands_in_one_line() -> None:
    told = Episode(scene="desk", operator="o7", things=["block", "bin"])
    assert circumstances(told) == "desk · by o7 · block, bin"
    assert circumstances(Episode(things=["block"])) == "block"
    assert circumstances(Episode()) == ""
