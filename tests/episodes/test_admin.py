"""The administration shows everything and changes nothing that has files behind it."""

from pathlib import Path

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from episodes.models import Dataset, Episode, ImportRun
from tests.episodes.test_import import bring_in

pytestmark = pytest.mark.django_db
SHOWN = [
    name._meta.model_name for name in admin.site._registry if name._meta.app_label == "episodes"
]


@pytest.fixture
def at_root(v21: Path, cast: dict[str, User]) -> Client:
    bring_in(v21, by=cast["mei"])
    client = Client()
    client.force_login(cast["root"])
    return client


@pytest.mark.parametrize("model", SHOWN)
def test_every_list_opens(at_root: Client, model: str) -> None:
    page = at_root.get(reverse(f"admin:episodes_{model}_changelist"), {"q": "bricks"})
    assert page.status_code == 200


def test_history_is_read_only(at_root: Client) -> None:
    run, episode = ImportRun.objects.get(), Episode.objects.all()[0]
    for model, pk in (("importrun", run.pk), ("episode", episode.pk)):
        assert at_root.get(reverse(f"admin:episodes_{model}_change", args=[pk])).status_code == 200
        assert at_root.post(reverse(f"admin:episodes_{model}_change", args=[pk])).status_code == 403
        assert at_root.post(reverse(f"admin:episodes_{model}_delete", args=[pk])).status_code == 403
        assert at_root.get(reverse(f"admin:episodes_{model}_add")).status_code == 403


def test_a_licence_can_be_written_down(at_root: Client) -> None:
    dataset = Dataset.objects.get()
    address = reverse("admin:episodes_dataset_change", args=[dataset.pk])
    at_root.post(address, {"domain": "real", "licence": "MIT", "owner": "", "name": "renamed"})
    dataset.refresh_from_db()
    assert (dataset.licence, dataset.domain, dataset.name) == ("MIT", "real", "bricks")


@pytest.mark.parametrize("name", ["ada", "mei", "otto"])
def test_the_administration_is_for_administrators(
    at_root: Client, cast: dict[str, User], client: Client, name: str
) -> None:
    client.force_login(cast[name])
    assert client.get(reverse("admin:episodes_dataset_changelist")).status_code == 302
