"""At which step a batch is, in words, and what may be done about it now."""

from dataclasses import dataclass

from review.models import BatchItem, Sample
from review.selectors.acceptance import SampleStanding, to_send_back, waiting_after_return
from review.selectors.rows import BatchFacts

_CAN_DECIDE = ("open", "again")


@dataclass(frozen=True, slots=True)
class Step:
    """``next_item`` is where the person who looks goes on; forms are shown where they can act."""

    says: str
    next_item: BatchItem | None = None
    approvable: bool = False
    to_decide: bool = False
    fresh: bool = False


def step_of(facts: BatchFacts, sample: SampleStanding | None) -> Step:
    if not facts.open:
        return Step("Signed off. A manager can release it.")
    if sample is None or facts.approved == facts.episodes:
        return _whole(facts)
    if sample.sample.follow_up == Sample.FollowUp.FULL:
        return _whole(facts)
    if sample.sample.follow_up == Sample.FollowUp.REWORK:
        return _rework(facts, sample)
    if sample.undecided:
        return Step("The sample failed: say below how the batch goes on, and why.", to_decide=True)
    if sample.accepted:
        return _passed(facts, sample)
    counted = sample.progress
    return Step(
        f"A sample decides: {counted.looked_at} of {sample.sample.n} reviewed, {counted.bad} "
        f"errors of {sample.sample.c} allowed, {counted.more} more needed.",
        next_item=_next_sampled(sample),
    )


def _whole(facts: BatchFacts) -> Step:
    left = facts.episodes - facts.approved
    says = f"{facts.approved} of {facts.episodes} episodes are approved."
    if left:
        says += " The batch can be approved once all of them are."
    return Step(says, next_item=facts.following, approvable=bool(facts.episodes) and not left)


def _passed(facts: BatchFacts, sample: SampleStanding) -> Step:
    waiting = max(waiting_after_return(sample.sample), sample.unapproved)
    unseen = facts.episodes - facts.approved - waiting
    if waiting:
        return Step(
            f"The sample passed. {waiting} episodes that were sent back have to be approved "
            "before the batch is signed off.",
            next_item=facts.back,
        )
    return Step(
        f"The sample passed. Signing off approves {unseen} more episodes that nobody looked at, "
        "each with the set of its annotators that agrees best with the others.",
        approvable=True,
    )


def _rework(facts: BatchFacts, sample: SampleStanding) -> Step:
    going = len(to_send_back(sample.sample))
    if going:
        return Step(f"Rework: {going} episodes are being sent back to their annotators.")
    if facts.in_rework:
        return Step(
            f"Rework: {facts.in_rework} of {facts.episodes} episodes are with their annotators. "
            "A fresh sample can be drawn once all are handed in again."
        )
    return Step("Rework is done: draw a fresh sample.", fresh=True)


def _next_sampled(sample: SampleStanding) -> BatchItem | None:
    found = (
        row.item
        for row in sample.rows
        if row.conforms is None and row.standing.code in _CAN_DECIDE and not row.own
    )
    return next(found, None)
