"""An MCAP recording as an episode: cameras, signals, clocks, questions, found labels."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from episodes.errors import AnswerInvalid
from episodes.formats.registry import detect, open_dataset, questions
from episodes.records import (
    Coding,
    EpisodeListing,
    EpisodeRecord,
    Modality,
    PictureStreamRecord,
    Role,
    SignalKind,
    SignalRecord,
)
from episodes.timebase import Rate
from episodes.video.assemble import assemble_stream
from tests.pure.formats.mcap_sets import (
    ARM,
    START_NS,
    STEP_NS,
    Bag,
    compressed,
    h264_packets,
    header,
    image,
    joints,
    jpeg,
    octets,
    of,
    scene,
    vector,
    write_robot,
)


def only(root: Path, answers: dict[str, str] | None = None) -> EpisodeRecord:
    (found,) = open_dataset(root, answers).episodes()
    assert isinstance(found, EpisodeRecord), found
    return found


def camera(episode: EpisodeRecord, name: str) -> PictureStreamRecord:
    (found,) = (stream for stream in episode.streams if stream.camera == name)
    assert isinstance(found, PictureStreamRecord)
    return found


def signal(episode: EpisodeRecord, name: str) -> SignalRecord:
    (found,) = (one for one in episode.signals if one.name == name)
    return found


def notice(episode: EpisodeRecord, code: str) -> str:
    return " ".join(one.message for one in episode.notices if one.code == code)


@pytest.fixture
def robot(tmp_path: Path) -> Path:
    return write_robot(tmp_path / "pick.mcap")


def test_a_file_is_one_episode_with_cameras_signals_and_task(robot: Path) -> None:
    assert detect(robot).format == "ros2_bag"
    reader = open_dataset(robot)
    assert reader.dataset.embodiment == "arm_one"
    assert reader.dataset.rate == Rate(30)
    episode = only(robot)
    assert (episode.key, episode.task) == ("pick", "put the cup on the tray")
    assert [stream.camera for stream in episode.streams] == ["side", "wrist_cam", "depth"]
    assert (episode.frames, episode.rate) == (12, Rate(30))
    assert [s.name for s in episode.signals] == ["ft_sensor.wrench", "joint_states.position"]


def test_coded_pictures_stay_as_they_are_and_raw_ones_are_arrays(robot: Path) -> None:
    episode = only(robot)
    wrist = camera(episode, "wrist_cam")
    assert (wrist.role, wrist.coding, wrist.paced) == (Role.WRIST, Coding.JPEG, False)
    assert [picture for _, picture in wrist.pictures()] == [jpeg(n) for n in range(12)]
    assert [t for t, _ in wrist.pictures()] == [n * STEP_NS for n in range(12)]
    side = camera(episode, "side")
    assert side.role is Role.EXTERNAL
    for number, (_, picture) in enumerate(side.pictures()):
        np.testing.assert_array_equal(picture, scene(number))


def test_depth_is_millimetres_by_rep_118(robot: Path) -> None:
    depth = camera(only(robot), "depth")
    assert (depth.modality, depth.coding) == (Modality.DEPTH, Coding.DEPTH16)
    assert depth.depth_unit_m == 0.001
    (_, first), *_ = depth.pictures()
    assert isinstance(first, np.ndarray)
    assert first.dtype == np.uint16
    assert (first == 700).all()


def test_signals_keep_their_own_stamps_names_and_units(robot: Path) -> None:
    arm = signal(only(robot), "joint_states.position")
    assert arm.kind is SignalKind.STATE
    assert [d.name for d in arm.dimensions] == list(ARM)
    # By the URDF that the recording carries: revolute, continuous, prismatic.
    assert [d.unit for d in arm.dimensions] == ["rad", "rad", "m"]
    assert len(arm.t_ns) == 36
    assert list(arm.t_ns[:3]) == [0, STEP_NS // 3, 2 * STEP_NS // 3]
    np.testing.assert_allclose(arm.values[5], [0.1, -0.2, 0.02])
    force = signal(only(robot), "ft_sensor.wrench")
    assert force.kind is SignalKind.FORCE
    assert [d.unit for d in force.dimensions] == ["N", "N", "N", "Nm", "Nm", "Nm"]


def test_log_times_are_measured_against_stamps(robot: Path) -> None:
    assert "at most 4.000 ms" in notice(only(robot), "times_measured")


def test_messages_without_stamps_are_at_log_time_and_that_is_said(tmp_path: Path) -> None:
    with Bag(tmp_path / "a.mcap") as bag:
        for n in range(5):
            bag.add("/gripper_state", n * 10**8, of("std_msgs/Float64", 0.5 * n))
    episode = only(tmp_path / "a.mcap")
    assert list(signal(episode, "gripper_state").t_ns) == [n * 10**8 for n in range(5)]
    assert "/gripper_state" in notice(episode, "log_time_used")
    assert (episode.frames, episode.rate) == (5, Rate(10))


def test_stamps_of_two_clocks_give_way_to_log_times(tmp_path: Path) -> None:
    with Bag(tmp_path / "a.mcap") as bag:
        for n in range(5):
            at = n * 10**8
            bag.add("/joint_states", at, joints(at, ARM, (n, 0, 0)))
            # A camera that counts from its own start.
            own = of("sensor_msgs/CompressedImage", header(10**9 + at), "jpeg", octets(jpeg(n)))
            bag.add("/cam/image", at + 7, own)
    episode = only(tmp_path / "a.mcap", {"unit.joint_states.position": "rad"})
    assert "not of one clock" in notice(episode, "header_clocks_differ")
    assert [t for t, _ in camera(episode, "cam").pictures()] == [n * 10**8 + 7 for n in range(5)]


def test_out_of_order_and_repeated_stamps_are_sorted_and_counted(tmp_path: Path) -> None:
    with Bag(tmp_path / "a.mcap") as bag:
        for log, (stamp, value) in enumerate([(0, 0), (2, 2), (1, 1), (3, 3), (3, 9), (4, 4)]):
            bag.add("/joint_states", log * 10**8, joints(stamp * 10**8, ("a",), (value,)))
    episode = only(tmp_path / "a.mcap")
    arm = signal(episode, "joint_states.position")
    assert list(arm.t_ns) == [n * 10**8 for n in range(5)]
    assert arm.values[:, 0].tolist() == [0, 1, 2, 3, 4]
    said = notice(episode, "times_out_of_order")
    assert "1 messages were out of order" in said
    assert "1 repeat a time" in said


def test_what_is_not_finite_is_left_out_and_counted(tmp_path: Path) -> None:
    with Bag(tmp_path / "a.mcap") as bag:
        for n in range(6):
            values = (float(n), np.nan, np.nan if n == 2 else 1.0)
            bag.add("/joint_states", n * 10**8, joints(n * 10**8, ARM, values))
    episode = only(tmp_path / "a.mcap")
    arm = signal(episode, "joint_states.position")
    assert [d.name for d in arm.dimensions] == ["shoulder", "left_finger_joint"]
    assert arm.values[:, 0].tolist() == [0, 1, 3, 4, 5]
    assert "elbow" in notice(episode, "dimensions_not_measured")
    assert "1 samples" in notice(episode, "samples_not_finite")


def test_asked_is_what_no_file_says(tmp_path: Path) -> None:
    with Bag(tmp_path / "a.mcap") as bag:
        for n in range(3):
            at = n * 10**8
            bag.add("/cam7/image_raw", at, image(at, scene(n), "bgr8"))
            bag.add("/joint_states", at, joints(at, ARM, (0, 0, n)))
            bag.add("/readings", at, of("std_msgs/Float32", float(n)))
            twist = of("geometry_msgs/Twist", vector(1, 0, 0), vector(0, 0, n))
            bag.add("/cmd_vel", at, twist)
    path = tmp_path / "a.mcap"
    asked = {question.id for question in questions(path)}
    assert asked == {
        "role.cam7",
        "unit.joint_states.position",
        "gripper.joint_states.position",
        "kind.readings",
        "unit.readings",
        "instruction",
    }
    assert not any(question.required for question in questions(path))
    blank = only(path)
    assert camera(blank, "cam7").role is Role.UNKNOWN
    assert signal(blank, "readings").kind is SignalKind.OTHER
    assert signal(blank, "cmd_vel").kind is SignalKind.ACTION
    assert {d.unit for d in signal(blank, "joint_states.position").dimensions} == {""}
    answered = only(
        path,
        {
            "role.cam7": "wrist",
            "unit.joint_states.position": "rad; grippers in m",
            "kind.readings": "tactile",
            "unit.readings": "N",
            "instruction": "stack the blocks",
        },
    )
    assert answered.task == "stack the blocks"
    assert camera(answered, "cam7").role is Role.WRIST
    assert signal(answered, "readings").kind is SignalKind.TACTILE
    assert signal(answered, "readings").dimensions[0].unit == "N"
    units = [d.unit for d in signal(answered, "joint_states.position").dimensions]
    assert units == ["rad", "rad", "m"]
    with pytest.raises(AnswerInvalid):
        open_dataset(path, {"unit.readings": "parsecs"})


@pytest.mark.parametrize(
    ("encoding", "stored", "shown"),
    [
        ("bgr8", lambda a: a[..., ::-1], lambda a: a),
        ("rgba8", lambda a: np.dstack([a, a[..., 0]]), lambda a: a),
        ("bgra8", lambda a: np.dstack([a[..., ::-1], a[..., 0]]), lambda a: a),
        ("mono8", lambda a: a[..., :1], lambda a: np.repeat(a[..., :1], 3, 2)),
    ],
)
def test_raw_encodings_become_rgb_whatever_pads_their_rows(
    tmp_path: Path, encoding: str, stored: Any, shown: Any
) -> None:
    with Bag(tmp_path / "a.mcap") as bag:
        for n in range(2):
            bag.add("/c/image_raw", n, image(n * 10**8, stored(scene(n)), encoding, pad=5))
    for number, (_, picture) in enumerate(camera(only(tmp_path / "a.mcap"), "c").pictures()):
        np.testing.assert_array_equal(picture, shown(scene(number)))


def test_float_depth_becomes_millimetres_and_nothing_measured_zero(tmp_path: Path) -> None:
    metres = np.array([[0.5, np.nan, np.inf], [1.2344, 70.0, -1.0]], np.float32)
    with Bag(tmp_path / "a.mcap") as bag:
        for n in range(2):
            bag.add("/d/image_raw", n, image(n * 10**8, metres, "32FC1"))
    (_, picture), _ = camera(only(tmp_path / "a.mcap"), "d").pictures()
    np.testing.assert_array_equal(picture, [[500, 0, 0], [1234, 0, 0]])


def test_compressed_depth_loses_its_header_and_stays_png(tmp_path: Path) -> None:
    png = cv2.imencode(".png", np.full((4, 5), 812, np.uint16))[1].tobytes()
    with Bag(tmp_path / "a.mcap") as bag:
        for n in range(2):
            message = compressed(n * 10**8, bytes(12) + png, "16UC1; compressedDepth png")
            bag.add("/d/image_raw/compressedDepth", n, message)
    depth = camera(only(tmp_path / "a.mcap"), "d")
    assert (depth.coding, depth.modality) == (Coding.PNG, Modality.DEPTH)
    assert [picture for _, picture in depth.pictures()] == [png, png]


def test_video_packets_start_at_a_key_and_make_a_video(tmp_path: Path) -> None:
    packets = h264_packets(12)[2:]
    with Bag(tmp_path / "a.mcap") as bag:
        for n, data in enumerate(packets):
            kind = "ffmpeg_image_transport_msgs/FFMPEGPacket"
            stamp = header(START_NS + n * STEP_NS)
            packet = of(kind, stamp, 64, 48, "h264;yuv420p", n, 0, False, octets(data))
            bag.add("/cam/image_raw/ffmpeg", n * STEP_NS, packet)
    episode = only(tmp_path / "a.mcap")
    video = camera(episode, "cam")
    assert (video.coding, video.frames) == (Coding.H264, 7)
    assert "3 packets" in notice(episode, "packets_before_key")
    assembled = assemble_stream(video, tmp_path / "cam.mp4")
    assert (assembled.frames, assembled.starts_ns) == (7, 0)


def test_of_two_transports_of_a_camera_the_coded_one_is_taken(tmp_path: Path) -> None:
    with Bag(tmp_path / "a.mcap") as bag:
        for n in range(2):
            at = n * 10**8
            bag.add("/c/image_raw", at, image(at, scene(n), "rgb8"))
            bag.add("/c/image_raw/compressed", at, compressed(at, jpeg(n)))
    episode = only(tmp_path / "a.mcap")
    assert camera(episode, "c").coding is Coding.JPEG
    assert "/c/image_raw shows what" in notice(episode, "camera_twice")


def test_frames_of_tf_are_signals_up_to_a_number(tmp_path: Path) -> None:
    def transform(child: str, t_ns: int) -> Any:
        turn = of("geometry_msgs/Quaternion", 0.0, 0.0, 0.0, 1.0)
        moved = of("geometry_msgs/Transform", vector(t_ns / 1e9, 0, 0), turn)
        return of("geometry_msgs/TransformStamped", header(START_NS + t_ns), child, moved)

    with Bag(tmp_path / "a.mcap") as bag:
        for n in range(3):
            at = n * 10**8
            frames = [transform("tcp", at), *(transform(f"link_{i}", at) for i in range(40))]
            for one in frames:
                one.child_frame_id = one.child_frame_id or "x"
            bag.add("/tf", at, of("tf2_msgs/TFMessage", frames))
            bag.add("/tf_static", at, of("tf2_msgs/TFMessage", frames[:1]))
    episode = only(tmp_path / "a.mcap")
    assert len(episode.signals) == 32
    tcp = signal(episode, "tf.tcp")
    assert tcp.kind is SignalKind.END_EFFECTOR
    assert tcp.values[:, 0].tolist() == [0.0, 0.1, 0.2]
    assert "left out" in notice(episode, "signals_left_out")
    assert "/tf_static" in notice(episode, "static_left_out")


def test_sound_whose_form_is_stated_becomes_samples(tmp_path: Path) -> None:
    tone = (1000 * np.sin(np.arange(1600) / 5)).astype("<i2")
    with Bag(tmp_path / "a.mcap") as bag:
        info = of("audio_common_msgs/AudioInfo", 1, 16_000, "S16LE", 0, "wave")
        bag.add("/audio/audio_info", 0, info)
        for n in range(4):
            block = tone[n * 400 : (n + 1) * 400].tobytes()
            bag.add(
                "/audio/audio", n * 25_000_000 + n, of("audio_common_msgs/AudioData", octets(block))
            )
    heard = signal(only(tmp_path / "a.mcap"), "audio.audio")
    assert heard.kind is SignalKind.AUDIO
    assert heard.values.dtype == np.int16
    np.testing.assert_array_equal(heard.values[:, 0], tone)
    np.testing.assert_array_equal(np.diff(heard.t_ns), 62_500)


def test_sound_of_unknown_form_is_asked(tmp_path: Path) -> None:
    with Bag(tmp_path / "a.mcap") as bag:
        for n in range(4):
            bag.add("/mic", n * 10**8, of("audio_common_msgs/AudioData", octets(bytes(200))))
            bag.add("/joint_states", n * 10**8, joints(n * 10**8, ("a",), (n,)))
    path = tmp_path / "a.mcap"
    assert {"audio_format.mic", "audio_rate.mic", "audio_channels.mic"} <= {
        question.id for question in questions(path)
    }
    assert "mic" in notice(only(path), "audio_left_out")
    form = {"audio_format.mic": "S16LE", "audio_rate.mic": "1000", "audio_channels.mic": "1"}
    assert len(signal(only(path, form), "mic").t_ns) == 400


def test_texts_become_found_labels_by_their_topic(tmp_path: Path) -> None:
    with Bag(tmp_path / "a.mcap") as bag:
        for n in range(5):
            bag.add("/joint_states", n * 10**9, joints(n * 10**9, ("a",), (n,)))
        for at, text in ((0, "reach"), (2, "lift"), (3, "")):
            bag.add("/subtask", at * 10**9, of("std_msgs/String", text))
        bag.add("/event", 2 * 10**9, of("std_msgs/String", "contact"))
        bag.add("/episode_success", 4 * 10**9, of("std_msgs/Bool", True))
        bag.add("/chatter", 0, of("std_msgs/String", "hello"))
    episode = only(tmp_path / "a.mcap")
    found = {(one.kind, one.label_class, one.start_ns, one.end_ns) for one in episode.labels}
    assert found == {
        ("segment", "reach", 0, 2 * 10**9),
        ("segment", "lift", 2 * 10**9, 3 * 10**9),
        ("instant", "contact", 2 * 10**9, None),
        ("outcome", "success", None, None),
    }
    assert "/chatter" in notice(episode, "texts_left_out")


def test_a_folder_of_recordings_is_as_many_episodes_in_natural_order(tmp_path: Path) -> None:
    for number in (10, 2, 1):
        write_robot(tmp_path / f"run_{number}.mcap", frames=2)
    reader = open_dataset(tmp_path)
    listed = [entry for entry in reader.listing() if isinstance(entry, EpisodeListing)]
    assert [entry.key for entry in listed] == ["run_1", "run_2", "run_10"]
    read = [episode for episode in reader.episodes() if isinstance(episode, EpisodeRecord)]
    # Each has two; counted by the file's own statistics before any is read.
    assert [entry.frames for entry in listed] == [episode.frames for episode in read] == [2, 2, 2]
