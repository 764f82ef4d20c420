"""Put an episode's known right answer to use: annotators are measured against it."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import replace

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from annotation.labels.records import Kind, Label, ordered
from annotation.labels.schema import LabelSchema
from annotation.models import AnnotationSet, ProjectEpisode
from annotation.roles import Role, require_role
from annotation.selectors.labels import labels_by_set, labels_of, schema_of
from annotation.services import audit
from annotation.services.record_gold import record_gold
from review.errors import GoldRefused
from review.measures.calibration.spread import expert_spread
from review.measures.records import answer_of
from review.models import GoldItem, PairCounts, ScoredPair
from review.selectors.sets import gold_items
from review.services.score import score_episodes

State = GoldItem.State
NAMESPACE = uuid.UUID("5f1a6f3a-55b1-4a3c-9a44-0d6b1f0f7b52")


@transaction.atomic
def set_gold(
    *,
    actor: User,
    project_episode: ProjectEpisode,
    labels: Sequence[Label],
    origin: str,
    reason: str = "",
    sources: Sequence[AnnotationSet] = (),
    alternatives: Sequence[AnnotationSet] = (),
    optional: Collection[str] = (),
) -> GoldItem:
    """Make ``labels`` the episode's gold, as its next version; the same again adds nothing.

    ``alternatives`` are whole answers that count as right too, ``optional`` ids of labels that
    count for nothing, ``sources`` the sets it was made from: their annotators are not measured by
    it, and experts' spread is taken from them where there are two or more. Work handed in before is
    scored against it at once. Raises GoldRefused, LabelsInvalid, RoleMissing, NotFound,
    FrameIndexMissing.
    """
    ProjectEpisode.objects.select_for_update(no_key=True).get(pk=project_episode.pk)
    _refuse_foreign(project_episode, (*sources, *alternatives))
    newest = gold_items([project_episode.pk]).first()
    if newest is not None and _same(newest, labels, alternatives, optional):
        return newest
    gold = record_gold(actor=actor, project_episode=project_episode, labels=labels, origin=origin)
    _refuse_optional(labels, optional, schema_of(gold))
    item = GoldItem.objects.create(
        project_episode=project_episode,
        annotation_set=gold,
        version=gold.round,
        origin=origin,
        made_by=actor,
        reason=reason,
        optional=sorted(uuid.UUID(one) for one in optional),
        spread=_spread(project_episode, sources),
    )
    item.sources.set(sources)
    item.alternatives.set(alternatives)
    score_episodes([project_episode.pk])
    return item


@transaction.atomic
def gold_of_set(
    *,
    actor: User,
    annotation_set: AnnotationSet,
    origin: str,
    reason: str = "",
    experts: Sequence[AnnotationSet] = (),
) -> GoldItem:
    """Make gold of a set that was handed in, or of a consensus; ``experts`` say how far they lie
    apart. Raises what ``set_gold`` raises."""
    if annotation_set.state != AnnotationSet.State.SUBMITTED:
        raise GoldRefused(
            "These labels are still being worked on.",
            remedy="Wait until they are handed in, or choose another set.",
        )
    return set_gold(
        actor=actor,
        project_episode=annotation_set.project_episode,
        labels=renamed(labels_of(annotation_set)),
        origin=origin,
        reason=reason,
        sources=list({one.pk: one for one in (annotation_set, *experts)}.values()),
    )


def renamed(labels: Sequence[Label]) -> list[Label]:
    """The same labels as labels of their own; twice the same set gives the same ids."""
    return [replace(one, id=str(uuid.uuid5(NAMESPACE, f"gold {one.id}"))) for one in labels]


@transaction.atomic
def change_gold_state(*, actor: User | None, item_id: int, state: str, reason: str) -> GoldItem:
    """Retire gold, call it ambiguous, or take it back into use. No actor is the sweep.

    What is ambiguous is not scored: its counts speak for nobody from now on. Raises GoldRefused
    without a reason or for a version that was replaced, NotFound, RoleMissing.
    """
    item = locked_gold(actor, item_id)
    said = reason.strip()[:500]
    if not said or state not in State.values:
        raise GoldRefused("Say why.", remedy="A sentence is enough; it is kept with the item.")
    if item.state == state:
        return item
    before, item.state = item.state, state
    item.state_reason, item.state_since = said, timezone.now()
    item.save(update_fields=["state", "state_reason", "state_since"])
    if before == State.AMBIGUOUS:
        # Its counts were put aside; only counts that are not there are made.
        PairCounts.objects.filter(first=item.annotation_set_id).delete()
        ScoredPair.objects.filter(first=item.annotation_set_id).delete()
    score_episodes([item.project_episode_id])
    audit.record(
        actor=actor,
        action="gold.state_changed",
        project=item.project_episode.project,
        subject=item,
        before=before,
        after=state,
        reason=said,
    )
    return item


def locked_gold(actor: User | None, item_id: int) -> GoldItem:
    """The newest version, its episode locked. Raises NotFound, RoleMissing, GoldRefused."""
    item = GoldItem.objects.select_related("project_episode__project__schema").get(pk=item_id)
    if actor is not None:
        require_role(actor, item.project_episode.project, Role.REVIEWER)
    ProjectEpisode.objects.select_for_update(no_key=True).get(pk=item.project_episode_id)
    item.refresh_from_db(fields=["state"])
    newest = gold_items([item.project_episode_id]).first()
    if newest is None or newest.pk != item.pk:
        raise GoldRefused(
            "A newer version of this gold is in force.",
            remedy="Open the item again and decide on its newest version.",
        )
    return item


def _same(
    newest: GoldItem,
    labels: Sequence[Label],
    alternatives: Sequence[AnnotationSet],
    optional: Collection[str],
) -> bool:
    return (
        newest.state != State.AMBIGUOUS
        and labels_of(newest.annotation_set) == ordered(labels)
        and {one.pk for one in newest.alternatives.all()} == {one.pk for one in alternatives}
        and {str(one) for one in newest.optional} == set(optional)
    )


def _refuse_foreign(place: ProjectEpisode, sets: Sequence[AnnotationSet]) -> None:
    for one in sets:
        if one.project_episode_id != place.pk or one.state != AnnotationSet.State.SUBMITTED:
            raise GoldRefused(
                "Gold is made from sets of its own episode that were handed in.",
                remedy="Choose among the sets that the page lists.",
            )


def _refuse_optional(
    labels: Sequence[Label], optional: Collection[str], schema: LabelSchema
) -> None:
    """Only labels that stand alone: see review.measures.accepted."""
    by_id = {one.id: one for one in labels}
    for pk in optional:
        label = by_id.get(pk)
        known = schema.class_by_id.get(label.label_class) if label else None
        if label is None or label.kind is Kind.OUTCOME or (known is not None and known.exclusive):
            raise GoldRefused(
                "Instructions and outcomes cannot be optional.",
                remedy="Accept another whole answer beside this one instead.",
            )


def _spread(place: ProjectEpisode, sources: Sequence[AnnotationSet]) -> dict[str, object]:
    """Distances between experts by class, as JSON."""
    experts = [one for one in sources if one.assignment_id is not None]
    labels = labels_by_set(experts)
    found = expert_spread(
        [answer_of(labels[one.pk], schema_of(one)) for one in experts],
        duration_ns=place.episode.duration_ns,
    )
    return {
        name: {"offsets_ns": list(one.offsets_ns), "gaps_ns": list(one.gaps_ns)}
        for name, one in found.items()
    }
