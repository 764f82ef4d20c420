"""Migrations that carry records over."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

BEFORE = ("annotation", "0002_operation")
AFTER = ("annotation", "0003_guidelines_and_overlaps")


def migrate(*targets: tuple[str, str]) -> Any:
    """The models as they were then."""
    MigrationExecutor(connection).migrate(list(targets))
    executor = MigrationExecutor(connection)
    # The tables of episodes stay as they are now.
    now = executor.loader.graph.leaf_nodes("episodes")
    return executor.loader.project_state([*targets, *now]).apps


@pytest.fixture
def back_to_the_present() -> Iterator[None]:
    yield
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


@pytest.mark.django_db(transaction=True)
def test_guidelines_and_overlaps_go_over_and_back(back_to_the_present: None) -> None:
    apps = migrate(BEFORE)
    schema = apps.get_model("annotation", "LabelSchema").objects.create(
        name="core", version=1, definition={}
    )
    project = apps.get_model("annotation", "Project")
    told = project.objects.create(name="Told", schema=schema, guideline="Look twice.", overlap=3)
    project.objects.create(name="Untold", schema=schema)
    dataset = apps.get_model("episodes", "Dataset").objects.create(
        name="so101", format="lerobot", source_path="/", fingerprint="0" * 64
    )
    episode = apps.get_model("episodes", "Episode").objects.create(
        dataset=dataset,
        key="one",
        index=0,
        duration_ns=1,
        rows=1,
        rate_num=50,
        content_sha256="0" * 64,
    )
    queued = apps.get_model("annotation", "ProjectEpisode").objects.create(
        project=told, episode=episode
    )

    apps = migrate(AFTER)
    versions = apps.get_model("annotation", "GuidelineVersion")
    assert list(versions.objects.values_list("project", "number", "text")) == [
        (told.pk, 1, "Look twice.")
    ]
    assert apps.get_model("annotation", "ProjectEpisode").objects.get(pk=queued.pk).overlap == 3
    versions.objects.create(project_id=told.pk, number=2, text="Look three times.")

    apps = migrate(BEFORE)
    assert dict(
        apps.get_model("annotation", "Project").objects.values_list("name", "guideline")
    ) == {"Told": "Look three times.", "Untold": ""}


@pytest.mark.django_db(transaction=True)
def test_time_zones_go_to_projects_and_back(back_to_the_present: None) -> None:
    field = ("annotation", "0017_project_timezone")
    before, after = ("review", "0011_operation_by_sweep"), ("review", "0012_timezones_to_projects")
    apps = migrate(before, field)
    schema = apps.get_model("annotation", "LabelSchema").objects.create(
        name="core", version=1, definition={}
    )
    projects = apps.get_model("annotation", "Project").objects
    there, here = (projects.create(name=name, schema=schema) for name in ("There", "Here"))
    settings = apps.get_model("review", "OperationSettings").objects
    settings.create(project=there, timezone="Asia/Tokyo", hourly_cost_cents=1850)
    settings.create(project=here)

    apps = migrate(after, field)
    projects = apps.get_model("annotation", "Project").objects
    assert dict(projects.values_list("name", "timezone")) == {"There": "Asia/Tokyo", "Here": ""}
    projects.filter(pk=here.pk).update(timezone="Europe/Berlin")

    apps = migrate(before, field)
    settings = apps.get_model("review", "OperationSettings").objects
    assert dict(settings.values_list("project__name", "timezone")) == {
        "There": "Asia/Tokyo",
        "Here": "Europe/Berlin",
    }
    assert settings.get(project_id=there.pk).hourly_cost_cents == 1850
