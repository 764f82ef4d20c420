"""The cast with roles, and datasets to import."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.contrib.auth.models import User

from annotation.models import Membership, Project
from annotation.services.register_schema import core_label_schema
from config.celery import app
from tests.pure.formats.sets import write_v21, write_v30


@pytest.fixture
def project(db: None) -> Project:
    return Project.objects.create(name="Pick and place", schema=core_label_schema())


@pytest.fixture
def cast(person: Callable[..., User], project: Project) -> dict[str, User]:
    """ada annotates, ravi reviews, mei manages; otto is in no project; root is an administrator."""
    people = {name: person(name) for name in ("ada", "ravi", "mei", "otto")}
    people["root"] = person("root", is_superuser=True, is_staff=True)
    roles = Membership.Role
    for name, role in (
        ("ada", roles.ANNOTATOR),
        ("ravi", roles.REVIEWER),
        ("mei", roles.MANAGER),
    ):
        Membership.objects.create(project=project, user=people[name], role=role)
    return people


@pytest.fixture
def mei(cast: dict[str, User]) -> User:
    return cast["mei"]


@pytest.fixture
def v21(tmp_path: Path) -> Path:
    return write_v21(tmp_path / "bricks")


@pytest.fixture
def v30(tmp_path: Path) -> Path:
    return write_v30(tmp_path / "bricks3")


@pytest.fixture
def eager() -> Iterator[None]:
    """Tasks run where they are queued."""
    app.conf.task_always_eager = True
    yield
    app.conf.task_always_eager = False
