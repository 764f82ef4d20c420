"""One, three and six cameras at once in the browser, beside <video> and mediabunny.

    python -m tests.bench.bench_cameras            all of it
    python -m tests.bench.bench_cameras --motion   playback and scrubbing alone; nothing written

The three take turns on the same files in the same page, at rest in between; every picture of a seek
is hashed and compared with PyAV's at that position. <video> is sought amid the frame and awaited by
requestVideoFrameCallback. Then three cameras play at 1x and are scrubbed, painted into canvases:
all frames have to be seen, all of one instant, and every seventh set is hashed. Compare rows of one
run alone: decoding is the processor's here, and others may be at work on it. Written to
bench-results/cameras.json.
"""

import argparse
import json
import os
import sys
import tempfile
from itertools import islice
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from tests.bench.bench_frames import percentile, random_positions
from tests.bench.frames_data import CHECKOUT, Camera, Scene, demo_scenes, real_scenes
from tests.e2e.conftest import QUIET, chromium
from tests.e2e.frames.build import build_page
from tests.e2e.frames.site import Site, running_site

RESULTS = CHECKOUT / "bench-results" / "cameras.json"
CAMERAS = (1, 3, 6)
# Seeks of each party: fewer where each costs more.
SEEKS = {1: 80, 3: 40, 6: 24}
MOVING = 3
PLAY_MS = 5000
LIMITS = {"wrong": 0, "skewed": 0, "missed": 0}
LEAST_PAINTS = 30
PARTIES = {"ours": "Touchline", "bunny": "mediabunny", "element": "<video>"}
Figures = dict[str, Any]


class Set:
    """Some cameras of a data set served at once, as those of one episode."""

    def __init__(self, site: Site, name: str, cameras: tuple[Camera, ...]) -> None:
        self.cameras = cameras
        self.frames = min(camera.part.frames for camera in cameras)
        self.streams = [
            site.add_stream(
                f"{name}-{number}", camera.path, camera.part.start_frame, camera.part.frames
            )
            for number, camera in enumerate(cameras)
        ]

    @property
    def duration_ns(self) -> int:
        return int(self.cameras[0].part.times_ns[self.frames - 1])

    def opened(self, browser: Browser, address: str) -> Page:
        page = browser.new_context().new_page()
        page.goto(address)
        page.wait_for_function("window.camerasBench")
        media = [
            {"url": f"/media/{stream['id']}.mp4", "seconds": camera.seconds}
            for stream, camera in zip(self.streams, self.cameras, strict=True)
        ]
        call(page, "open", self.streams, media)
        return page

    def wrong(self, shown: list[tuple[list[int], list[str]]]) -> int:
        """Pictures that are not PyAV's at their position."""
        return sum(
            given != camera.hashes[position]
            for positions, hashes in shown
            for position, given, camera in zip(positions, hashes, self.cameras, strict=True)
        )


def call(page: Page, name: str, *arguments: Any) -> Any:
    return page.evaluate(f"(given) => camerasBench.{name}(...given)", list(arguments))


def cameras_of(scenes: list[Scene], count: int) -> tuple[Camera, ...]:
    """So many cameras, those of further episodes where one has too few."""
    return tuple(islice((camera for scene in scenes for camera in scene.cameras), count))


def seeks(page: Page, served: Set, count: int) -> Figures:
    # <video> tells of no picture where it already shows the one asked for.
    positions = random_positions(served.frames, count, apart=1)
    call(page, "inTurns", positions[:3])
    done = call(page, "inTurns", positions)
    figures: Figures = {}
    for who, found in done.items():
        times = [seek["ms"] for seek in found]
        shown = [
            ([position] * len(served.cameras), seek["hashes"])
            for position, seek in zip(positions, found, strict=True)
        ]
        figures[who] = {
            "seeks": len(times),
            "wrong": served.wrong(shown),
            "p50_ms": round(percentile(times, 0.5), 2),
            "p95_ms": round(percentile(times, 0.95), 2),
        }
    for who in ("bunny", "element"):
        ratio = figures["ours"]["p50_ms"] / figures[who]["p50_ms"]
        figures[f"p50_ratio_{who}"] = round(ratio, 3)
    return figures


def motion(page: Page, served: Set) -> Figures:
    wall_ms = min(PLAY_MS, 0.8 * served.duration_ns / 1e6)
    played = call(page, "play", served.duration_ns, wall_ms)
    samples = [(each["positions"], each["hashes"]) for each in played.pop("samples")]
    played |= {"wrong": served.wrong(samples), "hashed": len(samples) * len(served.cameras)}
    # A page in which <video> has played is drawn at the video's rate from then on, 30 a second of
    # those at 30: ours have their turn before it, and <video> scrubs before it plays.
    return {
        "play": played,
        "scrub": call(page, "scrub", served.duration_ns, PLAY_MS),
        "scrub <video>": call(page, "scrubVideos", PLAY_MS),
        "play <video>": call(page, "playVideos", wall_ms),
    }


def measure(
    browser: Browser, site: Site, name: str, scenes: list[Scene], *, motion_only: bool
) -> Figures:
    figures: Figures = {}
    for count in CAMERAS:
        cameras = cameras_of(scenes, count)
        if len(cameras) < count or (motion_only and count != MOVING):
            continue
        print(f"{name}, {count} cameras ...", flush=True)
        served = Set(site, f"{name.replace(' ', '-')}-{count}", cameras)
        page = served.opened(browser, site.address)
        figures[f"{count} cameras"] = {} if motion_only else seeks(page, served, SEEKS[count])
        if count == MOVING:
            figures[f"{count} cameras"] |= motion(page, served)
        page.context.close()
    return figures


def missed(figures: Figures) -> list[str]:
    """The limits that a data set's figures do not keep, with the figure."""
    moved = figures[f"{MOVING} cameras"]
    found = {
        "wrong": moved["play"]["wrong"]
        + sum(each["ours"]["wrong"] for each in figures.values() if "ours" in each),
        "skewed": moved["play"]["skewed"],
        "missed": sum(moved["play"]["missed"]),
    }
    over = [f"{name} {value}" for name, value in found.items() if value > LIMITS[name]]
    paints = moved["scrub"]["paintsPerSecond"]
    return [*over, f"{paints:.0f} paints a second"] if paints < LEAST_PAINTS else over


def report(results: dict[str, Figures]) -> None:
    for dataset, figures in results.items():
        print(f"\n{dataset}")
        print(f"  {'seeks':10} {'by':12} {'n':>4} {'wrong':>6} {'p50 ms':>8} {'p95 ms':>8}")
        for count, found in figures.items():
            for who, name in PARTIES.items():
                if row := found.get(who):
                    print(
                        f"  {count:10} {name:12} {row['seeks']:>4} {row['wrong']:>6} "
                        f"{row['p50_ms']:>8.2f} {row['p95_ms']:>8.2f}"
                    )
            if "ours" in found:
                print(
                    f"  {count:10} p50 ratio to mediabunny {found['p50_ratio_bunny']:.2f}, "
                    f"to <video> {found['p50_ratio_element']:.2f}"
                )
        for name in ("play", "play <video>", "scrub", "scrub <video>"):
            moved = figures[f"{MOVING} cameras"][name]
            print(f"  {MOVING} cameras, {name}: {json.dumps(moved)}")
    print(f"\nlimits: {LIMITS}, at least {LEAST_PAINTS} paints a second")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.bench_cameras")
    parser.add_argument("--motion", action="store_true", help="only playback and scrubbing")
    motion_only = parser.parse_args().motion
    program = chromium()
    if program is None:
        print("No Chromium: install the package `chromium`, or set TOUCHLINE_CHROMIUM.")
        return 1
    sources = {"demo": list(demo_scenes(3)), "real AV1": list(real_scenes(3))}
    with tempfile.TemporaryDirectory() as name:
        page = build_page(Path(name) / "page", Path(__file__).resolve().parent / "frames_page")
        with sync_playwright() as driver, running_site(page) as site:
            browser = driver.chromium.launch(executable_path=program, args=QUIET)
            results = {
                dataset: measure(browser, site, dataset, scenes, motion_only=motion_only)
                for dataset, scenes in sources.items()
                if scenes
            }
            version = browser.version
            browser.close()
    report(results)
    return 0 if motion_only else conclude(results, version)


def conclude(results: dict[str, Figures], browser: str) -> int:
    """Write the figures down and say which limits they miss; the exit code."""
    misses = {name: missed(figures) for name, figures in results.items()}
    met = not any(misses.values())
    limits = LIMITS | {"least paints a second": LEAST_PAINTS}
    facts = {"browser": browser, "load": os.getloadavg(), "limits": limits, "met": met}
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(facts | {"datasets": results}, indent=2) + "\n")
    for name, which in misses.items():
        if which:
            print(f"{name}: {', '.join(which)}")
    print(f"\n{'met' if met else 'NOT MET'}; written to {RESULTS.relative_to(CHECKOUT)}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
