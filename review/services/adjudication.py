"""A consensus of several annotators' sets: begun, given up, made to stand, taken back."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID, uuid5

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from annotation.errors import NotSubmittable
from annotation.labels.findings import errors
from annotation.labels.records import Label as LabelRecord
from annotation.labels.schema import LabelSchema
from annotation.labels.validation import validate_save, validate_submit
from annotation.models import AnnotationSet, Label, ProjectEpisode
from annotation.selectors.frames import camera_frames
from annotation.selectors.labels import label_row, labels_by_set, labels_of, schema_of
from annotation.selectors.phrases import task_facts
from annotation.services import audit
from annotation.services.progress import note_review
from annotation.services.save_labels import refuse_stale
from annotation.services.submit import stamp_frames
from review.errors import (
    AdjudicationClosed,
    AdjudicationRefused,
    CommentMissing,
    NotReviewable,
    VerdictStale,
)
from review.measures.consensus.whole import Agreed, set_consensus
from review.models import Adjudication, BatchItem, LabelSource, ReviewRepeat, Verdict
from review.selectors.adjudications import (
    draft_of,
    outcome_weights,
    reviewed_adjudication,
    unknown_sources,
)
from review.selectors.compare import rules_of, tolerances_between
from review.selectors.lanes import Lane, lanes_of, real_names
from review.selectors.policies import review_policy
from review.selectors.repeats import open_repeat
from review.selectors.sets import current_sets
from review.services.repeats import decide_repeat
from review.services.verdicts import decide, locked_item, refuse_undecidable

Method = Adjudication.Method
State = Adjudication.State


@transaction.atomic
def begin_adjudication(
    *,
    actor: User,
    item_id: int,
    method: Adjudication.Method,
    version: int,
    request_id: UUID,
    annotation_set_ids: Sequence[UUID] = (),
) -> Adjudication:
    """A draft of a consensus of the episode's last submitted sets, or of those named.

    There is one draft a reviewer: begun twice, the first one's is the answer. Raises
    AdjudicationRefused, VerdictStale, NotReviewable, OwnWork, BatchClosed, NotFound, RoleMissing.
    """
    item = locked_item(item_id, actor)
    before = Adjudication.objects.filter(request_id=request_id, item=item, reviewer=actor).first()
    if before is not None:
        return before
    repeat = open_repeat(item, actor)
    refuse_undecidable(item, actor, version, repeat)
    present = draft_of(item, actor, repeat)
    if present is not None:
        return present
    sets = _sources(item, method, annotation_set_ids)
    percent = 100 if method == Method.REVIEWER else review_policy(item.batch.project).quorum_percent
    made = Adjudication.objects.create(
        item=item,
        annotation_set=_empty_set(item, sets),
        reviewer=actor,
        method=method,
        quorum_percent=percent,
        repeat=repeat,
        request_id=request_id,
    )
    made.sources.set(sets)
    lanes = lanes_of(sets, labels_by_set(sets), real_names(sets))
    _fill(made, lanes, item)
    if repeat is None:
        audit.record(
            actor=actor,
            action="consensus.begun",
            project=item.batch.project,
            subject=made,
            episode=item.project_episode.episode.key,
            method=method.value,
            sets=[str(one.pk) for one in sets],
        )
    return made


def _sources(
    item: BatchItem, method: Adjudication.Method, wanted: Sequence[UUID]
) -> list[AnnotationSet]:
    if len(set(wanted)) < len(wanted):
        raise AdjudicationRefused(
            "The same labels are named twice: nobody agrees with themself.",
            remedy="Name each annotator's set once.",
        )
    present = list(current_sets([item.project_episode_id]))
    sets = [one for one in present if not wanted or one.pk in set(wanted)]
    if len(sets) < len(wanted):
        raise NotReviewable(
            "One of these is not the last round an annotator of this episode handed in.",
            remedy="Open the episode again and choose among the present ones.",
        )
    if method == Method.COPY and len(sets) != 1:
        raise AdjudicationRefused(
            "A corrected copy is made of one set.", remedy="Choose whose labels you correct."
        )
    if method != Method.COPY and len(sets) < 2:
        raise AdjudicationRefused(
            "A consensus needs the labels of two annotators.",
            remedy="Correct a copy of the one set that there is, or approve it.",
        )
    if len({one.schema.name for one in sets}) > 1:
        raise AdjudicationRefused(
            "These labels were made under two different label schemas, not two versions of one.",
            remedy="Send the older ones back: they are made again under the present schema.",
        )
    return sets


def _empty_set(item: BatchItem, sets: Sequence[AnnotationSet]) -> AnnotationSet:
    """Under the newest schema version among its sources."""
    newest = max(sets, key=lambda one: one.schema.version)
    before = AnnotationSet.objects.filter(
        project_episode=item.project_episode_id, kind=AnnotationSet.Kind.CONSENSUS
    )
    return AnnotationSet.objects.create(
        project_episode_id=item.project_episode_id,
        kind=AnnotationSet.Kind.CONSENSUS,
        round=before.count() + 1,
        schema=newest.schema,
    )


def _fill(made: Adjudication, lanes: Sequence[Lane], item: BatchItem) -> None:
    """The labels to begin with, those that the schema has words for, and where they came from."""
    made_set = made.annotation_set
    schema = schema_of(made_set)
    agreed = _agreed(made, lanes, schema, item)
    duration_ns = item.project_episode.episode.duration_ns
    known = [one for one in agreed if not validate_save([one.label], schema, duration_ns)]
    Label.objects.bulk_create(label_row(made_set, one.label) for one in known)
    home = {shown: (lane, stored) for lane in lanes for shown, stored in lane.stored.items()}
    how = LabelSource.How
    taken = made.method == Method.COPY
    LabelSource.objects.bulk_create(
        LabelSource(
            annotation_set=made_set,
            label_id=UUID(one.label.id),
            source_set=home[source][0].annotation_set,
            source_label_id=UUID(home[source][1]),
            how=how.TAKEN if taken else how.AGREED if one.sure else how.SUGGESTED,
        )
        for one in known
        for source in one.sources
    )


def _agreed(
    made: Adjudication, lanes: Sequence[Lane], schema: LabelSchema, item: BatchItem
) -> list[Agreed]:
    if made.method == Method.COPY:
        # The same ids: a label that is taken over is known by its own.
        return [Agreed(label, (label.id,), True) for label in lanes[0].labels]
    sets = [lane.annotation_set for lane in lanes]
    rules = rules_of([item.project_episode_id])
    tolerances = tolerances_between(sets[0], max(sets, key=lambda one: one.schema.version), rules)
    suggest = made.method == Method.SUGGESTED
    found = set_consensus(
        {lane.id: lane.labels for lane in lanes},
        schema,
        tolerances,
        quorum=made.quorum_percent / 100,
        suggest=suggest,
        outcomes=_weights(lanes, item) if suggest else None,
    )
    return [_named(made, one) for one in found.agreed]


def _weights(lanes: Sequence[Lane], item: BatchItem) -> Mapping[str, float]:
    """Fitting the model reads the whole project: only where people do not agree."""
    said = {
        label.label_class
        for lane in lanes
        for label in lane.labels
        if label.kind.value == Label.Kind.OUTCOME
    }
    return outcome_weights(item) if len(said) > 1 else {}


def _named(made: Adjudication, one: Agreed) -> Agreed:
    """A label of one source keeps its id, as one that the reviewer takes over does."""
    if len(one.sources) == 1:
        return replace(one, label=replace(one.label, id=one.sources[0]))
    identity = uuid5(made.annotation_set_id, "|".join(sorted(one.sources)))
    return replace(one, label=replace(one.label, id=str(identity)))


def accept_consensus(
    *, actor: User, adjudication_id: int, base_revision: int, version: int, request_id: UUID
) -> Adjudication:
    """Freeze one's own draft and let it stand for the episode.

    Checked whole, like any set that is handed in. Sent again under the same ``request_id`` it has
    the same answer. Raises NotSubmittable (field ``findings``), StaleRevision, VerdictStale,
    AdjudicationClosed, NotReviewable, OwnWork, BatchClosed, NotFound, RoleMissing, and what
    ``camera_frames`` raises.
    """
    found = reviewed_adjudication(actor, adjudication_id)
    if found.accept_request_id == request_id:
        return found
    # Read before the locks are taken: an index is a file, and files are slow.
    cameras = camera_frames(found.item.project_episode.episode)
    with transaction.atomic():
        item = locked_item(found.item_id, actor)
        made = Adjudication.objects.select_for_update(no_key=True).get(pk=adjudication_id)
        if made.accept_request_id == request_id:
            return made
        own = lock_draft(made, actor)
        repeat = open_repeat(item, actor)
        if (repeat.pk if repeat else None) != made.repeat_id:
            raise VerdictStale(
                "This episode was decided meanwhile.",
                remedy="Open it again to see how it stands.",
                version=item.version,
            )
        refuse_undecidable(item, actor, version, repeat)
        refuse_stale(own, base_revision)
        _refuse_old_sources(made)
        labels = _refuse_incomplete(own, item)
        _freeze(made, own, labels, request_id)
        stamp_frames(own, cameras)
        _stand(made, own, item, repeat, actor, request_id)
        return made


def _stand(
    made: Adjudication,
    own: AnnotationSet,
    item: BatchItem,
    repeat: ReviewRepeat | None,
    actor: User,
    request_id: UUID,
) -> None:
    if repeat is not None:
        decide_repeat(repeat, Verdict.Decision.APPROVED, own, request_id)
        return
    decide(item, actor, request_id, Verdict.Decision.APPROVED, [own], "")
    note_review([item.project_episode_id], ProjectEpisode.Review.APPROVED, own)
    audit.record(
        actor=actor,
        action="consensus.accepted",
        project=item.batch.project,
        subject=made,
        episode=item.project_episode.episode.key,
        method=made.method,
        annotation_set=str(own.pk),
        sets=[str(one.pk) for one in made.sources.all()],
    )


def _refuse_old_sources(made: Adjudication) -> None:
    if unknown_sources(made, list(current_sets([made.item.project_episode_id]))):
        raise NotReviewable(
            "Labels that this consensus was made of were handed in again meanwhile.",
            remedy="Give this draft up and begin again with the present ones.",
        )


def _refuse_incomplete(own: AnnotationSet, item: BatchItem) -> tuple[LabelRecord, ...]:
    episode = item.project_episode.episode
    labels = labels_of(own)
    findings = validate_submit(
        labels, schema_of(own), episode.duration_ns, task=task_facts(episode)
    )
    left = errors(findings)
    if left:
        raise NotSubmittable(
            f"{len(left)} left to do before this consensus can stand. {left[0].message}",
            remedy="Correct what the findings name and accept it again.",
            findings=[finding.to_json() for finding in findings],
        )
    return labels


def _freeze(
    made: Adjudication, own: AnnotationSet, labels: Sequence[LabelRecord], request_id: UUID
) -> None:
    now = timezone.now()
    own.state, own.submitted_at = AnnotationSet.State.SUBMITTED, now
    own.submit_request_id = request_id
    own.save(update_fields=["state", "submitted_at", "submit_request_id"])
    made.state, made.accepted_at = State.ACCEPTED, now
    made.accept_request_id = request_id
    made.save(update_fields=["state", "accepted_at", "accept_request_id"])
    kept = [label.id for label in labels]
    LabelSource.objects.filter(annotation_set=own).exclude(label_id__in=kept).delete()


def lock_draft(made: Adjudication, actor: User) -> AnnotationSet:
    """The draft's set, its row locked. Raises AdjudicationClosed."""
    own = (
        AnnotationSet.objects.select_for_update(no_key=True, of=("self",))
        .select_related("schema", "project_episode__episode__task", "project_episode__project")
        .get(pk=made.annotation_set_id)
    )
    made.refresh_from_db(fields=["state"])
    if made.state != State.DRAFT or made.reviewer_id != actor.pk:
        raise AdjudicationClosed(
            f"This consensus is {made.get_state_display().lower()}: it takes no more changes.",
            remedy="Open the episode again; a new consensus can be begun there.",
            state=made.state,
            revision=own.revision,
        )
    return own


@transaction.atomic
def drop_consensus(*, actor: User, adjudication_id: int) -> Adjudication:
    """Give one's own draft up; its labels stay to be read. Twice is once.

    Raises AdjudicationClosed, NotFound, RoleMissing.
    """
    found = reviewed_adjudication(actor, adjudication_id)
    item = locked_item(found.item_id, actor)
    made = Adjudication.objects.select_for_update(no_key=True).get(pk=adjudication_id)
    if made.state == State.DROPPED:
        return made
    lock_draft(made, actor)
    _end(made, actor, State.DROPPED, "")
    if made.repeat_id is None:
        audit.record(
            actor=actor,
            action="consensus.dropped",
            project=item.batch.project,
            subject=made,
            episode=item.project_episode.episode.key,
        )
    return made


@transaction.atomic
def undo_consensus(
    *, actor: User, adjudication_id: int, reason: str, version: int, request_id: UUID
) -> Adjudication:
    """Take back a consensus that stands: the episode is to be reviewed again, with the reason.

    Raises CommentMissing, AdjudicationClosed, VerdictStale, OwnWork, BatchClosed, NotFound,
    RoleMissing.
    """
    found = reviewed_adjudication(actor, adjudication_id)
    item = locked_item(found.item_id, actor)
    made = Adjudication.objects.select_for_update(no_key=True).get(pk=adjudication_id)
    if Verdict.objects.filter(item=item, reviewer=actor, request_id=request_id).exists():
        return made
    refuse_undecidable(item, actor, version)
    if made.state != State.ACCEPTED or item.accepted_set_id != made.annotation_set_id:
        raise AdjudicationClosed(
            f"This consensus does not stand; it is {made.get_state_display().lower()}.",
            remedy="Open the episode again to see what does.",
            state=made.state,
        )
    if not reason.strip():
        raise CommentMissing(
            "Taking a consensus back needs a reason.", remedy="Say what was wrong with it."
        )
    decide(item, actor, request_id, Verdict.Decision.UNDONE, [found.annotation_set], reason.strip())
    _end(made, actor, State.UNDONE, reason.strip())
    note_review([item.project_episode_id], ProjectEpisode.Review.OPEN)
    audit.record(
        actor=actor,
        action="consensus.undone",
        project=item.batch.project,
        subject=made,
        episode=item.project_episode.episode.key,
        reason=reason.strip(),
    )
    return made


def _end(made: Adjudication, actor: User, state: Adjudication.State, reason: str) -> None:
    made.state, made.reason = state, reason[:2000]
    made.ended_by, made.ended_at = actor, timezone.now()
    made.save(update_fields=["state", "reason", "ended_by", "ended_at"])
