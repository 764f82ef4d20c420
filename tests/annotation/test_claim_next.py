"""Who gets which episode next."""

from datetime import timedelta

import pytest
from django.utils import timezone

from annotation.errors import NotFound
from annotation.models import Assignment, AuditEntry, ProjectEpisode
from annotation.services.claim_next import claim_next
from annotation.services.expire_leases import expire_leases
from annotation.services.release import release
from annotation.services.return_for_rework import return_for_rework
from annotation.services.submit import submit
from annotation.services.update_project import update_project
from episodes.models import Episode
from tests.annotation.scene import Team, claimed, draft_of, instruction, outcome, save

State = Assignment.State


def lapse(assignment: Assignment) -> None:
    Assignment.objects.filter(pk=assignment.pk).update(
        lease_expires_at=timezone.now() - timedelta(seconds=1)
    )


def hand_in(team: Team, assignment: Assignment) -> None:
    draft = draft_of(assignment)
    saved = save(assignment.annotator, draft, [instruction(), outcome()])
    submit(
        actor=assignment.annotator,
        annotation_set_id=draft.pk,
        base_revision=saved.revision,
        request_id=draft.pk,
    )


def test_the_queue_goes_by_position_and_opens_a_draft(team: Team) -> None:
    claim = claim_next(actor=team.ada, project=team.project)
    assert claim is not None
    assert claim.created
    assert claim.assignment.project_episode.position == 0
    draft = draft_of(claim.assignment)
    assert (draft.round, draft.revision, draft.schema) == (1, 0, team.project.schema)
    assert AuditEntry.objects.filter(action="assignment.claimed", actor=team.ada).count() == 1


def test_the_live_episode_comes_again(team: Team) -> None:
    first = claimed(team.ada, team.project)
    again = claim_next(actor=team.ada, project=team.project)
    assert again is not None
    assert not again.created
    assert again.assignment.pk == first.pk


def test_overlap_people_share_an_episode_and_the_next_goes_on(team: Team) -> None:
    episodes = [
        claimed(user, team.project).project_episode.position
        for user in (team.ada, team.abe, team.ravi)
    ]
    assert episodes == [0, 0, 1]


def test_nothing_left(team: Team) -> None:
    for _ in range(3):
        hand_in(team, claimed(team.ada, team.project))
    assert claim_next(actor=team.ada, project=team.project) is None
    assert claim_next(actor=team.abe, project=team.project) is not None


def test_no_episode_twice_to_a_person(team: Team) -> None:
    given = []
    for _ in range(3):
        assignment = claimed(team.ada, team.project)
        given.append(assignment.project_episode_id)
        hand_in(team, assignment)
    assert len(set(given)) == 3


def test_a_lapsed_lease_frees_its_slot_before_any_sweep(team: Team) -> None:
    ada = claimed(team.ada, team.project)
    claimed(team.abe, team.project)
    lapse(ada)
    assert claimed(team.ravi, team.project).project_episode_id == ada.project_episode_id


def test_ones_own_lapsed_work_comes_back_while_its_slot_is_free(team: Team) -> None:
    ada = claimed(team.ada, team.project)
    lapse(ada)
    expire_leases()
    ada.refresh_from_db()
    assert ada.state == State.EXPIRED
    claim = claim_next(actor=team.ada, project=team.project)
    assert claim is not None
    assert not claim.created
    assert claim.assignment.pk == ada.pk
    assert claim.assignment.state == State.ACTIVE


def test_lapsed_work_whose_slot_is_taken_stays_away(team: Team) -> None:
    ada = claimed(team.ada, team.project)
    lapse(ada)
    claimed(team.abe, team.project)
    claimed(team.ravi, team.project)
    assert claimed(team.ada, team.project).project_episode.position == 1


def test_returned_work_comes_before_new_work(team: Team) -> None:
    first = claimed(team.ada, team.project)
    hand_in(team, first)
    return_for_rework(
        actor=team.ravi,
        annotation_set_id=first.annotation_sets.get().pk,
        comment="The grasp is missing.",
    )
    claim = claim_next(actor=team.ada, project=team.project)
    assert claim is not None
    assert not claim.created
    assert claim.assignment.pk == first.pk
    assert draft_of(claim.assignment).round == 2


def test_returned_work_keeps_its_slot_even_when_its_lease_lapses(team: Team) -> None:
    ada, abe = claimed(team.ada, team.project), claimed(team.abe, team.project)
    hand_in(team, ada)
    hand_in(team, abe)
    sent_back = ada.annotation_sets.get()
    return_for_rework(actor=team.ravi, annotation_set_id=sent_back.pk, comment="Again, please.")
    lapse(claimed(team.ada, team.project))
    assert claimed(team.ravi, team.project).project_episode.position == 1
    assert expire_leases().returned == 1
    assert claimed(team.ada, team.project).pk == ada.pk


def test_what_was_given_back_is_for_others(team: Team) -> None:
    ada = claimed(team.ada, team.project)
    release(actor=team.ada, assignment_id=ada.pk)
    assert claimed(team.ada, team.project).project_episode.position == 1
    assert claimed(team.abe, team.project).project_episode.position == 0


def test_an_overlap_that_was_lowered_meanwhile_counts(team: Team) -> None:
    ada = claimed(team.ada, team.project)
    update_project(actor=team.mei, project=team.project, overlap=1)
    assert team.project.overlap == 2
    assert claimed(team.abe, team.project).project_episode_id != ada.project_episode_id


def test_episodes_that_are_not_ready_are_not_handed_out(team: Team) -> None:
    Episode.objects.update(state=Episode.State.QUARANTINED)
    assert claim_next(actor=team.ada, project=team.project) is None


def test_an_empty_project(team: Team) -> None:
    ProjectEpisode.objects.all().delete()
    assert claim_next(actor=team.ada, project=team.project) is None


def test_outsiders_learn_nothing(team: Team) -> None:
    with pytest.raises(NotFound):
        claim_next(actor=team.otto, project=team.project)
    assert not Assignment.objects.exists()


def test_an_administrator_may_annotate(team: Team) -> None:
    assert claim_next(actor=team.root, project=team.project) is not None
