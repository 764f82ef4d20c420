"""Exactness and speed of seeks in the browser, beside mediabunny on the same files in the same run.

    python -m tests.bench.bench_frames           all of it
    python -m tests.bench.bench_frames --anew    the seeks that decode anew alone; nothing written

Every picture of both is hashed and compared with PyAV's at that position. The two take turns, each
at rest in between. "random" seeks go anywhere, and some find their pictures decoded already, as in
the editor; "decoded anew" seeks are made with no memory for pictures beyond the nearest, so that
every one decodes. There a third takes its turn, the browser's own decoder, kept open and with the
whole file in memory: it shows how much of the time is decoding, and the part has no limit of its
own. Opening is measured in fresh pages. Written to bench-results/frames.json.
"""

import argparse
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
LIMITS = {"wrong": 0, "random p50 ratio": 0.5, "open_bytes": 600_000}
PARTIES = {"ours": "Touchline", "theirs": "mediabunny", "bare": "bare decoder"}
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

    def seeks(self, positions: list[int], *, anew: bool = False) -> dict[str, Any]:
        """Times in ms and wrong pictures of each party; ``anew``: no memory for our pictures."""
        page = self.page()
        self.call(page, "open", self.streams, 1 if anew else None)
        media = [
            {"url": f"/media/{stream['id']}.mp4", "seconds": camera.seconds}
            for stream, camera in zip(self.streams, self.scene.cameras, strict=True)
        ]
        self.call(page, "openReference", media)
        if anew:
            self.call(page, "openBare", self.streams)
        self.call(page, "inTurns", positions[:3])
        done = self.call(page, "inTurns", positions)
        page.context.close()
        return {
            who: {"ms": [seek["ms"] for seek in seeks], "wrong": self.wrong(positions, seeks)}
            for who, seeks in done.items()
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
    for who in runs[0]:
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


def measure_anew(benches: list[Bench]) -> Figures:
    each = -(-SEEKS_ANEW // len(benches))
    return compare(
        [
            bench.seeks(random_positions(bench.scene.frames, each, REACH), anew=True)
            for bench in benches
        ]
    )


def measure(browser: Browser, site: Site, scenes: list[Scene], *, only_anew: bool) -> Figures:
    """All scenes of one data set, two cameras each; the seeks are shared out among them."""
    benches = [Bench(browser, site, scene) for scene in scenes]
    episodes = [scene.name for scene in scenes]
    if only_anew:
        return {"episodes": episodes, "decoded anew": measure_anew(benches)}
    each = -(-SEEKS // len(scenes))
    return {
        "episodes": episodes,
        "random": compare(
            [bench.seeks(random_positions(bench.scene.frames, each)) for bench in benches]
        ),
        "decoded anew": measure_anew(benches),
        "open": opening([found for bench in benches for found in bench.openings()]),
        "motion": benches[0].motion(),
    }


def missed(figures: Figures) -> list[str]:
    """The limits that a data set's figures do not keep, with the figure."""
    wrong = sum(figures[part]["ours"]["wrong"] for part in ("random", "decoded anew"))
    found = {
        "wrong": wrong + figures["open"]["wrong"],
        "random p50 ratio": figures["random"]["p50_ratio"],
        "open_bytes": figures["open"]["max_bytes"],
    }
    return [f"{name} {value}" for name, value in found.items() if value > LIMITS[name]]


def report_seeks(part: str, figures: Figures) -> None:
    for who, name in PARTIES.items():
        if row := figures.get(who):
            print(
                f"  {part:14} {name:12} {row['seeks']:>4} {row['wrong']:>6} "
                f"{row['p50_ms']:>8.2f} {row['p95_ms']:>8.2f}"
            )
    print(f"  {part:14} p50 ratio to mediabunny {figures['p50_ratio']:.2f}")


def report(results: dict[str, Figures]) -> None:
    for dataset, figures in results.items():
        print(f"\n{dataset}: {len(figures['episodes'])} episodes, 2 cameras")
        print(f"  {'seeks':14} {'by':12} {'n':>4} {'wrong':>6} {'p50 ms':>8} {'p95 ms':>8}")
        for part in ("random", "decoded anew"):
            if part in figures:
                report_seeks(part, figures[part])
        if opened := figures.get("open"):
            print(
                f"  open to the first exact pictures: {opened['median_ms']:.0f} ms, "
                f"{opened['median_bytes'] / 1e6:.2f} MB, "
                f"at most {opened['max_bytes'] / 1e6:.2f} MB, wrong {opened['wrong']}"
            )
        for name, moved in figures.get("motion", {}).items():
            print(f"  {name}: {', '.join(f'{k} {v:.2f}' for k, v in moved.items())}")
    print(f"\nlimits: {', '.join(f'{name} {most}' for name, most in LIMITS.items())}")


def scenes_by_dataset() -> dict[str, list[Scene]]:
    found = [*demo_scenes(EPISODES), *real_scenes(EPISODES)]
    return {name: list(group) for name, group in groupby(found, key=lambda s: s.dataset)}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.bench_frames")
    parser.add_argument("--anew", action="store_true", help="only the seeks that decode anew")
    only_anew = parser.parse_args().anew
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
            results = {
                name: measure(browser, site, scenes, only_anew=only_anew)
                for name, scenes in datasets.items()
            }
            version = browser.version
            browser.close()
    report(results)
    return 0 if only_anew else conclude(results, version)


def conclude(results: dict[str, Figures], browser: str) -> int:
    """Write the figures down and say which limits they miss; the exit code."""
    misses = {name: missed(figures) for name, figures in results.items()}
    met = not any(misses.values())
    facts = {"browser": browser, "load": os.getloadavg(), "limits": LIMITS, "met": met}
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(facts | {"datasets": results}, indent=2) + "\n")
    for name, which in misses.items():
        if which:
            print(f"{name}, above the limit: {', '.join(which)}")
    print(f"\n{'met' if met else 'NOT MET'}; written to {RESULTS.relative_to(CHECKOUT)}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
