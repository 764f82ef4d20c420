"""From Ctrl+Enter to the next episode, seen and open; and two hundred episodes in one page.

    python -m tests.bench.bench_editor_next [episodes]

Twenty times with what comes next fetched ahead, twenty times with the page loaded anew (what it was
before, the reference of the same run), then on to two hundred for what the page holds. Written to
bench-results/editor_next.json.
"""

import json
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import sync_playwright

from tests.e2e.conftest import QUIET, chromium
from tests.e2e.journey import Person
from tests.e2e.longday import CAMERAS, Day, open_first
from tests.e2e.manyepisodes import make_project
from tests.stack import CHECKOUT, running_stack

RESULTS = CHECKOUT / "bench-results" / "editor_next.json"
EPISODES = 200
TIMED, REST_MS = 20, 1_500


def loaded_anew(day: Day) -> float:
    """Milliseconds from asking for the present episode's page to its first picture."""
    began = time.perf_counter()
    day.page.reload(wait_until="commit")
    day.page.wait_for_function(
        f"() => {{ const all = [...document.querySelectorAll('{CAMERAS}')];"
        "return all.length > 0 && all.every((each) => each.dataset.frame === '0'); }"
    )
    return 1000 * (time.perf_counter() - began)


def measure(folder: Path, episodes: int) -> dict[str, Any]:
    with running_stack(folder) as stack, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium(), args=QUIET)
        person = Person.logged_in(browser, stack.address, "ada")
        day = open_first(person, make_project(stack, "Long day", episodes + 2))
        anew = [loaded_anew(day) for _ in range(TIMED)]
        for _ in range(TIMED):
            day.finish_episode(REST_MS)
        ahead = day.timing()
        held = [day.held()]
        for done in range(TIMED, episodes):
            day.finish_episode(rest_ms=0)
            if (done + 1) % 20 == 0:
                held.append(day.held())
        results = {
            "fetched_ahead": ahead,
            "at_once": day.timing() if day.open_ms else None,
            "page_loaded_anew_p50_ms": round(median(anew), 1),
            "ratio_to_loading": round(ahead["seen_p50_ms"] / median(anew), 3),
            "ratio_open_to_loading": round(ahead["open_p50_ms"] / median(anew), 3),
            "held_every_20": [asdict(each) for each in held],
            "pictures_not_closed": len(day.leaked_frames),
        }
        browser.close()
    return results


def main() -> None:
    episodes = int(sys.argv[1]) if len(sys.argv) > 1 else EPISODES
    with tempfile.TemporaryDirectory(prefix="touchline-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        results = measure(folder, episodes)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=1))
    ahead = results["fetched_ahead"]
    print(f"Ctrl+Enter to the next episode, fetched ahead: {ahead}")
    print(f"the same, handed in at once: {results['at_once']}")
    print(f"page loaded anew, p50: {results['page_loaded_anew_p50_ms']} ms")
    print(f"ratio: {results['ratio_to_loading']} seen, {results['ratio_open_to_loading']} open")
    for number, each in enumerate(results["held_every_20"]):
        print(f"after {TIMED + 20 * number:>3} episodes: {each}")
    print(f"pictures not closed: {results['pictures_not_closed']}")


if __name__ == "__main__":
    main()
