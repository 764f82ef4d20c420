"""Opens a release with TensorFlow Datasets: ``python tfds_reader.py RELEASE EPISODES``."""

import os
import sys
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import tensorflow_datasets as tfds

root = next(Path(sys.argv[1]).rglob("dataset_info.json")).parent
builder = tfds.builder_from_directory(str(root))
assert builder.info.splits["train"].num_examples == int(sys.argv[2])
for episode in builder.as_dataset(split="train"):
    steps = list(episode["steps"])
    said = [
        tuple(
            step["annotation"][name].numpy().decode() for name in ("subtask", "contact", "outcome")
        )
        for step in steps
    ]
    assert said[0] == ("reach the cup", "", "success"), said[0]
    assert said[-1] == ("lift the cup", "", "success"), said[-1]
    assert [contact for _, contact, _ in said].count("contact") == 1, said
    picture = steps[0]["observation"]["wrist_image_left"]
    assert picture.dtype.name == "uint8"
    assert len(picture.shape) == 3
