"""What can break between a key press and the database, and breaking it in a real browser."""

import contextlib
import json
import os
import random
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import APIResponse, Error, Page, Route, expect

from tests.e2e.journey import Person
from tests.e2e.trials import Trial
from tests.stack import Stack

SAVE = "**/annotation-sets/*/labels"
# Tells of a write to the browser's own database: its request is made, nothing is through yet.
TELL_WRITES = """
(() => {
  const put = IDBObjectStore.prototype.put;
  IDBObjectStore.prototype.put = function (...given) {
    if (this.name === "drafts" && window.tellWrite && sessionStorage.getItem("armed")) {
      sessionStorage.removeItem("armed");
      void window.tellWrite();
    }
    return put.apply(this, given);
  };
})();
"""


def web_workers(stack: Stack) -> list[int]:
    """The processes that answer requests."""
    facts = json.loads(Path(stack.environment["TOUCHLINE_RUN_FILE"]).read_text())
    (master,) = (child["pid"] for name, child in facts["children"].items() if "web" in name)
    children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
    return [int(pid) for pid in children]


def kill_server(stack: Stack) -> None:
    """Every process that answers requests, at once and without a word."""
    for pid in web_workers(stack):
        os.kill(pid, signal.SIGKILL)


def renderer(page: Page) -> int:
    """The process behind the page: of those of this browser, the one that works when it does."""
    browser = page.context.browser
    assert browser is not None
    asked = browser.new_browser_cdp_session()

    def worked() -> dict[int, float]:
        found = asked.send("SystemInfo.getProcessInfo")["processInfo"]
        return {each["id"]: each["cpuTime"] for each in found if each["type"] == "renderer"}

    before = worked()
    page.evaluate("() => { const end = performance.now() + 200; while (performance.now() < end); }")
    after = worked()
    asked.detach()
    return max(after, key=lambda process: after[process] - before.get(process, 0.0))


@dataclass
class Faults:
    """Runs marks against faults; afterwards each mark is on the server, once."""

    trial: Trial
    stack: Stack
    dice: random.Random = field(default_factory=lambda: random.Random(4))
    marked: int = 0
    killed: int = 0
    unwritten: int = 0
    slowest_s: float = 0.0

    @property
    def page(self) -> Page:
        return self.trial.person.page

    def run(self, count: int) -> None:
        faults: list[Callable[[], None]] = [
            self.before_request,
            self.within_request,
            self.before_answer,
            self.within_local_write,
        ]
        self.page.add_init_script(TELL_WRITES)
        self.page.reload()
        self.trial.person.see_frame(0)
        for number in range(count):
            faults[number % len(faults)]()
            self.check()

    def mark(self) -> None:
        """One more contact, on a frame of its own."""
        self.page.keyboard.press("ArrowRight")
        self.page.keyboard.press("ArrowRight")
        self.page.keyboard.press("1")
        self.marked += 1

    def check(self) -> None:
        began = time.monotonic()
        self.trial.phase("saved")
        # The list draws only the rows that are seen; its heading counts all of them.
        heading = self.page.get_by_role("heading", name=f"Labels {self.marked}", exact=True)
        expect(heading).to_be_visible()
        self.slowest_s = max(self.slowest_s, time.monotonic() - began)
        labels = self.stored()
        ids = {each["id"] for each in labels}
        times = {each["start_ns"] for each in labels}
        assert len(labels) == len(ids) == len(times) == self.marked

    def stored(self) -> list[dict[str, Any]]:
        """Asked again where the kept connection was one to a process that is gone."""
        for _ in range(10):
            with contextlib.suppress(Error):
                labels: list[dict[str, Any]] = self.trial.stored()["labels"]
                return labels
        raise AssertionError("the server does not come back")

    def kill(self) -> None:
        kill_server(self.stack)
        self.killed += 1

    def once(self, fault: Callable[[Route], None]) -> None:
        begun: list[bool] = []
        done: list[bool] = []

        def handle(route: Route) -> None:
            if route.request.method != "PATCH" or begun:
                route.fallback()
                return
            begun.append(True)
            fault(route)
            done.append(True)

        self.page.route(SAVE, handle)
        self.mark()
        self.wait_for(done, "nothing was saved")
        self.page.unroute(SAVE, handle)

    def before_request(self) -> None:
        """The server dies as the request leaves; it never arrives."""

        def fault(route: Route) -> None:
            self.kill()
            route.abort("connectionrefused")

        self.once(fault)

    def within_request(self) -> None:
        """The server dies while it works on the request: committed or not, nobody can tell."""

        def fault(route: Route) -> None:
            route.continue_()
            time.sleep(self.dice.uniform(0, 0.03))
            self.kill()

        self.once(fault)

    def before_answer(self) -> None:
        """The server has committed and dies before it has said so."""

        def fault(route: Route) -> None:
            answer: APIResponse = route.fetch()
            assert answer.ok, answer.text()
            self.kill()
            route.abort("connectionreset")

        self.once(fault)

    def within_local_write(self) -> None:
        """The tab's process dies while the browser writes the draft; the server dies, too.

        What was being written is there whole or not at all; all that was marked before is there.
        """
        page = self.page
        told: list[bool] = []
        died: list[bool] = []
        page.expose_function("tellWrite", lambda: told.append(True))
        page.on("crash", lambda _: died.append(True))
        process = renderer(page)
        page.evaluate("sessionStorage.setItem('armed', '1')")
        self.mark()
        self.wait_for(told, "nothing was written")
        os.kill(process, signal.SIGKILL)
        self.kill()
        address = page.url
        helper = page.context.new_page()
        deadline = time.monotonic() + 15
        while not died and time.monotonic() < deadline:
            helper.wait_for_timeout(20)
        assert died, "the tab did not die"
        self.open_again(address, helper)

    def wait_for(self, told: list[bool], otherwise: str) -> None:
        deadline = time.monotonic() + 15
        while not told and time.monotonic() < deadline:
            self.page.wait_for_timeout(1)
        assert told, otherwise

    def open_again(self, address: str, page: Page) -> None:
        """Another tab of the same browser: what the dead one left is taken up."""
        dead = self.page
        page.add_init_script(TELL_WRITES)
        errors = self.trial.person.errors
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(address)
        self.trial.person = Person(page, errors)
        self.trial.person.see_frame(0)
        dead.close()
        self.trial.phase("saved")
        found = len(self.stored())
        assert found in (self.marked, self.marked - 1)
        self.unwritten += self.marked - found
        self.marked = found
        # Where the marks went on from is found again.
        self.trial.person.go_to(2 * (self.marked + self.unwritten))
