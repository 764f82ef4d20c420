"""How long the editor keeps the page busy: commands, playback, and an hour of signals.

    python -m tests.bench.bench_editor             all of it
    python -m tests.bench.bench_editor --part hour one part; nothing written

Real Chromium, the editor without its panels. *commands*: add, drag and undo with 2,000 labels, each
with all that follows from it before the page is drawn (history, rules, what the panels are shown).
*play*: three cameras at 1x with twelve signal lanes. *hour*: an hour at 1 kHz with 60 dimensions
and 2,000 labels, dragged, zoomed and pointed at. A frame's time is what the page is busy for it:
from the beginning of the animation frame to the first task after it, with callbacks, style, layout
and painting. Beside it stands the processor time of the page's main thread a frame, which others at
work on the machine do not change much. Drawing is the processor's here. Written to
bench-results/editor.json.
"""

import argparse
import gzip
import json
import os
import struct
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

from tests.bench.bench_frames import percentile
from tests.bench.frames_data import CHECKOUT, demo_scenes
from tests.e2e.conftest import QUIET, chromium
from tests.e2e.frames.build import build_page
from tests.e2e.frames.site import Site, running_site

RESULTS = CHECKOUT / "bench-results" / "editor.json"
SCHEMA = CHECKOUT / "annotation" / "labels" / "taxonomy" / "core-2.json"
HOUR_NS = 3_600 * 10**9
LABELS = 2_000
LANES = 12
PLAY_MS = 5_000
MOVE_MS = 4_000
REPEATS = 60
LIMITS = {"commands p95 ms": 4.0, "play p95 ms": 16.0, "hour p95 ms": 16.0}
PARTS = ("commands", "play", "hour")
Figures = dict[str, Any]


def tile(values: np.ndarray[Any, np.dtype[np.float32]], period_ns: int) -> bytes:
    """Samples as the server sends them: rows of dimensions, one tile."""
    rows, dims = values.shape
    times = (np.arange(rows) * period_ns).astype("<i8")
    head = b"TLSG" + struct.pack("<4I", 2, 0, rows, dims)
    return head + times.tobytes() + values.astype("<f4").T.tobytes()


def small_signals(site: Site, duration_ns: int) -> list[Figures]:
    """Signals for twelve lanes at 50 Hz, some of which tell of candidates."""
    rows = duration_ns // 20_000_000
    chance = np.random.default_rng(7)
    found = []
    for number in range(LANES):
        dims = 1 + number % 4
        walks = np.cumsum(chance.normal(size=(rows, dims)), axis=0).astype(np.float32)
        site.documents[f"/tiles/{number}/0/0.bin"] = gzip.compress(tile(walks, 20_000_000))
        kind = "force" if number < 2 else "state"
        found.append(
            signal(f"signal {number}", kind, dims, rows, f"/tiles/{number}/", f"u{number}")
        )
    return found


def signal(name: str, kind: str, dims: int, samples: int, tiles: str, unit: str) -> Figures:
    names = [{"name": f"part_{i}", "unit": unit, "group": name} for i in range(dims)]
    return {
        "id": name, "name": name, "kind": kind, "dimensions": names, "samples": samples,
        "layout_url": "", "tile_url": tiles, "spectrogram_url": None,
    }  # fmt: skip


def hour_signal() -> Figures:
    """Sixty dimensions in groups of five: twelve lanes."""
    found = signal("hour", "state", 60, HOUR_NS // 1_000_000, "", "rad")
    for number, dimension in enumerate(found["dimensions"]):
        dimension["group"] = "gripper" if number < 5 else f"group {number // 5}"
    return found


def streams(site: Site) -> tuple[list[Figures], int]:
    """Three cameras of about one length, as the payload has them; and how long they last."""
    first, second = (scene.cameras for scene in demo_scenes(2))
    cameras = (*first, second[0])
    frames = min(camera.part.frames for camera in cameras)
    facts = {"role": "external", "width": 480, "height": 360, "sprite": None}
    found = [
        site.add_stream(f"camera-{number}", camera.path, camera.part.start_frame, frames)
        | facts
        | {"camera": f"camera {number}", "reference": number == 0}
        for number, camera in enumerate(cameras)
    ]
    return found, frames * 20_000_000


class Bench:
    def __init__(self, browser: Browser, site: Site) -> None:
        self.browser, self.site = browser, site
        self.schema = json.loads(SCHEMA.read_text())

    def page(self) -> Page:
        page = self.browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
        page.goto(self.site.address)
        page.wait_for_function("window.editorBench")
        return page

    @staticmethod
    def call(page: Page, name: str, *arguments: Any) -> Any:
        return page.evaluate(f"(given) => editorBench.{name}(...given)", list(arguments))

    def watched(self, page: Page, name: str, *arguments: Any) -> tuple[Any, float]:
        """What a call gives, and the milliseconds of the processor that the main thread took."""
        cdp = page.context.new_cdp_session(page)
        cdp.send("Performance.enable", {"timeDomain": "threadTicks"})

        def spent() -> float:
            rows = cdp.send("Performance.getMetrics")["metrics"]
            return float(next(row["value"] for row in rows if row["name"] == "ThreadTime"))

        before = spent()
        found = self.call(page, name, *arguments)
        after = spent()
        cdp.detach()
        return found, 1000 * (after - before)

    def frames(self, page: Page, name: str, *arguments: Any) -> Figures:
        busy, cpu_ms = self.watched(page, name, *arguments)
        return told(busy) | {"cpu_ms": round(cpu_ms / len(busy), 2)}

    def opened(self, given: Figures, labels: int) -> Page:
        page = self.page()
        self.call(
            page, "open", {"schema": self.schema, "streams": [], "signals": []} | given, labels
        )
        return page

    def commands(self) -> Figures:
        page = self.opened({"durationNs": HOUR_NS}, LABELS)
        self.call(page, "commands", 5)
        session = self.call(page, "commands", REPEATS)
        model = self.call(page, "model", REPEATS)
        page.context.close()
        return {
            "whole": {name: told(times) for name, times in session.items()},
            "labels alone": {name: told(times) for name, times in model.items()},
        }

    def play(self) -> Figures:
        cameras, duration_ns = streams(self.site)
        signals = small_signals(self.site, duration_ns)
        given = {"durationNs": duration_ns, "streams": cameras, "signals": signals}
        page = self.opened(given, 40)
        self.call(page, "openCameras")
        self.call(page, "settle")
        found, cpu_ms = self.watched(page, "play", min(PLAY_MS, 0.75 * duration_ns / 1e6))
        page.context.close()
        facts = {
            "lanes": found["lanes"],
            "cameras": len(cameras),
            "speed": round(found["speed"], 3),
        }
        return facts | {
            "frame": told(found["busy"]) | {"cpu_ms": round(cpu_ms / len(found["busy"]), 2)}
        }

    def hour(self) -> Figures:
        page = self.opened({"durationNs": HOUR_NS, "signals": []}, LABELS)
        page.context.close()
        lane = hour_signal()
        page = self.opened({"durationNs": HOUR_NS, "signals": [lane]}, LABELS)
        self.call(page, "openHour", lane)
        found = {}
        for shown in ("10 s", "2 min", "all"):
            self.call(page, "show", shown)
            found[f"drag, {shown} shown"] = self.frames(page, "pan", MOVE_MS)
        for what in ("zoom", "hover"):
            self.call(page, "show")
            found[what] = self.frames(page, what, MOVE_MS)
        page.context.close()
        return found


def told(times: list[float]) -> Figures:
    return {
        "n": len(times),
        "p50_ms": round(percentile(times, 0.5), 2),
        "p95_ms": round(percentile(times, 0.95), 2),
        "max_ms": round(max(times), 1),
    }


def worst(figures: Figures) -> dict[str, float]:
    """Each limit's figure: the worst p95 of what it is about."""
    found = {}
    if part := figures.get("commands"):
        found["commands p95 ms"] = max(row["p95_ms"] for row in part["whole"].values())
    if part := figures.get("play"):
        found["play p95 ms"] = part["frame"]["p95_ms"]
    if part := figures.get("hour"):
        found["hour p95 ms"] = max(row["p95_ms"] for row in part.values())
    return found


def report(figures: Figures) -> None:
    def line(name: str, row: Figures) -> None:
        print(
            f"  {name:24} n {row['n']:>4}  p50 {row['p50_ms']:>7.2f} ms  "
            f"p95 {row['p95_ms']:>7.2f} ms  max {row['max_ms']:>7.1f} ms"
            + (f"  cpu {row['cpu_ms']:>6.2f} ms a frame" if "cpu_ms" in row else "")
        )

    if part := figures.get("commands"):
        print(f"\ncommands, {LABELS} labels")
        for scope, rows in part.items():
            for name, row in rows.items():
                line(f"{scope}: {name}", row)
    if part := figures.get("play"):
        print(f"\nplay, {part['cameras']} cameras, {part['lanes']} lanes, speed {part['speed']}")
        line("frame", part["frame"])
    if part := figures.get("hour"):
        print(f"\nan hour at 1 kHz, 60 dimensions, {LABELS} labels")
        for name, row in part.items():
            line(name, row)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.bench_editor")
    parser.add_argument("--part", choices=PARTS, help="only this part")
    only = parser.parse_args().part
    program = chromium()
    if program is None:
        print("No Chromium: install the package `chromium`, or set TOUCHLINE_CHROMIUM.")
        return 1
    with tempfile.TemporaryDirectory() as name:
        page = build_page(Path(name) / "page", Path(__file__).resolve().parent / "editor_page")
        with sync_playwright() as driver, running_site(page) as site:
            browser = driver.chromium.launch(executable_path=program, args=QUIET)
            bench = Bench(browser, site)
            figures = {part: getattr(bench, part)() for part in PARTS if only in (None, part)}
            version = browser.version
            browser.close()
    report(figures)
    found = worst(figures)
    met = all(value <= LIMITS[name] for name, value in found.items())
    for name, value in found.items():
        print(f"{name}: {value} (limit {LIMITS[name]})")
    if only is None:
        facts = {"browser": version, "load": os.getloadavg(), "limits": LIMITS, "met": met}
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(json.dumps(facts | figures, indent=2) + "\n")
    print("met" if met else "NOT MET")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
