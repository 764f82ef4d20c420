"""What every test stands on: a private PostgreSQL, a data folder of its own, the cast."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connections

from config import env
from config.embedded.postgres import temporary_cluster

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> Iterator[None]:
    """PostgreSQL starts when the first test asks for a database, and not before."""
    with temporary_cluster() as cluster:
        with psycopg.connect(cluster.url("postgres"), autocommit=True) as connection:
            # What it counts between two tests, when their rows are taken back, is a table without
            # rows: the next test's plans then go through each one for each one.
            connection.execute("ALTER SYSTEM SET autovacuum = off")
            connection.execute("SELECT pg_reload_conf()")
        connections["default"].settings_dict.update(env.database(cluster.url()))
        connections["default"].ops.sql_flush = emptied  # type: ignore[method-assign]
        yield
        connections.close_all()


def emptied(style: Any, tables: Sequence[str], **options: Any) -> list[str]:
    """How a test that commits is taken back: TRUNCATE would give every table new files, 0.4 s."""
    rows = [f"DELETE FROM {connections['default'].ops.quote_name(name)}" for name in tables]
    return ["SET LOCAL session_replication_role = replica", *rows]


@pytest.fixture(autouse=True)
def data_dir(tmp_path: Path, settings: pytest.FixtureRequest) -> Path:
    """Each test's own data folder."""
    folder = tmp_path / "data"
    folder.mkdir()
    settings.TOUCHLINE_DATA_DIR = folder  # type: ignore[attr-defined]
    settings.TOUCHLINE_IMPORT_ROOTS = [tmp_path]  # type: ignore[attr-defined]
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # type: ignore[attr-defined]
    return folder


@pytest.fixture
def person(db: None) -> Callable[..., User]:
    """The cast: ada and abe annotate, ravi reviews, mei manages, otto is outside, root is admin."""

    def make(name: str, **fields: Any) -> User:
        return User.objects.create_user(
            username=name, password=f"{name}-demo", first_name=name.capitalize(), **fields
        )

    return make


@pytest.fixture
def shared_data() -> Path:
    """Real recordings, beside the checkout where there are any."""
    if not (SHARED / "data").is_dir():
        pytest.skip("needs the real recordings of ../shared/data, which this machine does not have")
    return SHARED / "data"


@pytest.fixture
def base_dir() -> Path:
    return Path(settings.BASE_DIR)
