"""LeRobot's per-feature statistics: of one episode, and of many put together.

Source: huggingface/lerobot v0.4.4, src/lerobot/datasets/compute_stats.py (aggregate_feature_stats).
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from episodes.records import Json

NAMES = ("min", "max", "mean", "std", "count")


def episode_stats(values: NDArray[Any], shape: Sequence[int]) -> dict[str, Any]:
    """min, max, mean and population std over the frames, and their count.

    ``values`` (frames, size), at least one frame; the results have ``shape``, the feature's own.
    """
    wide = values.astype(np.float64)
    found = {
        "min": wide.min(axis=0),
        "max": wide.max(axis=0),
        "mean": wide.mean(axis=0),
        "std": wide.std(axis=0),
    }
    return {name: found[name].reshape(shape).tolist() for name in found} | {"count": [len(wide)]}


def merged_stats(parts: Sequence[Json]) -> dict[str, Any]:
    """The statistics of the parts' union: means weighted by count, variances by the parallel rule

    var = sum(n_i * (var_i + (mean_i - mean)^2)) / sum(n_i). Parts need min, max, mean, std, count.
    """
    arrays = {name: np.array([part[name] for part in parts], dtype=np.float64) for name in NAMES}
    mean_i, count = arrays["mean"], arrays["count"]
    weight = count.reshape(len(parts), *[1] * (mean_i.ndim - 1)) / count.sum()
    mean = (weight * mean_i).sum(axis=0)
    variance = (weight * (arrays["std"] ** 2 + (mean_i - mean) ** 2)).sum(axis=0)
    return {
        "min": arrays["min"].min(axis=0).tolist(),
        "max": arrays["max"].max(axis=0).tolist(),
        "mean": mean.tolist(),
        "std": np.sqrt(variance).tolist(),
        "count": [int(count.sum())],
    }


def dataset_stats(episodes: Sequence[Json]) -> dict[str, Any]:
    """Of all episodes, by feature; one that some episode lacks statistics of is left out."""
    features = dict.fromkeys(name for stats in episodes for name in stats)
    found = {}
    for feature in features:
        parts = [stats.get(feature, {}) for stats in episodes]
        if all(set(NAMES) <= part.keys() for part in parts):
            found[feature] = merged_stats(parts)
    return found
