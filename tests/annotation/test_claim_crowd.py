"""Two hundred people ask for work at once, from a queue of ten thousand episodes.

A claim takes longest where people meet; so that the test stays quick, everybody claims once there,
and a whole queue is emptied by a second race over few episodes.
"""

from collections import Counter
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction

from annotation.models import AnnotationSet, Assignment, Membership, Project, ProjectEpisode
from annotation.services.claim_next import claim_next
from annotation.services.progress import note_progress
from annotation.services.register_schema import core_label_schema
from episodes.models import Episode
from tests.annotation.scene import make_dataset
from tests.annotation.test_claim_race import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

PEOPLE, AT_ONCE, EPISODES, OVERLAP, TURNS = 200, 40, 10_000, 2, 1


def project_of(episodes_in_it: int) -> Project:
    found = Project.objects.create(name="Crowd", schema=core_label_schema(), overlap=OVERLAP)
    dataset = make_dataset("crowd")
    episodes = Episode.objects.bulk_create(
        Episode(
            dataset=dataset,
            key=f"episode_{number:06d}",
            index=number,
            state=Episode.State.READY,
            duration_ns=1_000_000_000,
            rows=50,
            rate_num=50,
            content_sha256="0" * 64,
        )
        for number in range(episodes_in_it)
    )
    ProjectEpisode.objects.bulk_create(
        ProjectEpisode(project=found, episode=episode, position=number, overlap=OVERLAP)
        for number, episode in enumerate(episodes)
    )
    # As on a server that stands for longer than a minute: it knows how many rows there are.
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return found


def crowd_of(project: Project) -> list[User]:
    people = User.objects.bulk_create(
        User(username=f"annotator{number}", password="!") for number in range(PEOPLE)
    )
    Membership.objects.bulk_create(
        Membership(project=project, user=user, role=Membership.Role.ANNOTATOR) for user in people
    )
    return people


def in_turns(project: Project, user: User, turns: int) -> int:
    done = 0
    for _ in range(turns):
        claim = claim_next(actor=user, project=project)
        if claim is None:
            break
        Assignment.objects.filter(pk=claim.assignment.pk).update(state=Assignment.State.SUBMITTED)
        done += 1
    return done


def all_at_once(people: list[User], work: Callable[[User], int]) -> int:
    """Everybody, as many at the same moment as the test's database has connections for."""
    starts = range(0, len(people), AT_ONCE)
    return sum(sum(at_once(people[start : start + AT_ONCE], work)) for start in starts)


def test_two_hundred_people_and_ten_thousand_episodes() -> None:
    project = project_of(EPISODES)
    crowd = crowd_of(project)
    done = all_at_once(crowd, lambda user: in_turns(project, user, TURNS))
    pairs = list(Assignment.objects.values_list("project_episode", "annotator"))
    assert done == len(pairs) == PEOPLE * TURNS
    assert len(set(pairs)) == len(pairs)
    shared = Counter(place for place, _annotator in pairs)
    assert max(shared.values()) <= OVERLAP
    assert AnnotationSet.objects.count() == len(pairs)
    check_notes(shared)


def test_the_last_slots_are_neither_lost_nor_given_twice() -> None:
    """Thirty episodes are left: 60 slots for 100 people, of whom 40 go away with nothing."""
    left = 30
    project = project_of(left)
    crowd = crowd_of(project)[:100]
    done = all_at_once(crowd, lambda user: in_turns(project, user, 1))
    places = Counter(Assignment.objects.values_list("project_episode", flat=True))
    assert done == sum(places.values()) == left * OVERLAP
    assert set(places.values()) == {OVERLAP}
    assert not ProjectEpisode.objects.filter(has_slot=True).exists()
    check_notes(places)


def check_notes(held: Counter[int]) -> None:
    """What is kept about the queue is what counting anew says."""
    rows = ProjectEpisode.objects.filter(pk__in=list(held))
    kept = dict(rows.values_list("pk", "slots_taken"))
    assert kept == held
    with transaction.atomic():
        note_progress(list(held))
    assert dict(rows.values_list("pk", "slots_taken")) == kept
