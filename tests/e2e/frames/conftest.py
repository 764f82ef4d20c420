"""Fixtures of the frame tests: built page, generated videos, a page with the harness open."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Error, Page

from tests import fixtures_video
from tests.e2e.frames.build import build_page
from tests.e2e.frames.site import Site, running_site
from tests.fixtures_video import VideoFixture

MakeVideo = Callable[[str], VideoFixture]


class Harness:
    """The harness page: each attribute is a function of it, called with JSON values."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.errors: list[str] = []

        def hear(error: Error) -> None:
            self.errors.append(str(error))

        self.hear = hear
        page.on("pageerror", hear)

    def leave(self) -> None:
        """Everything of the page ends; nothing of it was wrong."""
        self.page.goto("about:blank")
        self.page.remove_listener("pageerror", self.hear)
        assert self.errors == []

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            script = f"(given) => window.framesHarness.{name}(...given)"
            return self.page.evaluate(script, list(arguments))

        return call


@pytest.fixture(scope="session")
def frames_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_page(tmp_path_factory.mktemp("frames_page"))


@pytest.fixture(scope="session")
def video(tmp_path_factory: pytest.TempPathFactory) -> MakeVideo:
    """Generated videos by name, each made once."""
    folder = tmp_path_factory.mktemp("videos")
    made: dict[str, VideoFixture] = {}

    def make(name: str) -> VideoFixture:
        if name not in made:
            made[name] = fixtures_video.build(name, folder)
        return made[name]

    return make


@pytest.fixture
def site(frames_page: Path) -> Iterator[Site]:
    with running_site(frames_page) as running:
        yield running


@pytest.fixture(scope="session")
def tab(browser: Browser) -> Iterator[Page]:
    """A tab for all of them: each site is another origin, and a tab of its own takes longer."""
    page = browser.new_page()
    yield page
    page.close()


@pytest.fixture
def harness(tab: Page, site: Site) -> Iterator[Harness]:
    opened = Harness(tab)
    tab.goto(site.address)
    yield opened
    opened.leave()
