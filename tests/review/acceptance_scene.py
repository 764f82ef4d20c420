"""Parts of a scene: forty episodes of simulated annotators, a batch of them, its sample judged."""

import uuid

import pytest
from django.utils import timezone

from annotation.models import AnnotationSet, Assignment, Project
from review.models import Batch, BatchItem, Sample, SampleItem
from review.selectors.acceptance import SampleStanding, sample_standing
from review.selectors.acceptance_plans import Choice
from review.services.batches import create_batch
from review.services.simulate_annotators import Person, simulate_annotators
from review.services.verdicts import approve_episode, return_episode
from tests.annotation.scene import Team
from tests.once import once

ONE_ALLOWED = Choice("hypergeometric", c=1)
LOT = 40


@pytest.fixture
def project(team: Team) -> Project:
    """Forty episodes, handed in by two simulated annotators each; ravi reviews, mei manages."""
    roles = [(team.mei, "manager"), (team.ravi, "reviewer"), (team.ada, "annotator")]
    people = [Person(0.95), Person(0.95)]
    return once(
        "lots",
        lambda: simulate_annotators(
            name="Lots", template=team.dataset, people=people, episodes=LOT, gold=False,
            managers=roles,
        ),
    )  # fmt: skip


def sampled(team: Team, project: Project, choice: Choice = ONE_ALLOWED) -> Batch:
    return create_batch(actor=team.ravi, project=project, choice=choice)


def standing(batch: Batch) -> SampleStanding:
    return sample_standing(batch.samples.order_by("number").last() or Sample())


def conform(team: Team, one: SampleItem) -> None:
    item = BatchItem.objects.get(pk=one.item_id)
    approve_episode(
        actor=team.ravi, item_id=item.pk, annotation_set_id=one.proposed_set_id,
        version=item.version, request_id=uuid.uuid4(),
    )  # fmt: skip


def refuse(team: Team, one: SampleItem) -> None:
    item = BatchItem.objects.get(pk=one.item_id)
    return_episode(
        actor=team.ravi, item_id=item.pk, annotation_set_ids=[one.proposed_set_id],
        comment="The contact is late.", version=item.version, request_id=uuid.uuid4(),
    )  # fmt: skip


def hand_in_again(project: Project) -> None:
    """Everybody who has work back hands it in as it is; simulated people have no session."""
    places = {"project_episode__project": project}
    AnnotationSet.objects.filter(**places, state=AnnotationSet.State.DRAFT).update(
        state=AnnotationSet.State.SUBMITTED, submitted_at=timezone.now()
    )
    Assignment.objects.filter(**places).update(state=Assignment.State.SUBMITTED)


def say_the_same(other: AnnotationSet, said: AnnotationSet) -> None:
    """The other set's labels become a copy of what was said."""
    other.labels.all().delete()
    for label in said.labels.all():
        label.pk, label.annotation_set = None, other
        label.save()


def failed(team: Team, project: Project) -> Batch:
    batch = sampled(team, project)
    for one in batch.samples.get().items.order_by("order")[:2]:
        refuse(team, one)
    return batch
