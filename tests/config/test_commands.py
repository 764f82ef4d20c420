"""make's commands: listed, and plain about what is missing; locks carry hashes and no address."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
MAKEFILE = (CHECKOUT / "Makefile").read_text()
LOCKS = sorted((CHECKOUT / "requirements").glob("*.txt"))


def _make(*words: str) -> subprocess.CompletedProcess[str]:
    if not shutil.which("make"):
        pytest.skip("needs make")
    command = ["make", "--no-print-directory", *words]
    return subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)


def test_make_alone_lists_the_commands() -> None:
    said = _make().stdout
    for name in ("run", "test", "stop", "check", "bench", "lock", "clean"):
        assert re.search(rf"^  {name} +\w", said, re.MULTILINE), name


def test_every_target_that_is_no_file_is_phony() -> None:
    phony = set(" ".join(re.findall(r"^\.PHONY: (.+)$", MAKEFILE, re.MULTILINE)).split())
    targets = set(re.findall(r"^([a-z][a-z-]*):", MAKEFILE, re.MULTILINE))
    assert targets - phony == set()


def test_a_missing_python_is_named_with_the_remedy() -> None:
    done = _make("python", "PYTHON=")
    assert done.returncode != 0
    assert "needs Python 3.11" in done.stderr
    assert "python3-venv" in done.stderr


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_every_locked_package_has_hashes_and_no_address(lock: Path) -> None:
    text = lock.read_text()
    packages = re.findall(r"^[a-z0-9][\w.\[\],-]*==.*$", text, re.MULTILINE)
    assert packages
    assert all(line.endswith("\\") for line in packages)
    assert "://" not in re.sub(r"^\s*#.*$", "", text, flags=re.MULTILINE)
    assert "index-url " not in text.replace("--no-emit-index-url ", "")


def test_only_the_opencv_without_windows_is_locked() -> None:
    for lock in LOCKS:
        names = set(re.findall(r"^(opencv-[\w-]+)==", lock.read_text(), re.MULTILINE))
        assert names <= {"opencv-python-headless"}, lock.name


def test_the_front_end_s_lock_names_no_registry() -> None:
    assert '"resolved"' not in (CHECKOUT / "frontend" / "package-lock.json").read_text()
