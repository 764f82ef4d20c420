"""One episode after the other in one page, and what the page then holds."""

from dataclasses import dataclass
from statistics import median
from typing import Any

from playwright.sync_api import CDPSession, Page, expect

from tests.e2e.journey import Person

KEY = "JSON.parse(document.getElementById('timeline-payload').textContent).episode.key"
CAMERAS = "#timeline-editor figure[data-frame]"
# From the key press, in the page's time: to the first picture of every camera of what comes next,
# and to the open episode with its own.
WATCH = """
() => {
  const cameras = () => [...document.querySelectorAll("SELECTOR")];
  const old = new Set(cameras());
  window.nextOpened = new Promise((resolve) => {
    addEventListener("keydown", function begin(event) {
      if (event.key !== "Enter" || !event.ctrlKey) return;
      removeEventListener("keydown", begin, true);
      const from = performance.now();
      let seen = null;
      const isFirst = (each) => each.dataset.frame === "0";
      const first = (shown) => shown.length > 0 && shown.every(isFirst);
      const look = () => {
        const now = cameras();
        const open = now.every((each) => !old.has(each)) && first(now);
        const ahead = [...document.querySelectorAll(".tl-curtain figure")];
        if (open || first(ahead)) seen ??= performance.now() - from;
        if (!open) return requestAnimationFrame(look);
        old.clear();
        resolve([seen, performance.now() - from]);
      };
      requestAnimationFrame(look);
    }, true);
  });
}
""".replace("SELECTOR", CAMERAS)


@dataclass(frozen=True)
class Held:
    """What a page holds after its garbage was collected."""

    heap_mb: float
    nodes: int
    listeners: int
    documents: int
    workers: int
    holdings: int


def held(page: Page, devtools: CDPSession) -> Held:
    for _ in range(3):
        devtools.send("HeapProfiler.collectGarbage")
        page.wait_for_timeout(50)
    metrics: dict[str, float] = {
        each["name"]: each["value"] for each in devtools.send("Performance.getMetrics")["metrics"]
    }
    holdings: int = page.evaluate("globalThis.touchlineHoldings()")
    return Held(
        heap_mb=round(metrics["JSHeapUsedSize"] / 2**20, 2),
        nodes=int(metrics["Nodes"]),
        listeners=int(metrics["JSEventListeners"]),
        documents=int(metrics["Documents"]),
        workers=len(page.workers),
        holdings=holdings,
    )


class Day:
    """ada at work, episode after episode."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.page = person.page
        self.devtools = self.page.context.new_cdp_session(self.page)
        self.devtools.send("Performance.enable")
        self.leaked_frames: list[str] = []
        self.seen_ms: list[float] = []
        self.open_ms: list[float] = []
        self.page.on("console", lambda message: self.heard(message.text))

    def heard(self, text: str) -> None:
        # What Chromium says of a picture that was dropped instead of closed.
        if "VideoFrame was garbage collected" in text:
            self.leaked_frames.append(text)

    def key(self) -> str:
        found: str = self.page.evaluate(KEY)
        return found

    def finish_episode(self, rest_ms: int) -> str:
        """Look around, mark, hand in; the key of the episode that opens then."""
        page, before = self.page, self.key()
        self.person.press("ArrowRight", "ArrowRight", "1", "o", "s")
        if rest_ms:
            # The time a person would take; what comes next is fetched meanwhile.
            self.person.saved()
            page.wait_for_timeout(rest_ms)
        page.evaluate(WATCH)
        self.person.press("Control+Enter")
        seen, opened = page.evaluate("window.nextOpened")
        self.seen_ms.append(seen)
        self.open_ms.append(opened)
        page.wait_for_function(f"{KEY} !== {before!r}")
        return self.key()

    def held(self) -> Held:
        return held(self.page, self.devtools)

    def timing(self) -> dict[str, Any]:
        """How long the episodes took so far to be seen and to be open; they are forgotten then."""
        found: dict[str, Any] = {"episodes": len(self.open_ms)}
        for name, unsorted in (("seen", self.seen_ms), ("open", self.open_ms)):
            times = sorted(unsorted)
            found[f"{name}_p50_ms"] = round(median(times), 1)
            found[f"{name}_p95_ms"] = round(times[min(len(times) - 1, int(0.95 * len(times)))], 1)
            unsorted.clear()
        return found


def open_first(person: Person, project: str) -> Day:
    person.next_episode(project)
    expect(person.page.locator(CAMERAS).first).to_be_visible()
    return Day(person)
