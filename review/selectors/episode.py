"""The review page of one episode: everybody's labels, where they differ, what was decided."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import combinations
from uuid import UUID

from django.contrib.auth.models import User

from annotation.models import AnnotationSet
from annotation.selectors.clock_changes import sets_before_clock_change
from annotation.selectors.labels import labels_by_set, schema_of
from review.measures.counts import POOLED, Measure
from review.measures.differences import Side
from review.measures.disagreements import Place, disagreements
from review.measures.records import Tolerances
from review.models import (
    Adjudication,
    Batch,
    BatchItem,
    LabelVerdict,
    ReviewPolicy,
    ReviewRepeat,
    Verdict,
)
from review.selectors.adjudications import adjudications_of, draft_of, unknown_sources
from review.selectors.batches import UNDECIDED, Standing, annotated_by, standing
from review.selectors.compare import LabelsBySet, Rules, compare, rules_of, tolerances_between
from review.selectors.lanes import Lane, blind_names, lanes_of, real_names
from review.selectors.marks import last_words
from review.selectors.policies import review_policy
from review.selectors.repeats import open_repeat
from review.selectors.rows import EpisodeFigure, episode_figure
from review.selectors.sets import EpisodeSets, sets_of

EVERYBODY = "all"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two sets side by side. ``chosen`` is the comparison whose differences the page lists."""

    first: Lane
    second: Lane
    events: EpisodeFigure | None
    segments: EpisodeFigure | None
    boundaries: EpisodeFigure | None
    outcome_equal: bool | None
    chosen: bool

    @property
    def name(self) -> str:
        return f"{self.first.name} and {self.second.name}"

    @property
    def figures(self) -> tuple[EpisodeFigure | None, ...]:
        """In the order of the table's columns."""
        return (self.events, self.segments, self.boundaries)

    @property
    def address(self) -> str:
        return f"{self.first.id}..{self.second.id}"


@dataclass(frozen=True, slots=True)
class Caution:
    """Something about the episode that a reviewer has to know first, and what to do about it."""

    text: str
    remedy: str


@dataclass(frozen=True)
class EpisodeReview:
    """What the page shows. ``decidable`` says whether this person may give a verdict now.

    ``lanes`` are the annotators' sets, under names that tell nothing while the review is blind,
    and the gold last. ``repeat`` is set when the person is to decide without being told that they
    did before: then nothing of the first time is here. ``tolerances`` are those by which the
    ``differences`` were found.
    """

    item: BatchItem
    policy: ReviewPolicy
    repeat: ReviewRepeat | None
    standing: Standing
    sets: EpisodeSets
    lanes: tuple[Lane, ...]
    comparisons: tuple[Comparison, ...]
    everybody: bool
    differences: tuple[Place, ...]
    tolerances: Tolerances | None
    words: tuple[LabelVerdict, ...]
    draft: Adjudication | None
    consensus: Adjudication | None
    verdicts: tuple[Verdict, ...]
    cautions: tuple[Caution, ...]
    own: bool
    blind: bool

    @property
    def version(self) -> int:
        """Of the item as this person knows it: 0 is what nobody has decided."""
        return 0 if self.repeat else self.item.version

    @property
    def chosen(self) -> Comparison | None:
        return next((one for one in self.comparisons if one.chosen), None)

    @property
    def compared(self) -> str:
        """Between whom the differences are."""
        if self.everybody:
            return "everybody"
        return self.chosen.name if self.chosen else ""

    @property
    def marks(self) -> tuple[LabelVerdict, ...]:
        """Verdicts on labels that stand; ``words`` has those taken back, too."""
        gone = LabelVerdict.Word.WITHDRAWN
        return tuple(one for one in self.words if one.verdict != gone)

    @property
    def decidable(self) -> bool:
        return (
            not self.own
            and (self.item.batch.state == Batch.State.OPEN or self.repeat is not None)
            and self.standing.code != "in_rework"
            and bool(self.sets.annotators)
        )

    @cached_property
    def names(self) -> dict[UUID, str]:
        return {lane.annotation_set.pk: lane.name for lane in self.lanes}

    @property
    def annotators(self) -> tuple[Lane, ...]:
        """The lanes that can be approved, sent back, or made a consensus of."""
        return tuple(one for one in self.lanes if one.annotation_set.assignment_id)


def episode_review(item: BatchItem, user: User, *, compared: str = "") -> EpisodeReview:
    """Compare the episode's sets as they stand now.

    ``compared`` is the address of the comparison to list differences of, or "all"; by default
    everybody's where more than two labelled it, else the only pair's, with gold if need be.
    """
    episode = item.project_episode_id
    sets = sets_of([episode])[episode]
    policy, repeat = review_policy(item.batch.project), open_repeat(item, user)
    stands = UNDECIDED if repeat else standing(item)
    blind = _blind(policy, stands)
    lanes = _lanes(item, sets, blind=blind)
    rules = rules_of([episode])
    everybody = _for_everybody(sets, compared)
    pairs = list(combinations(lanes, 2))
    addresses = [f"{first.id}..{second.id}" for first, second in pairs]
    chosen = compared if compared in addresses else (addresses or [""])[0]
    comparisons = tuple(
        _comparison(
            pair,
            item.project_episode.episode.duration_ns,
            rules,
            chosen=not everybody and address == chosen,
        )
        for pair, address in zip(pairs, addresses, strict=True)
    )
    compared_lanes = _compared(lanes, comparisons, everybody=everybody)
    tolerances = _tolerances(compared_lanes, rules)
    draft = draft_of(item, user, repeat)
    return EpisodeReview(
        item=item,
        policy=policy,
        repeat=repeat,
        standing=stands,
        sets=sets,
        lanes=lanes,
        comparisons=comparisons,
        everybody=everybody,
        differences=_differences(compared_lanes, tolerances),
        tolerances=tolerances,
        words=_words(item, repeat, sets),
        draft=draft,
        consensus=None if repeat else _standing_consensus(item),
        verdicts=() if repeat else _verdicts(item),
        cautions=_cautions(item, sets, draft),
        own=annotated_by(user, [episode]),
        blind=blind,
    )


def blind_to(item: BatchItem, user: User) -> bool:
    """Whether this person is not to know whose labels they are, of an item of ``with_standing``."""
    stands = UNDECIDED if open_repeat(item, user) else standing(item)
    return _blind(review_policy(item.batch.project), stands)


def _blind(policy: ReviewPolicy, stands: Standing) -> bool:
    return policy.blind and stands.waits


def _for_everybody(sets: EpisodeSets, compared: str) -> bool:
    several = len(sets.annotators) > 2
    return several and compared in ("", EVERYBODY)


def _lanes(item: BatchItem, sets: EpisodeSets, *, blind: bool) -> tuple[Lane, ...]:
    annotators = list(sets.annotators)
    names = real_names(annotators)
    if blind:
        names = blind_names(item.pk, annotators)
        annotators.sort(key=lambda one: names[one.pk])
    everyone = [*annotators, *([sets.gold] if sets.gold else [])]
    return lanes_of(everyone, labels_by_set(everyone), {**real_names(everyone), **names})


def _comparison(
    pair: tuple[Lane, Lane], duration_ns: int, rules: Rules, *, chosen: bool
) -> Comparison:
    first, second = pair
    labels: LabelsBySet = {one.annotation_set.pk: one.labels for one in pair}
    # Counts of gold are the annotator's against it, whichever lane lies above.
    a, b = sorted(pair, key=lambda one: one.annotation_set.kind != AnnotationSet.Kind.GOLD)
    counts, _ = compare(a.annotation_set, b.annotation_set, labels, duration_ns, rules)
    outcome = counts[(Measure.OUTCOME, POOLED)].tally
    return Comparison(
        first=first,
        second=second,
        events=episode_figure(counts[(Measure.EVENT, POOLED)].tally),
        segments=episode_figure(counts[(Measure.SEGMENT_50, POOLED)].tally),
        boundaries=episode_figure(counts[(Measure.BOUNDARY, POOLED)].tally),
        outcome_equal=None if outcome.empty else outcome.exact,
        chosen=chosen,
    )


def _compared(
    lanes: Sequence[Lane], comparisons: Sequence[Comparison], *, everybody: bool
) -> list[Lane]:
    """Whose differences the page lists."""
    if everybody:
        return [one for one in lanes if one.annotation_set.assignment_id]
    chosen = next((one for one in comparisons if one.chosen), None)
    return [chosen.first, chosen.second] if chosen is not None else []


def _newest(lanes: Sequence[Lane]) -> AnnotationSet:
    return max((one.annotation_set for one in lanes), key=lambda one: one.schema.version)


def _tolerances(compared: Sequence[Lane], rules: Rules) -> Tolerances | None:
    if len(compared) < 2:
        return None
    sets, newest = [one.annotation_set for one in compared], _newest(compared)
    return tolerances_between(sets[0] if sets[0] is not newest else sets[1], newest, rules)


def _differences(compared: Sequence[Lane], tolerances: Tolerances | None) -> tuple[Place, ...]:
    if tolerances is None:
        return ()
    sides = {one.id: Side(one.name, one.labels) for one in compared}
    return disagreements(sides, schema_of(_newest(compared)), tolerances)


def _words(
    item: BatchItem, repeat: ReviewRepeat | None, sets: EpisodeSets
) -> tuple[LabelVerdict, ...]:
    """Of the rounds that are looked at now; an earlier round's went back with it."""
    return tuple(last_words(item, repeat).filter(annotation_set__in=sets.annotators))


def _standing_consensus(item: BatchItem) -> Adjudication | None:
    return adjudications_of(item).filter(state=Adjudication.State.ACCEPTED).first()


def _verdicts(item: BatchItem) -> tuple[Verdict, ...]:
    found = item.verdicts.select_related("reviewer", "annotation_set__assignment__annotator")
    return tuple(found.order_by("-pk"))


def _cautions(
    item: BatchItem, sets: EpisodeSets, draft: Adjudication | None
) -> tuple[Caution, ...]:
    found = []
    if len({one.schema_id for one in sets.annotators}) > 1:
        found.append(_of_schemas(sets))
    moved = _clock_moved(item, sets)
    if moved is not None:
        found.append(
            Caution(
                f"The clock of a camera was corrected on {moved:%Y-%m-%d %H:%M}, after these "
                "labels were handed in: the frames they name have moved.",
                "Look at the contacts frame by frame. Where they no longer fit, send the labels "
                "back; they are put on frames anew when they are handed in.",
            )
        )
    if draft is not None and unknown_sources(draft, sets.annotators):
        found.append(
            Caution(
                "Your consensus was begun from labels that were handed in again since.",
                "Give the draft up and begin again with the present ones.",
            )
        )
    return tuple(found)


def _of_schemas(sets: EpisodeSets) -> Caution:
    versions = ", ".join(
        sorted({f"{one.schema.name} version {one.schema.version}" for one in sets.annotators})
    )
    return Caution(
        f"These labels were made under different label schemas: {versions}.",
        "They are compared by the newest. What only one of them has words for shows as a "
        "difference: give no verdict on it, or send the older labels back.",
    )


def _clock_moved(item: BatchItem, sets: EpisodeSets) -> datetime | None:
    wanted = {one.pk for one in sets.annotators}
    changed = sets_before_clock_change([item.project_episode.episode_id])
    times = [moved for pk, moved in changed.values_list("pk", "clock_changed_at") if pk in wanted]
    return max(times, default=None)
