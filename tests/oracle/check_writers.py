"""Do releases open in the tools they are made for: TFDS, robomimic, Foxglove's own definitions?

``make check-writers`` releases a small generated DROID set with labels as RLDS, robomimic HDF5 and
MCAP, and opens each with the consumer's own code, in environments of their own in the user's cache
(TensorFlow and torch: some gigabytes, made on first use). No part of CI.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

BASE = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(BASE))

from episodes.export_records import ExportEpisode, ReleaseRecord  # noqa: E402
from episodes.formats import open_dataset  # noqa: E402
from episodes.formats.registry import WRITERS  # noqa: E402
from episodes.records import EpisodeRecord  # noqa: E402
from tests.pure.formats.exporting import export_episode  # noqa: E402
from tests.pure.formats.rlds_sets import write_droid  # noqa: E402

EPISODES = 2
SCHEMA: dict[str, Any] = {
    "name": "check",
    "version": 1,
    "effectors": [],
    "classes": [
        {"id": "contact", "kind": "instant"},
        {"id": "instruction", "kind": "segment"},
        {"id": "success", "kind": "outcome"},
    ],
}
# The writer, its reader beside this file, and what that needs. robomimic's own requirements ask
# for a renderer that reading never calls.
CASES: dict[str, tuple[str, list[list[str]]]] = {
    "rlds": ("tfds_reader.py", [["tensorflow-cpu", "tensorflow-datasets"]]),
    "mcap": ("mcap_reader.py", [["mcap", "mcap-protobuf-support", "foxglove-schemas-protobuf"]]),
    "robomimic_hdf5": (
        "robomimic_reader.py",
        [
            ["torch==2.13.0", "h5py", "numpy", "psutil", "tqdm", "termcolor", "tensorboard"],
            ["--no-deps", "robomimic==0.3.0"],
        ],
    ),
}


def labels(episode: EpisodeRecord) -> list[dict[str, Any]]:
    half, end = episode.duration_ns // 2, episode.duration_ns
    rows = [
        ("segment", "instruction", 0, half, "reach the cup"),
        ("segment", "instruction", half, end, "lift the cup"),
        ("instant", "contact", half, None, ""),
        ("outcome", "success", None, None, ""),
    ]
    names = ("kind", "label_class", "start_ns", "end_ns", "text")
    return [{"id": f"l{n}", **dict(zip(names, row, strict=True))} for n, row in enumerate(rows)]


def release(writer: str, folder: Path) -> Path:
    source = folder / "droid"
    if not source.exists():
        write_droid(source)
    reader = open_dataset(source, {"rate": "15"})

    def episodes() -> Iterator[ExportEpisode]:
        for number, episode in zip(range(EPISODES), reader.episodes(), strict=False):
            if not isinstance(episode, EpisodeRecord):
                raise SystemExit(f"{episode.key}: {episode.message}")
            yield export_episode(episode, folder / writer / str(number), labels(episode))

    said = ReleaseRecord("Check", "2026-01-02T03:04:05Z", SCHEMA)
    found = WRITERS[writer]
    out = folder / f"out-{writer}"
    return found.write(reader.dataset, episodes(), out, said, total=EPISODES).root


def environment(folder: Path, steps: list[list[str]]) -> Path:
    """The Python of an environment with the packages, made unless it stands for this recipe."""
    stamp, python = folder / "recipe.json", folder / "bin" / "python"
    if not stamp.is_file() or json.loads(stamp.read_text()) != steps:
        print(f"Making {folder} ...", flush=True)
        venv.create(folder, clear=True, with_pip=True)
        for step in steps:
            subprocess.run([python, "-m", "pip", "install", "--quiet", *step], check=True)
        stamp.write_text(json.dumps(steps))
    return python


def main() -> int:
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "touchline"
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("writers", nargs="*", default=list(CASES), help=", ".join(CASES))
    parser.add_argument("--environments", type=Path, default=cache / "writers")
    given = parser.parse_args()
    failed = []
    with tempfile.TemporaryDirectory() as name:
        for writer in given.writers:
            script, steps = CASES[writer]
            root = release(writer, Path(name))
            python = environment(given.environments / writer, steps)
            reader = Path(__file__).with_name(script)
            done = subprocess.run([python, reader, root, str(EPISODES)], check=False)
            print(f"{writer}: {'opens' if done.returncode == 0 else 'DOES NOT OPEN'}", flush=True)
            failed += [writer] if done.returncode else []
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
