"""Keystrokes and active seconds of ten demo episodes, labelled by a scripted expert in Chromium.

    python -m tests.bench.bench_keys

The expert plays each episode once at half speed, marks with the keys of the editor as it plays,
lets the instructions be named by one key, and mends what went otherwise. No proposals are used. Its
hand is off by 30 ms (standard deviation); what came out is compared with the physics. Exits with 1
when a pick-and-place takes more than 25 strokes. Written to bench-results/keys.json.
"""

import json
import random
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from tests.bench.keys_expert import COUNT, Expert
from tests.e2e.conftest import QUIET, chromium
from tests.e2e.journey import Person, truth
from tests.stack import CHECKOUT, Stack, running_stack

RESULTS = CHECKOUT / "bench-results" / "keys.json"
EPISODES = 10
MOST_STROKES = 25
PROJECT = "Keys"
CONTACT_NS = 100_000_000
BOUNDARY_NS = 333_000_000
SEED = f"""
from annotation.services.add_episodes import add_episodes
from annotation.services.create_project import create_project
from annotation.services.set_membership import set_membership
from episodes.models import Dataset
from review.services.demo import DATASET, people
cast = people()
project = create_project(actor=cast["root"], name={PROJECT!r}, overlap=1)
set_membership(actor=cast["root"], project=project, user=cast["ada"], role="annotator")
episodes = Dataset.objects.get(name=DATASET).episodes.ready().order_by("index")[:{EPISODES}]
add_episodes(actor=cast["root"], project=project, episode_ids=[each.pk for each in episodes])
"""


def labelled(person: Person, number: int) -> dict[str, Any]:
    """One episode from its first picture to Submit."""
    page = person.page
    index = person.in_editor()
    wanted = truth(index)
    page.evaluate(COUNT)
    expert = Expert(page, random.Random(index))
    expert.label(wanted, person.last_frame(), gap_free=number > 0)
    seconds = expert.seconds
    person.saved()
    address = page.evaluate(
        "JSON.parse(document.getElementById('timeline-payload').textContent).urls.save"
    )
    made = page.context.request.get(address).json()["labels"]
    before = page.evaluate("document.getElementById('timeline-payload').textContent")
    expert.press("Control+Enter")
    pressed = page.evaluate("window.pressed")
    left(person, before, number)
    return {
        "episode": index,
        "labels": len(wanted),
        "strokes": pressed["strokes"],
        "keys": pressed["keys"],
        "seconds": round(seconds, 1),
        **agreement(wanted, made),
    }


def left(person: Person, before: str, number: int) -> None:
    """Submitted: the next episode is open, or the queue."""
    person.page.wait_for_function(
        "(before) => document.getElementById('timeline-payload')?.textContent !== before",
        arg=before,
        timeout=30_000,
    )


def agreement(wanted: list[dict[str, Any]], made: list[dict[str, Any]]) -> dict[str, Any]:
    """Shares of the truth's labels that were made: within tolerance, of the same words."""

    def of(labels: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
        return sorted(
            (label for label in labels if label["kind"] == kind),
            key=lambda label: label["start_ns"] or 0,
        )

    contacts = [
        any(
            other["label_class"] == label["label_class"]
            and abs(other["start_ns"] - label["start_ns"]) <= CONTACT_NS
            for other in of(made, "instant")
        )
        for label in of(wanted, "instant")
    ]
    segments = list(zip(of(wanted, "segment"), of(made, "segment"), strict=False))
    spans = list(zip(of(wanted, "span"), of(made, "span"), strict=False))
    return {
        "contacts": f"{sum(contacts)}/{len(contacts)}",
        "boundaries": _share(
            segments, lambda a, b: abs(a["start_ns"] - b["start_ns"]) <= BOUNDARY_NS
        ),
        "texts": _share(segments, lambda a, b: a["text"] == b["text"]),
        "spans": _share(spans, lambda a, b: a["attributes"] == b["attributes"]),
        "outcome": of(wanted, "outcome")[0]["label_class"] == of(made, "outcome")[0]["label_class"],
    }


def _share(pairs: list[Any], same: Any) -> str:
    return f"{sum(bool(same(*pair)) for pair in pairs)}/{len(pairs)}"


def measure(stack: Stack) -> list[dict[str, Any]]:
    stack.shell.run(SEED)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium(), args=QUIET)
        person = Person.logged_in(browser, stack.address, "ada")
        person.next_episode(PROJECT)
        rows = [labelled(person, number) for number in range(EPISODES)]
        assert person.errors == []
        browser.close()
    return rows


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="touchline-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with running_stack(folder) as stack:
            rows = measure(stack)
    for row in rows:
        row["clean"] = [label["kind"] for label in truth(row["episode"])].count("span") == 0
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(rows, indent=1))
    names = [name for name in rows[0] if name != "clean"]
    print("".join(f"{name:>11}" for name in names))
    for row in rows:
        print("".join(f"{row[name]!s:>11}" for name in names))
    clean = [row for row in rows if row["clean"]]
    most = max(row["strokes"] for row in clean)
    print(
        f"pick-and-place: at most {most} strokes in {len(clean)} episodes, {MOST_STROKES} allowed"
    )
    return 1 if most > MOST_STROKES else 0


if __name__ == "__main__":
    sys.exit(main())
