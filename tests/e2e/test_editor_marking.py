"""Marking by hand: undo, dragged edges, texts that open by themselves, recoveries, lanes."""

import pytest
from playwright.sync_api import expect

from tests.e2e.journey import FRAME_NS
from tests.e2e.trials import Trial

pytestmark = pytest.mark.browser
# The timeline's geometry: the column of names, the head above the lanes, and the first lanes.
NAMES, HEAD, FILM, CONTACTS, INSTRUCTION = 160, 50, 41, 27, 28
AIR = 0.01


def point(trial: Trial, frame: int) -> tuple[float, float]:
    """The middle of the instruction lane at a frame."""
    payload = trial.payload
    box = trial.person.page.locator(".tl-lanes").bounding_box()
    assert box
    width = trial.person.page.evaluate("document.querySelector('[data-stage]').clientWidth") - NAMES
    share = frame * FRAME_NS / payload["episode"]["duration_ns"]
    film = FILM if payload["streams"][0]["sprite"] else 0
    x = box["x"] + NAMES + (share + AIR) / (1 + 2 * AIR) * width
    return x, box["y"] + HEAD + film + CONTACTS + INSTRUCTION / 2


def segments(trial: Trial) -> list[tuple[int, int, str]]:
    trial.phase("saved")
    return [
        (each["start_ns"] // FRAME_NS, each["end_ns"] // FRAME_NS, each["text"])
        for each in sorted(trial.stored()["labels"], key=lambda each: each["start_ns"])
        if each["kind"] == "segment"
    ]


def test_undo_and_redo_by_key(trial: Trial) -> None:
    trial.drop(20, "1")
    trial.drop(30, "2")
    trial.shows(2)
    trial.person.press("Control+z", "Control+z")
    trial.shows(0)
    trial.person.press("Control+Shift+z")
    trial.shows(1)
    trial.phase("saved")
    (label,) = trial.stored()["labels"]
    assert (label["label_class"], label["start_ns"]) == ("first_contact", 20 * FRAME_NS)


def test_a_dragged_edge_lies_on_a_frame_and_is_one_step(trial: Trial) -> None:
    page = trial.person.page
    trial.drop(100, "b")
    trial.person.press("Escape")
    trial.drop(200, "b")
    # Candidates lie about here: without them an edge goes onto frames alone.
    trial.person.press("Escape", "Escape", "Shift+S")
    mouse = page.mouse
    x, y = point(trial, 100)
    mouse.move(x + 1, y)
    mouse.down()
    for frame in (110, 120, 130):
        mouse.move(point(trial, frame)[0], y, steps=3)
    mouse.up()
    (start, moved, _), (shared, end, _) = segments(trial)
    assert (start, end) == (0, 200)
    assert moved == shared
    assert abs(moved - 130) <= 1
    trial.person.press("Control+z")
    assert segments(trial) == [(0, 100, ""), (100, 200, "")]


def test_a_drawn_instruction_opens_its_text_and_letters_are_no_commands(trial: Trial) -> None:
    page = trial.person.page
    trial.drop(100, "b")
    text = page.get_by_label("Instruction text")
    expect(text).to_be_focused()
    page.keyboard.type("move above the red block")
    trial.person.press("Enter")
    expect(page.locator("[data-stage]")).to_be_focused()
    assert segments(trial) == [(0, 100, "move above the red block")]
    # Left empty, the arrows step on: boundaries can be cut first and named later.
    trial.drop(150, "b")
    expect(text).to_be_focused()
    trial.person.press("Shift+ArrowRight", "b")
    assert [each[:2] for each in segments(trial)] == [(0, 100), (100, 150), (150, 160)]


def test_a_recovery_begins_where_its_failure_ended(trial: Trial) -> None:
    person = trial.person
    trial.drop(100, "w")
    trial.drop(120, "w")
    mode = person.page.locator("[data-attribute=mode]")
    expect(mode).to_be_focused()
    mode.select_option("drop")
    person.press("Enter")
    expect(person.page.locator("[data-stage]")).to_be_focused()
    trial.drop(180, "e")
    strategy = person.page.locator("[data-attribute=strategy]")
    expect(strategy).to_be_focused()
    strategy.select_option("regrasp")
    person.press("Enter")
    trial.phase("saved")
    spans = {each["label_class"]: each for each in trial.stored()["labels"]}
    assert spans["recovery"]["start_ns"] == spans["failure"]["end_ns"] == 120 * FRAME_NS
    assert spans["recovery"]["end_ns"] == 180 * FRAME_NS


def test_signal_lanes_fold_by_key_and_stay_so(trial: Trial) -> None:
    person = trial.person
    said = person.page.get_by_test_id("announcer")
    person.press("ArrowDown")
    expect(said).to_contain_text("gripper: open")
    person.press("x")
    expect(said).to_contain_text("gripper: folded")
    person.page.reload()
    person.see_frame(0)
    person.press("ArrowDown")
    expect(said).to_contain_text("gripper: folded")


def test_the_strip_marks_the_playhead_and_nothing_else(trial: Trial) -> None:
    person = trial.person
    strip = person.page.locator(".tl-strip")
    for _ in range(12):
        person.press("ArrowRight")
        now = person.page.evaluate(
            "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() =>"
            " done([document.querySelector('.tl-strip').dataset.frame,"
            " document.querySelector('[data-testid=frame]').textContent]))))"
        )
        assert now[0] == now[1]
    expect(strip).to_have_attribute("data-pending", "false")
