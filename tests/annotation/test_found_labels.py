"""Labels found in a recording are offered to an empty draft, to be taken over or not."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from annotation.models import Assignment
from episodes.models import FoundLabel
from tests.annotation.scene import Team, claimed, draft_of, outcome, save

pytestmark = pytest.mark.django_db
S = 1_000_000_000


@pytest.fixture
def assignment(team: Team) -> Assignment:
    """ada has an episode that brought two segments and a word the schema does not know."""
    mine = claimed(team.ada, team.project)
    episode = mine.project_episode.episode
    for position, (kind, word, start, end) in enumerate(
        [
            ("segment", "reach", 0, 2 * S),
            ("segment", "lift", 2 * S, 4 * S),
            ("instant", "unheard of", S, None),
        ]
    ):
        FoundLabel.objects.create(
            episode=episode,
            position=position,
            kind=kind,
            label_class=word,
            origin="language",
            start_ns=start,
            end_ns=end,
        )
    return mine


def offered(client: Client, assignment: Assignment) -> list[dict[str, Any]]:
    text = client.get(reverse("annotate", args=[assignment.pk])).content.decode()
    found = re.search(r'id="timeline-payload" type="application/json">(.*?)</script>', text)
    assert found
    labels: list[dict[str, Any]] = json.loads(found.group(1))["found"]
    return labels


def test_an_empty_draft_is_offered_what_the_schema_knows(
    team: Team, assignment: Assignment, as_user: Callable[[User], Client]
) -> None:
    labels = offered(as_user(team.ada), assignment)
    assert [(one["label_class"], one["text"]) for one in labels] == [
        ("instruction", "reach"),
        ("instruction", "lift"),
    ]
    assert {one["source"] for one in labels} == {"proposal"}


def test_what_is_offered_can_be_saved_as_it_is(
    team: Team, assignment: Assignment, as_user: Callable[[User], Client]
) -> None:
    ada = as_user(team.ada)
    save(team.ada, draft_of(assignment), offered(ada, assignment))
    assert draft_of(assignment).labels.filter(source="proposal").count() == 2
    # It is taken over once.
    assert offered(ada, assignment) == []


def test_a_draft_that_has_begun_is_offered_nothing(
    team: Team, assignment: Assignment, as_user: Callable[[User], Client]
) -> None:
    save(team.ada, draft_of(assignment), [outcome()])
    assert offered(as_user(team.ada), assignment) == []
