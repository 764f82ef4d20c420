"""Verdicts on labels and the labels of a consensus, as rows that a page shows."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth.models import User

from annotation.labels.records import Label
from annotation.labels.schema import LabelSchema
from annotation.selectors.labels import labels_of, schema_of
from review.models import Adjudication, LabelVerdict
from review.selectors.adjudications import item_of, provenance, sources_of
from review.selectors.episode import EpisodeReview, blind_to
from review.selectors.lanes import blind_names
from review.selectors.sets import current_sets, name_of

_TONES = {LabelVerdict.Word.OK: "ok", LabelVerdict.Word.NOT_VISIBLE: "info"}


@dataclass(frozen=True, slots=True)
class MarkRow:
    mark: LabelVerdict
    lane: str
    what: str
    tone: str


@dataclass(frozen=True, slots=True)
class ConsensusRow:
    """``came`` says how the label came in, ``sources`` whose labels it was made of."""

    label: Label
    what: str
    came: str
    sources: tuple[str, ...]
    changed: bool


def marked_rows(review: EpisodeReview) -> list[MarkRow]:
    """The verdicts on labels that stand, in the order of time."""
    by_id = {lane.stored[label.id]: label for lane in review.lanes for label in lane.labels}
    schemas = {lane.annotation_set.pk: schema_of(lane.annotation_set) for lane in review.lanes}
    marks = sorted(review.marks, key=lambda one: (-1 if one.at_ns is None else one.at_ns, one.pk))
    return [
        MarkRow(
            mark=one,
            lane=review.names.get(one.annotation_set_id, ""),
            what=_what(by_id.get(str(one.label_id)), schemas[one.annotation_set_id]),
            tone=_TONES.get(LabelVerdict.Word(one.verdict), "warn"),
        )
        for one in marks
    ]


def marked_sets(review: EpisodeReview) -> list[str]:
    """Sets of which something is said to be wrong: they go back unless the reviewer decides
    otherwise."""
    right = (LabelVerdict.Word.OK, LabelVerdict.Word.NOT_VISIBLE)
    wrong = {str(one.annotation_set_id) for one in review.marks if one.verdict not in right}
    return [lane.id for lane in review.annotators if lane.id in wrong]


def consensus_rows(adjudication: Adjudication, user: User) -> list[ConsensusRow]:
    """A fixed number of queries. While the review is blind, sources have the names of the lanes."""
    own = adjudication.annotation_set
    names = _blind_lanes(adjudication, user)
    labels, rows, schema = labels_of(own), sources_of(own), schema_of(own)
    facts = {one["label_id"]: one for one in provenance(own, labels)}
    return [
        ConsensusRow(
            label=label,
            what=_what(label, schema),
            came=rows[label.id][0].get_how_display()
            if rows.get(label.id)
            else "The reviewer's own",
            sources=tuple(
                sorted(
                    {
                        names.get(row.source_set.assignment_id) or name_of(row.source_set)
                        for row in rows.get(label.id, ())
                    }
                )
            ),
            changed=bool(rows.get(label.id)) and facts[label.id]["changed"],
        )
        for label in labels
    ]


def _blind_lanes(adjudication: Adjudication, user: User) -> dict[UUID | None, str]:
    """The lanes' names by assignment: another round keeps its name. None where names are shown."""
    item = item_of(adjudication)
    if not blind_to(item, user):
        return {}
    sets = list(current_sets([item.project_episode_id]))
    named = blind_names(item.pk, sets)
    return {one.assignment_id: named[one.pk] for one in sets}


def _what(label: Label | None, schema: LabelSchema) -> str:
    if label is None:
        return "no label"
    known = schema.class_by_id.get(label.label_class)
    words: Iterable[str] = (known.name if known else label.label_class, label.text)
    return ", ".join(filter(None, words))
