"""A consensus that stands counts: against gold, in a release, and as somebody's accepted work."""

import uuid

import pytest

from annotation.labels.records import Label
from annotation.models import AnnotationSet, Project
from review.models import Adjudication, Batch, BatchItem, GoldDispute, GoldItem, Release
from review.selectors.daily import Wanted, daily_of
from review.selectors.dashboard import handed_in, sums
from review.selectors.label_counts import class_counts
from review.selectors.release_standing import against_gold
from review.services.adjudication import accept_consensus, begin_adjudication
from review.services.batches import approve_batch, create_batch
from review.services.daily_work import keep_daily_work, rebuild_daily_work
from review.services.gold import gold_of_set, set_gold
from review.services.releases import request_release
from tests.annotation.scene import Team, grasp, instruction, outcome
from tests.review.scene import MS, hand_in_by_both, items_of
from tests.review.test_dashboard import now

pytestmark = pytest.mark.django_db

ABES = [grasp(1_690 * MS), grasp(4_000 * MS), instruction(), outcome()]


def settled(team: Team, item: BatchItem) -> Adjudication:
    """What a quorum of both says stands: everything but Abe's second grasp."""
    made = begin_adjudication(
        actor=team.ravi,
        item_id=item.pk,
        method=Adjudication.Method.QUORUM,
        version=item.version,
        request_id=uuid.uuid4(),
    )
    return accept_consensus(
        actor=team.ravi,
        adjudication_id=made.pk,
        base_revision=made.annotation_set.revision,
        version=item.version,
        request_id=uuid.uuid4(),
    )


@pytest.fixture
def batch(team: Team) -> Batch:
    """Two episodes, each settled by a consensus."""
    hand_in_by_both(team, 2, abe=ABES)
    batch = create_batch(actor=team.ravi, project=team.project)
    for item in items_of(batch):
        settled(team, item)
    return approve_batch(actor=team.ravi, batch_id=batch.pk)


def release_of(team: Team, batch: Batch) -> Release:
    return request_release(actor=team.mei, project=team.project, batches=[batch])


def gold_from_physics(team: Team, batch: Batch) -> None:
    for item in items_of(batch):
        labels = [Label.from_json(one) for one in (grasp(1_680 * MS), instruction(), outcome())]
        set_gold(
            actor=team.mei,
            project_episode=item.project_episode,
            labels=labels,
            origin="physics",
        )


def test_what_was_settled_is_measured_against_gold(team: Team, batch: Batch) -> None:
    release = release_of(team, batch)
    assert against_gold(release).pooled.rate is None
    gold_from_physics(team, batch)
    found = against_gold(release)
    # A contact and a segment of each episode, all of them right.
    assert (found.pooled.rate, found.pooled.trials, found.pooled.episodes) == (1.0, 4, 2)
    assert all(one.rate == 1.0 for one in found.by_measure.values() if one.trials)


def test_a_wrong_consensus_is_not_right(team: Team, batch: Batch) -> None:
    gold_from_physics(team, batch)
    item = items_of(batch)[0]
    assert item.accepted_set is not None
    item.accepted_set.labels.filter(kind="instant").update(start_ns=6_000 * MS)
    assert against_gold(release_of(team, batch)).pooled.rate == pytest.approx(3 / 4)


def test_gold_made_of_it_says_nothing_of_it(team: Team, batch: Batch) -> None:
    gold_from_physics(team, batch)
    release, (one, two) = release_of(team, batch), items_of(batch)
    assert one.accepted_set is not None
    gold_of_set(actor=team.mei, annotation_set=one.accepted_set, origin="experts")
    assert against_gold(release).pooled.episodes == 1
    ada = AnnotationSet.objects.get(
        project_episode=two.project_episode, assignment__annotator=team.ada
    )
    # Half of the consensus is hers.
    gold_of_set(actor=team.mei, annotation_set=ada, origin="experts")
    assert against_gold(release).pooled.episodes == 0


def test_gold_made_of_an_accepted_set_says_nothing_of_its_annotator(team: Team) -> None:
    hand_in_by_both(team, 1)
    batch = create_batch(actor=team.ravi, project=team.project)
    (item,) = items_of(batch)
    ada = AnnotationSet.objects.get(assignment__annotator=team.ada, state="submitted")
    abe = AnnotationSet.objects.get(assignment__annotator=team.abe, state="submitted")
    item.state, item.accepted_set = BatchItem.State.APPROVED, ada
    item.save()
    release = release_of(team, approve_batch(actor=team.ravi, batch_id=batch.pk))
    gold_of_set(actor=team.mei, annotation_set=abe, origin="experts")
    assert against_gold(release).pooled.episodes == 1
    gold_of_set(actor=team.mei, annotation_set=ada, origin="experts")
    assert against_gold(release).pooled.episodes == 0


def test_gold_in_dispute_measures_nothing(team: Team, batch: Batch) -> None:
    gold_from_physics(team, batch)
    release = release_of(team, batch)
    item = GoldItem.objects.filter(project_episode=items_of(batch)[0].project_episode).get()
    dispute = GoldDispute.objects.create(item=item, passed=1, attempts=5)
    assert against_gold(release).pooled.episodes == 1
    BatchItem.objects.filter(project_episode=item.project_episode).update(
        accepted_set=AnnotationSet.objects.filter(
            project_episode=item.project_episode, assignment__annotator=team.ada
        ).get()
    )
    assert against_gold(release).pooled.episodes == 1
    dispute.delete()
    assert against_gold(release).pooled.episodes == 2


def accepted_of(project: Project, wanted: Wanted) -> tuple[int, int, float]:
    found = sums(daily_of(project), wanted)
    return found.accepted, found.labels_accepted, round(found.accepted_h * 3600, 1)


def test_settled_work_is_accepted_work_once(team: Team, batch: Batch) -> None:
    """Of both sources that gave as many labels the one handed in first has the episode: Ada's."""
    everybody = now(team.project)
    assert accepted_of(team.project, everybody) == (2, 6, 17.0)
    assert accepted_of(team.project, now(team.project, team.ada)) == (2, 6, 17.0)
    assert accepted_of(team.project, now(team.project, team.abe)) == (0, 0, 0.0)
    keep_daily_work(team.project)
    assert accepted_of(team.project, everybody) == (2, 6, 17.0)
    rebuild_daily_work(team.project)
    assert accepted_of(team.project, everybody) == (2, 6, 17.0)
    listed = handed_in(team.project, everybody, "accepted")
    assert {one.assignment.annotator for one in listed if one.assignment} == {team.ada}
    assert listed.count() == 2


def test_labels_of_settled_work_are_accepted(team: Team, batch: Batch) -> None:
    keep_daily_work(team.project)
    for wanted in (now(team.project), now(team.project, team.ada)):
        counts = class_counts(daily_of(team.project), wanted)
        assert {one.label_class: one.accepted for one in counts}["grasp_closed"] == 2
    of_abe = class_counts(daily_of(team.project), now(team.project, team.abe))
    assert {one.label_class: one.accepted for one in of_abe}["grasp_closed"] == 0


def test_who_gave_most_of_a_consensus_has_it(team: Team) -> None:
    """A corrected copy of Abe's set is his."""
    hand_in_by_both(team, 1, abe=ABES)
    (item,) = items_of(create_batch(actor=team.ravi, project=team.project))
    abe = AnnotationSet.objects.get(assignment__annotator=team.abe, state="submitted")
    made = begin_adjudication(
        actor=team.ravi,
        item_id=item.pk,
        method=Adjudication.Method.COPY,
        annotation_set_ids=[abe.pk],
        version=item.version,
        request_id=uuid.uuid4(),
    )
    accept_consensus(
        actor=team.ravi,
        adjudication_id=made.pk,
        base_revision=0,
        version=item.version,
        request_id=uuid.uuid4(),
    )
    assert accepted_of(team.project, now(team.project, team.abe)) == (1, 4, 8.5)
    assert accepted_of(team.project, now(team.project, team.ada)) == (0, 0, 0.0)
