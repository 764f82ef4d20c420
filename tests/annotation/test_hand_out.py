"""Who is handed what: standing, urgency, reservations, skips, and people who leave."""

from datetime import date

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from annotation.errors import NotFound, NotReleasable, RoleMissing, StandingRefused, WorkWithheld
from annotation.models import (
    Assignment,
    AuditEntry,
    Membership,
    Project,
    ProjectEpisode,
    Skip,
    TaskPolicy,
)
from annotation.selectors.ahead import expected_next
from annotation.selectors.queue import anything_left, waiting_in
from annotation.services.claim_next import claim_next
from annotation.services.look_ahead import look_ahead
from annotation.services.reserve import reserve
from annotation.services.set_membership import set_membership
from annotation.services.skip import skip
from annotation.services.standing import set_standing
from annotation.spread import spread
from episodes.models import Episode, Task
from tests.annotation.scene import Team, claimed

pytestmark = pytest.mark.django_db
Purpose, Standing = ProjectEpisode.Purpose, Membership.Standing


def place(team: Team, number: int) -> ProjectEpisode:
    return team.project.project_episodes.get(position=number)


def stand(team: Team, user: User, standing: str) -> None:
    set_standing(
        actor=team.mei, project=team.project, user=user, standing=standing, reason="As agreed."
    )


def position(user: User, project: Project) -> int:
    return claimed(user, project).project_episode.position


def test_each_standing_gets_its_own_episodes(team: Team) -> None:
    for number, purpose in enumerate((Purpose.TRAINING, Purpose.QUALIFICATION, Purpose.EVALUATION)):
        ProjectEpisode.objects.filter(position=number).update(purpose=purpose)
    stand(team, team.ada, Standing.TRAINING)
    stand(team, team.abe, Standing.QUALIFYING)
    assert [position(user, team.project) for user in (team.ada, team.abe, team.ravi)] == [0, 1, 2]


def test_training_is_for_everybody_whatever_the_overlap(team: Team) -> None:
    ProjectEpisode.objects.update(purpose=Purpose.TRAINING, overlap=1)
    for user in (team.ada, team.abe, team.ravi):
        stand(team, user, Standing.TRAINING)
        assert position(user, team.project) == 0
    first = place(team, 0)
    assert (first.slots_taken, first.has_slot) == (0, True)


@pytest.mark.parametrize("standing", [Standing.PAUSED, Standing.FAILED])
def test_who_is_paused_or_failed_is_told_why(team: Team, standing: Membership.Standing) -> None:
    stand(team, team.ada, standing)
    with pytest.raises(WorkWithheld, match=r"As agreed\.") as refused:
        claim_next(actor=team.ada, project=team.project)
    assert refused.value.fields["standing"] == standing
    assert waiting_in([team.project], team.ada, timezone.now())[team.project.pk] == 0
    assert not anything_left(team.project, team.ada, timezone.now())


def test_who_is_paused_may_finish_what_they_hold(team: Team) -> None:
    held = claimed(team.ada, team.project)
    stand(team, team.ada, Standing.PAUSED)
    assert claimed(team.ada, team.project).pk == held.pk
    assert look_ahead(actor=team.ada, assignment_id=held.pk) is None


@pytest.mark.parametrize("state", [Project.State.PAUSED, Project.State.ARCHIVED])
def test_a_project_at_rest_gives_nothing_new(team: Team, state: Project.State) -> None:
    held = claimed(team.ada, team.project)
    Project.objects.update(state=state)
    assert claim_next(actor=team.abe, project=team.project) is None
    assert claimed(team.ada, team.project).pk == held.pk


def test_priority_then_task_then_deadline_then_place(team: Team) -> None:
    tasks = [Task.objects.create(text=f"task {number}") for number in range(3)]
    for number, task in enumerate(tasks):
        Episode.objects.filter(index=number).update(task=task)
    TaskPolicy.objects.create(project=team.project, task=tasks[2], deadline=date(2026, 1, 1))
    assert expected(team, team.ada) == 2
    TaskPolicy.objects.create(project=team.project, task=tasks[1], priority=5)
    assert expected(team, team.ada) == 1
    ProjectEpisode.objects.filter(position=0).update(priority=1)
    assert position(team.ada, team.project) == 0
    TaskPolicy.objects.filter(task=tasks[1]).update(priority=-5)
    assert position(team.abe, team.project) == 0
    assert position(team.ravi, team.project) == 2


def expected(team: Team, user: User) -> int:
    """What looking ahead promises, which claiming keeps."""
    held = Assignment()
    found = expected_next(user, team.project, timezone.now(), besides=held.pk)
    assert found is not None
    return found.position


def test_looking_ahead_follows_a_reservation(team: Team) -> None:
    reserve(actor=team.mei, project=team.project, places=[place(team, 2).pk], user=team.ada)
    assert expected(team, team.ada) == 2
    assert expected(team, team.abe) == 0


def test_what_is_reserved_comes_first_and_to_nobody_else(team: Team) -> None:
    ids = [place(team, number).pk for number in (0, 2)]
    made = reserve(actor=team.mei, project=team.project, places=ids, user=team.ada)
    assert (made.reserved, made.had, made.full) == (2, 0, 0)
    assert position(team.abe, team.project) == 1
    assert position(team.ada, team.project) == 0
    # Once ada has it, its other slot is anybody's.
    assert position(team.ravi, team.project) == 0
    reserve(actor=team.mei, project=team.project, places=ids, user=None)
    assert not ProjectEpisode.objects.exclude(reserved_for=None).exists()


def test_a_reservation_says_what_it_cannot_do(team: Team) -> None:
    claimed(team.ada, team.project)
    ProjectEpisode.objects.filter(position=1).update(slots_taken=2, has_slot=False)
    ids = list(team.project.project_episodes.values_list("pk", flat=True))
    made = reserve(actor=team.mei, project=team.project, places=ids, user=team.ada)
    assert (made.reserved, made.had, made.full) == (1, 1, 1)


def test_reserving_is_for_managers_and_members(team: Team) -> None:
    ids = [place(team, 0).pk]
    for user, error in ((team.ravi, RoleMissing), (team.ada, RoleMissing), (team.otto, NotFound)):
        with pytest.raises(error):
            reserve(actor=user, project=team.project, places=ids, user=team.ada)
    with pytest.raises(NotFound, match="otto is not in"):
        reserve(actor=team.mei, project=team.project, places=ids, user=team.otto)


def test_a_skip_frees_the_slot_and_the_episode_never_comes_back(team: Team) -> None:
    held = claimed(team.ada, team.project)
    first = skip(actor=team.ada, assignment_id=held.pk, reason="bad_video")
    again = skip(actor=team.ada, assignment_id=held.pk, reason="other", text="changed my mind")
    assert (again.pk, again.reason) == (first.pk, "bad_video")
    held.refresh_from_db()
    assert held.state == Assignment.State.RELEASED
    assert position(team.ada, team.project) == 1
    assert position(team.abe, team.project) == 0
    assert AuditEntry.objects.filter(action="assignment.skipped").count() == 1


@pytest.mark.parametrize(("reason", "text"), [("other", "  "), ("boring", "x"), ("", "")])
def test_a_skip_says_why(team: Team, reason: str, text: str) -> None:
    held = claimed(team.ada, team.project)
    with pytest.raises(NotReleasable):
        skip(actor=team.ada, assignment_id=held.pk, reason=reason, text=text)
    assert not Skip.objects.exists()


def test_nobody_skips_for_somebody_else(team: Team) -> None:
    held = claimed(team.ada, team.project)
    for user, error in ((team.abe, RoleMissing), (team.mei, RoleMissing), (team.otto, NotFound)):
        with pytest.raises(error):
            skip(actor=user, assignment_id=held.pk, reason="bad_video")


def test_work_sent_back_is_not_skipped(team: Team) -> None:
    held = claimed(team.ada, team.project)
    Assignment.objects.update(rework=True, state=Assignment.State.RETURNED)
    with pytest.raises(NotReleasable, match="sent back"):
        skip(actor=team.ada, assignment_id=held.pk, reason="bad_video")


def test_the_work_of_who_leaves_returns_and_its_history_stays(team: Team) -> None:
    held = claimed(team.ada, team.project)
    reserve(actor=team.mei, project=team.project, places=[place(team, 2).pk], user=team.ada)
    set_membership(actor=team.mei, project=team.project, user=team.ada, role=None)
    held.refresh_from_db()
    assert held.state == Assignment.State.RELEASED
    assert held.annotation_sets.count() == 1
    first = place(team, 0)
    assert (first.slots_taken, first.progress) == (0, "waiting")
    assert place(team, 2).reserved_for is None
    with pytest.raises(NotFound):
        claim_next(actor=team.ada, project=team.project)


def test_rework_of_who_left_holds_nothing_up(team: Team) -> None:
    held = claimed(team.ada, team.project)
    Assignment.objects.filter(pk=held.pk).update(rework=True, state=Assignment.State.RETURNED)
    set_membership(actor=team.mei, project=team.project, user=team.ada, role=None)
    assert place(team, 0).progress == "waiting"


def test_newcomers_begin_where_the_project_says(team: Team) -> None:
    project = team.project
    for training, qualification, wanted in (
        (True, True, Standing.TRAINING),
        (False, True, Standing.QUALIFYING),
        (False, False, Standing.QUALIFIED),
    ):
        project.training_required, project.qualification_required = training, qualification
        set_membership(
            actor=team.mei, project=project, user=team.otto, role=Membership.Role.ANNOTATOR
        )
        assert Membership.objects.get(user=team.otto).standing == wanted
        # A change of role afterwards leaves the standing alone.
        set_membership(
            actor=team.mei, project=project, user=team.otto, role=Membership.Role.REVIEWER
        )
        assert Membership.objects.get(user=team.otto).standing == wanted
        set_membership(actor=team.mei, project=project, user=team.otto, role=None)


def test_standing_is_changed_by_managers_with_a_reason(team: Team) -> None:
    for user, error in ((team.ravi, RoleMissing), (team.ada, RoleMissing), (team.otto, NotFound)):
        with pytest.raises(error):
            set_standing(
                actor=user, project=team.project, user=team.ada, standing="paused", reason="x"
            )
    for standing, reason in (("paused", " "), ("asleep", "x")):
        with pytest.raises(StandingRefused):
            set_standing(
                actor=team.mei,
                project=team.project,
                user=team.ada,
                standing=standing,
                reason=reason,
            )
    stand(team, team.ada, Standing.PAUSED)
    stand(team, team.ada, Standing.PAUSED)
    entry = AuditEntry.objects.get(action="membership.standing_changed")
    assert entry.facts == {"before": "qualified", "after": "paused", "reason": "As agreed."}


def test_a_queue_goes_by_turns_over_tasks_and_operators(team: Team) -> None:
    tasks = [Task.objects.create(text=f"task {number}") for number in range(3)]
    episodes = [
        Episode(index=number, task=tasks[number // 20], operator="ab"[number % 2])
        for number in range(60)
    ]
    order = spread(team.project, episodes)
    assert sorted(one.index for one in order) == list(range(60))
    for start in range(0, 60, 6):
        turn = {(one.task_id, one.operator) for one in order[start : start + 6]}
        assert len(turn) == 6
    assert spread(team.project, reversed(episodes)) == order
    assert [one.index for one in order] != sorted(one.index for one in order)
