"""Operators read what the review and the operation decided, and change nothing of it."""

from collections.abc import Callable

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from annotation.admin import ReadOnlyAdmin
from review.models import OperationSettings
from review.services.daily_work import rebuild_daily_work
from tests.annotation.conftest import as_user as as_user
from tests.annotation.scene import Team
from tests.review.scene import approve, batch_of, items_of

# Each is seen elsewhere, or says nothing to a person.
WITHOUT_A_PAGE = {
    "CalibrationMark": "up to where a sweep has come",
    "PairCounts": "some hundred rows a comparison, which ScoredPair lists",
}
REVIEW = [
    model._meta.model_name
    for model in apps.get_app_config("review").get_models()
    if model.__name__ not in WITHOUT_A_PAGE
]


@pytest.fixture
def worked(team: Team) -> Team:
    for item in items_of(batch_of(team, 2)):
        approve(team.ravi, item)
    rebuild_daily_work(team.project)
    OperationSettings.objects.create(project=team.project)
    return team


@pytest.mark.django_db
def test_lists_open_for_administrators_only(
    worked: Team, as_user: Callable[[User], Client]
) -> None:
    root, mei = as_user(worked.root), as_user(worked.mei)
    urls = [reverse(f"admin:review_{page}_changelist") for page in REVIEW]
    assert {url: root.get(url).status_code for url in urls} == dict.fromkeys(urls, 200)
    assert {url: mei.get(url).status_code for url in urls} == dict.fromkeys(urls, 302)


def test_every_page_is_read_only() -> None:
    ours = {
        model: options
        for model, options in admin.site._registry.items()
        if model._meta.app_label in ("annotation", "review")
    }
    assert [model for model, one in ours.items() if not isinstance(one, ReadOnlyAdmin)] == []


@pytest.mark.django_db
def test_nothing_is_changed_here(worked: Team, as_user: Callable[[User], Client]) -> None:
    row = OperationSettings.objects.get()
    root, url = as_user(worked.root), f"/admin/review/operationsettings/{row.pk}"
    assert root.get(f"{url}/change/").status_code == 200
    assert root.post(f"{url}/change/", {"currency": "USD"}).status_code == 403
    assert root.post(f"{url}/delete/", {"post": "yes"}).status_code == 403
    row.refresh_from_db()
    assert row.currency == "EUR"
