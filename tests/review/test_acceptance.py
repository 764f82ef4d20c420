"""Batches judged by a sample: drawn before anybody looks, reviewed, passed and signed off."""

import uuid

import pytest

from annotation.errors import NotFound, RoleMissing
from annotation.models import AnnotationSet, AuditEntry, Label, Project, ProjectEpisode
from review.errors import BatchNotApprovable, OwnWork
from review.measures.acceptance.plans import plan
from review.measures.counts import count_pair
from review.measures.records import Answer, Instant, Tolerances
from review.models import Batch, BatchItem, Sample, Verdict
from review.selectors.acceptance import same
from review.selectors.batches import next_to_review
from review.selectors.release_content import release_content
from review.services.acceptance import decide_failed, draw_fresh
from review.services.batches import approve_batch, create_batch
from review.services.releases import request_release
from review.services.verdicts import approve_episode
from tests.annotation.scene import Team
from tests.review.acceptance_scene import (
    LOT,
    ONE_ALLOWED,
    conform,
    failed,
    hand_in_again,
    refuse,
    sampled,
    say_the_same,
    standing,
)
from tests.review.acceptance_scene import project as project

pytestmark = pytest.mark.django_db


def test_the_sample_is_stored_before_anybody_reviews(team: Team, project: Project) -> None:
    batch = sampled(team, project)
    sample = batch.samples.get()
    wanted = plan(1, lot=LOT)
    assert wanted is not None
    assert (sample.n, sample.c, sample.lot) == (wanted.n, 1, LOT)
    assert sample.items.count() == wanted.n
    assert sample.seed
    assert sample.policy["bad_share"] == 0.05
    assert set(sample.items.values_list("task", flat=True)) == {
        "put the block on the goal position"
    }
    assert "Annotator 1 (simulated), Annotator 2 (simulated)" in set(
        sample.items.values_list("annotators", flat=True)
    )
    assert AuditEntry.objects.filter(action="sample.drawn").count() == 1
    assert not Verdict.objects.exists()


def test_progress_follows_the_verdicts_and_the_draw(team: Team, project: Project) -> None:
    batch = sampled(team, project)
    drawn = list(batch.samples.get().items.order_by("order"))
    for one in drawn[:3]:
        conform(team, one)
    refuse(team, drawn[3])
    counted = standing(batch).progress
    assert (counted.looked_at, counted.bad, counted.spare) == (4, 1, 0)
    assert counted.more == len(drawn) - 4
    following = next_to_review(BatchItem.objects.get(pk=drawn[3].item_id), team.ravi)
    assert following is not None
    assert following.pk == drawn[4].item_id
    with pytest.raises(BatchNotApprovable, match="more episodes are to be looked at"):
        approve_batch(actor=team.ravi, batch_id=batch.pk)


def test_a_passed_sample_signs_off_what_nobody_looked_at(team: Team, project: Project) -> None:
    batch = sampled(team, project)
    for one in batch.samples.get().items.all():
        conform(team, one)
    assert standing(batch).accepted
    approved = approve_batch(actor=team.mei, batch_id=batch.pk, remark="Good week.")
    assert (approved.approved_by, approved.remark) == (team.mei, "Good week.")
    sample = batch.samples.get()
    assert (sample.state, sample.errors) == (Sample.State.PASSED, 0)
    assert batch.items.filter(state=BatchItem.State.APPROVED).count() == LOT
    assert not batch.items.filter(accepted_set=None).exists()
    places = ProjectEpisode.objects.filter(project=project)
    assert set(places.values_list("progress", "review")) == {("approved", "approved")}
    assert not places.filter(accepted_set=None).exists()


def test_a_release_tells_what_was_reviewed_from_what_a_sample_spoke_for(
    team: Team, project: Project
) -> None:
    batch = sampled(team, project)
    for one in batch.samples.get().items.all():
        conform(team, one)
    approve_batch(actor=team.mei, batch_id=batch.pk)
    release = request_release(actor=team.mei, project=project, batches=[batch])
    content = release_content(release)
    said = [one.provenance["judged"] for dataset in content.datasets for one in dataset.episodes]
    assert said.count("reviewed") == batch.samples.get().n
    assert said.count("by a sample of its batch") == LOT - batch.samples.get().n


def test_what_was_sent_back_is_approved_before_the_batch(team: Team, project: Project) -> None:
    batch = sampled(team, project)
    first, *rest = batch.samples.get().items.all()
    refuse(team, first)
    for one in rest:
        conform(team, one)
    assert standing(batch).accepted
    with pytest.raises(BatchNotApprovable, match="sent back"):
        approve_batch(actor=team.ravi, batch_id=batch.pk)
    hand_in_again(project)
    item = BatchItem.objects.get(pk=first.item_id)
    newest = item.project_episode.annotation_sets.filter(state="submitted").latest("round")
    approve_episode(
        actor=team.ravi, item_id=item.pk, annotation_set_id=newest.pk, version=item.version,
        request_id=uuid.uuid4(),
    )  # fmt: skip
    # Put right since, it still counts as the error that it was.
    assert standing(batch).progress.bad == 1
    assert approve_batch(actor=team.ravi, batch_id=batch.pk).state == Batch.State.APPROVED


@pytest.mark.parametrize(("who", "error"), [("ada", RoleMissing), ("otto", NotFound)])
def test_who_may_not_judge(team: Team, project: Project, who: str, error: type[Exception]) -> None:
    batch = failed(team, project)
    actor = getattr(team, who)
    with pytest.raises(error):
        decide_failed(actor=actor, batch_id=batch.pk, follow_up="full", reason="Because.")
    with pytest.raises(error):
        draw_fresh(actor=actor, batch_id=batch.pk)
    with pytest.raises(error):
        create_batch(actor=actor, project=project, choice=ONE_ALLOWED)


def test_nobody_decides_on_own_work(team: Team, project: Project) -> None:
    batch = failed(team, project)
    item = batch.items.first()
    assert item is not None
    item.project_episode.assignments.create(
        annotator=team.mei, state="submitted", lease_expires_at=batch.created_at
    )
    with pytest.raises(OwnWork):
        decide_failed(actor=team.mei, batch_id=batch.pk, follow_up="full", reason="Because.")


def test_an_episode_conforms_by_what_would_have_been_delivered(
    team: Team, project: Project
) -> None:
    """Approving the other annotator's set conforms only where both say the same."""
    batch = sampled(team, project)
    wanted = {}
    for one in batch.samples.get().items.select_related("item")[:12]:
        other = (
            AnnotationSet.objects.filter(project_episode=one.item.project_episode_id)
            .exclude(pk=one.proposed_set_id)
            .get()
        )
        wanted[one.item_id] = one.order % 2 == 0
        say_the_same(other, one.proposed_set)
        if not wanted[one.item_id]:
            other.labels.filter(kind=Label.Kind.INSTANT)[:1].get().delete()
        approve_episode(
            actor=team.ravi, item_id=one.item_id, annotation_set_id=other.pk, version=0,
            request_id=uuid.uuid4(),
        )  # fmt: skip
    told = {row.item.pk: row.conforms for row in standing(batch).rows if row.conforms is not None}
    assert told == wanted
    assert set(told.values()) == {True, False}
    assert {row.why for row in standing(batch).rows if row.conforms is False} == {
        "other labels stand"
    }


def test_equal_sets_are_the_same_and_a_moved_contact_is_not() -> None:
    def answer(at_ms: int, outcome: str = "outcome_success") -> Answer:
        return Answer((Instant("release", "right", at_ms * 1_000_000),), (), outcome)

    def judged(a: Answer, b: Answer) -> bool:
        return same(count_pair(a, b, duration_ns=10**10, tolerances=Tolerances()))

    assert judged(answer(1_000), answer(1_100))
    assert not judged(answer(1_000), answer(1_101))
    assert not judged(answer(1_000), answer(1_000, "outcome_failure"))
