"""What people reached on gold, one result a hand-in, in the order of handing in."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from annotation.labels.records import Kind
from annotation.labels.schema import LabelSchema as Definition
from annotation.models import Project
from annotation.selectors.labels import schema_from_text
from annotation.selectors.offers import COUNTED
from review.measures.accepted import LABELS
from review.measures.calibration.trials import Trials
from review.measures.counts import POOLED, Measure
from review.measures.tally import Tally
from review.models import GoldDispute, GoldItem, LabelType, PairCounts

# Kinds that accuracy is told apart by; all labels together come first.
TYPES = (
    LabelType.ALL,
    LabelType.CONTACT,
    LabelType.INSTRUCTION,
    LabelType.FAILURE,
    LabelType.OUTCOME,
)
_FIELDS = (
    *("second", "second__assignment__annotator", "second__submitted_at", "project_episode"),
    *("first__golditem", "measure", "label_class", "matched", "n_first", "n_second", "offsets_ns"),
)


@dataclass
class GoldResult:
    """One person's answer to one gold episode.

    ``tallies`` by kind of label ("" is all of them), ``offsets_ns`` by class of contact.
    """

    set_id: UUID
    annotator: int
    place: int
    item: int
    submitted_at: datetime
    tallies: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    offsets_ns: dict[str, list[int]] = field(default_factory=dict)
    exact: dict[Measure, bool] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        """The episode conforms: every contact has its partner, and the outcome is the same."""
        return self.exact.get(Measure.EVENT, True) and self.exact.get(Measure.OUTCOME, True)

    def tally(self, label_type: str) -> Tally:
        return self.tallies.get(label_type, Tally())

    def trials(self, label_type: str) -> Trials:
        return Trials.of(self.tally(label_type))

    @property
    def all(self) -> Trials:
        return self.trials(LabelType.ALL.value)


def gold_results(
    project: Project,
    *,
    annotator: int | None = None,
    place: int | None = None,
    purposes: Collection[str] = COUNTED,
    counted: bool = True,
    by_class: bool = True,
) -> list[GoldResult]:
    """Each person's last round on each gold episode, in the order of handing in.

    ``counted`` leaves out what says nothing of a person: gold that is disputed, and gold made of
    the person's own set. Without ``by_class`` kinds of segments are not told apart and there are no
    offsets. Three queries, one without ``counted``.
    """
    wanted = [one.value for one in LABELS]
    rows = PairCounts.objects.filter(
        project_episode__project=project,
        project_episode__purpose__in=purposes,
        current=True,
        against_gold=True,
        measure__in=wanted,
    )
    if annotator is not None:
        rows = rows.filter(second__assignment__annotator=annotator)
    if place is not None:
        rows = rows.filter(project_episode=place)
    if not by_class:
        rows = rows.filter(label_class=POOLED)
    found = _results(rows.order_by().values_list(*_FIELDS), definition_of(project))
    if not counted:
        return found
    disputed, own = disputed_items(project), made_of(project)
    return [
        one for one in found if one.item not in disputed and (one.item, one.annotator) not in own
    ]


def disputed_items(project: Project) -> set[int]:
    """Versions of gold whose dispute is open."""
    found = GoldDispute.objects.filter(decision="", item__project_episode__project=project)
    return set(found.values_list("item", flat=True))


def made_of(project: Project) -> set[tuple[int, int]]:
    """Pairs of a gold version and an annotator whose set it was made from."""
    through = GoldItem.sources.through.objects.filter(
        golditem__project_episode__project=project,
        annotationset__assignment__isnull=False,
    )
    pairs = through.order_by().values_list("golditem", "annotationset__assignment__annotator")
    return {(item, annotator) for item, annotator in pairs}


def definition_of(project: Project) -> Definition:
    return schema_from_text(json.dumps(project.schema.definition))


def _results(rows: Iterable[tuple[Any, ...]], schema: Definition) -> list[GoldResult]:
    found: dict[UUID, GoldResult] = {}
    for set_id, annotator, at, place, item, measure, name, matched, first, second, offsets in rows:
        one = found.get(set_id)
        if one is None:
            one = found[set_id] = GoldResult(set_id, annotator, place, item, at)
        _add(one, Measure(measure), name, Tally(matched, first, second), offsets, schema)
    return sorted(found.values(), key=lambda one: (one.submitted_at, one.set_id))


def _add(
    one: GoldResult,
    measure: Measure,
    name: str,
    tally: Tally,
    offsets: list[int],
    schema: Definition,
) -> None:
    if name == POOLED:
        one.tallies[LabelType.ALL.value] += tally
        one.exact[measure] = tally.exact
        if measure is Measure.EVENT:
            one.tallies[LabelType.CONTACT.value] += tally
        elif measure is Measure.OUTCOME:
            one.tallies[LabelType.OUTCOME.value] += tally
    elif measure is Measure.EVENT:
        one.offsets_ns[name] = offsets
    elif measure is Measure.SEGMENT_50:
        known = schema.class_by_id.get(name)
        span = known is not None and known.kind is Kind.SPAN
        kind = LabelType.FAILURE if span else LabelType.INSTRUCTION
        one.tallies[kind.value] += tally
