"""A list says which part of its filter it could not follow, and shows the rest of it."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.annotation.pages import text
from tests.annotation.scene import Team

pytestmark = pytest.mark.django_db

SAID = "Left out of the filter:"


@pytest.mark.parametrize(
    ("place", "query", "label"),
    [
        ("episodes/", "purpose=tea", "Purpose"),
        ("episodes/", "task=99999", "Task"),
        ("episodes/add/", "licence=none-of-them", "Licence"),
        ("skips/", "reason=tea", "Reason"),
        ("history/", "since=yesterday", "From"),
        ("history/", "action=tea", "What"),
    ],
)
def test_a_value_that_is_none_is_named(
    team: Team, as_user: Callable[[User], Client], place: str, query: str, label: str
) -> None:
    mei = as_user(team.mei)
    address = f"/projects/{team.project.pk}/{place}"
    page = text(mei.get(f"{address}?{query}"))
    assert SAID in page
    assert f"{label}: " in page.partition(SAID)[2]
    assert SAID not in text(mei.get(address))
