"""Pictures of the editor and the workbench for docs/images, taken of a running one to stay true.

    python -m tests.screenshots [FOLDER]

Starts a stack of its own with the demo, labels an episode as the physics says, and takes the
editor's pictures from that page; a reviewer's are of the worked example. Needs Chromium.
"""

import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.e2e.conftest import QUIET, chromium
from tests.e2e.journey import Person, truth
from tests.e2e.test_workbench import open_the_last_example
from tests.stack import CHECKOUT, running_stack

IMAGES = CHECKOUT / "docs" / "images"
WIDE, NARROW = (1440, 900), (1024, 768)
# The pictures have to have come, and the lanes to have been drawn at their new size.
SETTLE_MS = 700
FILM_TRIES = 60
FILMED = (
    "JSON.parse(document.getElementById('timeline-payload').textContent)"
    ".streams.every((stream) => stream.sprite)"
)


def sized(page: Page, size: tuple[int, int], theme: str) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
    page.wait_for_timeout(SETTLE_MS)


def opened(person: Person, key: str) -> Callable[[], None]:
    """Opens a dialog by its key; what closes it again."""
    person.press(key)
    person.page.locator("dialog[open]").wait_for()
    person.page.wait_for_timeout(SETTLE_MS // 2)
    return lambda: person.press("Escape")


@dataclass
class Shots:
    """Takes pictures of a page and lists them."""

    page: Page
    folder: Path
    taken: list[Path] = field(default_factory=list)

    def __call__(self, name: str, of: str | None = None) -> None:
        path = self.folder / f"{name}.png"
        target = self.page.locator(of) if of else self.page
        target.screenshot(path=path)
        self.taken.append(path)


def take(person: Person, folder: Path) -> list[Path]:
    page, shot = person.page, Shots(person.page, folder)
    sized(page, WIDE, "light")
    shot("editor")
    shot("editor-contact-strip", ".tl-views")
    for key, name in (("Control+k", "palette"), ("?", "keys"), ("Control+,", "settings")):
        close = opened(person, key)
        if name == "palette":
            page.keyboard.type("bound")
            page.wait_for_timeout(SETTLE_MS // 2)
        shot(f"editor-{name}", "dialog[open]")
        close()
    sized(page, WIDE, "dark")
    shot("editor-dark")
    sized(page, NARROW, "light")
    shot("editor-1024")
    return shot.taken


def take_workbench(person: Person, folder: Path) -> list[Path]:
    """The first difference of an episode, with a word on it."""
    open_the_last_example(person)
    person.press("n")
    person.press("Shift+I")
    person.page.locator(".tl-sides .tl-word[data-verdict=ok]").first.wait_for()
    shot = Shots(person.page, folder)
    sized(person.page, WIDE, "light")
    shot("workbench")
    return shot.taken


def filmed(person: Person) -> None:
    """Wait until the worker has made the filmstrip, which a page shows that is opened after it."""
    for _ in range(FILM_TRIES):
        if person.page.evaluate(FILMED):
            return
        person.page.wait_for_timeout(1000)
        person.page.reload()
        person.in_editor()
    sys.exit("The worker has made no filmstrip.")


def labelled(person: Person) -> None:
    """An episode as a person leaves it, the playhead at the grasp, which is selected."""
    episode = person.next_episode("SO-101 pick and place")
    filmed(person)
    labels = truth(episode)
    person.mark(labels)
    grasp = next(one for one in labels if one["label_class"] == "grasp_closed")
    person.press("Escape")
    person.page.locator('[data-label]:has-text("Grasp closed")').first.click()
    person.saved()
    frame = person.page.get_by_test_id("frame").inner_text()
    assert int(frame) * 20_000_000 == grasp["start_ns"], frame


def main(folder: Path = IMAGES) -> None:
    program = chromium()
    if program is None:
        sys.exit("Pictures need Chromium: install it, or set TOUCHLINE_CHROMIUM to the program.")
    with tempfile.TemporaryDirectory() as place, sync_playwright() as driver:
        above = Path(place)
        # The database's account has to pass through the folder made for this user alone.
        above.chmod(0o755)
        with running_stack(above) as stack:
            browser = driver.chromium.launch(executable_path=program, args=QUIET)
            person = Person.logged_in(browser, stack.address, "ada")
            labelled(person)
            ravi = Person.logged_in(browser, stack.address, "ravi")
            for path in (*take(person, folder), *take_workbench(ravi, folder)):
                print(f"{path.relative_to(CHECKOUT)}  {path.stat().st_size // 1024} kB")
            assert person.errors == ravi.errors == [], (person.errors, ravi.errors)
            browser.close()


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
