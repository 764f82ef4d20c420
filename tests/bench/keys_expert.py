"""A scripted expert: knows what is to be marked, and marks it with the editor's own keys."""

import random
import time
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from playwright.sync_api import Page

from tests.e2e.journey import FRAME_NS, KEYS, OUTCOME_KEYS

Json = dict[str, Any]

# How exactly a practised hand meets a moment that it sees coming, standard deviation.
HAND_MS = 30.0
SPAN_KEYS = {"failure": "w", "recovery": "e"}
# Resolves when the playhead has come to a frame, or playing has ended before it.
WAIT_FRAME = """
(frame) => new Promise((done) => {
  const shown = document.querySelector('[data-testid=frame]');
  const began = performance.now();
  const look = () => {
    if (Number(shown.textContent) >= frame || performance.now() - began > 60000) done();
    else requestAnimationFrame(look);
  };
  look();
})
"""
# One page opens all episodes: it listens once, and counts anew.
COUNT = """
() => {
  const counted = window.pressed !== undefined;
  window.pressed = { strokes: 0, keys: 0 };
  if (counted) return;
  const alone = new Set(['Shift', 'Control', 'Alt', 'Meta']);
  addEventListener('keydown', (event) => {
    if (event.repeat) return;
    window.pressed.keys += 1;
    if (!alone.has(event.key)) window.pressed.strokes += 1;
  }, true);
}
"""


@dataclass(frozen=True)
class Moment:
    """Something to press while the episode plays."""

    frame: int
    key: str
    label_class: str


@dataclass
class Expert:
    """One pass at half speed for everything that has a time, then what has none."""

    page: Page
    chance: random.Random
    began: float = field(default_factory=time.monotonic)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def label(self, truth: list[Json], last_frame: int, *, gap_free: bool) -> None:
        """Everything that ``truth`` says, up to handing it in."""
        if not gap_free:
            self.press("Shift+B")
        self.press("Shift+J", " ")
        self.mark_while_playing(truth)
        self.page.evaluate(WAIT_FRAME, last_frame)
        self.press("f")
        self.answer_spans(truth)
        self.mend_texts(truth)
        outcome = next(label for label in truth if label["kind"] == "outcome")
        self.press("o", OUTCOME_KEYS[outcome["label_class"]])
        self.answer_goals(outcome)

    def mark_while_playing(self, truth: list[Json]) -> None:
        for moment in moments(truth):
            late = self.chance.gauss(0, HAND_MS) / 1000 / (FRAME_NS / 1e9) / 2
            self.page.evaluate(WAIT_FRAME, max(0, round(moment.frame + late)))
            expected = self.page.evaluate(
                "() => document.querySelector('.tl-class--next')?.dataset.class"
            )
            self.press("d" if expected == moment.label_class else moment.key)

    def answer_spans(self, truth: list[Json]) -> None:
        """`C` goes to what a failure or recovery still has to say, and opens it."""
        for label in sorted(truth, key=lambda each: each["start_ns"] or 0):
            if label["kind"] != "span":
                continue
            self.press("c")
            for name, value in label["attributes"].items():
                chosen = self.page.locator(f"[data-attribute={name}]")
                chosen.focus()
                self.choose(name, value)
            self.press("Enter")

    def choose(self, name: str, value: Any) -> None:
        """Type-ahead: as many letters of the option's name as tell it from the others."""
        if isinstance(value, bool):
            self.press("y" if value else "n")
            return
        options = self.page.locator(f"[data-attribute={name}] option")
        names = [text.lower() for text in options.all_inner_texts()]
        wanted = options.evaluate_all(
            "(all, value) => all.find((one) => one.value === value).textContent", value
        ).lower()
        for length in range(1, len(wanted) + 1):
            first = next(text for text in names if text.startswith(wanted[:length]))
            if first == wanted:
                self.press(*wanted[:length])
                return

    def mend_texts(self, truth: list[Json]) -> None:
        """Where an episode went otherwise than usual, the names that were filled in are mended."""
        wanted = [label["text"] for label in truth if label["kind"] == "segment"]
        for place, text in enumerate(wanted):
            if self.texts()[place] == text:
                continue
            self.walk_to(place)
            self.press("Enter")
            self.type_text(text)

    def texts(self) -> list[str]:
        return [row["text"] for row in self.rows() if row["kind"] == "segment"]

    def rows(self) -> list[Json]:
        found: list[Json] = self.page.evaluate(
            "() => [...document.querySelectorAll('[data-label]')].map((row) => ({"
            " kind: row.dataset.kind, text: row.dataset.text,"
            " selected: row.getAttribute('aria-selected') === 'true' }))"
        )
        return found

    def walk_to(self, place: int) -> None:
        rows = self.rows()
        at = [i for i, row in enumerate(rows) if row["kind"] == "segment"][place]
        now = next((i for i, row in enumerate(rows) if row["selected"]), None)
        if now is None:
            self.press(".")
            self.walk_to(place)
            return
        self.press(*(["." if at > now else ","] * abs(at - now)))

    def type_text(self, text: str) -> None:
        """Letters until the right offer is the first, the arrows when that is shorter."""
        self.press("Backspace")
        for letter in ("", *text):
            if letter:
                self.press(letter)
            offers = self.page.locator(".tl-completing__offer").all_inner_texts()
            if text in offers[:4]:
                self.press(*["ArrowDown"] * (offers.index(text) + 1), "Enter")
                return
        self.press("Enter")

    def answer_goals(self, outcome: Json) -> None:
        """Success and failure answer the goals themselves; of partial each is said."""
        if outcome["label_class"] != "outcome_partial":
            return
        answers = [value for key, value in outcome["attributes"].items() if key.startswith("goal.")]
        for place, answer in enumerate(answers, 1):
            for _ in range(("met", "not_met", "not_seen").index(answer) + 1):
                self.press("o", str(place))

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began


def moments(truth: list[Json]) -> list[Moment]:
    """What has a time, in its order; of segments the boundaries between them."""
    found = []
    segments = [label for label in truth if label["kind"] == "segment"]
    for _, right in pairwise(segments):
        found.append(Moment(right["start_ns"] // FRAME_NS, "b", "instruction"))
    for label in truth:
        if label["kind"] == "instant":
            key = KEYS[label["label_class"]]
            found.append(Moment(label["start_ns"] // FRAME_NS, key, label["label_class"]))
        elif label["kind"] == "span":
            key = SPAN_KEYS[label["label_class"]]
            for edge in ("start_ns", "end_ns"):
                found.append(Moment(label[edge] // FRAME_NS, key, label["label_class"]))
    return sorted(found, key=lambda moment: moment.frame)
