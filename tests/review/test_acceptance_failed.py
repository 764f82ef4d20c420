"""A sample that fails: full review, or rework and a fresh sample."""

import pytest

from annotation.models import AuditEntry, Project
from review.errors import BatchNotApprovable, SamplingRefused
from review.models import Batch, Verdict
from review.services.acceptance import decide_failed, draw_fresh, rejected_samples, return_rejected
from review.services.batches import approve_batch
from tests.annotation.scene import Team
from tests.review.acceptance_scene import (
    LOT,
    conform,
    failed,
    hand_in_again,
    refuse,
    sampled,
    standing,
)
from tests.review.acceptance_scene import project as project

pytestmark = pytest.mark.django_db


def test_one_error_too_many_rejects_at_once(team: Team, project: Project) -> None:
    batch = failed(team, project)
    found = standing(batch)
    assert found.rejected
    assert found.undecided
    assert found.progress.looked_at == 2
    with pytest.raises(BatchNotApprovable, match="failed: 2 episodes did not conform"):
        approve_batch(actor=team.ravi, batch_id=batch.pk)


def test_rework_sends_everything_back_and_a_fresh_sample_follows(
    team: Team, project: Project
) -> None:
    batch = failed(team, project)
    with pytest.raises(SamplingRefused, match="not being reworked"):
        draw_fresh(actor=team.ravi, batch_id=batch.pk)
    sample = decide_failed(
        actor=team.ravi, batch_id=batch.pk, follow_up="rework", reason="Contacts are late."
    )
    assert (sample.state, sample.errors, sample.decided_by) == ("failed", 2, team.ravi)
    with pytest.raises(SamplingRefused, match="have not gone back"):
        draw_fresh(actor=team.ravi, batch_id=batch.pk)
    assert rejected_samples() == [sample.pk]
    assert return_rejected(sample_id=sample.pk, limit=10) == 10
    assert return_rejected(sample_id=sample.pk) == LOT - 12
    assert return_rejected(sample_id=sample.pk) == 0
    assert rejected_samples() == []
    verdict = Verdict.objects.order_by("-pk")[0]
    assert "Contacts are late." in verdict.comment
    with pytest.raises(SamplingRefused, match="still with their annotators"):
        draw_fresh(actor=team.ravi, batch_id=batch.pk)
    hand_in_again(project)
    fresh = draw_fresh(actor=team.ravi, batch_id=batch.pk)
    assert (fresh.number, fresh.n, fresh.c, fresh.lot) == (2, sample.n, 1, LOT)
    assert fresh.seed != sample.seed
    assert standing(batch).progress.looked_at == 0
    for one in fresh.items.all():
        conform(team, one)
    assert approve_batch(actor=team.mei, batch_id=batch.pk).state == Batch.State.APPROVED
    states = list(batch.samples.order_by("number").values_list("state", flat=True))
    assert states == ["failed", "passed"]


def test_full_review_asks_for_every_episode(team: Team, project: Project) -> None:
    batch = failed(team, project)
    decide_failed(actor=team.mei, batch_id=batch.pk, follow_up="full", reason="Deadline.")
    with pytest.raises(BatchNotApprovable, match="40 of 40 episodes"):
        approve_batch(actor=team.mei, batch_id=batch.pk)
    assert rejected_samples() == []


def test_a_failed_sample_is_decided_once_and_for_a_reason(team: Team, project: Project) -> None:
    batch = sampled(team, project)
    with pytest.raises(SamplingRefused, match="has not failed"):
        decide_failed(actor=team.ravi, batch_id=batch.pk, follow_up="full", reason="Because.")
    for one in batch.samples.get().items.order_by("order")[:2]:
        refuse(team, one)
    with pytest.raises(SamplingRefused, match="for a reason"):
        decide_failed(actor=team.ravi, batch_id=batch.pk, follow_up="full", reason="  ")
    for _ in range(2):
        decide_failed(actor=team.ravi, batch_id=batch.pk, follow_up="full", reason="Because.")
    with pytest.raises(SamplingRefused, match="decided already"):
        decide_failed(actor=team.mei, batch_id=batch.pk, follow_up="rework", reason="No.")
    assert AuditEntry.objects.filter(action="sample.followed_up").count() == 1
