"""Exactness and speed of seeks in the browser, beside mediabunny on the same files in the same run.

    python -m tests.bench.bench_frames

Every picture of both is hashed and compared with PyAV's at that position. The two take turns, each
at rest in between. "random" seeks go anywhere, and some find their pictures decoded already, as in
the editor; "decoded anew" seeks are made with no memory for pictures beyond the nearest, so that
every one decodes. Opening is measured in fresh pages. Written to bench-results/frames.json.
"""

import json
import os
import random
import statistics
import sys
import tempfile
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from tests.bench.frames_data import (
    CHECKOUT,
    Scene,
    demo_scenes,
    real_scenes,
)
from tests.e2e.conftest import QUIET, chromium
from tests.e2e.frames.build import build_page
from tests.e2e.frames.site import Site, running_site

RESULTS = CHECKOUT / "bench-results" / "frames.json"
SEEKS = 300
SEEKS_ANEW = 100
EPISODES = 4
OPENINGS = 7
REACH = 15
PLAY_MS = 5000
LIMITS = {"wrong": 0, "p50_ratio": 0.5, "open_bytes": 600_000}
Figures = dict[str, Any]


def random_positions(frames: int, count: int, apart: int = 0) -> list[int]:
    """Random positions, each more than ``apart`` frames from the one before."""
    chance = random.Random(frames * count)
    positions = [-frames]
    while len(positions) <= count:
        position = chance.randrange(frames)
        if apart == 0 or abs(position - positions[-1]) > apart:
            positions.append(position)
    return positions[1:]


class Bench:
    """The bench page with one scene's cameras served."""

    def __init__(self, browser: Browser, site: Site, scene: Scene) -> None:
        self.browser, self.site, self.scene = browser, site, scene
        self.streams = [
            site.add_stream(
                f"{scene.name}-{number}", camera.path, camera.part.start_frame, camera.part.frames
            )
            for number, camera in enumerate(scene.cameras)
        ]

    def page(self) -> Page:
        page = self.browser.new_context().new_page()
        page.goto(self.site.address)
        page.wait_for_function("window.framesBench")
        return page

    @staticmethod
    def call(page: Page, name: str, *arguments: Any) -> Any:
        return page.evaluate(f"(given) => framesBench.{name}(...given)", list(arguments))

    def wrong(self, positions: list[int], seeks: list[Figures]) -> int:
        """Pictures that are not PyAV's at their position."""
        return sum(
            given != camera.hashes[position]
            for position, seek in zip(positions, seeks, strict=True)
            for given, camera in zip(seek["hashes"], self.scene.cameras, strict=True)
        )

    def seeks(self, positions: list[int], picture_bytes: int | None = None) -> dict[str, Any]:
        page = self.page()
        self.call(page, "open", self.streams, picture_bytes)
        media = [
            {"url": f"/media/{stream['id']}.mp4", "seconds": camera.seconds}
            for stream, camera in zip(self.streams, self.scene.cameras, strict=True)
        ]
        self.call(page, "openReference", media)
        self.call(page, "inTurns", positions[:3])
        done = self.call(page, "inTurns", positions)
        page.context.close()
        return {
            who: {
                "ms": [seek["ms"] for seek in done[who]],
                "wrong": self.wrong(positions, done[who]),
            }
            for who in ("ours", "theirs")
        }

    def openings(self) -> Iterator[Figures]:
        chance = random.Random(OPENINGS)
        for _ in range(OPENINGS):
            position = chance.randrange(self.scene.frames)
            page = self.page()
            self.site.log.clear()
            seek = self.call(page, "openAt", self.streams, position)
            sent = self.site.bytes_sent("/index") + self.site.bytes_sent("/media")
            yield {"ms": seek["ms"], "bytes": sent, "wrong": self.wrong([position], [seek])}
            page.context.close()

    def motion(self) -> Figures:
        """Playback at 1 and 4 times, backwards, and a drag over the whole episode."""
        page = self.page()
        self.call(page, "open", self.streams)
        duration = int(self.scene.cameras[0].part.times_ns[-1])
        found = {}
        for rate in (1, 4):
            wall_ms = min(PLAY_MS, 0.8 * duration / 1e6 / rate)
            found[f"play_{rate}"] = self.call(page, "play", duration, wall_ms, rate)
        found["scrub"] = self.call(page, "scrub", duration, PLAY_MS)
        page.context.close()
        return found


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def compare(runs: list[dict[str, Any]]) -> Figures:
    figures: Figures = {}
    for who in ("ours", "theirs"):
        times = [ms for run in runs for ms in run[who]["ms"]]
        figures[who] = {
            "seeks": len(times),
            "wrong": sum(run[who]["wrong"] for run in runs),
            "p50_ms": round(percentile(times, 0.5), 2),
            "p95_ms": round(percentile(times, 0.95), 2),
        }
    figures["p50_ratio"] = round(figures["ours"]["p50_ms"] / figures["theirs"]["p50_ms"], 3)
    return figures


def opening(openings: list[Figures]) -> Figures:
    return {
        "median_ms": round(statistics.median(o["ms"] for o in openings), 1),
        "max_ms": round(max(o["ms"] for o in openings), 1),
        "median_bytes": int(statistics.median(o["bytes"] for o in openings)),
        "max_bytes": max(o["bytes"] for o in openings),
        "wrong": sum(o["wrong"] for o in openings),
    }


def measure(browser: Browser, site: Site, scenes: list[Scene]) -> Figures:
    """All scenes of one data set, two cameras each; the seeks are shared out among them."""
    benches = [Bench(browser, site, scene) for scene in scenes]
    each, anew = -(-SEEKS // len(scenes)), -(-SEEKS_ANEW // len(scenes))
    return {
        "episodes": [scene.name for scene in scenes],
        "random": compare(
            [bench.seeks(random_positions(bench.scene.frames, each)) for bench in benches]
        ),
        "decoded anew": compare(
            [bench.seeks(random_positions(bench.scene.frames, anew, REACH), 1) for bench in benches]
        ),
        "open": opening([found for bench in benches for found in bench.openings()]),
        "motion": benches[0].motion(),
    }


def passed(figures: Figures) -> bool:
    wrong = sum(figures[part]["ours"]["wrong"] for part in ("random", "decoded anew"))
    return bool(
        wrong + figures["open"]["wrong"] <= LIMITS["wrong"]
        and figures["random"]["p50_ratio"] <= LIMITS["p50_ratio"]
        and figures["open"]["max_bytes"] <= LIMITS["open_bytes"]
    )


def report(results: dict[str, Figures]) -> None:
    for dataset, figures in results.items():
        print(f"\n{dataset}: {len(figures['episodes'])} episodes, 2 cameras")
        print(f"  {'seeks':14} {'by':10} {'n':>4} {'wrong':>6} {'p50 ms':>8} {'p95 ms':>8}")
        for part in ("random", "decoded anew"):
            for who, name in (("ours", "Touchline"), ("theirs", "mediabunny")):
                row = figures[part][who]
                print(
                    f"  {part:14} {name:10} {row['seeks']:>4} {row['wrong']:>6} "
                    f"{row['p50_ms']:>8.2f} {row['p95_ms']:>8.2f}"
                )
            print(f"  {part:14} p50 ratio {figures[part]['p50_ratio']:.2f}")
        opened = figures["open"]
        print(
            f"  open to the first exact pictures: {opened['median_ms']:.0f} ms, "
            f"{opened['median_bytes'] / 1e6:.2f} MB, at most {opened['max_bytes'] / 1e6:.2f} MB, "
            f"wrong {opened['wrong']}"
        )
        for name, moved in figures["motion"].items():
            print(f"  {name}: {', '.join(f'{k} {v:.2f}' for k, v in moved.items())}")
    print(f"\nlimits: {LIMITS} (the ratio of random seeks)")


def scenes_by_dataset() -> dict[str, list[Scene]]:
    found = [*demo_scenes(EPISODES), *real_scenes(EPISODES)]
    return {name: list(group) for name, group in groupby(found, key=lambda s: s.dataset)}


def main() -> int:
    program = chromium()
    if program is None:
        print("No Chromium: install the package `chromium`, or set TOUCHLINE_CHROMIUM.")
        return 1
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        datasets = scenes_by_dataset()
        page = build_page(folder / "page", Path(__file__).resolve().parent / "frames_page")
        with sync_playwright() as driver, running_site(page) as site:
            browser = driver.chromium.launch(executable_path=program, args=QUIET)
            results = {name: measure(browser, site, scenes) for name, scenes in datasets.items()}
            version = browser.version
            browser.close()
    report(results)
    met = all(passed(figures) for figures in results.values())
    facts = {"browser": version, "load": os.getloadavg(), "limits": LIMITS, "met": met}
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(facts | {"datasets": results}, indent=2) + "\n")
    print(f"\n{'met' if met else 'NOT MET'}; written to {RESULTS.relative_to(CHECKOUT)}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
