"""Import of a LeRobot v3.0 dataset against merely reading it, and memory over 10,000 episodes.

    python -m tests.bench.bench_import

Import means all of it: checks, hashing, copying, registration, frame index. The reference reads
the same parquet with pyarrow and demultiplexes the same videos with PyAV. Both are frames a second
of processor time, in turns and on one processor, which the database leaves to them; each import in
a process, a database and a data folder that hold nothing yet; both sides have warmed up on other
files. Beside it stand the database's own processor
time, and what sha256 and copying alone would leave of the reference's speed. Memory is the resident
size of one process that imports tiny episodes one after the other, after 100 and after 10,000.
Written to bench-results/import.json; ends with 1 where a limit is not kept.
"""

import hashlib
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import av
import pyarrow.parquet as pq

from config.embedded.postgres import temporary_cluster
from tests.bench.bench_setup import processor_seconds
from tests.bench.import_data import write_dataset
from tests.fixtures_video import Recipe

CHECKOUT = Path(__file__).resolve().parents[2]
RESULTS = CHECKOUT / "bench-results" / "import.json"
ROUNDS = 5
# As teleoperation records: half a minute, three cameras of 640x480, coded as LeRobot does by
# default (AV1, a key every other frame, crf 30), here some 4 kB a picture.
EPISODES, FRAMES = 30, 900
CAMERAS = ("front", "left_wrist", "right_wrist")
PICTURES = Recipe("libsvtav1", {"preset": "8", "crf": "30"}, gop=2, frames=60, size=(640, 480))
TINY = Recipe("libx264", {"preset": "veryfast", "crf": "26"}, gop=2, frames=60, size=(64, 64))
TARGET = 0.5
TINY_FRAMES, MANY, FIRST = 4, 10_000, 100
GROWTH = 0.10
CHUNK = 256 * 2**10


def read(root: Path) -> int:
    """Frames of the dataset, of every camera, after all of its bytes went through the parsers."""
    for path in root.glob("data/**/*.parquet"):
        pq.read_table(path)
    frames = 0
    for path in root.glob("videos/**/*.mp4"):
        with av.open(str(path)) as container:
            frames += sum(1 for packet in container.demux(video=0) if packet.size)
    return frames


def reading(root: Path) -> float:
    """Frames a second of processor time."""
    read(root)  # files and libraries warm on both sides
    begin = time.process_time()
    return read(root) / (time.process_time() - begin)


def copying(root: Path, target: Path) -> float:
    """Frames a second of processor time, were nothing done but sha256 and a copy of the videos."""
    begin = time.process_time()
    for path in root.glob("videos/**/*.mp4"):
        digest = hashlib.sha256()
        with path.open("rb") as source, target.open("wb", buffering=0) as copy:
            while part := source.read(CHUNK):
                digest.update(part)
                copy.write(part)
    spent = time.process_time() - begin
    target.unlink()
    return EPISODES * FRAMES * len(CAMERAS) / spent


@contextmanager
def database() -> Iterator[tuple[str, int]]:
    """A cluster's address and its server's process id."""
    with temporary_cluster() as cluster:
        cluster.ensure_database()
        pid = int((cluster.data / "postmaster.pid").read_text().splitlines()[0])
        yield cluster.url(), pid


def worker(job: str, root: Path, url: str, folder: Path) -> dict[str, Any]:
    """Run a job of ``import_worker`` in a process and a data folder of its own."""
    environment = os.environ | {
        "DATABASE_URL": url,
        "SECRET_KEY": "bench" * 10,
        "TOUCHLINE_DATA_DIR": str(folder),
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.import_worker", job, str(root)],
        cwd=CHECKOUT,
        env=environment,
        stdout=subprocess.PIPE,
        check=True,
    )
    return dict(json.loads(done.stdout.splitlines()[-1]))


@contextmanager
def one_processor() -> Iterator[None]:
    """Those of a machine serve its disks and neighbours unevenly: a ratio wants the same for both.

    Processes begun meanwhile stay on it too; those that run already do not.
    """
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def speed(folder: Path, url: str, server: int) -> dict[str, Any]:
    root = write_dataset(
        folder / "set", episodes=EPISODES, frames=FRAMES, cameras=CAMERAS, recipe=PICTURES
    )
    write_dataset(folder / "warm", episodes=3, frames=4, cameras=CAMERAS, recipe=TINY)
    frames = EPISODES * FRAMES * len(CAMERAS)
    rounds = []
    for number in range(ROUNDS):
        reference = reading(root)
        floor = copying(root, folder / "copy")
        before = processor_seconds(server)
        done = worker("import", root, url, folder / f"data-{number}")
        database_s = processor_seconds(server) - before
        ours = frames / done["cpu_s"]
        rounds.append(
            {
                "reading": reference,
                "importing": ours,
                "ratio": ours / reference,
                "ratio_with_database": frames / (done["cpu_s"] + database_s) / reference,
                "ratio_of_sha256_and_copy": floor / reference,
                "importing_wall": frames / done["wall_s"],
            }
        )
        print(f"round {number}: {rounds[-1]}", flush=True)
    medians = {name: statistics.median(one[name] for one in rounds) for name in rounds[0]}
    return {"frames": frames, **{name: round(value, 3) for name, value in medians.items()}}


def memory(folder: Path, url: str) -> dict[str, Any]:
    root = write_dataset(
        folder / "many", episodes=MANY, frames=TINY_FRAMES, cameras=CAMERAS[:1], recipe=TINY
    )
    found = worker("grow", root, url, folder / "data-many")
    growth = found["last"] / found[str(FIRST)] - 1
    return {**found, "growth": round(growth, 3)}


def main() -> int:
    with tempfile.TemporaryDirectory() as name, database() as (url, server):
        folder = Path(name)
        worker("prepare", folder, url, folder / "data")
        with one_processor():
            result: dict[str, Any] = {"speed": speed(folder, url, server)}
        result["memory"] = memory(folder, url)
    result["machine"] = {
        "cores": os.cpu_count(),
        "load_after": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
    }
    ratio, growth = result["speed"]["ratio"], abs(result["memory"]["growth"])
    whole = result["memory"]["episodes"] == MANY
    passed = ratio >= TARGET and growth <= GROWTH and whole
    result["targets"] = {"ratio": TARGET, "growth": GROWTH, "passed": passed}
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(result, indent=1) + "\n")
    print(f"Written to {RESULTS.relative_to(CHECKOUT)}: {json.dumps(result)}")
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
