"""The system checks: each wrong set-up has its number and its remedy."""

from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django.fixtures import Settings

from config import checks, env


@pytest.fixture
def deployment(settings: Settings) -> Settings:
    """Settings of a deployment in which nothing is wrong."""
    settings.DEBUG = False
    settings.SECRET_KEY = "k" * 60
    settings.ALLOWED_HOSTS = ["touchline.example"]
    settings.DATABASE_URL = "postgresql://db/touchline"
    settings.REDIS_URL = "redis://broker/0"
    settings.MEDIA_ACCEL_PREFIX = "/_data/"
    return settings


def test_a_sound_deployment_passes(deployment: Settings) -> None:
    assert checks.deployment_is_safe(None) == []


@pytest.mark.parametrize(
    ("name", "value", "number"),
    [
        ("DEBUG", True, "touchline.E010"),
        ("SECRET_KEY", "short", "touchline.E011"),
        ("SECRET_KEY", "unsafe-fresh-clone-key-" + "0" * 32, "touchline.E011"),
        ("ALLOWED_HOSTS", ["*"], "touchline.E012"),
        ("DATABASE_URL", "", "touchline.E013"),
        ("REDIS_URL", "", "touchline.E013"),
        ("MEDIA_ACCEL_PREFIX", "", "touchline.W014"),
    ],
)
def test_what_is_wrong_is_named(deployment: Settings, name: str, value: Any, number: str) -> None:
    setattr(deployment, name, value)
    found = checks.deployment_is_safe(None)
    assert [message.id for message in found] == [number]
    assert found[0].hint


def test_a_data_folder_that_cannot_be_made_is_an_error(settings: Settings, tmp_path: Path) -> None:
    assert checks.data_folder_is_writable(None) == []
    (tmp_path / "file").touch()
    settings.TOUCHLINE_DATA_DIR = tmp_path / "file" / "data"
    found = checks.data_folder_is_writable(None)
    assert [message.id for message in found] == ["touchline.E001"]


def test_a_front_end_that_is_not_built_is_a_warning(settings: Settings, tmp_path: Path) -> None:
    settings.VITE_MANIFEST = tmp_path / "manifest.json"
    assert [message.id for message in checks.front_end_is_built(None)] == ["touchline.W002"]
    (tmp_path / "manifest.json").touch()
    assert checks.front_end_is_built(None) == []


def test_a_missing_codec_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert checks.video_codecs_are_there(None) == []
    monkeypatch.setattr(checks, "NEEDED_DECODERS", ("h264", "no-such-codec"))
    found = checks.video_codecs_are_there(None)
    assert [message.id for message in found] == ["touchline.E003"]
    assert "no-such-codec" in found[0].msg


def test_half_an_object_storage_is_named(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    settings.TOUCHLINE_STORAGE, settings.TOUCHLINE_STORAGE_PRESIGNED = "", True
    found = checks.object_storage_is_set_up(None)
    assert [message.id for message in found] == ["touchline.W005"]
    settings.TOUCHLINE_STORAGE = "s3://bucket"
    assert checks.object_storage_is_set_up(None) == []  # a machine with a role
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    found = checks.object_storage_is_set_up(None)
    assert [message.id for message in found] == ["touchline.E004"]
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    assert checks.object_storage_is_set_up(None) == []


@pytest.mark.parametrize(
    "url", ["bucket", "https://bucket", "s3://", "s3://key:secret@bucket", "s3://bucket?x=1"]
)
def test_a_storage_that_is_no_bucket_stops_the_start(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="s3://bucket"):
        env.object_storage(url)


def test_the_address_of_a_bucket(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://minio:9000")
    options = env.object_storage("s3://bucket/a/b/")["OPTIONS"]
    assert isinstance(options, dict)
    assert (options["bucket_name"], options["location"]) == ("bucket", "a/b")
    assert options["endpoint_url"] == "http://minio:9000"
    monkeypatch.setenv("TOUCHLINE_STORAGE_ADDRESSING", "sideways")
    with pytest.raises(ImproperlyConfigured, match="auto, path, virtual"):
        env.object_storage("s3://bucket")


def test_an_address_of_a_database_may_bring_options_of_its_own() -> None:
    usual = env.database("postgresql://db/touchline?sslmode=require")["OPTIONS"]
    assert usual == {
        "options": "-c jit=off -c max_parallel_workers_per_gather=0",
        "sslmode": "require",
    }
    own = env.database("postgresql://pooler/touchline?options=")["OPTIONS"]
    assert own == {"options": ""}
