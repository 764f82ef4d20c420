"""Draw a batch's sample, decide what follows a failed one, send work back, draw a fresh one."""

import secrets
from functools import partial
from itertools import islice
from sys import intern
from uuid import UUID, uuid5

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, Max, OuterRef, QuerySet
from django.utils import timezone

from annotation.errors import NotFound
from annotation.models import Notification
from annotation.roles import Role, require_role
from annotation.selectors.progress import open_rework
from annotation.services import audit
from annotation.services.notify import managers_of, notify
from episodes.errors import TouchlineError
from review.errors import OwnWork, SamplingRefused
from review.measures.acceptance.plans import Plan
from review.measures.acceptance.progress import Lot
from review.measures.acceptance.sampling import Item, stratified_sample
from review.measures.refused import InputRefused
from review.models import Batch, BatchItem, Sample, SampleItem, Verdict
from review.selectors.acceptance import (
    SampleStanding,
    delivered_sets,
    last_sample,
    sample_standing,
    to_send_back,
)
from review.selectors.acceptance_plans import Choice, Terms, plan_by, terms_for
from review.selectors.batches import annotated_by, parts_of
from review.selectors.sets import names_of, sets_of
from review.services.verdicts import return_episode

_SPACE = UUID("9c0c3f3e-4a7b-5f57-8f1f-2f3a1f2f8f6d")
AT_ONCE = 20
READ_AT_ONCE = 1000


def draw_sample(
    *, actor: User, batch: Batch, choice: Choice, terms: Terms | None = None, seed: str = ""
) -> Sample:
    """The batch's next sample, stored with seed, plan and policy before anybody reviews.

    Within the caller's transaction, which holds the batch's items. Drawn from the episodes that no
    reviewer has approved, by annotators and task. Raises SamplingRefused.
    """
    items = batch.items.exclude(state=BatchItem.State.APPROVED)
    away = items.filter(Exists(open_rework(OuterRef("project_episode")))).count()
    if away:
        raise SamplingRefused(
            f"{away} episodes of {batch.name} are still with their annotators.",
            remedy="Draw the sample once they are handed in again.",
        )
    lot = items.count()
    terms = terms or terms_for(batch.project, parts_of(items))
    plan = _plan(choice, lot, terms)
    last = batch.samples.aggregate(last=Max("number"))["last"] or 0
    sample = Sample.objects.create(
        batch=batch,
        number=last + 1,
        plan=choice.kind,
        n=plan.n,
        c=plan.c,
        lot=lot,
        bad_share_ppm=round(terms.bad_share * 1e6),
        confidence_ppm=round(terms.confidence * 1e6),
        aql_percent=choice.aql,
        policy=terms.to_json(),
        seed=seed or f"{batch.pk}-{last + 1}-{secrets.token_hex(8)}",
        drawn_by=actor,
    )
    _store(sample, items)
    audit.record(
        actor=actor,
        action="sample.drawn",
        project=batch.project,
        subject=sample,
        batch=batch.name,
        number=sample.number,
        n=plan.n,
        c=plan.c,
        lot=lot,
        seed=sample.seed,
    )
    return sample


def _plan(choice: Choice, lot: int, terms: Terms) -> Plan:
    try:
        return plan_by(choice, lot, terms)
    except InputRefused as error:
        raise SamplingRefused(str(error), remedy=error.remedy) from error


def _store(sample: Sample, items: QuerySet[BatchItem]) -> None:
    strata = _strata(items)
    drawn = stratified_sample(
        [Item(str(place), stratum) for place, stratum in strata.items()], sample.n, seed=sample.seed
    )
    places = [int(one.item.id) for one in drawn]
    by_place = {one.project_episode_id: one for one in items.filter(project_episode__in=places)}
    proposed = delivered_sets(by_place)
    newest = dict(
        Verdict.objects.filter(item__in=[one.pk for one in by_place.values()])
        .order_by()
        .values_list("item")
        .annotate(Max("pk"))
    )
    SampleItem.objects.bulk_create(
        SampleItem(
            sample=sample,
            item=item,
            order=one.order,
            annotators=one.item.stratum[0],
            task=one.item.stratum[1],
            proposed_set=proposed[item.project_episode_id],
            after_verdict=newest.get(item.pk, 0),
        )
        for one in drawn
        for item in [by_place[int(one.item.id)]]
    )


def _strata(items: QuerySet[BatchItem]) -> dict[int, tuple[str, str]]:
    """Annotators and task by place. Read part by part: of a whole queue's sets only the names
    stay, and few of those differ."""
    found: dict[int, tuple[str, str]] = {}
    task = "project_episode__episode__task__text"
    rows = items.order_by("pk").values_list("project_episode", task)
    read = rows.iterator(chunk_size=READ_AT_ONCE)
    while part := dict(islice(read, READ_AT_ONCE)):
        names = names_of(part)
        for place, text in part.items():
            found[place] = intern(", ".join(names[place])[:500]), intern((text or "")[:500])
    return found


@transaction.atomic
def decide_failed(*, actor: User, batch_id: int, follow_up: str, reason: str) -> Sample:
    """What follows a sample that failed: full review, or rework and then a fresh sample.

    A second click changes nothing. Raises SamplingRefused, OwnWork, NotFound, RoleMissing.
    """
    batch = locked_batch(batch_id, actor)
    sample = last_sample(batch)
    if sample is None:
        raise SamplingRefused(
            f"{batch.name} has no sample.", remedy="Every one of its episodes is reviewed."
        )
    if sample.follow_up == follow_up:
        return sample
    found = sample_standing(sample)
    if not found.undecided:
        raise SamplingRefused(
            f"Sample {sample.number} of {batch.name} has not failed, or is decided already.",
            remedy="Open the batch again to see how it stands.",
        )
    if follow_up not in (Sample.FollowUp.FULL, Sample.FollowUp.REWORK):
        raise SamplingRefused("That is no way to go on.", remedy="Choose full review or rework.")
    if not reason.strip():
        raise SamplingRefused(
            "A failed sample is followed up for a reason.",
            remedy="Say what went wrong: annotators read it when their work comes back.",
        )
    close(found, actor)
    sample.follow_up, sample.reason = follow_up, reason.strip()
    sample.decided_by, sample.decided_at = actor, timezone.now()
    sample.save(update_fields=["follow_up", "reason", "decided_by", "decided_at"])
    audit.record(
        actor=actor,
        action="sample.followed_up",
        project=batch.project,
        subject=sample,
        batch=batch.name,
        follow_up=follow_up,
        reason=sample.reason,
    )
    return sample


def close(found: SampleStanding, actor: User) -> None:
    """Freeze what was counted. Within the caller's transaction, which holds the batch's items."""
    sample, counted = found.sample, found.progress
    if not found.open:
        return
    passed = counted.state is Lot.ACCEPTED
    sample.state = Sample.State.PASSED if passed else Sample.State.FAILED
    sample.looked_at, sample.errors = counted.looked_at, counted.bad
    sample.closed_at = timezone.now()
    sample.save(update_fields=["state", "looked_at", "errors", "closed_at"])
    batch = sample.batch
    audit.record(
        actor=actor,
        action=f"sample.{sample.state}",
        project=batch.project,
        subject=sample,
        batch=batch.name,
        number=sample.number,
        looked_at=sample.looked_at,
        errors=sample.errors,
    )
    notify(
        [batch.created_by_id, *managers_of(batch.project)],
        kind=Notification.Kind.BATCH,
        project=batch.project,
        text=(
            f"Sample {sample.number} of {batch.name} {sample.state}: {sample.errors} of "
            f"{sample.looked_at} episodes did not conform, {sample.c} were allowed."
        ),
        url=f"/review/batches/{batch.pk}/",
        besides=actor,
    )


def locked_batch(batch_id: int, actor: User) -> Batch:
    """The batch with its items locked, which holds back a verdict given at this moment."""
    list(
        BatchItem.objects.select_for_update(no_key=True, of=("self",))
        .filter(batch=batch_id)
        .order_by("pk")
    )
    batch = Batch.objects.select_related("project").filter(pk=batch_id).first()
    if batch is None:
        raise NotFound("There is no such batch.", remedy="Check the address.")
    require_role(actor, batch.project, Role.REVIEWER)
    places = list(batch.items.order_by().values_list("project_episode", flat=True))
    if annotated_by(actor, places):
        raise OwnWork(
            "You annotated episodes of this batch yourself.",
            remedy="Ask another reviewer or manager to decide on it.",
        )
    return batch


def return_rejected(*, sample_id: int, limit: int | None = None) -> int:
    """Send the rejected batch's episodes back to their annotators, each in its own transaction.

    Idempotent, and may be stopped: what is left the next run sends back. Returns how many went.
    """
    sample = (
        Sample.objects.select_related("batch__project", "decided_by")
        .filter(pk=sample_id, follow_up=Sample.FollowUp.REWORK)
        .first()
    )
    if sample is None or sample.decided_by is None:
        return 0
    if sample.batch.samples.filter(number__gt=sample.number).exists():
        return 0
    waiting = to_send_back(sample)[:limit]
    sets = sets_of(one.project_episode_id for one in waiting)
    sent = 0
    for item in waiting:
        own = [one.pk for one in sets[item.project_episode_id].annotators]
        back = partial(return_episode, actor=sample.decided_by, item_id=item.pk)
        try:
            back(
                annotation_set_ids=own,
                comment=f"The sample of {sample.batch.name} failed. {sample.reason}",
                version=item.version,
                request_id=uuid5(_SPACE, f"{sample.pk} {item.pk}"),
            )
            sent += 1
        except TouchlineError as error:
            # Somebody decided it meanwhile; the next run looks at it as it stands then.
            if error.code not in ("verdict_stale", "not_reviewable"):
                raise
    return sent


def rejected_samples() -> list[int]:
    """Samples whose batches are to be reworked and have episodes that have not gone back."""
    newer = Sample.objects.filter(batch=OuterRef("batch"), number__gt=OuterRef("number"))
    decided = Sample.objects.filter(
        ~Exists(newer), follow_up=Sample.FollowUp.REWORK, batch__state=Batch.State.OPEN
    )
    return [one.pk for one in decided.select_related("batch") if to_send_back(one)]


@transaction.atomic
def draw_fresh(*, actor: User, batch_id: int) -> Sample:
    """A fresh sample of a reworked batch, on the terms of the failed one; nothing of it is kept.

    Raises SamplingRefused while work is out, OwnWork, NotFound, RoleMissing.
    """
    batch = locked_batch(batch_id, actor)
    before = last_sample(batch)
    if before is None or before.follow_up != Sample.FollowUp.REWORK:
        raise SamplingRefused(
            f"{batch.name} is not being reworked.",
            remedy="A fresh sample follows rework. Open the batch again to see how it stands.",
        )
    waiting = len(to_send_back(before))
    if waiting:
        raise SamplingRefused(
            f"{waiting} episodes of {batch.name} have not gone back yet.",
            remedy="They are sent back in the background; wait a moment.",
        )
    terms = Terms(**before.policy)
    choice = Choice(before.plan, c=before.c, aql=before.aql_percent)
    return draw_sample(actor=actor, batch=batch, choice=choice, terms=terms)
