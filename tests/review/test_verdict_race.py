"""Verdicts given at the same moment, each in its own transaction."""

import threading
import uuid
from collections.abc import Callable
from functools import partial

import pytest
from django.db import connection

from annotation.models import AuditEntry
from episodes.errors import TouchlineError
from review.errors import BatchClosed, BatchNotApprovable, VerdictStale
from review.models import Adjudication, Batch, BatchItem, Verdict
from review.selectors.acceptance_plans import Choice
from review.services.adjudication import accept_consensus, begin_adjudication
from review.services.batches import approve_batch, create_batch
from review.services.simulate_annotators import Person, simulate_annotators
from tests.annotation.scene import Team
from tests.review.scene import approve, hand_in_by_both, items_of, send_back, sets_for

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*calls: Callable[[], object]) -> list[object]:
    """Run the calls in threads that start together; a domain error is its call's result."""
    barrier = threading.Barrier(len(calls))
    results: list[object] = [None] * len(calls)

    def run(place: int, call: Callable[[], object]) -> None:
        barrier.wait()
        try:
            results[place] = call()
        except TouchlineError as error:
            results[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=entry) for entry in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def copy_of(item: BatchItem) -> BatchItem:
    return BatchItem.objects.get(pk=item.pk)


def test_of_two_reviewers_at_once_one_decides_and_one_is_told(team: Team, batch: Batch) -> None:
    item = items_of(batch)[0]
    ada, abe = (one.pk for one in sets_for(item))
    results = at_once(
        lambda: approve(team.ravi, copy_of(item), annotation_set_id=ada, version=0),
        lambda: send_back(team.mei, copy_of(item), annotation_set_ids=[abe], version=0),
    )
    assert sum(isinstance(result, VerdictStale) for result in results) == 1
    item.refresh_from_db()
    assert item.version == Verdict.objects.filter(item=item).count() == 1


def test_a_double_click_at_once_makes_one_verdict(team: Team, batch: Batch) -> None:
    item = items_of(batch)[0]
    ada = sets_for(item)[0].pk
    request_id = uuid.uuid4()
    results = at_once(
        *[
            lambda: approve(
                team.ravi, copy_of(item), annotation_set_id=ada, version=0, request_id=request_id
            )
        ]
        * 3
    )
    assert all(isinstance(result, BatchItem) for result in results)
    assert Verdict.objects.filter(item=item).count() == 1


def test_a_return_and_the_batchs_approval_never_both_hold(team: Team, batch: Batch) -> None:
    items = items_of(batch)
    for item in items:
        approve(team.ravi, item)
    last = items[-1]
    sets = [sets_for(last)[0].pk]
    results = at_once(
        lambda: approve_batch(actor=team.ravi, batch_id=batch.pk),
        lambda: send_back(team.mei, copy_of(last), annotation_set_ids=sets, version=1),
    )
    refused = [result for result in results if isinstance(result, TouchlineError)]
    assert len(refused) == 1
    assert isinstance(refused[0], BatchClosed | BatchNotApprovable)
    batch.refresh_from_db()
    last.refresh_from_db()
    approved = batch.state == Batch.State.APPROVED
    assert approved == (last.state == BatchItem.State.APPROVED)


def drafts_of(team: Team, item: BatchItem) -> tuple[Adjudication, Adjudication]:
    """A consensus that Ravi began, and one that Mei did."""
    one, two = (
        begin_adjudication(
            actor=actor,
            item_id=item.pk,
            method=Adjudication.Method.QUORUM,
            version=item.version,
            request_id=uuid.uuid4(),
        )
        for actor in (team.ravi, team.mei)
    )
    return one, two


def accept(made: Adjudication) -> Adjudication:
    return accept_consensus(
        actor=made.reviewer,
        adjudication_id=made.pk,
        base_revision=0,
        version=made.item.version,
        request_id=uuid.uuid4(),
    )


def test_of_two_consensus_accepted_at_once_one_stands(team: Team, batch: Batch) -> None:
    item = items_of(batch)[0]
    drafts = drafts_of(team, item)
    results = at_once(*[partial(accept, one) for one in drafts])
    assert sum(isinstance(result, VerdictStale) for result in results) == 1
    stands = Adjudication.objects.get(item=item, state=Adjudication.State.ACCEPTED)
    item.refresh_from_db()
    assert (item.accepted_set_id, item.version) == (stands.annotation_set_id, 1)
    assert Verdict.objects.get(item=item).annotation_set_id == stands.annotation_set_id


def test_a_consensus_and_an_approval_at_once_do_not_both_hold(team: Team, batch: Batch) -> None:
    item = items_of(batch)[0]
    made, _ = drafts_of(team, item)
    results = at_once(
        partial(accept, made),
        lambda: approve(team.mei, copy_of(item), version=0),
    )
    assert sum(isinstance(result, VerdictStale) for result in results) == 1
    item.refresh_from_db()
    made.refresh_from_db()
    accepted = made.state == Adjudication.State.ACCEPTED
    assert accepted == (item.accepted_set_id == made.annotation_set_id)
    assert Verdict.objects.filter(item=item).count() == item.version == 1


def test_two_batches_made_at_once_share_no_episode(team: Team) -> None:
    hand_in_by_both(team, 3)
    at_once(
        lambda: create_batch(actor=team.ravi, project=team.project, limit=2),
        lambda: create_batch(actor=team.mei, project=team.project, limit=2),
    )
    assert sorted(one.items.count() for one in Batch.objects.all()) == [1, 2]


def test_two_reviewers_finish_a_sample_at_once(team: Team) -> None:
    """Both verdicts count, and of two who sign off at that moment one does it."""
    project = simulate_annotators(
        name="Lots", template=team.dataset, people=[Person(), Person()], episodes=30, gold=False,
        managers=[(team.mei, "manager"), (team.ravi, "manager")],
    )  # fmt: skip
    choice = Choice("hypergeometric", c=0)
    batch = create_batch(actor=team.ravi, project=project, choice=choice)
    *before, one, two = batch.samples.get().items.select_related("item")
    for sampled in before:
        approve(team.ravi, sampled.item, annotation_set_id=sampled.proposed_set_id)
    at_once(
        lambda: approve(team.ravi, copy_of(one.item), annotation_set_id=one.proposed_set_id),
        lambda: approve(team.mei, copy_of(two.item), annotation_set_id=two.proposed_set_id),
        lambda: approve_batch(actor=team.mei, batch_id=batch.pk),
    )
    at_once(*[lambda: approve_batch(actor=team.mei, batch_id=batch.pk)] * 2)
    sample = batch.samples.get()
    assert (sample.state, sample.looked_at, sample.errors) == ("passed", sample.n, 0)
    assert AuditEntry.objects.filter(action="batch.approved").count() == 1
    assert AuditEntry.objects.filter(action="sample.passed").count() == 1
    assert batch.items.filter(state=BatchItem.State.APPROVED).count() == 30
