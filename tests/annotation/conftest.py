"""A project with a queue of ready episodes, and the people around it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django_vite.core.asset_loader import (  # type: ignore[import-untyped]
    DjangoViteAssetLoader,
)
from pytest_django import Settings

from annotation.models import Membership, Project
from annotation.services.register_schema import core_label_schema
from tests.annotation.scene import Team, make_asset, make_dataset, make_episodes, queue_up
from tests.once import once


@pytest.fixture(autouse=True)
def pages_without_a_build(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages are tested for what the server writes; whether the front end is built is not asked."""
    settings.DJANGO_VITE = {"default": {"dev_mode": True}}
    monkeypatch.setattr(DjangoViteAssetLoader, "_instance", None)


@pytest.fixture
def as_user() -> Callable[[User], Client]:
    """A browser in which somebody is logged in."""

    def log_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return log_in


@pytest.fixture
def team(person: Callable[..., User], data_dir: Path) -> Team:
    """Three episodes, overlap 2, core schema."""
    return once("team", lambda: _make_team(person, data_dir))


def _make_team(person: Callable[..., User], folder: Path) -> Team:
    project = Project.objects.create(name="Blocks", schema=core_label_schema(), overlap=2)
    names = ("ada", "abe", "ravi", "mei", "otto")
    people = {name: person(name) for name in names}
    roles = Membership.Role
    for name, role in (
        ("ada", roles.ANNOTATOR),
        ("abe", roles.ANNOTATOR),
        ("ravi", roles.REVIEWER),
        ("mei", roles.MANAGER),
    ):
        Membership.objects.create(project=project, user=people[name], role=role)
    dataset = make_dataset("so101", owner=people["mei"])
    queue_up(project, make_episodes(dataset, 3, make_asset(folder, "a")))
    root = person("root", is_superuser=True, is_staff=True)
    return Team(project=project, dataset=dataset, root=root, **people)
