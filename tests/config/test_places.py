"""The embedded stack's folders: closed to others, reachable for PostgreSQL's account."""

import os
import stat
from pathlib import Path

import pytest

from config.embedded import places
from config.embedded.accounts import Account
from config.embedded.errors import EmbeddedError
from config.embedded.postgres import SOCKET_PATH_LIMIT, socket_folder_fits


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TOUCHLINE_DATA_DIR", str(tmp_path / "home"))
    monkeypatch.setattr(places, "server_account", lambda: None)
    return tmp_path / "home"


def test_an_ordinary_user_keeps_everything_in_one_closed_folder(folder: Path) -> None:
    made = places.prepare_places()
    assert made.data == made.server == folder
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_socket_with_too_long_a_path_moves_to_a_short_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = tmp_path / ("x" * 60) / ("y" * 60)
    monkeypatch.setenv("TOUCHLINE_DATA_DIR", str(deep))
    made = places.prepare_places()
    assert made.server == deep
    assert not socket_folder_fits(deep / "sockets")
    assert socket_folder_fits(made.sockets)
    assert stat.S_IMODE(made.sockets.parent.stat().st_mode) == 0o700
    made.sockets.parent.rmdir()


def test_the_limit_counts_bytes_not_letters() -> None:
    room = SOCKET_PATH_LIMIT - len("/.s.PGSQL.5432")
    assert socket_folder_fits(Path("/" + "a" * (room - 1)))
    assert not socket_folder_fits(Path("/" + "é" * (room - 1)))


class ClosedOut(Account):
    """An account that can enter only what lies under one folder."""

    def can_enter(self, directory: Path) -> bool:
        return str(directory).startswith(self.name)


def test_root_falls_back_to_a_folder_that_the_account_can_enter(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = ClosedOut(str(tmp_path / "open"), 12345, 12345)
    monkeypatch.setattr(places, "server_account", lambda: account)
    monkeypatch.setattr(places, "FALLBACKS", (tmp_path / "shut", tmp_path / "open"))
    made = places.prepare_places()
    assert made.data == folder
    assert made.server.parent == tmp_path / "open"
    assert stat.S_IMODE(made.server.stat().st_mode) == 0o711

    (made.server / "postgres").mkdir()
    (made.server / "postgres" / "PG_VERSION").write_text("18\n")
    monkeypatch.setattr(ClosedOut, "can_enter", lambda self, directory: True)
    assert places.prepare_places().server == made.server, "the cluster stays where it was made"


def test_a_cluster_that_became_unreachable_is_named_not_replaced(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "postgres").mkdir(parents=True)
    (folder / "postgres" / "PG_VERSION").write_text("18\n")
    account = ClosedOut(str(tmp_path / "open"), 12345, 12345)
    monkeypatch.setattr(places, "server_account", lambda: account)
    with pytest.raises(EmbeddedError, match="can no longer be reached") as caught:
        places.prepare_places()
    assert "mv " in caught.value.remedy


def test_a_link_or_a_stranger_in_a_shared_folder_is_not_accepted(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    assert not places._own_folder(tmp_path / "link", 0o700)
    (tmp_path / "file").touch()
    assert not places._own_folder(tmp_path / "file", 0o700)
    if os.geteuid() == 0:
        (tmp_path / "strange").mkdir()
        os.chown(tmp_path / "strange", 12345, 12345)
        assert not places._own_folder(tmp_path / "strange", 0o700)


def test_a_data_folder_that_is_a_file_is_refused_with_the_remedy(folder: Path) -> None:
    folder.touch()
    with pytest.raises(EmbeddedError) as caught:
        places.prepare_places()
    assert str(folder) in caught.value.message
    assert "TOUCHLINE_DATA_DIR" in caught.value.remedy


def test_the_secret_key_is_made_once(tmp_path: Path) -> None:
    first = places.secret_key(tmp_path)
    assert len(first) >= 50
    assert places.secret_key(tmp_path) == first
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600


def test_the_lock_has_one_holder(tmp_path: Path) -> None:
    held = places.lock(tmp_path)
    assert held is not None
    assert places.lock(tmp_path) is None
    held.close()
    again = places.lock(tmp_path)
    assert again is not None
    again.close()


def test_a_large_log_is_begun_afresh(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "LOG_LIMIT", 10)
    made = places.prepare_places()
    made.log("web").write_text("x" * 11)
    assert not made.log("web").exists()
    assert (made.logs / "web.log.1").read_text() == "x" * 11
