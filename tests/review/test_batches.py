"""Batches: made of finished episodes, approved when every episode is."""

import pytest

from annotation.errors import NotFound, RoleMissing
from annotation.models import AuditEntry
from review.errors import BatchNameTaken, BatchNotApprovable, NothingReady, OwnWork
from review.models import Batch, BatchItem
from review.selectors.batches import ready_episodes
from review.services.batches import approve_batch, create_batch
from tests.annotation.scene import Team
from tests.review.scene import approve, hand_in, hand_in_by_both, items_of, send_back

pytestmark = pytest.mark.django_db


def test_only_episodes_finished_by_all_annotators_are_ready(team: Team) -> None:
    hand_in_by_both(team, 1)
    hand_in(team.ada, team.project)
    assert [one.position for one in ready_episodes(team.project)] == [0]


def test_without_a_finished_episode_there_is_no_batch(team: Team) -> None:
    hand_in(team.ada, team.project)
    with pytest.raises(NothingReady):
        create_batch(actor=team.ravi, project=team.project)
    assert not Batch.objects.exists()


def test_a_batch_takes_each_episode_once(team: Team) -> None:
    hand_in_by_both(team, 3)
    first = create_batch(actor=team.ravi, project=team.project, limit=2)
    second = create_batch(actor=team.mei, project=team.project)
    assert (first.name, second.name) == ("Batch 1", "Batch 2")
    assert [batch.items.count() for batch in (first, second)] == [2, 1]
    with pytest.raises(NothingReady):
        create_batch(actor=team.ravi, project=team.project)


def test_two_batches_have_two_names(team: Team) -> None:
    hand_in_by_both(team, 2)
    create_batch(actor=team.ravi, project=team.project, name="Monday", limit=1)
    with pytest.raises(BatchNameTaken):
        create_batch(actor=team.ravi, project=team.project, name=" Monday ")


@pytest.mark.parametrize(("who", "error"), [("ada", RoleMissing), ("otto", NotFound)])
def test_who_may_not_make_or_approve_a_batch(team: Team, who: str, error: type[Exception]) -> None:
    hand_in_by_both(team, 1)
    actor = getattr(team, who)
    with pytest.raises(error):
        create_batch(actor=actor, project=team.project)
    batch = create_batch(actor=team.ravi, project=team.project)
    approve(team.ravi, items_of(batch)[0])
    with pytest.raises(error):
        approve_batch(actor=actor, batch_id=batch.pk)


def test_a_batch_is_approved_when_every_episode_is(team: Team, batch: Batch) -> None:
    items = items_of(batch)
    approve(team.ravi, items[0])
    send_back(team.ravi, items[1])
    with pytest.raises(BatchNotApprovable, match="2 of 3") as caught:
        approve_batch(actor=team.ravi, batch_id=batch.pk)
    assert caught.value.fields["episodes"] == ["episode_000001", "episode_000002"]
    hand_in(team.ada, team.project)
    for item in items[1:]:
        approve(team.ravi, item)
    approved = approve_batch(actor=team.mei, batch_id=batch.pk)
    assert (approved.state, approved.approved_by) == (Batch.State.APPROVED, team.mei)


def test_approving_twice_keeps_the_first_approval(team: Team, batch: Batch) -> None:
    for item in items_of(batch):
        approve(team.ravi, item)
    first = approve_batch(actor=team.ravi, batch_id=batch.pk)
    again = approve_batch(actor=team.mei, batch_id=batch.pk)
    assert (again.approved_by, again.approved_at) == (team.ravi, first.approved_at)
    assert AuditEntry.objects.filter(action="batch.approved").count() == 1


def test_nobody_approves_a_batch_with_own_work(team: Team) -> None:
    """Mei annotates an episode in Abe's place; the batch is then Ravi's to approve."""
    hand_in(team.ada, team.project)
    hand_in(team.mei, team.project)
    batch = create_batch(actor=team.ravi, project=team.project)
    (item,) = items_of(batch)
    approve(team.ravi, item, annotation_set_id=item.project_episode.annotation_sets.all()[0].pk)
    with pytest.raises(OwnWork):
        approve_batch(actor=team.mei, batch_id=batch.pk)
    assert approve_batch(actor=team.ravi, batch_id=batch.pk).approved_by == team.ravi


def test_an_episode_stands_in_one_batch_at_most(batch: Batch) -> None:
    assert BatchItem.objects.values("project_episode").distinct().count() == 3
