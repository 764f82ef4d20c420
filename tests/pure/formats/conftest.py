"""Both generations of the format, for the tests that hold for either."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.pure.formats.sets import write_v21, write_v30


@pytest.fixture(scope="session")
def good_v21(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_v21(tmp_path_factory.mktemp("good") / "v21")


@pytest.fixture(scope="session")
def good_v30(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_v30(tmp_path_factory.mktemp("good") / "v30")


@pytest.fixture(params=[write_v21, write_v30], ids=["v21", "v30"])
def fresh(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A dataset of either version for the test to break."""
    write: Callable[[Path], Path] = request.param
    return write(tmp_path / "set")
