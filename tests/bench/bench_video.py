"""Index ingest against pure demultiplexing, still extraction against PyAV's decode alone.

    python -m tests.bench.bench_video

Both sides of a ratio take turns in the same run. The decoder has one thread on both sides; stills
are encoded on two more beside it, so the ratio of processor times stands next to that of wall
times. The synthetic H.264 decodes so fast that JPEG encoding dominates. Written to
bench-results/video.json.
"""

import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import cv2

from episodes.video import build_index, slice_index
from episodes.video.images import stills
from episodes.video.packs import PROFILES, write_packs
from tests.fixtures_video import AV1_G2, H264_G15, Recipe, encode

CHECKOUT = Path(__file__).resolve().parents[2]
RESULTS = CHECKOUT / "bench-results" / "video.json"
REAL = CHECKOUT.parent / "shared" / "data" / "unitree_g1_lerobot_v30" / "videos"
ROUNDS = 7
SECONDS_A_TURN = 0.4
FRAMES = 240
TARGET = 0.5


@dataclass(frozen=True)
class Rate:
    """Frames a second of wall time and of this process's processor time."""

    wall: float
    cpu: float


def timed(work: Callable[[], int], seconds: float) -> Rate:
    """Repeat ``work``, which returns the frames it handled, for at least ``seconds``."""
    frames, begin, begin_cpu = 0, time.perf_counter(), time.process_time()
    while not frames or time.perf_counter() - begin < seconds:
        frames += work()
    return Rate(frames / (time.perf_counter() - begin), frames / (time.process_time() - begin_cpu))


def compare(reference: Callable[[], int], ours: dict[str, Callable[[], int]]) -> dict[str, Any]:
    """Take turns; medians of rates, and of each round's own ratios."""
    turns: dict[str, list[Rate]] = {name: [] for name in ("reference", *ours)}
    for _ in range(ROUNDS):
        for name, work in (("reference", reference), *ours.items()):
            turns[name].append(timed(work, SECONDS_A_TURN))
    results: dict[str, Any] = {}
    for name, rates in turns.items():
        pairs = list(zip(rates, turns["reference"], strict=True))
        results[name] = {
            "frames_per_s": round(statistics.median(rate.wall for rate in rates), 1),
            "ratio": round(statistics.median(rate.wall / ref.wall for rate, ref in pairs), 3),
            "cpu_ratio": round(statistics.median(rate.cpu / ref.cpu for rate, ref in pairs), 3),
        }
    return results


def demux(path: Path) -> int:
    with av.open(str(path)) as container:
        return sum(1 for packet in container.demux(video=0) if packet.size)


def index_results(path: Path, folder: Path) -> dict[str, Any]:
    def index() -> int:
        return len(build_index(path).off)

    def ingest() -> int:
        record = build_index(path)
        (folder / "index.json.gz").write_bytes(record.to_bytes())
        return len(record.off)

    return compare(lambda: demux(path), {"index": index, "index, zipped, written": ingest})


def decode(path: Path, frames: int) -> int:
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.thread_count, stream.thread_type = 1, "NONE"
        done = 0
        for done, _ in enumerate(container.decode(stream), 1):
            if done == frames:
                break
        return done


def still_results(path: Path, folder: Path) -> dict[str, Any]:
    record = build_index(path)
    part = slice_index(record, 0, min(FRAMES, record.frames))
    profile = PROFILES["jpeg640"]

    def extract() -> int:
        return sum(1 for _ in stills(path, part, range(part.frames)))

    def packs() -> int:
        for old in folder.glob("*.bin"):
            old.unlink()
        write_packs(path, part, profile, folder)
        return part.frames

    return compare(lambda: decode(path, part.frames), {"stills": extract, "packs, stored": packs})


def long_file(folder: Path, source: Path, copies: int) -> Path:
    """The same packets again and again: an hour's worth of index without an hour's encoding."""
    target = folder / "long.mp4"
    with av.open(str(target), "w") as out, av.open(str(source)) as first:
        track = out.add_stream_from_template(first.streams.video[0], opaque=True)
        shift = 0
        for _ in range(copies):
            with av.open(str(source)) as again:
                video = again.streams.video[0]
                for packet in again.demux(video):
                    if packet.pts is None or packet.dts is None:
                        continue
                    packet.pts, packet.dts = packet.pts + shift, packet.dts + shift
                    packet.stream = track
                    out.mux(packet)
                shift += video.duration or 0
    return target


def sources(folder: Path) -> dict[str, Path]:
    size = {"size": (640, 480), "frames": FRAMES}
    made = {
        name: encode(folder / f"{at}.mp4", Recipe(**{**recipe.__dict__, **size})).path
        for at, (name, recipe) in enumerate(
            {"AV1 g2, synthetic": AV1_G2, "H.264 g15, synthetic": H264_G15}.items()
        )
    }
    real = sorted(REAL.rglob("*.mp4"))
    return made | ({"AV1 g2, real robot": real[0]} if real else {})


def measure(folder: Path) -> dict[str, Any]:
    cv2.setNumThreads(1)
    videos = sources(folder)
    long = long_file(folder, videos["AV1 g2, synthetic"], 75)
    return {
        "target_ratio": TARGET,
        "index": {
            f"{name}, {build_index(path).frames} frames": index_results(path, folder)
            for name, path in ({"AV1 g2, long": long} | videos).items()
        },
        "stills": {name: still_results(path, folder / "packs") for name, path in videos.items()},
        "real_recordings": "AV1 g2, real robot" in videos,
        "machine": {
            "cores": os.cpu_count(),
            "python": sys.version.split()[0],
            "av": av.__version__,
        },
    }


def show(results: dict[str, Any]) -> None:
    """Print the table; rows below the target are named again at its end."""
    below = []
    for what, reference in (("index", "pure demux"), ("stills", "PyAV decode, 1 thread")):
        print(f"\n{what + ', against ' + reference:58}{'frames/s':>10}{'ratio':>8}{'cpu':>8}")
        for source, rows in results[what].items():
            for name, row in rows.items():
                figures = f"{row['frames_per_s']:>10}{row['ratio']:>8}{row['cpu_ratio']:>8}"
                print(f"{source:34}{name:24}{figures}")
                if row["ratio"] < TARGET:
                    below.append(f"{what}: {source}, {name} ({row['ratio']})")
    if not results["real_recordings"]:
        print("The real recordings are not on this machine; synthetic videos only.")
    print("\n".join([f"Below {TARGET}:", *below]) if below else f"All at least {TARGET}.")


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="touchline-bench-") as name:
        folder = Path(name)
        (folder / "packs").mkdir()
        results = measure(folder)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")
    show(results)


if __name__ == "__main__":
    main()
