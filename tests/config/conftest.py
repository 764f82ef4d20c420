import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.config.supervised import Supervised


@pytest.fixture(scope="module")
def short_folder() -> Iterator[Path]:
    """A folder with a short path that other users may pass through, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="tl-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def stack(short_folder: Path) -> Iterator[Supervised]:
    """One data folder for a whole module; started and stopped by its tests."""
    supervised = Supervised(short_folder / "stack")
    yield supervised
    if supervised.process and supervised.process.poll() is None:
        supervised.stop()
