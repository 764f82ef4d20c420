"""First light: log in, claim, mark by keyboard, reload, submit, review, approve, export."""

import hashlib
import json
import re
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from episodes.formats.registry import open_dataset
from episodes.records import EpisodeRecord
from tests.e2e.journey import Person, download, truth
from tests.stack import Stack

pytestmark = pytest.mark.browser
PROJECT = "SO-101 pick and place"


def test_from_the_first_log_in_to_a_dataset(stack: Stack, browser: Browser, tmp_path: Path) -> None:
    ada = Person.logged_in(browser, stack.address, "ada")
    ada.check()
    episode = annotate(ada, reload=True)
    abe = Person.logged_in(browser, stack.address, "abe")
    assert annotate(abe, late=2) == episode

    ravi = Person.logged_in(browser, stack.address, "ravi")
    review(ravi)
    mei = Person.logged_in(browser, stack.address, "mei")
    released = release(mei, tmp_path)
    look_into(released, episode)
    for person in (ada, abe, ravi, mei):
        assert person.errors == []
        person.page.context.close()


def annotate(person: Person, *, reload: bool = False, late: int = 0) -> int:
    """One episode from the queue to the next one's first frame."""
    episode = person.next_episode(PROJECT)
    labels = truth(episode)
    person.mark(labels, late=late)
    person.saved()
    if reload:
        before = person.label_count()
        person.page.reload()
        assert person.in_editor() == episode
        expect(person.page.locator("[data-label]")).to_have_count(before)
    assert person.label_count() == len([each for each in labels if each["kind"] != "outcome"])
    person.check()
    first = person.page.url
    person.press("Control+Enter")
    expect(person.page).not_to_have_url(first)
    assert person.in_editor() != episode
    return episode


def review(person: Person) -> None:
    """A batch of the one finished episode: compare, send nothing back, approve."""
    page = person.page
    page.goto("/review/")
    person.check()
    page.get_by_role("link", name=PROJECT).click()
    person.check()
    page.get_by_role("button", name="Make a batch").click()
    expect(page.get_by_role("heading", name="Agreement between its annotators")).to_be_visible()
    person.check()
    batch = page.url
    page.locator("tbody th a").first.click()
    person.see_frame(0)
    person.check()
    page.get_by_role("button", name="Approve this episode").scroll_into_view_if_needed()
    page.get_by_role("radio").first.check()
    page.get_by_role("button", name="Approve this episode").click()
    expect(page.get_by_text("Approved").first).to_be_visible()
    page.goto(batch)
    page.get_by_role("button", name="Approve the batch").click()
    expect(page.get_by_text(re.compile("Approved by Ravi"))).to_be_visible()
    person.check()


def release(person: Person, folder: Path) -> Path:
    """A release of the batch, downloaded and unpacked."""
    page = person.page
    page.goto("/review/")
    page.get_by_role("link", name=PROJECT).click()
    page.get_by_role("link", name="Agreement").click()
    person.check()
    page.get_by_role("link", name="Releases").click()
    person.check()
    page.get_by_role("checkbox").first.check()
    page.get_by_role("button", name="Make the release").click()
    link = page.get_by_role("link", name=re.compile("Download"))
    expect(link).to_be_visible(timeout=60_000)
    person.check()
    sign(person)
    archive = download(page, "Download", folder)
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(folder / "release")
    return next((folder / "release").rglob("manifest.json")).parent


def sign(person: Person) -> None:
    """One episode proves nothing: the release is signed with a reason."""
    page = person.page
    page.get_by_role("link", name="Read the report, and sign").click()
    expect(page.get_by_role("heading", name="Unmeasured")).to_be_visible()
    person.check()
    page.get_by_label("Why it is signed although gates are not met").fill("A first trial.")
    page.get_by_role("button", name="Sign all the same").click()
    expect(page.get_by_text("“A first trial.”")).to_be_visible()


def look_into(folder: Path, episode: int) -> None:
    """The files are the ones promised, and the episode's labels are the first annotator's."""
    manifest = json.loads((folder / "manifest.json").read_text())
    for file in manifest["files"]:
        content = (folder / file["path"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == file["sha256"], file["path"]
    lines = (folder / "meta" / "annotations.jsonl").read_text().splitlines()
    exported = [json.loads(line) for line in lines]
    assert len(exported) == 1
    reader = open_dataset(folder)
    (record,) = reader.episodes()
    assert isinstance(record, EpisodeRecord)
    said = {
        (label["label_class"], label["start_ns"], label["end_ns"], label["text"])
        for label in exported[0]["labels"]
    }
    known = {
        (label["label_class"], label["start_ns"], label["end_ns"], label["text"])
        for label in truth(episode)
    }
    assert said == known
