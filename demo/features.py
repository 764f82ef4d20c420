"""The declared features of the demo dataset, and their statistics as LeRobot 0.4 computes them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from demo.trace import Trace

Json = dict[str, Any]
# Of one feature: a list of values for min, max, mean, std, count and every quantile.
Stats = dict[str, Any]

FPS = 50
ROBOT_TYPE = "so101_sim"
JOINT_NAMES = [
    f"{joint}.pos"
    for joint in (
        "shoulder_pan",
        "shoulder_lift",
        "elbow_flex",
        "wrist_flex",
        "wrist_roll",
        "gripper",
    )
]
VECTORS: dict[str, list[str]] = {
    "observation.state": JOINT_NAMES,
    "action": JOINT_NAMES,
    "observation.ee_pos": ["ee_x", "ee_y", "ee_z"],
    "observation.jaw_force": ["fixed_jaw", "moving_jaw"],
    "observation.environment_state": [
        "block_x",
        "block_y",
        "block_z",
        "block_qw",
        "block_qx",
        "block_qy",
        "block_qz",
        "goal_x",
        "goal_y",
    ],
}
COUNTERS = ("frame_index", "episode_index", "index", "task_index")
QUANTILES = {"q01": 0.01, "q10": 0.10, "q50": 0.50, "q90": 0.90, "q99": 0.99}


def declaration(cameras: dict[str, Json]) -> Json:
    """The `features` of info.json; `cameras` maps a video key to its `info` record."""
    features: Json = {
        key: {"dtype": "float32", "shape": [len(names)], "names": names}
        for key, names in VECTORS.items()
    }
    for key, info in cameras.items():
        features[key] = {
            "dtype": "video",
            "shape": [info["video.height"], info["video.width"], 3],
            "names": ["height", "width", "channels"],
            "info": info,
        }
    features["timestamp"] = {"dtype": "float32", "shape": [1], "names": None}
    features |= {key: {"dtype": "int64", "shape": [1], "names": None} for key in COUNTERS}
    return features


def vectors(trace: Trace) -> dict[str, NDArray[np.float32]]:
    """The vector features of an episode, (frames, dimensions) each."""
    frames = trace.frames
    world = [np.concatenate([frame.block_pose, trace.goal[:2]]) for frame in frames]
    columns = {
        "observation.state": [frame.state for frame in frames],
        "action": [frame.action for frame in frames],
        "observation.ee_pos": [frame.grasp_point for frame in frames],
        "observation.jaw_force": [frame.jaw_force for frame in frames],
        "observation.environment_state": world,
    }
    return {key: np.array(rows, dtype=np.float32) for key, rows in columns.items()}


def describe(rows: NDArray[Any]) -> Stats:
    """min, max, mean, std, count and quantiles along the first axis of (n, dimensions)."""
    wide = rows.astype(np.float64)
    stats: Stats = {
        "min": rows.min(axis=0).tolist(),
        "max": rows.max(axis=0).tolist(),
        "mean": wide.mean(axis=0).tolist(),
        "std": wide.std(axis=0).tolist(),
        "count": [len(rows)],
    }
    return stats | {name: np.quantile(wide, q, axis=0).tolist() for name, q in QUANTILES.items()}


def describe_images(images: NDArray[np.uint8]) -> Stats:
    """The same for (n, height, width, 3) images: per channel, in [0, 1], shaped (3, 1, 1)."""
    stats = describe(images.reshape(-1, 3) / 255.0)
    shaped: Stats = {
        key: [[[v]] for v in values] for key, values in stats.items() if key != "count"
    }
    return shaped | {"count": [len(images)]}


def pooled(parts: list[Stats]) -> Stats:
    """Statistics of a dataset from those of its episodes, the way LeRobot pools them.

    Means and variances are exact; a pooled quantile is the mean of the episodes' quantiles weighted
    by their counts, which is an approximation.
    """
    counts = np.array([part["count"][0] for part in parts], dtype=np.float64)
    shares = counts / counts.sum()

    def weighted(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(np.tensordot(shares, values, axes=1), dtype=np.float64)

    means = np.array([part["mean"] for part in parts])
    mean = weighted(means)
    variance = weighted(np.array([part["std"] for part in parts]) ** 2 + (means - mean) ** 2)
    stats: Stats = {
        "min": np.min([part["min"] for part in parts], axis=0).tolist(),
        "max": np.max([part["max"] for part in parts], axis=0).tolist(),
        "mean": mean.tolist(),
        "std": np.sqrt(variance).tolist(),
        "count": [int(counts.sum())],
    }
    return stats | {q: weighted(np.array([part[q] for part in parts])).tolist() for q in QUANTILES}
