"""A real browser on a real stack."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.e2e.journey import Person
from tests.e2e.trials import Plan, Trial, plan_trials
from tests.e2e.windows import Window
from tests.stack import Stack, starting_stack

# Without these, a browser on a closed network spends its time on refused connections.
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
# The worker would measure the clocks of every recording, which takes a core for a minute.
MEASURED = """
from episodes.models import Episode
Episode.objects.update(sync=Episode.Sync.GREEN)
"""


def chromium() -> str | None:
    named = os.environ.get("TOUCHLINE_CHROMIUM")
    found = (shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))
    return named or next(filter(None, found), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium()
    if path is None:
        if os.environ.get("TOUCHLINE_REQUIRE_BROWSER"):
            pytest.fail("No Chromium is installed and TOUCHLINE_REQUIRE_BROWSER is set.")
        pytest.skip(
            "browser tests need Chromium: install it (Debian: apt-get install chromium), "
            "or set TOUCHLINE_CHROMIUM to the program"
        )
    with sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=path, args=QUIET)
        yield running
        running.close()


@pytest.fixture(scope="session", autouse=True)
def starting(
    request: pytest.FixtureRequest, browser: Browser
) -> Iterator[Callable[[], Stack] | None]:
    """Where any test wants the stack, it starts beside those that come before."""
    if not any("stack" in getattr(item, "fixturenames", ()) for item in request.session.items):
        yield None
        return
    # Not below pytest's own folder: the next pytest of this user closes that to the database's.
    with tempfile.TemporaryDirectory(prefix="touchline-browser-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with starting_stack(folder, MEASURED) as running:
            yield running


@pytest.fixture(scope="session")
def stack(starting: Callable[[], Stack]) -> Stack:
    """The embedded stack with its demo project, in a folder and on a port of its own."""
    return starting()


@pytest.fixture(scope="session")
def trials(stack: Stack) -> Iterator[Plan]:
    return plan_trials(stack)


@pytest.fixture(scope="session")
def windows(stack: Stack, browser: Browser) -> Iterator[Callable[[str], Window]]:
    """The window of whoever is named; one log-in each."""
    opened: dict[str, Window] = {}

    def window(name: str) -> Window:
        if name not in opened:
            opened[name] = Window(browser, stack.address, name)
        return opened[name]

    yield window
    # A connection that a browser keeps has the server wait for it before it stops.
    for each in opened.values():
        each.close()


@pytest.fixture
def ada(windows: Callable[[str], Window]) -> Iterator[Person]:
    with windows("ada").visited() as person:
        yield person


@pytest.fixture
def mei(windows: Callable[[str], Window]) -> Iterator[Person]:
    with windows("mei").visited() as person:
        yield person
        assert person.errors == []


@pytest.fixture
def ravi(windows: Callable[[str], Window]) -> Iterator[Person]:
    with windows("ravi").visited() as person:
        yield person
        assert person.errors == []


@pytest.fixture
def trial(ada: Person, trials: Iterator[Plan]) -> Iterator[Trial]:
    """ada in the editor, with a project of her own."""
    begun = Trial.begun(ada, next(trials))
    yield begun
    assert begun.person.errors == []
