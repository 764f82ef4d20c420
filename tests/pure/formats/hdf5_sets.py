"""Look-alikes of the HDF5 formats, small and made anew for every test."""

import json
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import h5py
import numpy as np
from av.video.stream import VideoStream
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

Frames = NDArray[np.uint8]
ALOHA_CAMERAS = ("cam_high", "cam_left_wrist", "cam_low", "cam_right_wrist")
SIZE = (24, 32)


def frames(count: int, seed: int = 0, size: tuple[int, int] = SIZE) -> Frames:
    """Pictures that differ from frame to frame, (count, height, width, 3)."""
    rng = np.random.default_rng(seed)
    return rng.integers(0, 255, (count, *size, 3), dtype=np.uint8)


def jpegs(pictures: Frames) -> list[bytes]:
    return [cv2.imencode(".jpg", one)[1].tobytes() for one in pictures]


def write_aloha(
    root: Path,
    lengths: tuple[int, ...] = (6, 5),
    *,
    packed: bool = False,
    dims: int = 14,
    sim: bool | None = True,
) -> Path:
    root.mkdir(parents=True, exist_ok=True)
    for number, count in enumerate(lengths):
        with h5py.File(root / f"episode_{number}.hdf5", "w") as file:
            _aloha_file(file, count, number, packed, dims)
            if sim is not None:
                file.attrs["sim"] = sim
    return root


def _aloha_file(file: Any, count: int, number: int, packed: bool, dims: int) -> None:
    rng = np.random.default_rng(number)
    for name in ("observations/qpos", "observations/qvel", "observations/effort", "action"):
        file[name] = rng.normal(size=(count, dims))
    # The recorder's order of cameras is not the file's, which is that of the alphabet.
    recorded = ("cam_high", "cam_low", "cam_left_wrist", "cam_right_wrist")
    coded = {name: jpegs(frames(count, n + 10 * number)) for n, name in enumerate(recorded)}
    for n, name in enumerate(recorded):
        path = f"observations/images/{name}"
        if not packed:
            data = frames(count, n + 10 * number)
            file.create_dataset(path, data=data, chunks=(1, *data.shape[1:]))
            continue
        longest = max(len(one) for many in coded.values() for one in many)
        padded = [np.frombuffer(one.ljust(longest, b"\0"), np.uint8) for one in coded[name]]
        file.create_dataset(path, data=np.stack(padded), chunks=(1, longest))
    if packed:
        file.attrs["compress"] = True
        file["compress_len"] = np.array(
            [[len(b) for b in coded[name]] for name in recorded], np.float32
        )


ENV_ARGS = {
    "env_name": "Lift",
    "env_version": "1.5.1",
    "type": 1,
    "env_kwargs": {"control_freq": 20, "robots": ["Panda"], "reward_shaping": False},
}


def write_robomimic(
    path: Path,
    lengths: tuple[int, ...] = (5, 7, 4),
    *,
    names: tuple[str, ...] | None = None,
    env_args: Any = ENV_ARGS,
    depth: Any = None,
) -> Path:
    """Demonstrations of which the last one fails."""
    path.parent.mkdir(parents=True, exist_ok=True)
    names = names or tuple(f"demo_{n}" for n in range(len(lengths)))
    with h5py.File(path, "w") as file:
        data = file.create_group("data")
        data.attrs["total"] = sum(lengths)
        if env_args is not None:
            data.attrs["env_args"] = json.dumps(env_args)
        for number, (name, count) in enumerate(zip(names, lengths, strict=True)):
            _demo(data.create_group(name), count, number, number < len(lengths) - 1, depth)
        file["mask/train"] = np.array(names[:-1], dtype="S")
        file["mask/valid"] = np.array(names[-1:], dtype="S")
    return path


def _demo(demo: Any, count: int, number: int, success: bool, depth: Any) -> None:
    rng = np.random.default_rng(number)
    demo.attrs["num_samples"] = count
    demo.attrs["model_file"] = "<mujoco/>"
    demo["actions"] = rng.normal(size=(count, 7))
    demo["rewards"] = np.eye(1, count, count - 1)[0] * success
    demo["dones"] = np.eye(1, count, count - 1, dtype=np.int64)[0]
    demo["states"] = rng.normal(size=(count, 32))
    demo["obs/robot0_eef_pos"] = rng.normal(size=(count, 3))
    demo["obs/robot0_joint_pos"] = rng.normal(size=(count, 7)).astype(np.float32)
    demo["obs/robot0_gripper_qpos"] = rng.normal(size=(count, 2))
    demo["obs/agentview_image"] = frames(count, number)
    demo["obs/robot0_eye_in_hand_image"] = frames(count, number + 50)
    if depth is not None:
        demo["obs/agentview_depth"] = np.broadcast_to(depth, (count, *SIZE, 1))


FINGER_PARTS = ("Metacarpal", "Knuckle", "IntermediateBase", "IntermediateTip", "Tip")
BODY = ("hip", "neck1", "spine1", "leftArm", "rightArm")


def hand_joints(side: str) -> Iterator[str]:
    yield f"{side}Hand"
    for part in FINGER_PARTS[1:]:
        yield f"{side}Thumb{part}"
    for finger in ("Index", "Middle", "Ring", "Little"):
        for part in FINGER_PARTS:
            yield f"{side}{finger}Finger{part}"


def poses(count: int, seed: int) -> NDArray[np.float32]:
    """A joint that turns steadily, more than once around, while it moves."""
    found = np.tile(np.eye(4), (count, 1, 1))
    turns = np.linspace(0, 3 * np.pi, count)[:, None] * np.array([0, 0, 1.0])
    found[:, :3, :3] = Rotation.from_rotvec(turns).as_matrix()
    found[:, :3, 3] = np.random.default_rng(seed).normal(size=(count, 3))
    return found.astype(np.float32)


def write_egodex_pair(stem: Path, count: int = 12, *, misspelt: bool = False, **said: Any) -> None:
    stem.parent.mkdir(parents=True, exist_ok=True)
    said = {"llm_type": "reversible", **said} if "llm_description2" in said else said
    with h5py.File(stem.with_suffix(".hdf5"), "w") as file:
        file["camera/intrinsic"] = np.diag([736.6, 736.6, 1.0]).astype(np.float32)
        joints = [*hand_joints("left"), *hand_joints("right"), *BODY, "camera"]
        for seed, joint in enumerate(joints):
            name = joint.replace("Thumb", "Thunmb") if misspelt else joint
            file[f"transforms/{name}"] = poses(count, seed)
            if joint != "camera":
                file[f"confidences/{name}"] = np.linspace(0, 1, count, dtype=np.float32)
        file.attrs["llm_description"] = "Put the lid on the jar."
        file.attrs["environment"] = "kitchen"
        for name, value in said.items():
            file.attrs[name] = value
    write_mp4(stem.with_suffix(".mp4"), count)


def write_mp4(path: Path, count: int) -> None:
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=30, options={"preset": "ultrafast"})
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for number, image in enumerate(frames(count, size=(48, 64))):
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 30)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
