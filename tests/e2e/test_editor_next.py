"""The next episode opens in the same page, and nothing of the last one stays behind.

Thirty in a row here; `python -m tests.bench.bench_editor_next` does two hundred and measures.
"""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.journey import Person
from tests.e2e.longday import open_first
from tests.e2e.manyepisodes import make_project
from tests.stack import Stack

pytestmark = pytest.mark.browser
SETTLED, EPISODES = 4, 30


def test_thirty_episodes_in_a_row_leave_nothing_behind(ada: Person, stack: Stack) -> None:
    day = open_first(ada, make_project(stack, "Long day", EPISODES + 2))
    page = ada.page
    page.evaluate("globalThis.samePage = true")
    first, keys = page.url, [day.key()]
    for _ in range(SETTLED):
        keys.append(day.finish_episode(rest_ms=0))
    before = day.held()
    for _ in range(EPISODES - SETTLED):
        keys.append(day.finish_episode(rest_ms=0))
    after = day.held()
    assert page.evaluate("globalThis.samePage"), "the page was loaded anew"
    assert len(set(keys)) == EPISODES + 1
    assert day.leaked_frames == []
    assert after.workers <= before.workers
    assert after.documents <= before.documents
    assert after.holdings <= before.holdings + 5
    assert after.listeners <= before.listeners + 20
    assert after.nodes <= before.nodes * 1.2 + 200
    # Less than a tenth of a megabyte an episode, of about ten that one takes.
    assert after.heap_mb <= before.heap_mb + 0.1 * (EPISODES - SETTLED)
    ada.check()
    expect(page).to_have_title(re.compile(day.key()))
    page.go_back()
    page.wait_for_function("() => !globalThis.samePage")
    expect(page).not_to_have_url(first)
    expect(page.get_by_text("Read-only")).to_be_visible()
