"""Where two label sets of one episode differ, in words a reviewer can act on."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TypeVar

from annotation.labels.records import Kind, Label
from annotation.labels.schema import Attribute, AttributeType, LabelSchema, Per
from review.measures.events import EventComparison, compare_events
from review.measures.matching import match_by_gain, match_times
from review.measures.records import (
    Answer,
    Instant,
    Interval,
    Tolerances,
    answer_of,
    tolerances_of,
)
from review.measures.segments import HALF, IntervalPair, compare_intervals, iou

# Two marks of one class further apart than this read as two events rather than as one moved mark.
MOVED_NS = 1_000_000_000
# What who has no such label says there.
NOTHING = "nothing"

_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class Difference:
    """One disagreement. ``at_ns`` is where to look, None for the outcome; ids may be of both.

    ``size`` is how large it is of its kind: times by the tolerance, texts by their unlikeness,
    1 for what is there or is not. ``what`` is about the same for everybody who differs in it, and
    ``said`` what each says there, so that several people's differences can be told as one;
    ``note`` goes with it.
    """

    code: str
    at_ns: int | None
    message: str
    label_ids: tuple[str, ...]
    size: float = 1.0
    what: str = ""
    said: tuple[str, str] = ("", "")
    note: str = ""


@dataclass(frozen=True)
class Side:
    """One person's labels, and what to call that person."""

    name: str
    labels: Sequence[Label]
    by_id: dict[str, Label] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_id", {label.id: label for label in self.labels})


@dataclass(frozen=True, slots=True)
class Compared:
    """``differences`` of two sides, and ``same``: ids of labels that are about the same."""

    differences: list[Difference]
    same: list[tuple[str, str]]


def differences(
    a: Side, b: Side, schema: LabelSchema, tolerances: Tolerances | None = None
) -> list[Difference]:
    """All differences between two valid label sets, in time order, the outcome first."""
    return compare_sides(a, b, schema, tolerances).differences


def compare_sides(
    a: Side, b: Side, schema: LabelSchema, tolerances: Tolerances | None = None
) -> Compared:
    """All differences, in time order, the outcome first; and what is about the same.

    Codes: instant_missing, instant_class, instant_effector, instant_time; segment_missing,
    segment_class, segment_effector, segment_boundary, segment_text; attribute_differs;
    outcome_differs, goal_differs, tag_missing. Tolerances are those of the schema version unless
    others are given.
    """
    writer = _Writer(a, b, schema, tolerances)
    answer_a, answer_b = answer_of(a.labels, schema), answer_of(b.labels, schema)
    found = chain(
        writer.outcome(answer_a, answer_b),
        writer.tags(),
        writer.instants(compare_events(answer_a.instants, answer_b.instants, writer.tolerances)),
        writer.intervals(answer_a, answer_b),
    )
    sentences = (
        replace(item, message=item.message[0].upper() + item.message[1:]) for item in found
    )
    return Compared(sorted(sentences, key=_place), writer.same)


class _Writer:
    def __init__(
        self, a: Side, b: Side, schema: LabelSchema, tolerances: Tolerances | None = None
    ) -> None:
        self.a, self.b, self.schema = a, b, schema
        self.given = tolerances
        self.tolerances = tolerances or tolerances_of(schema)
        self.same: list[tuple[str, str]] = []

    def outcome(self, a: Answer, b: Answer) -> Iterator[Difference]:
        if a.outcome == b.outcome:
            if a.outcome_id and b.outcome_id:
                self.same.append((a.outcome_id, b.outcome_id))
                yield from self.attributes(a.outcome_id, b.outcome_id, None)
            return
        left, right = (
            self.class_name(answer.outcome) if answer.outcome else NOTHING for answer in (a, b)
        )
        message = f"Outcome: {self.a.name} says {left}, {self.b.name} says {right}."
        ids = tuple(answer.outcome_id for answer in (a, b) if answer.outcome_id)
        yield Difference("outcome_differs", None, message, ids, what="outcome", said=(left, right))

    def instants(self, compared: EventComparison) -> Iterator[Difference]:
        for pair in compared.matched:
            self.same.append((pair.a.id, pair.b.id))
            yield from self.attributes(pair.a.id, pair.b.id, pair.a.at_ns)
        for pair in compared.confused:
            yield Difference(
                "instant_class",
                pair.a.at_ns,
                f"{self.a.name} marks {self.instant(pair.a)}, "
                f"{self.b.name} {self.instant(pair.b)}.",
                (pair.a.id, pair.b.id),
                what="marked",
                said=(self.instant(pair.a), self.instant(pair.b)),
            )
        left_a, left_b = list(compared.only_a), list(compared.only_b)
        yield from self._other_effector(left_a, left_b)
        yield from self._moved(left_a, left_b)
        for item, here in (*((one, True) for one in left_a), *((one, False) for one in left_b)):
            has, lacks = (self.a, self.b) if here else (self.b, self.a)
            yield Difference(
                "instant_missing",
                item.at_ns,
                f"{has.name} marks {self.instant(item)}, {lacks.name} does not.",
                (item.id,),
                what=self.contact(item),
                said=_one_sided(_seconds(item.at_ns), here),
            )

    def _other_effector(self, a: list[Instant], b: list[Instant]) -> Iterator[Difference]:
        def closeness(i: int, j: int) -> float | None:
            reach = self.tolerances.of(a[i].type)
            distance = abs(a[i].at_ns - b[j].at_ns)
            if a[i].type != b[j].type or a[i].track == b[j].track or distance > reach:
                return None
            return 1 - distance / (reach + 1)

        for left, right in _take(a, b, match_by_gain(len(a), len(b), closeness)):
            yield Difference(
                "instant_effector",
                left.at_ns,
                f"{self.class_name(left.type)} at {_seconds(left.at_ns)}: {self.a.name} says "
                f"{self.effector(left.track)}, {self.b.name} {self.effector(right.track)}.",
                (left.id, right.id),
                what=f"{self.class_name(left.type)} by",
                said=(self.effector(left.track), self.effector(right.track)),
            )

    def _moved(self, a: list[Instant], b: list[Instant]) -> Iterator[Difference]:
        for track, type_ in sorted({(item.track, item.type) for item in a}):
            own_a = [item for item in a if (item.track, item.type) == (track, type_)]
            own_b = [item for item in b if (item.track, item.type) == (track, type_)]
            times_a, times_b = ([item.at_ns for item in own] for own in (own_a, own_b))
            pairs = match_times(times_a, times_b, MOVED_NS)
            matched = [(own_a[i], own_b[j]) for i, j in pairs]
            for left, right in matched:
                a.remove(left)
                b.remove(right)
                apart = right.at_ns - left.at_ns
                within = f"tolerance {self.tolerances.of(type_) / 1e6:.0f} ms"
                yield Difference(
                    "instant_time",
                    left.at_ns,
                    f"{self.instant(left)} of {self.a.name}: {self.b.name} marks it "
                    f"{abs(apart) / 1e6:.0f} ms {'later' if apart > 0 else 'earlier'} "
                    f"({within}).",
                    (left.id, right.id),
                    _times(apart, self.tolerances.of(type_)),
                    self.contact(left),
                    (_seconds(left.at_ns), _seconds(right.at_ns)),
                    within,
                )

    def intervals(self, a: Answer, b: Answer) -> Iterator[Difference]:
        compared = compare_intervals(a.intervals, b.intervals, HALF)
        for pair in compared.matched:
            self.same.append((pair.a.id, pair.b.id))
            yield from self.attributes(pair.a.id, pair.b.id, pair.a.start_ns)
            yield from self._edges(pair)
            if not pair.text_equal:
                yield Difference(
                    "segment_text",
                    pair.a.start_ns,
                    f"Text: {self.a.name} “{pair.a.text}”, {self.b.name} “{pair.b.text}” "
                    f"(similarity {pair.similarity:.2f}).",
                    (pair.a.id, pair.b.id),
                    1 - pair.similarity,
                    "text",
                    (f"“{pair.a.text}”", f"“{pair.b.text}”"),
                )
        for pair in compared.confused:
            yield Difference(
                "segment_class",
                pair.a.start_ns,
                f"{self.a.name} has {self.interval(pair.a)}, "
                f"{self.b.name} {self.interval(pair.b)}.",
                (pair.a.id, pair.b.id),
                what="there is",
                said=(self.interval(pair.a), self.interval(pair.b)),
            )
        left_a, left_b = list(compared.only_a), list(compared.only_b)
        yield from self._segment_effector(left_a, left_b)
        for item, here in (*((one, True) for one in left_a), *((one, False) for one in left_b)):
            has, lacks = (self.a, self.b) if here else (self.b, self.a)
            yield Difference(
                "segment_missing",
                item.start_ns,
                f"{has.name} has {self.interval(item)}, {lacks.name} has nothing that overlaps "
                "it by half.",
                (item.id,),
                what="there is",
                said=_one_sided(self.interval(item), here),
            )

    def _segment_effector(self, a: list[Interval], b: list[Interval]) -> Iterator[Difference]:
        def overlap(i: int, j: int) -> float | None:
            shared = iou(a[i], b[j])
            if a[i].label != b[j].label or a[i].track == b[j].track or shared < HALF:
                return None
            return float(shared)

        for left, right in _take(a, b, match_by_gain(len(a), len(b), overlap)):
            yield Difference(
                "segment_effector",
                left.start_ns,
                f"{self.interval(left)}: {self.a.name} says {self.effector(left.track)}, "
                f"{self.b.name} {self.effector(right.track)}.",
                (left.id, right.id),
                what=f"{self.class_name(left.label)} by",
                said=(self.effector(left.track), self.effector(right.track)),
            )

    def _edges(self, pair: IntervalPair) -> Iterator[Difference]:
        known = self.schema.class_by_id.get(pair.a.label)
        reach = known.tolerance_ns if known else self.tolerances.boundary_ns
        if self.given is not None and pair.a.exclusive:
            reach = self.given.boundary_ns
        for edge, left, right in (
            ("starts", pair.a.start_ns, pair.b.start_ns),
            ("ends", pair.a.end_ns, pair.b.end_ns),
        ):
            if abs(right - left) > reach:
                within = f"tolerance {reach / 1e6:.0f} ms"
                yield Difference(
                    "segment_boundary",
                    left,
                    f"{self.class_name(pair.a.label)} {edge} at {_seconds(left)} for "
                    f"{self.a.name}, at {_seconds(right)} for {self.b.name} "
                    f"({within}).",
                    (pair.a.id, pair.b.id),
                    _times(right - left, reach),
                    f"{self.class_name(pair.a.label)} {edge}",
                    (_seconds(left), _seconds(right)),
                    within,
                )

    def tags(self) -> Iterator[Difference]:
        """What is said of the whole episode beside its outcome, by one and not by the other."""
        tagged = [
            {label.label_class: label for label in side.labels if label.kind is Kind.TAG}
            for side in (self.a, self.b)
        ]
        for name in sorted(tagged[0].keys() ^ tagged[1].keys()):
            here = name in tagged[0]
            has, lacks = (self.a, self.b) if here else (self.b, self.a)
            label = tagged[0].get(name) or tagged[1][name]
            yield Difference(
                "tag_missing",
                None,
                f"{has.name} tags the episode {self.class_name(name)}, {lacks.name} does not.",
                (label.id,),
                what=f"tag {self.class_name(name)}",
                said=_one_sided("yes", here),
            )
        for name in sorted(tagged[0].keys() & tagged[1].keys()):
            self.same.append((tagged[0][name].id, tagged[1][name].id))
            yield from self.attributes(tagged[0][name].id, tagged[1][name].id, None)

    def attributes(self, id_a: str, id_b: str, at_ns: int | None) -> Iterator[Difference]:
        """Choices and yes/no of a matched pair; free text and numbers are not compared.

        What has one value for each goal is compared goal by goal; what only holds under a
        condition, also where one side's condition does not hold.
        """
        left, right = self.a.by_id[id_a], self.b.by_id[id_b]
        known = self.schema.class_by_id.get(left.label_class)
        for attribute in known.attributes if known else ():
            if attribute.type not in (AttributeType.CHOICE, AttributeType.BOOL):
                continue
            names = {choice.id: choice.name for choice in attribute.choices}
            of = self.class_name(left.label_class)
            where = of if at_ns is None else f"{of} at {_seconds(at_ns)}"
            for key in _keys(attribute, left, right):
                said = left.attributes.get(key), right.attributes.get(key)
                if said[0] == said[1]:
                    continue
                words = [_words(value, names) for value in said]
                goal = key.partition(".")[2]
                what = f"{attribute.name.lower()} {goal}".strip()
                yield Difference(
                    "goal_differs" if attribute.per is Per.GOAL else "attribute_differs",
                    at_ns,
                    f"{where}: {what} {words[0]} for {self.a.name}, {words[1]} for {self.b.name}.",
                    (id_a, id_b),
                    what=f"{of}, {what}",
                    said=(words[0], words[1]),
                )

    def class_name(self, label_class: str) -> str:
        known = self.schema.class_by_id.get(label_class)
        return known.name.lower() if known else label_class

    def effector(self, track: str) -> str:
        known = self.schema.effector_by_id.get(track)
        return known.name.lower() if known else track or "no effector"

    def contact(self, item: Instant) -> str:
        side = f" ({self.effector(item.track)})" if item.track else ""
        return f"{self.class_name(item.type)}{side}"

    def instant(self, item: Instant) -> str:
        return f"{self.contact(item)} at {_seconds(item.at_ns)}"

    def interval(self, item: Interval) -> str:
        text = f" “{item.text}”" if item.text else ""
        span = f"{item.start_ns / 1e9:.3f} to {_seconds(item.end_ns)}"
        return f"{self.class_name(item.label)}{text} from {span}"


def _keys(attribute: Attribute, left: Label, right: Label) -> list[str]:
    """The attribute's own key, or those of its goals or cameras that either side answers."""
    if attribute.per is Per.LABEL:
        return [attribute.id]
    begin = f"{attribute.id}."
    return sorted(key for key in {*left.attributes, *right.attributes} if key.startswith(begin))


def _one_sided(words: str, here: bool) -> tuple[str, str]:
    return (words, NOTHING) if here else (NOTHING, words)


def _times(apart_ns: int, tolerance_ns: int) -> float:
    """How many tolerances lie between."""
    return abs(apart_ns) / max(1, tolerance_ns)


def _place(item: Difference) -> tuple[int, str, tuple[str, ...]]:
    return -1 if item.at_ns is None else item.at_ns, item.code, item.label_ids


def _take(
    a: list[_Item], b: list[_Item], pairs: list[tuple[int, int]]
) -> list[tuple[_Item, _Item]]:
    """The paired items, and what is left stays in both lists."""
    taken = [(a[i], b[j]) for i, j in pairs]
    for i in sorted((i for i, _ in pairs), reverse=True):
        del a[i]
    for j in sorted((j for _, j in pairs), reverse=True):
        del b[j]
    return taken


def _words(value: object, names: dict[str, str]) -> str:
    if value is None:
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    return names.get(str(value), str(value)).lower()


def _seconds(at_ns: int) -> str:
    return f"{at_ns / 1e9:.3f} s"
