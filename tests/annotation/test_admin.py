"""Operators read everything and change nothing behind the audit trail's back."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client

from annotation.models import Assignment
from tests.annotation.scene import Team, claimed, draft_of, grasp, save

PAGES = (
    "labelschema",
    "project",
    "membership",
    "assignment",
    "annotationset",
    "setrevision",
    "auditentry",
)


@pytest.mark.parametrize("page", PAGES)
def test_lists_open_for_administrators_only(
    team: Team, as_user: Callable[[User], Client], page: str
) -> None:
    save(team.ada, draft_of(claimed(team.ada, team.project)), [grasp()])
    url = f"/admin/annotation/{page}/"
    assert as_user(team.root).get(url).status_code == 200
    assert as_user(team.mei).get(url).status_code == 302


def test_nothing_is_changed_here(team: Team, as_user: Callable[[User], Client]) -> None:
    assignment = claimed(team.ada, team.project)
    url = f"/admin/annotation/assignment/{assignment.pk}"
    root = as_user(team.root)
    assert root.get(f"{url}/change/").status_code == 200
    assert root.post(f"{url}/change/", {"state": "expired"}).status_code == 403
    assert root.post(f"{url}/delete/", {"post": "yes"}).status_code == 403
    assert Assignment.objects.get().state == Assignment.State.ACTIVE
