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


def checked_stats(raw: Any) -> dict[str, dict[str, Any]]:
    """A source's own statistics as far as they are ones: the five of a feature, of numbers.

    min, max, mean and std have to be of one shape, for they are put together with others'.
    """
    found = {}
    for feature, values in (raw if isinstance(raw, dict) else {}).items():
        if isinstance(values, dict) and set(NAMES) <= values.keys():
            kept = {name: values[name] for name in NAMES}
            if _are_numbers(kept):
                found[str(feature)] = kept
    return found


def _are_numbers(values: dict[str, Any]) -> bool:
    try:
        arrays = [np.asarray(values[name], dtype=np.float64) for name in NAMES]
    except (ValueError, TypeError):
        return False
    *alike, count = arrays
    finite = all(bool(np.isfinite(array).all()) for array in arrays)
    return finite and count.shape == (1,) and len({array.shape for array in alike}) == 1


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


def _alike(parts: Sequence[Json]) -> bool:
    return len({np.shape(part["mean"]) for part in parts}) == 1


def dataset_stats(episodes: Sequence[Json]) -> dict[str, Any]:
    """Of all episodes, by feature; one that some episode lacks statistics of is left out."""
    features = dict.fromkeys(name for stats in episodes for name in stats)
    found = {}
    for feature in features:
        parts = [stats.get(feature, {}) for stats in episodes]
        if all(set(NAMES) <= part.keys() for part in parts) and _alike(parts):
            found[feature] = merged_stats(parts)
    return found
