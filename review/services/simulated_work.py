"""A plan of made-up work as rows: holds, sets, labels, batches, verdicts and their trail."""

import random
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from django.contrib.auth.models import User
from django.utils import timezone

from annotation.models import (
    ActivitySpan,
    AnnotationSet,
    Assignment,
    AuditEntry,
    Comment,
    Label,
    LabelSchema,
    Project,
    ProjectEpisode,
    Skip,
)
from review.measures.records import Answer
from review.measures.simulated_operation import LEASE, Decision, Hold, Item, Lot, Plan, Round
from review.measures.simulation import Annotator, EpisodePlan, annotate
from review.models import Batch, BatchItem, Verdict
from review.services.copy_rows import copy_rows

# Milliseconds to nanoseconds.
MS = 1_000_000
# Of the plan, with their places in it.
Holds = Sequence[tuple[int, Hold]]
QUESTIONS = (
    "Does touching the block with one finger count as a grasp?",
    "Is it a failure when the block slips and is held again at once?",
    "The square is not in the picture at the end. Which outcome?",
)


@dataclass(frozen=True)
class Stage:
    """What the plan plays with: ``places``, ``lengths_ns`` and ``truth_of`` by the plan's episodes,
    ``people`` by its workers; ``schemas`` are the one before the change and the one after."""

    project: Project
    places: Sequence[ProjectEpisode]
    lengths_ns: Sequence[int]
    truth_of: Callable[[int], Answer]
    people: Sequence[User]
    reviewer: User
    schemas: tuple[LabelSchema, LabelSchema]
    seed: int


class Rows:
    """The rows of a plan, with ids that follow from project, seed and place in the plan."""

    def __init__(self, plan: Plan, stage: Stage) -> None:
        self.plan = plan
        self.stage = stage
        self.space = uuid.uuid5(uuid.NAMESPACE_OID, f"simulation {stage.project.pk} {stage.seed}")
        self.annotators = [
            Annotator(
                name=str(number),
                accuracy=one.accuracy,
                bias_ns={"grasp_closed": one.bias_ms * MS, "release": one.bias_ms * MS},
                jitter_ns=one.jitter_ms * MS,
                icc=0.1,
            )
            for number, one in enumerate(plan.workers)
        ]

    def store_work(self, first: int, last: int) -> None:
        """Everything of the plan's holds from ``first`` to before ``last`` but their trail."""
        holds = list(enumerate(self.plan.holds))[first:last]
        copy_rows(self._assignments(holds))
        copy_rows(self._sets(holds))
        copy_rows(self._labels(holds))
        copy_rows(self._spans(holds))
        copy_rows(self._skips(holds))
        copy_rows(self._comments(holds))

    def store_trail(self, first: int, last: int) -> None:
        """In the order of time, as a real trail lies; so many of its entries."""
        entries = [self._handed_in(h, one) for h in self.plan.holds for one in h.rounds]
        found = [entry for entry in entries if entry is not None]
        for lot in self.plan.lots:
            found += [self._decided(d) for item in lot.items for d in item.decisions]
        copy_rows(sorted(found, key=lambda entry: (entry.created_at, entry.subject))[first:last])

    def trail_length(self) -> int:
        handed = sum(one.submitted is not None for hold in self.plan.holds for one in hold.rounds)
        decided = sum(len(item.decisions) for lot in self.plan.lots for item in lot.items)
        return handed + decided

    def hold_id(self, hold: Hold) -> uuid.UUID:
        return uuid.uuid5(self.space, f"hold {hold.episode} {hold.worker}")

    def set_id(self, hold: Hold, number: int) -> uuid.UUID:
        return uuid.uuid5(self.space, f"set {hold.episode} {hold.worker} {number}")

    def _assignments(self, holds: Holds) -> Iterator[Assignment]:
        now = timezone.now()
        for _, hold in holds:
            done = [one.submitted for one in hold.rounds if one.submitted]
            at_work = bool(hold.rounds) and not done
            yield Assignment(
                id=self.hold_id(hold),
                project_episode=self.stage.places[hold.episode],
                annotator=self.stage.people[hold.worker],
                state=_state(hold),
                # A day for those at work, or they would be gone before anybody looked.
                lease_expires_at=now + timedelta(days=1) if at_work else hold.claimed + LEASE,
                claimed_at=hold.claimed,
                submitted_at=done[-1] if done else None,
                rework=len(hold.rounds) > 1,
                return_comment="" if hold.skipped else hold.comment,
                returned_by=self.stage.reviewer if len(hold.rounds) > 1 else None,
            )

    def _sets(self, holds: Holds) -> Iterator[AnnotationSet]:
        for _, hold in holds:
            for one in hold.rounds or [Round(1, hold.claimed, None)]:
                yield AnnotationSet(
                    id=self.set_id(hold, one.number),
                    project_episode=self.stage.places[hold.episode],
                    assignment_id=self.hold_id(hold),
                    round=one.number,
                    state="submitted" if one.submitted else "draft",
                    revision=1 if one.submitted else 0,
                    schema=self.schema_at(one.begun),
                    created_at=one.begun,
                    submitted_at=one.submitted,
                )

    def schema_at(self, when: datetime) -> LabelSchema:
        return self.stage.schemas[when.date() >= self.plan.changed]

    def _labels(self, holds: Holds) -> Iterator[Label]:
        """Each round is marked anew; a later one by the same person, who has read the comment."""
        for place, hold in holds:
            for one in hold.rounds:
                if one.submitted is None:
                    continue
                rng = np.random.default_rng((self.stage.seed, place, one.number))
                layout = EpisodePlan(duration_ns=self.stage.lengths_ns[hold.episode], events=1)
                truth = self.stage.truth_of(hold.episode)
                answer = annotate(truth, self.annotators[hold.worker], layout, rng)
                set_id = self.set_id(hold, one.number)
                yield from label_rows(set_id, f"{self.space} {hold.episode} {hold.worker}", answer)

    def _spans(self, holds: Holds) -> Iterator[ActivitySpan]:
        """First rounds are worked on in one go with short breaks; rework at its end."""
        for _, hold in holds:
            for one in hold.rounds:
                if one.submitted is not None:
                    yield from self._spans_of(hold, one, one.submitted)

    def _spans_of(self, hold: Hold, one: Round, submitted: datetime) -> Iterator[ActivitySpan]:
        chance = random.Random(f"{self.stage.seed} span {hold.episode} {hold.worker} {one.number}")
        # A round of rework begins when it is sent back, which may be nights before it is done.
        begun = one.begun if one.number == 1 else max(one.begun, submitted - timedelta(minutes=2))
        parts = chance.randrange(1, 4)
        step = (submitted - begun) / parts
        for number in range(parts):
            start = begun + step * number
            length = step * chance.uniform(0.7, 0.98)
            yield ActivitySpan(
                id=uuid.uuid5(self.set_id(hold, one.number), f"span {number}"),
                assignment_id=self.hold_id(hold),
                started_at=start,
                ended_at=start + length,
                active_ms=round(length.total_seconds() * 1000),
                keystrokes=chance.randrange(8, 40),
                undos=chance.randrange(0, 4),
                labels=chance.randrange(1, 6),
            )

    def _skips(self, holds: Holds) -> Iterator[Skip]:
        for _, hold in holds:
            if hold.skipped:
                black = "black" in hold.comment
                yield Skip(
                    project_episode=self.stage.places[hold.episode],
                    annotator=self.stage.people[hold.worker],
                    reason=Skip.Reason.BAD_VIDEO if black else Skip.Reason.OTHER,
                    text=hold.comment,
                    created_at=hold.claimed + timedelta(minutes=1),
                )

    def _comments(self, holds: Holds) -> Iterator[Comment]:
        """What the reviewer says to work sent back, with an answer now and then, and questions."""
        for place, hold in holds:
            chance = random.Random(f"{self.stage.seed} talk {place}")
            last = hold.rounds[-1] if hold.rounds else None
            if last is not None and last.number > 1:
                said = self._comment(hold, chance, hold.comment, last.begun, self.stage.reviewer)
                yield said
                if last.submitted is not None and chance.random() < 0.5:
                    yield self._answer(said, "Done.", last.submitted)
            elif last is not None and chance.random() < 0.02:
                author = self.stage.people[hold.worker]
                at = hold.claimed + timedelta(seconds=40)
                asked = self._comment(hold, chance, chance.choice(QUESTIONS), at, author)
                asked.resolved_at = at + timedelta(hours=3)
                asked.resolved_by = self.stage.reviewer
                yield asked

    def _comment(
        self, hold: Hold, chance: random.Random, text: str, at: datetime, author: User
    ) -> Comment:
        return Comment(
            id=uuid.uuid5(self.hold_id(hold), "comment"),
            project_episode=self.stage.places[hold.episode],
            at_ns=chance.randrange(self.stage.lengths_ns[hold.episode]),
            author=author,
            concerning=self.stage.people[hold.worker],
            text=text,
            created_at=at,
        )

    def _answer(self, to: Comment, text: str, at: datetime) -> Comment:
        return Comment(
            id=uuid.uuid5(to.pk, "answer"),
            project_episode=to.project_episode,
            parent=to,
            author=to.concerning,
            text=text,
            created_at=at,
        )

    def _handed_in(self, hold: Hold, one: Round) -> AuditEntry | None:
        if one.submitted is None:
            return None
        return AuditEntry(
            actor=self.stage.people[hold.worker],
            action="annotation_set.submitted",
            project=self.stage.project,
            subject=f"annotationset:{self.set_id(hold, one.number)}",
            facts={"round": one.number, "simulated": True},
            created_at=one.submitted,
        )

    def _decided(self, decision: Decision) -> AuditEntry:
        what = "episode.approved" if decision.approved else "annotation_set.returned"
        return AuditEntry(
            actor=self.stage.reviewer,
            action=what,
            project=self.stage.project,
            subject=f"annotationset:{self.set_id(decision.hold, decision.number)}",
            facts={
                "episode": self.stage.places[decision.hold.episode].episode.key,
                "comment": decision.comment,
                "simulated": True,
            },
            created_at=decision.at,
        )


def label_rows(set_id: uuid.UUID, name: str, answer: Answer) -> list[Label]:
    """Unsaved labels of a set; under the same ``name`` the nth label has the same id."""
    rows = [
        Label(kind="instant", label_class=one.type, effector=one.track, start_ns=one.at_ns)
        for one in answer.instants
    ]
    rows += [
        Label(
            kind="segment" if one.exclusive else "span",
            label_class=one.label,
            effector=one.track,
            text=one.text,
            start_ns=one.start_ns,
            end_ns=one.end_ns,
        )
        for one in answer.intervals
    ]
    rows.append(Label(kind="outcome", label_class=answer.outcome or "outcome_unclear"))
    for number, row in enumerate(rows):
        row.id = uuid.uuid5(uuid.NAMESPACE_OID, f"label {name} {number}")
        row.annotation_set_id = set_id
    return rows


def _state(hold: Hold) -> str:
    if hold.skipped:
        return Assignment.State.RELEASED
    if hold.in_rework:
        return Assignment.State.RETURNED
    return Assignment.State.SUBMITTED if hold.rounds[-1].submitted else Assignment.State.ACTIVE


def store_lots(rows: Rows, first: int, last: int) -> None:
    """So many batches with their verdicts, and what they say of their episodes."""
    for number, lot in list(enumerate(rows.plan.lots, 1))[first:last]:
        _store_lot(rows, lot, number)


def _store_lot(rows: Rows, lot: Lot, number: int) -> None:
    stage, chance = rows.stage, random.Random(f"{rows.stage.seed} lot {number}")
    batch = _batch(stage, lot, number)
    items = BatchItem.objects.bulk_create(
        BatchItem(
            batch=batch,
            project_episode=stage.places[one.episode],
            state=_item_state(one),
            accepted_set_id=_accepted(rows, one),
            version=len(one.decisions),
        )
        for one in lot.items
    )
    copy_rows(
        Verdict(
            item=item,
            decision="approved" if one.approved else "returned",
            annotation_set_id=rows.set_id(one.hold, one.number),
            comment=one.comment,
            reviewer=stage.reviewer,
            request_id=uuid.UUID(int=chance.getrandbits(128), version=4),
            created_at=one.at,
        )
        for planned, item in zip(lot.items, items, strict=True)
        for one in planned.decisions
    )
    decided = []
    for one in lot.items:
        place = stage.places[one.episode]
        place.review = "approved" if one.accepted else "open"
        place.accepted_set_id = _accepted(rows, one)
        decided.append(place)
    ProjectEpisode.objects.bulk_update(decided, ["review", "accepted_set"], batch_size=1000)


def _batch(stage: Stage, lot: Lot, number: int) -> Batch:
    batch = Batch.objects.create(
        project=stage.project,
        name=f"Week {number}",
        state="approved" if lot.approved else "open",
        created_by=stage.reviewer,
        approved_by=stage.reviewer if lot.approved else None,
        approved_at=lot.approved,
    )
    Batch.objects.filter(pk=batch.pk).update(created_at=lot.made)
    return batch


def _item_state(item: Item) -> str:
    if item.accepted:
        return BatchItem.State.APPROVED
    sent_back = item.decisions and not item.decisions[-1].approved
    return BatchItem.State.RETURNED if sent_back else BatchItem.State.OPEN


def _accepted(rows: Rows, item: Item) -> uuid.UUID | None:
    if item.accepted is None:
        return None
    return rows.set_id(item.accepted, item.accepted.rounds[-1].number)
