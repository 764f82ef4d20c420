"""Opens a release with robomimic: ``python robomimic_reader.py RELEASE EPISODES``."""

import sys
from pathlib import Path

import h5py
import robomimic.utils.obs_utils as observations
from robomimic.utils.dataset import SequenceDataset

path = str(next(Path(sys.argv[1]).rglob("*.hdf5")))
with h5py.File(path) as file:
    first = file["data/demo_0"]
    keys: dict[str, list[str]] = {"low_dim": [], "rgb": []}
    for name, array in first["obs"].items():
        keys["rgb" if array.ndim == 4 else "low_dim"].append(name)
    wanted = [name for name in ("actions", "rewards", "dones") if name in first]
    splits = list(file["mask"])
observations.initialize_obs_utils_with_obs_specs({"obs": keys})
for split in (None, *splits):
    dataset = SequenceDataset(
        hdf5_path=path,
        obs_keys=keys["low_dim"] + keys["rgb"],
        dataset_keys=wanted,
        frame_stack=1,
        seq_length=3,
        pad_frame_stack=True,
        pad_seq_length=True,
        get_pad_mask=False,
        goal_mode=None,
        hdf5_cache_mode=None,
        hdf5_use_swmr=True,
        hdf5_normalize_obs=False,
        filter_by_attribute=split,
        load_next_obs=False,
    )
    assert dataset.n_demos == int(sys.argv[2]), (split, dataset.n_demos)
    item = dataset[len(dataset) - 1]
    assert item["actions"].shape[0] == 3
    assert all(item["obs"][name].dtype.name == "uint8" for name in keys["rgb"])
