"""Loaded before settings: tests see neither a running stack nor a developer's environment."""

import gc
import os
from collections import Counter

import pytest
from hypothesis import settings

for _name in ("DATABASE_URL", "REDIS_URL", "TOUCHLINE_DATA_DIR", "MEDIA_ACCEL_PREFIX", "DEBUG"):
    os.environ.pop(_name, None)
os.environ["TOUCHLINE_RUN_FILE"] = os.devnull
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
os.environ["SECRET_KEY"] = "tests-" + "x" * 50
# Playwright's synchronous driver keeps an event loop in the test's thread.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
# A busy machine makes no property false.
settings.register_profile("touchline", deadline=None)
settings.load_profile("touchline")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests begin first: the last one to begin would end long after the others."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


def pytest_collection_finish() -> None:
    """What was imported stays: the collector need not look at it thousands of times."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say plainly, before the closing line, what was not tested here and how it can be."""
    reasons: Counter[str] = Counter()
    for report in terminalreporter.stats.get("skipped", []):
        if isinstance(report.longrepr, tuple):
            reasons[report.longrepr[2].removeprefix("Skipped: ")] += 1
    for reason, count in reasons.most_common():
        terminalreporter.write_line(f"NOT TESTED HERE ({count} skipped): {reason}", yellow=True)
