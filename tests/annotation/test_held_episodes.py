"""Episodes held back for their clocks: nobody new gets them, whoever has one keeps it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from django.contrib.auth.models import User
from django.db import connection

from annotation.models import Assignment, Membership, Project
from annotation.selectors.queue import work_of
from annotation.services.add_episodes import take_episodes
from annotation.services.claim_next import claim_next
from annotation.services.register_schema import core_label_schema
from episodes.models import Episode, SyncReport
from episodes.services.clocks import decide
from tests.annotation.scene import (
    Team,
    claimed,
    draft_of,
    make_asset,
    make_dataset,
    make_episodes,
    outcome,
    queue_up,
    save,
)

CROWD = 8


def report(episode: Episode) -> None:
    SyncReport.objects.create(episode=episode, verdict="red", report={})
    Episode.objects.filter(pk=episode.pk).update(sync="red")


def hold(actor: User, episode: Episode, *, held: bool = True) -> None:
    decision = SyncReport.Decision.HELD if held else SyncReport.Decision.RELEASED
    decide(actor=actor, episode_id=episode.pk, decision=decision, reason="seen at a contact")


@pytest.mark.django_db
def test_held_episodes_are_passed_over(team: Team) -> None:
    first, second, third = Episode.objects.order_by("index")
    for episode in (first, third):
        report(episode)
        hold(team.mei, episode)
    assert claimed(team.ada, team.project).project_episode.episode == second
    assert [work.waiting for work in work_of(team.abe)] == [1]
    hold(team.mei, first, held=False)
    assert [work.waiting for work in work_of(team.abe)] == [2]
    assert claimed(team.abe, team.project).project_episode.episode == first


@pytest.mark.django_db
def test_whoever_holds_it_finishes(team: Team) -> None:
    assignment = claimed(team.ada, team.project)
    episode = assignment.project_episode.episode
    report(episode)
    hold(team.mei, episode)
    save(team.ada, draft_of(assignment), [outcome()])
    again = claim_next(actor=team.ada, project=team.project)
    assert again is not None
    assert again.assignment == assignment
    assert claimed(team.abe, team.project).project_episode.episode != episode


@pytest.mark.django_db
def test_adding_held_episodes_says_that_they_wait(team: Team) -> None:
    held = Episode.objects.order_by("index")[0]
    report(held)
    hold(team.mei, held)
    taken = take_episodes(actor=team.mei, project=team.project, chosen=Episode.objects.all())
    assert (taken.already, taken.held) == (3, 1)
    assert "1 is held back" in taken.said


@pytest.mark.django_db(transaction=True)
def test_held_while_many_ask(
    transactional_db: None, person: Callable[..., User], data_dir: Path
) -> None:
    """A claim is from before the decision and stays, or there is none."""
    project = Project.objects.create(name="Race", schema=core_label_schema(), overlap=CROWD)
    mei = person("mei")
    Membership.objects.create(project=project, user=mei, role=Membership.Role.MANAGER)
    people = [person(f"annotator{number}") for number in range(CROWD)]
    for user in people:
        Membership.objects.create(project=project, user=user, role=Membership.Role.ANNOTATOR)
    asset = make_asset(data_dir, "r")
    (episode,) = make_episodes(make_dataset("race", owner=mei), 1, asset)
    queue_up(project, [episode])
    report(episode)
    start = Barrier(CROWD + 1)

    def ask(user: User) -> bool:
        try:
            start.wait(timeout=30)
            if user == mei:
                hold(mei, episode)
                return False
            return claim_next(actor=user, project=project) is not None
        finally:
            connection.close()

    with ThreadPoolExecutor(CROWD + 1) as pool:
        got = list(pool.map(ask, [*people, mei]))
    holding = Assignment.objects.filter(state=Assignment.State.ACTIVE)
    assert holding.count() == sum(got)
    # Nobody new, and nobody lost what they had.
    after = [claim_next(actor=user, project=project) for user in people]
    assert [claim is not None for claim in after] == got[:-1]
    assert holding.count() == sum(got)
