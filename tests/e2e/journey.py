"""What a person does in Touchline, as steps of a browser."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.stack import CHECKOUT

# Of every camera the picture with that number.
SEEN = """frame => {
  const cameras = [...document.querySelectorAll("figure[data-frame]")];
  return cameras.length === 2 && cameras.every((each) => each.dataset.frame === frame);
}"""
AXE = CHECKOUT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
TRUTH = CHECKOUT / "demo" / "truth.jsonl"
FRAME_NS = 20_000_000
# As long as for what is clicked: a busy machine makes nothing wrong.
expect.set_options(timeout=30_000)
KEYS = {
    "first_contact": "1",
    "grasp_closed": "2",
    "lift_off": "3",
    "placed": "4",
    "release": "5",
    "slip": "6",
    "regrasp": "7",
    "impact": "8",
    "state_change": "9",
}
OUTCOME_KEYS = {
    "outcome_success": "s",
    "outcome_partial": "p",
    "outcome_failure": "f",
    "outcome_aborted": "a",
    "outcome_unclear": "u",
}


def truth(index: int) -> list[dict[str, Any]]:
    """The physics' labels of a demo episode."""
    lines = map(json.loads, TRUTH.read_text().splitlines())
    found: list[dict[str, Any]] = next(
        line["labels"] for line in lines if line["episode_index"] == index
    )
    return found


def no_violations(page: Page) -> None:
    """axe finds nothing to mend on the page as it stands."""
    if not page.evaluate("'axe' in globalThis"):
        page.add_script_tag(path=str(AXE))
    # What passes need not be listed element by element.
    found = page.evaluate(
        "async () => (await axe.run({resultTypes: ['violations']})).violations.map("
        "v => [v.id, v.nodes.slice(0, 3).map(n => n.html)])"
    )
    assert found == [], f"{page.url}: {found}"


@dataclass
class Person:
    """Somebody in a browser of their own; errors of the page's scripts fail the test."""

    page: Page
    errors: list[str]

    @classmethod
    def logged_in(cls, browser: Browser, address: str, name: str) -> "Person":
        """In a new window."""
        size: ViewportSize = {"width": 1440, "height": 900}
        page = browser.new_context(base_url=address, viewport=size).new_page()
        person = cls.at(page)
        page.goto("/login/")
        page.fill("#id_username", name)
        page.fill("#id_password", f"{name}-demo")
        page.keyboard.press("Enter")
        expect(page.get_by_role("button", name="Log out")).to_be_visible()
        return person

    @classmethod
    def at(cls, page: Page) -> "Person":
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        return cls(page, errors)

    def check(self) -> None:
        """The page is accessible and nothing broke behind it."""
        no_violations(self.page)
        assert self.errors == []

    # The queue.

    def next_episode(self, project: str) -> int:
        """Claim from the queue's page; the number of the demo episode that was handed out."""
        self.page.goto("/queue/")
        card = self.page.locator(".card", has_text=project)
        card.get_by_role("button", name=re.compile("episode", re.I)).first.click()
        return self.in_editor()

    def in_editor(self) -> int:
        """Wait for the first picture of every camera; the number of the demo episode."""
        expect(self.page).to_have_url(re.compile("/annotate/"))
        self.see_frame(0)
        key = self.page.evaluate(
            "JSON.parse(document.getElementById('timeline-payload').textContent).episode.key"
        )
        return int(re.sub(r"\D", "", key))

    # The editor.

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def rests(self) -> None:
        """What was pressed has been painted: readouts of time are written with the picture."""
        self.page.evaluate(
            "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
        )

    def until(self, holds: str, value: object) -> None:
        """Looked at with every picture: expect() does after 100, 250, 500 and each 1,000 ms."""
        self.page.wait_for_function(holds, arg=value)

    def see_frame(self, frame: int) -> None:
        """Every camera shows this frame, and says so."""
        self.until(SEEN, str(frame))

    def go_to(self, frame: int) -> None:
        self.press("g")
        self.page.get_by_label("Time or frame").fill(f"f{frame}")
        self.press("Enter")
        shown = "frame => document.querySelector('[data-testid=frame]').textContent === frame"
        self.until(shown, str(frame))

    def mark(self, labels: list[dict[str, Any]], *, late: int = 0) -> None:
        """Mark an episode as ``labels`` say, by keyboard; contacts ``late`` frames late."""
        for label in labels:
            if label["kind"] == "instant":
                self.go_to(label["start_ns"] // FRAME_NS + late)
                self.press(KEYS[label["label_class"]])
        self.press("Escape")
        for label in labels:
            if label["kind"] == "segment":
                self.mark_instruction(label)
        for label in labels:
            if label["kind"] == "span":
                self.mark_span(label)
        outcome = next(label for label in labels if label["kind"] == "outcome")
        self.press("o", OUTCOME_KEYS[outcome["label_class"]])
        if outcome["label_class"] == "outcome_partial":
            self.answer_goals(outcome["attributes"])

    def answer_goals(self, answers: dict[str, str]) -> None:
        """Success and failure answer the goals themselves; of partial each one is said."""
        for place, answer in enumerate(answers.values(), 1):
            for _ in range(("met", "not_met", "not_seen").index(answer) + 1):
                self.press("o", str(place))

    def mark_instruction(self, label: dict[str, Any]) -> None:
        self.draw("q", label)
        text = self.page.get_by_label("Instruction text")
        expect(text).to_be_focused()
        text.fill(label["text"])
        self.press("Enter")

    def mark_span(self, label: dict[str, Any]) -> None:
        self.draw("w" if label["label_class"] == "failure" else "e", label)
        # What the class must have is asked for at once.
        expect(self.page.locator("[data-attribute][required]").first).to_be_focused()
        for name, value in label["attributes"].items():
            field = self.page.locator(f"[data-attribute={name}]")
            field.select_option(str(value).lower() if isinstance(value, bool) else value)
        self.press("Escape", "Escape")

    def draw(self, key: str, label: dict[str, Any]) -> None:
        """Press the class's key at both ends; what was drawn opens by itself."""
        self.go_to(label["start_ns"] // FRAME_NS)
        self.press(key)
        # The end of the episode is no frame; on the last frame, the end means it.
        self.go_to(min(label["end_ns"] // FRAME_NS, self.last_frame()))
        self.press(key)

    def last_frame(self) -> int:
        duration_ns: int = self.page.evaluate(
            "JSON.parse(document.getElementById('timeline-payload').textContent).episode.duration_ns"
        )
        return duration_ns // FRAME_NS - 1

    def phase(self, wanted: str) -> None:
        """Of what was marked: saved, offline, lease_lost and so on."""
        there = "phase => document.querySelector('[data-testid=save]')?.dataset.phase === phase"
        self.until(there, wanted)

    def saved(self) -> None:
        self.phase("saved")

    def label_count(self) -> int:
        return self.page.locator("[data-label]").count()


def download(page: Page, name: str, folder: Path) -> Path:
    with page.expect_download() as started:
        page.get_by_role("link", name=name).click()
    path = folder / started.value.suggested_filename
    started.value.save_as(path)
    return path
