"""Three episodes in ada's project, and one more that only its owner and root see."""

from collections.abc import Callable
from dataclasses import dataclass
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
from episodes.models import Dataset, Episode
from episodes.services.search import index_search
from tests.annotation.scene import make_asset, make_dataset, make_episodes, queue_up


@dataclass(frozen=True)
class Shelf:
    """What there is to look for."""

    project: Project
    people: dict[str, User]
    queued: list[Episode]
    other: Episode
    dataset: Dataset

    def browser(self, name: str) -> Client:
        client = Client()
        client.force_login(self.people[name])
        return client


@pytest.fixture(autouse=True)
def pages_without_a_build(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.DJANGO_VITE = {"default": {"dev_mode": True}}
    monkeypatch.setattr(DjangoViteAssetLoader, "_instance", None)


@pytest.fixture
def shelf(person: Callable[..., User], data_dir: Path) -> Shelf:
    project = Project.objects.create(name="Blocks", schema=core_label_schema(), overlap=2)
    people = {name: person(name) for name in ("ada", "abe", "ravi", "mei", "otto", "nora")}
    people["root"] = person("root", is_superuser=True, is_staff=True)
    for name, role in (
        ("ada", "annotator"),
        ("abe", "annotator"),
        ("ravi", "reviewer"),
        ("mei", "manager"),
    ):
        Membership.objects.create(project=project, user=people[name], role=role)
    elsewhere = Project.objects.create(name="Elsewhere", schema=core_label_schema())
    Membership.objects.create(project=elsewhere, user=people["nora"], role="manager")
    asset = make_asset(data_dir, "a")
    dataset = make_dataset("so101", owner=people["mei"])
    queued = make_episodes(dataset, 3, asset)
    queue_up(project, queued)
    (other,) = make_episodes(make_dataset("aloha", owner=people["nora"]), 1, asset)
    index_search(episodes=[one.pk for one in (*queued, other)])
    return Shelf(project=project, people=people, queued=queued, other=other, dataset=dataset)
