"""What a save costs in questions to the database: it is made every second by everybody at work."""

import uuid
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from annotation.models import AnnotationSet
from tests.annotation.scene import Team, claimed, draft_of, grasp, save

# Session, person, savepoint, lock with what is asked about the set, labels touched, labels written,
# revision raised, revision recorded, savepoint released.
QUERIES = 9


@pytest.mark.parametrize(("stored", "removed"), [(0, 0), (60, 0), (60, 20)])
def test_a_save_costs_the_same_however_much_is_stored(
    team: Team,
    as_user: Callable[[User], Client],
    django_assert_num_queries: DjangoAssertNumQueries,
    stored: int,
    removed: int,
) -> None:
    draft = draft_of(claimed(team.ada, team.project))
    there = [grasp(number * 1_000_000) for number in range(stored)]
    if there:
        save(team.ada, draft, there)
    draft = AnnotationSet.objects.get(pk=draft.pk)
    body = {
        "base_revision": draft.revision,
        "request_id": str(uuid.uuid4()),
        "client_id": "tab-1",
        "put": [grasp()],
        "remove": [label["id"] for label in there[:removed]],
    }
    client = as_user(team.ada)
    with django_assert_num_queries(QUERIES + (1 if removed else 0)):
        answer = client.patch(
            f"/api/v1/annotation-sets/{draft.pk}/labels", body, content_type="application/json"
        )
    assert answer.status_code == 200
    assert draft.labels.count() == stored + 1 - removed
