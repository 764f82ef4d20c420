"""Kill the server fifty times in the middle of saves, and the tab every fourth time.

    python -m tests.bench.bench_faults [times]

Four moments in turn: before the request arrives, while it is worked on, after the commit and before
the answer, and while the browser writes its own draft (the tab's process dies then, too). After
each the labels on the server are counted: every label once. Written to bench-results/faults.json.
"""

import json
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.e2e.conftest import QUIET, chromium
from tests.e2e.faults import Faults
from tests.e2e.journey import Person
from tests.e2e.trials import Trial, plan_trials
from tests.stack import CHECKOUT, running_stack

RESULTS = CHECKOUT / "bench-results" / "faults.json"
TIMES = 50


def measure(folder: Path, times: int) -> dict[str, float]:
    with running_stack(folder) as stack, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium(), args=QUIET)
        person = Person.logged_in(browser, stack.address, "ada")
        faults = Faults(Trial.begun(person, next(plan_trials(stack))), stack)
        began = time.monotonic()
        faults.run(times)
        seconds = time.monotonic() - began
        labels = len(faults.stored())
        browser.close()
    return {
        "faults": times,
        "server_killed": faults.killed,
        "labels_marked": faults.marked + faults.unwritten,
        "labels_on_the_server": labels,
        "not_yet_written_when_the_tab_died": faults.unwritten,
        "slowest_recovery_s": round(faults.slowest_s, 2),
        "seconds": round(seconds, 1),
    }


def main() -> None:
    times = int(sys.argv[1]) if len(sys.argv) > 1 else TIMES
    with tempfile.TemporaryDirectory(prefix="touchline-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        results = measure(folder, times)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=1))
    for what, value in results.items():
        print(f"{what.replace('_', ' '):40}{value:>8}")


if __name__ == "__main__":
    main()
