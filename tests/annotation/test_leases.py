"""Holding, losing and giving back an episode."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from annotation.errors import LeaseExpired, NotFound, NotReleasable, RoleMissing
from annotation.models import Assignment, ProjectEpisode
from annotation.services.expire_leases import expire_leases
from annotation.services.heartbeat import heartbeat
from annotation.services.leases import has_free_slot
from annotation.services.release import release
from annotation.tasks import expire_leases_task
from tests.annotation.scene import Team, claimed

State = Assignment.State


def lapse(assignment: Assignment) -> None:
    Assignment.objects.filter(pk=assignment.pk).update(
        lease_expires_at=timezone.now() - timedelta(seconds=1)
    )


def test_a_heartbeat_renews(team: Team, settings: object) -> None:
    ada = claimed(team.ada, team.project)
    Assignment.objects.update(lease_expires_at=timezone.now() + timedelta(seconds=5))
    held = heartbeat(actor=team.ada, assignment_id=ada.pk)
    assert held.lease_expires_at > timezone.now() + timedelta(seconds=60)


def test_a_lapsed_lease_is_taken_again_while_its_slot_is_free(team: Team) -> None:
    ada = claimed(team.ada, team.project)
    lapse(ada)
    expire_leases()
    assert heartbeat(actor=team.ada, assignment_id=ada.pk).state == State.ACTIVE


def test_a_lapsed_lease_whose_slot_is_taken_is_lost(team: Team) -> None:
    ada = claimed(team.ada, team.project)
    lapse(ada)
    claimed(team.abe, team.project)
    claimed(team.ravi, team.project)
    with pytest.raises(LeaseExpired):
        heartbeat(actor=team.ada, assignment_id=ada.pk)


def test_a_running_lease_is_safe_from_a_smaller_overlap(team: Team) -> None:
    ada, abe = claimed(team.ada, team.project), claimed(team.abe, team.project)
    type(team.project).objects.update(overlap=1)
    for assignment in (ada, abe):
        heartbeat(actor=assignment.annotator, assignment_id=assignment.pk)


def test_giving_back_twice_is_one_giving_back(team: Team) -> None:
    ada = claimed(team.ada, team.project)
    for _ in range(2):
        assert release(actor=team.ada, assignment_id=ada.pk).state == State.RELEASED
    with pytest.raises(LeaseExpired):
        heartbeat(actor=team.ada, assignment_id=ada.pk)


def test_what_is_handed_in_is_neither_kept_nor_given_back(team: Team) -> None:
    ada = claimed(team.ada, team.project)
    Assignment.objects.update(state=State.SUBMITTED)
    with pytest.raises(LeaseExpired):
        heartbeat(actor=team.ada, assignment_id=ada.pk)
    with pytest.raises(NotReleasable):
        release(actor=team.ada, assignment_id=ada.pk)


def test_other_people_keep_out(team: Team) -> None:
    ada = claimed(team.ada, team.project)
    for service in (heartbeat, release):
        for user, error in ((team.abe, RoleMissing), (team.otto, NotFound)):
            with pytest.raises(error):
                service(actor=user, assignment_id=ada.pk)
        with pytest.raises(NotFound):
            service(actor=team.ada, assignment_id=uuid.uuid4())


def test_the_sweep_marks_lapsed_work_and_nothing_else(team: Team) -> None:
    ada, abe = claimed(team.ada, team.project), claimed(team.abe, team.project)
    lapse(ada)
    expire_leases_task()
    expire_leases_task()
    ada.refresh_from_db()
    abe.refresh_from_db()
    assert (ada.state, abe.state) == (State.EXPIRED, State.ACTIVE)


@pytest.mark.django_db(transaction=True)
def test_slots_are_judged_in_transactions_only(transactional_db: None, team: Team) -> None:
    episode = ProjectEpisode.objects.select_related("project")[0]
    with pytest.raises(RuntimeError):
        has_free_slot(episode, timezone.now())
