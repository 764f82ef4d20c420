"""A manager brings a dataset in by the browser; the upload survives a connection that breaks."""

import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.journey import no_violations
from tests.e2e.windows import Window
from tests.pure.formats.sets import Plan, cut, write_v21

pytestmark = pytest.mark.browser


@pytest.fixture
def page(windows: Callable[[str], Window]) -> Iterator[Page]:
    with windows("root").visited() as root:
        yield root.page


@pytest.fixture
def packed(tmp_path: Path) -> Path:
    """Three episodes, the second broken; large enough for several chunks."""
    root = write_v21(tmp_path / "bricks", Plan(lengths=(6, 9, 5)))
    cut(root / "data/chunk-000/episode_000001.parquet", 0.5)
    archive = tmp_path / "bricks.zip"
    with zipfile.ZipFile(archive, "w") as into:
        for path in sorted(root.rglob("*")):
            into.write(path, path.relative_to(tmp_path))
        into.writestr("bricks/padding.bin", bytes(range(256)) * (20 * 2**12))
    return archive


def test_a_zip_becomes_episodes(page: Page, packed: Path) -> None:
    page.goto("/imports/")
    no_violations(page)
    broken: list[str] = []

    def break_once(route: Route) -> None:
        """The second chunk's first try never arrives."""
        second = "bytes 0-" not in route.request.headers.get("content-range", "bytes 0-")
        if route.request.method == "PUT" and second and not broken:
            broken.append(route.request.url)
            route.abort()
        else:
            route.continue_()

    page.route("**/api/v1/uploads/*", break_once)
    page.set_input_files("#upload-file", packed)
    page.fill("#upload-name", "Bricks by browser")
    page.get_by_role("button", name="Upload and import").click()
    # What the dataset does not say is asked first, and nothing but the keyboard is needed.
    unit = page.get_by_label("In which unit is “action”?")
    expect(unit).to_be_visible(timeout=60_000)
    no_violations(page)
    unit.focus()
    page.keyboard.type("deg")
    expect(unit).to_have_value("deg")
    page.get_by_role("button", name="Import with these answers").press("Enter")
    page.wait_for_url(re.compile(r"/imports/[0-9a-f-]{36}/$"), timeout=60_000)
    expect(page.get_by_text("3 of 3 episodes looked at")).to_be_visible(timeout=60_000)
    assert broken
    expect(page.get_by_role("heading", name="In quarantine")).to_be_visible()
    expect(page.get_by_text("episode_000001.parquet")).to_be_visible()
    no_violations(page)
    expect(page.get_by_text("Answered: unit.action")).to_be_visible()
    page.get_by_role("button", name=re.compile("Try again.*episode_000001")).click()
    expect(page.get_by_text("3 of 3 episodes looked at")).to_be_visible(timeout=60_000)
    page.get_by_role("link", name="To the dataset").click()
    expect(page.get_by_role("heading", name="Bricks by browser")).to_be_visible()
    expect(page.get_by_role("rowheader", name="episode_000002")).to_be_visible()
    no_violations(page)
    page.goto("/datasets/")
    expect(page.get_by_role("link", name="Bricks by browser")).to_be_visible()
    no_violations(page)


def test_a_file_that_is_no_zip_is_refused_on_the_page(page: Page, tmp_path: Path) -> None:
    wrong = tmp_path / "notes.txt"
    wrong.write_text("hello")
    page.goto("/imports/")
    page.set_input_files("#upload-file", wrong)
    page.get_by_role("button", name="Upload and import").click()
    expect(page.get_by_role("alert")).to_contain_text("is no zip archive")
    expect(page.get_by_role("alert")).to_contain_text("Zip the dataset's folder")
