"""Projects of one demo episode each: every editor test has a draft that nobody else touches."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

from tests.e2e.journey import FRAME_NS, Person
from tests.stack import Stack

MAKE = """
from django.urls import reverse
from annotation.services.add_episodes import add_episodes
from annotation.services.claim_next import claim_next
from annotation.services.create_project import create_project
from annotation.services.set_membership import set_membership
from episodes.models import Dataset
from review.services.demo import DATASET, PEOPLE, people
cast = people()
episode = Dataset.objects.get(name=DATASET).episodes.ready().earliest("index")
project = create_project(
    actor=cast["root"], name=%r, guideline="Mark the contacts.", overlap=1
)
for name, role in PEOPLE.items():
    set_membership(actor=cast["root"], project=project, user=cast[name], role=role)
add_episodes(actor=cast["mei"], project=project, episode_ids=[episode.pk])
claim = claim_next(actor=cast["ada"], project=project)
print(reverse("annotate", args=[claim.assignment.pk]))
"""
TAKE_OVER = """
from datetime import timedelta
from django.contrib.auth.models import User
from django.utils import timezone
from annotation.models import Assignment, Project
from annotation.services.claim_next import claim_next
project = Project.objects.get(name=%r)
Assignment.objects.filter(project_episode__project=project).update(
    lease_expires_at=timezone.now() - timedelta(minutes=5)
)
assert claim_next(actor=User.objects.get(username="abe"), project=project)
"""

LAPSE = """
from datetime import timedelta
from django.utils import timezone
from annotation.models import Assignment
Assignment.objects.filter(project_episode__project__name=%r).update(
    lease_expires_at=timezone.now() - timedelta(minutes=5)
)
"""


@dataclass(frozen=True)
class Plan:
    """A project of one episode, which ada has been given, and its page."""

    project: str
    address: str


def plan_trials(stack: Stack) -> Iterator[Plan]:
    """Each is made when it is asked for, and for one use."""
    for number in count():
        project = f"Trial {number:02}"
        yield Plan(project, stack.shell.run(MAKE % project).strip())


def take_over(stack: Stack, project: str) -> None:
    """The annotator's lease lapses, and abe gets the only slot."""
    stack.shell.run(TAKE_OVER % project)


def lapse(stack: Stack, project: str) -> None:
    """The annotator's lease runs out, and nobody comes."""
    stack.shell.run(LAPSE % project)


@dataclass
class Trial:
    """ada with an episode open that is hers alone."""

    person: Person
    project: str

    @classmethod
    def begun(cls, person: Person, plan: Plan) -> "Trial":
        person.page.goto(plan.address)
        person.in_editor()
        return cls(person, plan.project)

    @property
    def payload(self) -> dict[str, Any]:
        words: str = self.person.page.evaluate(
            "document.getElementById('timeline-payload').textContent"
        )
        found: dict[str, Any] = json.loads(words)
        return found

    def phase(self, wanted: str) -> None:
        self.person.phase(wanted)

    def shows(self, labels: int) -> None:
        shown = "labels => document.querySelectorAll('[data-label]').length === labels"
        self.person.until(shown, labels)

    def drop(self, frame: int, key: str) -> None:
        self.person.go_to(frame)
        self.person.press(key)

    # The server, as another client of the same person sees it.

    def stored(self) -> dict[str, Any]:
        answer = self.person.page.context.request.get(self.payload["urls"]["save"])
        found: dict[str, Any] = answer.json()
        return found

    def save_elsewhere(self, *put: dict[str, Any]) -> None:
        """Another client of ada's saves over what the page knows."""
        page = self.person.page
        cookies = {each.get("name"): each.get("value", "") for each in page.context.cookies()}
        answer = page.context.request.patch(
            self.payload["urls"]["save"],
            data={
                "base_revision": self.stored()["revision"],
                "request_id": page.evaluate("crypto.randomUUID()"),
                "client_id": "elsewhere",
                "put": list(put),
                "remove": [],
            },
            headers={"X-CSRFToken": cookies["csrftoken"], "Referer": page.url},
        )
        assert answer.ok, answer.text()


def contact(identity: str, frame: int, label_class: str = "impact") -> dict[str, Any]:
    return {
        "id": identity,
        "kind": "instant",
        "label_class": label_class,
        "start_ns": frame * FRAME_NS,
        "end_ns": None,
        "effector": "right",
        "text": "",
        "attributes": {},
        "uncertainty_ns": 0,
        "source": "human",
    }
