"""make test says plainly what it left out and how to get it; CI takes no browser for an error."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ONE_BROWSER_TEST = """
from tests.e2e.conftest import browser as browser

def test_that_needs_one(browser):
    pass
"""


@pytest.fixture
def without_chromium(tmp_path: Path, base_dir: Path) -> dict[str, str]:
    """An environment in which no browser is installed."""
    (tmp_path / "test_one.py").write_text(ONE_BROWSER_TEST)
    kept = {k: v for k, v in os.environ.items() if not k.startswith("TOUCHLINE_")}
    return kept | {"PATH": str(tmp_path), "PYTHONPATH": str(base_dir)}


def run(
    folder: Path, base_dir: Path, environment: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    options = ["-c", str(base_dir / "pyproject.toml"), "-p", "no:cacheprovider"]
    command = [sys.executable, "-m", "pytest", *options, str(folder / "test_one.py")]
    return subprocess.run(
        command, cwd=base_dir, env=environment, capture_output=True, text=True, check=False
    )


def test_without_a_browser_it_is_said_with_the_remedy(
    tmp_path: Path, base_dir: Path, without_chromium: dict[str, str]
) -> None:
    done = run(tmp_path, base_dir, without_chromium)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "NOT TESTED HERE (1 skipped): browser tests need Chromium: install it" in done.stdout


def test_where_a_browser_is_required_its_absence_fails(
    tmp_path: Path, base_dir: Path, without_chromium: dict[str, str]
) -> None:
    done = run(tmp_path, base_dir, without_chromium | {"TOUCHLINE_REQUIRE_BROWSER": "1"})
    assert done.returncode == 1
    assert "No Chromium is installed" in done.stdout
