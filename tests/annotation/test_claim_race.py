"""Many people ask for work at the same moment, each on a connection of their own."""

import uuid
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone

from annotation.models import AnnotationSet, Assignment, Membership, Project, ProjectEpisode
from annotation.services.claim_next import claim_next
from annotation.services.register_schema import core_label_schema
from tests.annotation.scene import make_asset, make_dataset, make_episodes, queue_up

PEOPLE, EPISODES, OVERLAP = 12, 20, 2

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def crowd(transactional_db: None, person: Callable[..., User], data_dir: Path) -> list[User]:
    """A project of 20 episodes and its twelve annotators."""
    project = Project.objects.create(name="Race", schema=core_label_schema(), overlap=OVERLAP)
    queue_up(project, make_episodes(make_dataset("race"), EPISODES, make_asset(data_dir, "r")))
    people = [person(f"annotator{number}") for number in range(PEOPLE)]
    for user in people:
        Membership.objects.create(project=project, user=user, role=Membership.Role.ANNOTATOR)
    return people


def at_once(people: list[User], work: Callable[[User], int]) -> list[int]:
    """Run ``work`` for everybody in threads that start together."""
    start = Barrier(len(people))

    def run(user: User) -> int:
        try:
            start.wait(timeout=30)
            return work(user)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(people)) as pool:
        return list(pool.map(run, people))


def test_every_slot_is_handed_out_exactly_once(crowd: list[User]) -> None:
    project = Project.objects.get()

    def label_everything(user: User) -> int:
        done = 0
        while (claim := claim_next(actor=user, project=project)) is not None:
            Assignment.objects.filter(pk=claim.assignment.pk).update(
                state=Assignment.State.SUBMITTED
            )
            done += 1
        return done

    done = at_once(crowd, label_everything)
    pairs = list(Assignment.objects.values_list("project_episode", "annotator"))
    assert sum(done) == len(pairs) == EPISODES * OVERLAP
    assert set(Counter(episode for episode, _ in pairs).values()) == {OVERLAP}
    assert len(set(pairs)) == len(pairs)
    assert AnnotationSet.objects.count() == len(pairs)


def test_last_slots_are_found_although_their_rows_are_locked(crowd: list[User]) -> None:
    """Twelve people, six episodes of two slots: nobody may go away empty-handed."""
    ProjectEpisode.objects.filter(position__gte=PEOPLE // OVERLAP).delete()
    project = Project.objects.get()
    got = at_once(crowd, lambda user: int(claim_next(actor=user, project=project) is not None))
    assert sum(got) == PEOPLE
    taken = Counter(Assignment.objects.values_list("project_episode", flat=True))
    assert set(taken.values()) == {OVERLAP}


def test_more_people_than_slots(crowd: list[User]) -> None:
    ProjectEpisode.objects.filter(position__gte=1).delete()
    project = Project.objects.get()
    got = at_once(crowd, lambda user: int(claim_next(actor=user, project=project) is not None))
    assert sum(got) == OVERLAP


def test_two_tabs_of_one_person_get_one_episode(crowd: list[User]) -> None:
    project = Project.objects.get()
    ada = crowd[0]

    def claim(user: User) -> int:
        found = claim_next(actor=user, project=project)
        return int(found is not None and found.created)

    assert sum(at_once([ada, ada, ada, ada], claim)) == 1
    assert Assignment.objects.filter(annotator=ada).count() == 1


def test_lapsed_work_is_taken_over_or_taken_up_again_but_never_both(crowd: list[User]) -> None:
    """One slot: its first holder's lease ran out, and all twelve ask at once."""
    ProjectEpisode.objects.filter(position__gte=1).delete()
    project = Project.objects.get()
    ProjectEpisode.objects.update(overlap=1)
    Assignment.objects.create(
        id=uuid.uuid4(),
        project_episode=ProjectEpisode.objects.get(),
        annotator=crowd[0],
        lease_expires_at=timezone.now() - timedelta(seconds=1),
    )
    got = at_once(crowd, lambda user: int(claim_next(actor=user, project=project) is not None))
    assert sum(got) == 1
    assert Assignment.objects.holding_a_slot(timezone.now()).count() == 1
