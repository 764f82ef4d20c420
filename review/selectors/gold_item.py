"""One gold item: its versions, who met it, and which of its labels people miss."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import median
from uuid import UUID

from django.db.models import QuerySet

from annotation.errors import NotFound
from annotation.labels.records import Kind, Label
from annotation.labels.schema import LabelSchema
from annotation.models import AnnotationSet, Assignment, ProjectEpisode
from annotation.roles import Role, require_role
from annotation.selectors.labels import labels_by_set, schema_of
from episodes.access import Viewer
from review.measures.bounds import wilson
from review.measures.calibration.gold import LateExposure, PassRate, late_exposure, pass_rate
from review.measures.calibration.spread import REACH_NS
from review.measures.events import compare_events
from review.measures.matching import match_times
from review.measures.records import Answer, Tolerances, answer_of
from review.measures.segments import compare_intervals
from review.models import GoldDispute, GoldItem
from review.selectors.compare import rules_of, tolerances_between
from review.selectors.exposures import showings
from review.selectors.gold_results import GoldResult, gold_results, made_of
from review.selectors.sets import current_sets, gold_items, name_of

EVERY = tuple(ProjectEpisode.Purpose.values)


@dataclass
class GoldLabelRow:
    """A label of gold, and how many of the people who met it marked it.

    ``times_ns`` are their marks of the same class within a second, whether in tolerance or not.
    """

    label: Label
    name: str
    optional: bool
    movable: bool
    can_be_optional: bool
    of: int = 0
    found: int = 0
    times_ns: list[int] = field(default_factory=list)

    @property
    def missed_by_most(self) -> bool:
        return not self.optional and 2 * self.found < self.of

    @property
    def off_ns(self) -> float | None:
        """How far the middle of the marks lies from gold; positive: people mark later."""
        if not self.movable or not self.times_ns or self.label.start_ns is None:
            return None
        return float(median(self.times_ns)) - self.label.start_ns

    def moved(self, at_ns: int) -> Label:
        return replace(self.label, start_ns=at_ns)


@dataclass(frozen=True, slots=True)
class Interval:
    """A share with Wilson's 95 % interval; ``rate`` None before the first attempt."""

    rate: float | None
    low: float | None
    high: float | None
    n: int


def pass_interval(rate: PassRate) -> Interval:
    if not rate.attempts:
        return Interval(None, None, None, 0)
    low, high = wilson(rate.passed, rate.attempts)
    return Interval(rate.passed / rate.attempts, low, high, rate.attempts)


@dataclass(frozen=True, slots=True)
class Version:
    item: GoldItem
    labels: int
    scores: int


@dataclass(frozen=True)
class GoldPage:
    """``attempts`` under the newest version; ``answers`` are sets it could be made from."""

    place: ProjectEpisode
    item: GoldItem
    versions: tuple[Version, ...]
    rows: tuple[GoldLabelRow, ...]
    attempts: tuple[tuple[GoldResult, str], ...]
    passes: PassRate
    late: LateExposure
    dispute: GoldDispute | None
    disputes: tuple[GoldDispute, ...]
    exposures: int
    answers: tuple[AnnotationSet, ...]
    left_out: int

    @property
    def interval(self) -> Interval:
        return pass_interval(self.passes)

    @property
    def earlier_scores(self) -> int:
        """Comparisons that were made with versions before this one."""
        return sum(one.scores for one in self.versions if one.item.pk != self.item.pk)


def reviewed_place(user: Viewer, place_id: int) -> ProjectEpisode:
    """Raises NotFound to outsiders, RoleMissing to annotators, and NotFound to who labels it."""
    place = (
        ProjectEpisode.objects.filter(pk=place_id)
        .select_related("project__schema", "episode__task", "episode__dataset")
        .first()
    )
    if place is None:
        raise NotFound("There is no such episode.", remedy="Check the address.")
    require_role(user, place.project, Role.REVIEWER)
    held = Assignment.objects.filter(
        annotator=user.pk, project_episode=place, state__in=["active", "returned", "waiting"]
    )
    if held.exists():
        raise NotFound(
            "You are labelling this episode: until you hand it in you see nobody else's labels.",
            remedy="Hand it in or give it back first.",
        )
    return place


def gold_page(place: ProjectEpisode) -> GoldPage | None:
    """None for an episode without gold. A fixed number of queries."""
    item = gold_items([place.pk]).select_related("made_by").first()
    if item is None:
        return None
    results = gold_results(place.project, place=place.pk, purposes=EVERY, counted=False)
    own = made_of(place.project)
    attempts = [one for one in results if (one.item, one.annotator) not in own]
    sets = list(current_sets([place.pk]))
    names = {one.pk: name_of(one) for one in sets}
    disputes = _disputes(place)
    return GoldPage(
        place=place,
        item=item,
        versions=_versions(place),
        rows=tuple(label_rows(item, sets)),
        attempts=tuple((one, names.get(one.set_id, "")) for one in attempts),
        passes=pass_rate(sum(one.passed for one in attempts), len(attempts)),
        late=late_exposure([one.passed for one in attempts]),
        dispute=next((one for one in disputes if one.decision == ""), None),
        disputes=tuple(one for one in disputes if one.decision != ""),
        exposures=showings([place.pk]).count(),
        answers=tuple(answers_of(place)),
        left_out=len(results) - len(attempts),
    )


def gold_of(place: ProjectEpisode) -> GoldPage:
    """Raises NotFound for an episode without gold."""
    found = gold_page(place)
    if found is None:
        raise NotFound(
            f"{place.episode.key} has no gold.", remedy="Make gold of it on the project's page."
        )
    return found


def answers_of(place: ProjectEpisode) -> QuerySet[AnnotationSet]:
    """What gold can be made from: each annotator's last round, experts' answers, and consensus
    sets."""
    kind, last = AnnotationSet.Kind, current_sets([place.pk]).order_by().values("pk")
    others = AnnotationSet.objects.filter(
        project_episode=place,
        state=AnnotationSet.State.SUBMITTED,
        kind__in=[kind.EXPERT, kind.CONSENSUS],
    )
    found = AnnotationSet.objects.filter(pk__in=last) | others
    return found.select_related("assignment__annotator", "schema").order_by("submitted_at", "pk")


def answer_name(one: AnnotationSet) -> str:
    if one.assignment is not None:
        return name_of(one)
    return f"{one.get_kind_display()} {one.round}"


def label_rows(item: GoldItem, sets: Sequence[AnnotationSet] | None = None) -> list[GoldLabelRow]:
    """The labels of a version with how many people found them; sources of gold do not count."""
    place = item.project_episode_id
    if sets is None:
        sets = list(current_sets([place]))
    makers = set(item.sources.values_list("assignment__annotator", flat=True))
    met = [one for one in sets if one.assignment and one.assignment.annotator_id not in makers]
    labels = labels_by_set([item.annotation_set, *met])
    schema, rules = schema_of(item.annotation_set), rules_of([place])
    optional = {str(one) for one in item.optional}
    gold = answer_of(labels[item.annotation_set_id], schema)
    rows = {
        one.id: GoldLabelRow(
            one,
            _name(one, schema),
            one.id in optional,
            one.kind is Kind.INSTANT,
            _stands_alone(one, schema),
            of=len(met),
        )
        for one in labels[item.annotation_set_id]
    }
    for one in met:
        answer = answer_of(labels[one.pk], schema_of(one))
        _note(rows, gold, answer, tolerances_between(item.annotation_set, one, rules))
    return [row for row in rows.values() if row.label.kind is not Kind.TAG]


def _note(
    rows: Mapping[str, GoldLabelRow], gold: Answer, answer: Answer, tolerances: Tolerances
) -> None:
    for pair in compare_events(gold.instants, answer.instants, tolerances).matched:
        rows[pair.a.id].found += 1
    for match in compare_intervals(gold.intervals, answer.intervals).matched:
        rows[match.a.id].found += 1
    if gold.outcome_id and gold.outcome == answer.outcome:
        rows[gold.outcome_id].found += 1
    for key in {(one.type, one.track) for one in gold.instants}:
        ours = [one for one in gold.instants if (one.type, one.track) == key]
        theirs = [one.at_ns for one in answer.instants if (one.type, one.track) == key]
        for i, j in match_times([one.at_ns for one in ours], theirs, REACH_NS):
            rows[ours[i].id].times_ns.append(theirs[j])


def _stands_alone(label: Label, schema: LabelSchema) -> bool:
    """Whether it can be optional: see review.measures.accepted."""
    known = schema.class_by_id.get(label.label_class)
    timed = label.kind in (Kind.INSTANT, Kind.SPAN, Kind.SEGMENT)
    return timed and not (known is not None and known.exclusive)


def _name(label: Label, schema: LabelSchema) -> str:
    known = schema.class_by_id.get(label.label_class)
    effector = schema.effector_by_id.get(label.effector)
    name = known.name if known else label.label_class
    name = f"{name} ({effector.name.lower()})" if effector else name
    return f"{name}: {label.text}" if label.text else name


def _versions(place: ProjectEpisode) -> tuple[Version, ...]:
    items = list(
        GoldItem.objects.filter(project_episode=place)
        .select_related("made_by")
        .order_by("-version")
    )
    labels: dict[UUID, int] = defaultdict(int)
    ids = [one.annotation_set_id for one in items]
    sets = AnnotationSet.objects.filter(pk__in=ids).order_by()
    for pk, _ in sets.values_list("pk", "labels__pk"):
        labels[pk] += 1
    scored: dict[UUID, set[UUID]] = defaultdict(set)
    pairs = place.pair_counts.filter(against_gold=True, first__in=ids).order_by()
    for first, second in pairs.values_list("first", "second").distinct():
        scored[first].add(second)
    return tuple(
        Version(one, labels[one.annotation_set_id], len(scored[one.annotation_set_id]))
        for one in items
    )


def _disputes(place: ProjectEpisode) -> list[GoldDispute]:
    found = GoldDispute.objects.filter(item__project_episode=place)
    return list(found.select_related("item", "decided_by").order_by("-pk"))
