"""What people were given and have handed in is right at any moment, whoever counted last."""

import json
import uuid
from importlib import import_module
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from django.db.models import F
from django.db.models.lookups import IsNull
from django.utils import timezone

from annotation.models import Assignment, ProjectEpisode, WorkCount
from annotation.models.work import handed_in_uncounted
from annotation.selectors.projects import member_rows, progress_of_project
from annotation.selectors.work_counts import work_by_person, work_by_project
from annotation.services.release import release
from annotation.services.return_for_rework import return_for_rework
from annotation.services.submit import submit
from annotation.services.take_as_expert import take_as_expert
from annotation.services.work_counts import rebuild_work_counts, sweep_work_counts
from tests.annotation.scene import Team, claimed, draft_of, instruction, outcome, save

pytestmark = pytest.mark.django_db


def hand_in(team: Team, user: User) -> Assignment:
    draft = draft_of(claimed(user, team.project))
    # Sent back it has its labels already.
    saved = save(user, draft, [] if draft.labels.exists() else [instruction(), outcome()])
    done = submit(
        actor=user,
        annotation_set_id=draft.pk,
        base_revision=saved.revision,
        request_id=uuid.uuid4(),
    )
    assert done.assignment is not None
    return done.assignment


def truly(team: Team) -> dict[int, tuple[int, int]]:
    found: dict[int, tuple[int, int]] = {}
    own = Assignment.objects.filter(project_episode__project=team.project, expert=False)
    for one in own.select_related("project_episode"):
        given, handed_in = found.get(one.annotator_id, (0, 0))
        counts = one.project_episode.purpose in ("production", "evaluation")
        found[one.annotator_id] = given + counts, handed_in + (one.state == "submitted")
    return found


def right(team: Team) -> None:
    by_person = work_by_person(team.project.pk)
    assert {pk: (one.given, one.handed_in) for pk, one in by_person.items()} == truly(team)
    for pk, one in by_person.items():
        assert work_by_project([team.project.pk], pk) == {team.project.pk: one}


def rows() -> list[tuple[Any, ...]]:
    kept = WorkCount.objects.order_by("project", "annotator")
    return list(kept.values_list("project", "annotator", "given", "handed_in"))


def changes(team: Team) -> list[Any]:
    """One after the other, everything that an assignment may go through."""

    def sent_back() -> None:
        done = Assignment.objects.get(annotator=team.ada, state="submitted")
        return_for_rework(
            actor=team.ravi,
            annotation_set_id=done.annotation_sets.get().pk,
            comment="The contact is late.",
        )

    def learned() -> None:
        untouched = team.project.project_episodes.filter(assignments=None)
        place = untouched.order_by("-position")[0]
        ProjectEpisode.objects.filter(pk=place.pk).update(purpose="training")
        Assignment.objects.create(
            project_episode=place, annotator=team.abe, lease_expires_at=timezone.now()
        )

    return [
        lambda: hand_in(team, team.ada),
        lambda: claimed(team.abe, team.project),
        sent_back,
        lambda: release(
            actor=team.abe, assignment_id=Assignment.objects.get(annotator=team.abe).pk
        ),
        lambda: hand_in(team, team.ada),
        learned,
        lambda: take_as_expert(actor=team.ravi, place=team.project.project_episodes.all()[0]),
    ]


@pytest.mark.parametrize("swept", [True, False])
def test_they_are_right_before_and_after_the_sweep(team: Team, swept: bool) -> None:
    assert work_by_person(team.project.pk) == {}
    for change in changes(team):
        change()
        right(team)
        if swept:
            assert sweep_work_counts() <= 1
            assert sweep_work_counts() == 0
            right(team)
    assert WorkCount.objects.exists() == swept


def test_the_projects_pages_say_what_there_is(team: Team) -> None:
    hand_in(team, team.ada)
    claimed(team.ada, team.project)
    sweep_work_counts()
    hand_in(team, team.abe)
    found = progress_of_project(team.project)
    assert (found.handed_in, found.at_work, found.returned) == (2, 1, 0)
    by_name = {row.user.username: row for row in member_rows(team.project)}
    assert (by_name["ada"].handed_in, by_name["ada"].at_work) == (1, 1)
    assert (by_name["abe"].handed_in, by_name["abe"].at_work) == (1, 0)
    assert (by_name["mei"].handed_in, by_name["mei"].at_work) == (0, 0)


def test_a_rebuild_writes_the_same_rows(team: Team) -> None:
    for change in changes(team):
        change()
        sweep_work_counts()
    before = rows()
    assert rebuild_work_counts(team.project) == len(before) == 2
    assert rows() == before
    WorkCount.objects.update(given=F("given") + 7)
    claimed(team.mei, team.project)
    call_command("rebuild_progress")
    right(team)
    assert sweep_work_counts() == 0


def test_the_migration_counts_what_there_was(team: Team) -> None:
    for change in changes(team):
        change()
    # As the new column comes: of most it is right without writing it.
    Assignment.objects.update(counted_handed_in=True)
    counted = import_module("annotation.migrations.0028_count_work")
    with connection.cursor() as cursor:
        for statement in (counted.REMEMBER, counted.COUNT):
            cursor.execute(statement)
    assert sweep_work_counts() == 0
    right(team)


def test_what_is_to_be_counted_is_known_to_be_little(team: Team) -> None:
    """Or the planner reads all work for what changed in it."""
    people = User.objects.bulk_create(User(username=f"p{n}", password="!") for n in range(200))
    place, now = team.project.project_episodes.earliest("pk"), timezone.now()
    Assignment.objects.bulk_create(
        Assignment(project_episode=place, annotator=one, state="submitted", lease_expires_at=now)
        for one in people
    )
    rebuild_work_counts(team.project)
    changed = Assignment.objects.of_annotators().filter(IsNull(handed_in_uncounted(), False))
    (plan,) = json.loads(changed.explain(format="json"))
    assert plan["Plan"]["Plan Rows"] < 10
