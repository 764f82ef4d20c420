"""The doctor on recordings: clean ones are not red, injected trouble is found."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from episodes.findings import Severity
from episodes.formats import open_dataset
from episodes.records import EpisodeRecord, PictureStreamRecord, SignalKind, StreamRecord
from episodes.timebase import NS, Rate
from episodes.timebase.doctor import (
    CameraInput,
    MotionInput,
    SignalInput,
    SyncDiagnosis,
    diagnose,
)
from episodes.timebase.lag import Source
from episodes.video import EpisodeIndex, build_index, slice_index
from episodes.video.extract import read_gray
from episodes.video.motion import measure_motion

MS = 1_000_000
LAGS_MS = (-200, -87, 0, 87, 200)


def camera_input(name: str, path: Path, part: EpisodeIndex, rate: Rate) -> CameraInput:
    motion = measure_motion(path, part)
    arrays = MotionInput(motion.start_ns, motion.end_ns, motion.flow, motion.repeated, motion.span)
    return CameraInput(name, part.times_ns, arrays, rate)


def camera_of(stream: StreamRecord | PictureStreamRecord) -> CameraInput:
    assert isinstance(stream, StreamRecord)
    index = build_index(stream.path)
    times = index.times_ns(0, index.frames)
    start = int(np.abs(times - stream.from_ns).argmin())
    part = slice_index(index, start, stream.frames)
    return camera_input(stream.camera, stream.path, part, stream.rate)


def episode_inputs(
    root: Path, wanted: set[int]
) -> Iterator[tuple[tuple[SignalInput, ...], tuple[CameraInput, ...]]]:
    for episode in open_dataset(root).episodes():
        assert isinstance(episode, EpisodeRecord)
        if episode.index in wanted:
            state = next(s for s in episode.signals if s.kind is SignalKind.STATE)
            signal = SignalInput(state.name, state.t_ns, state.values, Source.STATE, episode.rate)
            yield (signal,), tuple(map(camera_of, episode.streams))


def simulated_inputs(
    folder: Path, episode: int, camera: str
) -> tuple[tuple[SignalInput, ...], CameraInput]:
    with np.load(folder / f"ep{episode}.npz") as file:
        t_ns = np.rint(file["timestamp"] * NS).astype(np.int64)
        signal = SignalInput("qpos", t_ns, file["qpos"], Source.STATE, Rate(50))
    path = folder / f"ep{episode}_{camera}.mp4"
    index = build_index(path)
    part = slice_index(index, 0, index.frames)
    return (signal,), camera_input(camera, path, part, Rate(50))


def late(camera: CameraInput, by_ms: int) -> CameraInput:
    """The same pictures under later stamps."""
    motion, by_ns = camera.motion, by_ms * MS
    assert motion is not None
    moved = replace(motion, start_ns=motion.start_ns + by_ns, end_ns=motion.end_ns + by_ns)
    return replace(camera, t_ns=camera.t_ns + by_ns, motion=moved)


def check_lags(signals: tuple[SignalInput, ...], camera: CameraInput) -> int:
    """Every injected lag is found within 10 ms where the measurement says it can be."""
    sure = 0
    for lag_ms in LAGS_MS:
        lag = diagnose(signals, (late(camera, lag_ms),)).cameras[0].lag
        assert lag.lag_ns is not None
        assert lag.error_ns is not None
        if lag.error_ns <= 5 * MS:
            sure += 1
            assert abs(lag.lag_ns - lag_ms * MS) <= 10 * MS, (lag_ms, lag)
            assert (lag.verdict is Severity.RED) == (lag_ms != 0), (lag_ms, lag)
    return sure


@pytest.mark.slow
def test_lags_in_demo_episodes(base_dir: Path) -> None:
    sure = 0
    for signals, cameras in episode_inputs(base_dir / "demo/so101_pick_place", {3, 5, 7}):
        clean = diagnose(signals, cameras)
        assert clean.verdict is not Severity.RED, clean.findings
        assert {found.code for _, found in clean.findings} >= {"stamps_computed"}
        sure += sum(check_lags(signals, camera) for camera in cameras)
    assert sure >= 15  # of 30


@pytest.mark.slow
def test_lags_in_simulated_recordings(shared_data: Path) -> None:
    for episode in range(4):
        signals, camera = simulated_inputs(shared_data / "sim_so101", episode, "front")
        assert diagnose(signals, (camera,)).verdict is Severity.GREEN
        assert check_lags(signals, camera) >= 4


@pytest.mark.slow
def test_a_real_robot_is_not_red_and_not_passed_unseen(shared_data: Path) -> None:
    """The G1's pictures change at 15 Hz in a 30 Hz file; its lag cannot be told."""
    for signals, cameras in episode_inputs(shared_data / "unitree_g1_lerobot_v21", {0, 1}):
        diagnosis = diagnose(signals, cameras)
        assert diagnosis.verdict is Severity.AMBER
        assert diagnosis.unmeasured == ("observation.state", "cam_high")
        codes = {found.code for _, found in diagnosis.findings}
        assert codes == {"stamps_computed", "pictures_held", "lag_unknown"}


def without_frames(source: Path, target: Path, lost: range) -> Path:
    """A recording whose frames ``lost`` were dropped and whose stamps were computed afterwards."""
    index = build_index(source)
    keep = [position for position in range(index.frames) if position not in lost]
    with av.open(str(target), "w") as container:
        stream = container.add_stream("libx264", rate=50)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 160, 120, "gray"
        stream.time_base = Fraction(1, 50)
        stream.options = {"crf": "18", "preset": "veryfast", "bf": "0", "threads": "1"}
        for number, (_, gray) in enumerate(read_gray(source, index, keep, (160, 120))):
            frame = av.VideoFrame.from_ndarray(gray, format="gray")
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return target


@pytest.mark.slow
def test_five_frames_dropped_under_computed_stamps(shared_data: Path, tmp_path: Path) -> None:
    folder = shared_data / "sim_so101"
    signals, whole = simulated_inputs(folder, 0, "side")
    assert whole.motion is not None
    # Amid the steadiest movement: at rest nothing tells that frames are gone.
    windows = np.lib.stride_tricks.sliding_window_view(whole.motion.flow, 17)
    spread = np.where(windows.mean(axis=1) > 0.5, np.ptp(windows, axis=1), np.inf)
    first = int(spread.argmin()) + 6
    path = without_frames(folder / "ep0_side.mp4", tmp_path / "a.mp4", range(first, first + 5))
    index = build_index(path)
    camera = camera_input("side", path, slice_index(index, 0, index.frames), Rate(50))
    diagnosis: SyncDiagnosis = diagnose(signals, (camera,))
    pictures = diagnosis.cameras[0].pictures
    assert pictures is not None
    [jump] = pictures.jumps
    assert jump.at_ns == first * NS // 50
    assert 3 <= jump.missing <= 7
    assert diagnosis.verdict is not Severity.GREEN
