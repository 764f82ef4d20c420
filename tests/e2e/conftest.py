"""A real browser on a real stack."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, StorageState, sync_playwright

from tests.e2e.journey import Person
from tests.e2e.trials import Trial, make_trials
from tests.stack import Stack, running_stack

# Without these, a browser on a closed network spends its time on refused connections.
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def chromium() -> str | None:
    named = os.environ.get("TOUCHLINE_CHROMIUM")
    found = (shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))
    return named or next(filter(None, found), None)


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The embedded stack with its demo project, in a folder and on a port of its own."""
    folder: Path = tmp_path_factory.mktemp("stack")
    # The database's account has to pass through the folders pytest made for this user alone.
    for above in (folder, *folder.parents[:2]):
        above.chmod(0o755)
    with running_stack(folder) as running:
        yield running


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


@pytest.fixture(scope="session")
def trials(stack: Stack) -> Iterator[str]:
    return make_trials(stack)


@pytest.fixture(scope="session")
def session_of_ada(stack: Stack, browser: Browser) -> StorageState:
    """Her cookies after one log-in."""
    context = Person.logged_in(browser, stack.address, "ada").page.context
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def ada(stack: Stack, browser: Browser, session_of_ada: StorageState) -> Iterator[Person]:
    person = Person.arriving(browser, stack.address, session_of_ada)
    yield person
    person.page.context.close()


@pytest.fixture
def trial(ada: Person, trials: Iterator[str]) -> Iterator[Trial]:
    """ada in the editor, with a project of her own."""
    begun = Trial.begun(ada, next(trials))
    yield begun
    assert begun.person.errors == []
