"""The rules a label set obeys; rules.json lists them, states them and words their messages.

The editor runs the same rules from the same file; tests/shared/validation_cases.json keeps both
sides to the same answers.
"""

import math
import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import pairwise

from annotation.labels.findings import DOCUMENT, Finding, finding, in_order, seconds
from annotation.labels.language import remarks, vague_words
from annotation.labels.records import TIMELESS, Kind, Label, Source
from annotation.labels.schema import Attribute, AttributeType, Goals, LabelClass, LabelSchema, Per
from annotation.labels.task import NOTHING_SAID, TaskFacts

_MIN_TEXT_WORDS: int = DOCUMENT["constants"]["min_text_words"]
_DUPLICATE_NS: int = DOCUMENT["constants"]["duplicate_ns"]
_MET: str = DOCUMENT["constants"]["goal_met"]
_NOT_MET: str = DOCUMENT["constants"]["goal_not_met"]

_POINT = re.compile(r"[0-9]{1,6},[0-9]{1,6}")

# The blanks both languages agree on; str.split() alone knows more of them than JavaScript.
_BLANKS = " \t\n\r"


def validate_save(
    labels: Sequence[Label],
    schema: LabelSchema,
    duration_ns: int,
    *,
    fractional: frozenset[tuple[int, str]] = frozenset(),
) -> list[Finding]:
    """What makes these labels unfit to be stored at all.

    ``duration_ns`` is the episode's; ``fractional`` comes from ``parse_labels``.
    """
    return in_order(_Check(labels, schema, duration_ns, fractional).save())


def validate_submit(
    labels: Sequence[Label],
    schema: LabelSchema,
    duration_ns: int,
    *,
    fractional: frozenset[tuple[int, str]] = frozenset(),
    task: TaskFacts = NOTHING_SAID,
) -> list[Finding]:
    """What keeps this set from being handed in: the save rules, completeness, and warnings."""
    check = _Check(labels, schema, duration_ns, fractional, task)
    return in_order([*check.save(), *check.submit()])


def validate_count(count: int, schema: LabelSchema) -> list[Finding]:
    """The one save rule about a whole set, for a caller that checks only what changes in it."""
    limit = schema.rules.max_labels
    return [finding("too_many_labels", None, None, count=count, max=limit)] if count > limit else []


class _Check:
    """One run over one set. Positions, not ids, tell labels apart: ids may be doubled."""

    def __init__(
        self,
        labels: Sequence[Label],
        schema: LabelSchema,
        duration_ns: int,
        fractional: frozenset[tuple[int, str]],
        task: TaskFacts = NOTHING_SAID,
    ) -> None:
        self.labels = labels
        self.schema = schema
        self.duration_ns = duration_ns
        self.fractional = fractional
        self.task = task
        self.unsound: set[int] = set()

    # What is said, and how.

    def about(self, label: Label, code: str, **values: object) -> Finding:
        named = {"label": self.naming(label), **values}
        return finding(code, label.id, label.start_ns, **named)

    def naming(self, label: Label) -> str:
        known = self.schema.class_by_id.get(label.label_class)
        name = known.name if known and known.kind == label.kind else label.label_class
        return name if label.start_ns is None else f"{name} at {seconds(label.start_ns)} s"

    # Stage save.

    def save(self) -> list[Finding]:
        found: list[Finding] = []
        found.extend(validate_count(len(self.labels), self.schema))
        seen: set[str] = set()
        for position, label in enumerate(self.labels):
            own = self.save_label(position, label)
            if label.id in seen:
                own.append(self.about(label, "label_duplicate_id"))
            seen.add(label.id)
            if own:
                self.unsound.add(position)
            found.extend(own)
        return found

    def save_label(self, position: int, label: Label) -> list[Finding]:
        known = self.schema.class_by_id.get(label.label_class)
        if known is None:
            return [self.about(label, "label_unknown_class", schema=self.schema.name)]
        if known.kind != label.kind:
            kinds = {"expected": known.kind.value, "actual": label.kind.value}
            return [self.about(label, "label_kind_mismatch", **kinds)]
        found = self.shape(position, label) or self.place(label)
        if label.effector and label.effector not in self.schema.effector_by_id:
            values = {"effector": label.effector, "schema": self.schema.name}
            found.append(self.about(label, "effector_unknown", **values))
        found.extend(self.attribute_values(label, known))
        limit = self.schema.rules.max_text_chars
        if len(label.text) > limit:
            found.append(self.about(label, "text_too_long", count=len(label.text), max=limit))
        return found

    def shape(self, position: int, label: Label) -> list[Finding]:
        """Which times are there at all."""
        times = {"start": label.start_ns, "end": label.end_ns}
        broken = [which for which in times if (position, which) in self.fractional]
        if label.kind in TIMELESS:
            timed = broken or any(time is not None for time in times.values())
            return [self.about(label, f"{label.kind.value}_has_time")] if timed else []
        found = [self.about(label, "label_time_not_integer", which=which) for which in broken]
        wanted = ["start"] if label.kind is Kind.INSTANT else ["start", "end"]
        found.extend(
            self.about(label, "label_time_missing", which=which)
            for which in wanted
            if times[which] is None and which not in broken
        )
        if label.kind is Kind.INSTANT and label.end_ns is not None:
            found.append(self.about(label, "instant_has_end"))
        return found

    def place(self, label: Label) -> list[Finding]:
        """Where the times lie; only for labels whose shape is right."""
        if label.start_ns is None:
            return []
        found = []
        if label.start_ns < 0:
            found.append(self.about(label, "label_before_start"))
        if label.end_ns is not None and label.end_ns <= label.start_ns:
            end = seconds(label.end_ns)
            found.append(self.about(label, "label_end_before_start", end=end))
        if label.start_ns >= self.duration_ns or (label.end_ns or 0) > self.duration_ns:
            end = seconds(self.duration_ns)
            found.append(self.about(label, "label_beyond_end", end=end))
        return found

    def attribute_values(self, label: Label, known: LabelClass) -> list[Finding]:
        found = []
        for name, value in label.attributes.items():
            attribute = known.attribute_for(name)
            if attribute is None:
                found.append(self.about(label, "attribute_unknown", attribute=name))
            elif value is not None and value != "" and not _takes(attribute, value):
                found.append(self.about(label, "attribute_value", attribute=attribute.name))
        return found

    # Stage submit.

    def submit(self) -> list[Finding]:
        """Run after ``save``, which tells the sound labels."""
        sound = [
            label for position, label in enumerate(self.labels) if position not in self.unsound
        ]
        sound.sort(key=lambda label: (label.start_ns or 0, label.end_ns or 0, label.id))
        return [
            *self.outcomes(),
            *(finding for label in sound for finding in self.completeness(label)),
            *self.tracks(sound),
            *self.levels(sound),
            *self.order(sound),
            *self.repeats(sound),
            *self.tags(sound),
        ]

    def tags(self, sound: Sequence[Label]) -> list[Finding]:
        seen: set[str] = set()
        found = []
        for label in sound:
            if label.kind is Kind.TAG:
                if label.label_class in seen:
                    found.append(self.about(label, "tag_twice"))
                seen.add(label.label_class)
        return found

    def outcomes(self) -> list[Finding]:
        count = sum(label.kind is Kind.OUTCOME for label in self.labels)
        if count > 1:
            return [finding("outcome_multiple", None, None, count=count)]
        if count == 0 and self.schema.rules.outcome_required:
            return [finding("outcome_missing", None, None)]
        return []

    def completeness(self, label: Label) -> list[Finding]:
        known = self.schema.class_by_id[label.label_class]
        found = []
        if known.requires_effector and not label.effector:
            found.append(self.about(label, "effector_missing"))
        if label.source is Source.PROPOSAL:
            found.append(self.about(label, "proposal_open"))
        for attribute in known.attributes:
            found.extend(self.attribute(label, attribute))
        found.extend(self.goals(label, known))
        if known.requires_text:
            found.extend(self.wording(label))
        if label.kind is Kind.SEGMENT and label.start_ns is not None and label.end_ns is not None:
            length, shortest = label.end_ns - label.start_ns, self.schema.rules.min_segment_ns
            if length < shortest:
                values = {"length": seconds(length), "min": seconds(shortest)}
                found.append(self.about(label, "segment_too_short", **values))
        return found

    def attribute(self, label: Label, attribute: Attribute) -> list[Finding]:
        """Whether it is said where it must be, and lies where it may."""
        keys = [attribute.id]
        if attribute.per is not Per.LABEL:
            keys = [key for key in label.attributes if key.startswith(f"{attribute.id}.")]
        found = []
        for value in (label.attributes.get(key) for key in keys):
            if isinstance(value, int | float) and not isinstance(value, bool):
                found.extend(self.bounds(label, attribute, value))
        unsaid = all(label.attributes.get(key) in (None, "") for key in keys)
        if attribute.per is not Per.GOAL and unsaid and attribute.asked(label.attributes):
            found.append(self.about(label, "attribute_missing", attribute=attribute.name))
        return found

    def bounds(self, label: Label, attribute: Attribute, value: float) -> list[Finding]:
        if attribute.type is AttributeType.TIME:
            start, end = label.start_ns, label.end_ns
            if start is None or end is None or start <= value <= end:
                return []
            values = {"attribute": attribute.name, "at": seconds(int(value))}
            return [self.about(label, "attribute_outside", **values)]
        low, high = attribute.minimum, attribute.maximum
        if (low is None or value >= low) and (high is None or value <= high):
            return []
        bounds = {"attribute": attribute.name, "bounds": _bounds(low, high)}
        return [self.about(label, "attribute_range", **bounds)]

    def goals(self, label: Label, known: LabelClass) -> list[Finding]:
        """Each goal of the task answered, and the answers in keeping with the outcome."""
        asked = next((one for one in known.attributes if one.per is Per.GOAL), None)
        if asked is None or not self.task.goals:
            return []
        answers = [label.attributes.get(f"{asked.id}.{goal.id}") for goal in self.task.goals]
        found = []
        if asked.asked(label.attributes):
            found = [
                self.about(label, "goal_missing", goal=goal.text)
                for goal, answer in zip(self.task.goals, answers, strict=True)
                if answer in (None, "")
            ]
        met, missed = answers.count(_MET), answers.count(_NOT_MET)
        wrong = {
            Goals.OPEN: False,
            Goals.ALL: missed > 0,
            Goals.SOME: len(answers) in (met, missed),
            Goals.NONE: met > 0,
        }
        if wrong[known.goals]:
            found.append(self.about(label, "goals_contradict", met=met, total=len(answers)))
        return found

    def wording(self, label: Label) -> list[Finding]:
        words = [word for word in re.split(f"[{_BLANKS}]+", label.text.strip(_BLANKS)) if word]
        if not words:
            return [self.about(label, "text_missing")]
        rules = self.schema.rules
        found = [self.about(label, "text_vague", word=word) for word in vague_words(label.text)]
        if rules.language == "en":
            said = remarks(label.text, rules.verbs, self.task.objects)
            found.extend(self.about(label, one.code, word=one.word) for one in said)
        longest = rules.max_text_words
        if not _MIN_TEXT_WORDS <= len(words) <= longest:
            values = {"count": len(words), "min": _MIN_TEXT_WORDS, "max": longest}
            found.append(self.about(label, "text_words", **values))
        return found

    def tracks(self, sound: Sequence[Label]) -> list[Finding]:
        wanted = self.schema.classes_of(Kind.SEGMENT)
        segments = [label for label in sound if label.kind is Kind.SEGMENT]
        if not segments:
            return [finding("segments_none", None, None)] if wanted else []
        by_track: dict[tuple[str, str], list[Label]] = defaultdict(list)
        for label in segments:
            if self.schema.class_by_id[label.label_class].exclusive:
                by_track[label.label_class, label.effector].append(label)
        return [finding for track in by_track.values() for finding in self.track(track)]

    def track(self, segments: Sequence[Label]) -> list[Finding]:
        """Overlaps and gaps of one exclusive track, its segments in time order."""
        first = segments[0]
        effector = self.schema.effector_by_id.get(first.effector)
        name = self.schema.class_by_id[first.label_class].name
        name += f" ({effector.name})" if effector else ""
        found: list[Finding] = []
        edge = self.schema.rules.min_segment_ns
        reach, furthest = 0, first
        for label in segments:
            start, end = label.start_ns or 0, label.end_ns or 0
            if label is not first and start < reach:
                values = {"other": self.naming(furthest), "end": seconds(reach)}
                found.append(self.about(label, "segment_overlap", **values))
            elif start - reach >= (edge if label is first else 1):
                found.append(self.gap(name, reach, start))
            if end > reach:
                reach, furthest = end, label
        if self.duration_ns - reach >= edge:
            found.append(self.gap(name, reach, self.duration_ns))
        return found

    def levels(self, sound: Sequence[Label]) -> list[Finding]:
        """A segment lies inside one of the next higher level, where its effector has any."""
        by_level: dict[int, list[Label]] = defaultdict(list)
        for label in sound:
            if label.kind is Kind.SEGMENT:
                by_level[self.schema.class_by_id[label.label_class].level].append(label)
        found = []
        for low, high in pairwise(sorted(by_level)):
            for label in by_level[low]:
                cut = next((above for above in by_level[high] if _crosses(label, above)), None)
                if cut is not None:
                    found.append(self.about(label, "segment_crosses", other=self.naming(cut)))
        return found

    def gap(self, track: str, start_ns: int, end_ns: int) -> Finding:
        values = {"track": track, "start": seconds(start_ns), "end": seconds(end_ns)}
        return finding("segment_gap", None, start_ns, **values)

    def order(self, sound: Sequence[Label]) -> list[Finding]:
        earliest: dict[str, int] = {}
        for label in sound:
            if label.start_ns is not None:
                earliest.setdefault(label.label_class, label.start_ns)
        found = []
        for label in sound:
            needed = self.schema.class_by_id[label.label_class].follows
            if not needed or label.start_ns is None:
                continue
            if earliest.get(needed, math.inf) > label.start_ns:
                other = self.schema.class_by_id[needed].name
                found.append(self.about(label, "recovery_before_failure", other=other))
        return found

    def repeats(self, sound: Sequence[Label]) -> list[Finding]:
        found = []
        last: dict[tuple[str, str], int] = {}
        for label in sound:
            if label.kind is not Kind.INSTANT or label.start_ns is None:
                continue
            key = (label.label_class, label.effector)
            if key in last and label.start_ns - last[key] <= _DUPLICATE_NS:
                other = seconds(last[key])
                found.append(self.about(label, "contact_duplicate", other=other))
            last[key] = label.start_ns
        return found


def _crosses(label: Label, above: Label) -> bool:
    """Whether they overlap without one being inside the other; of two hands, never."""
    if label.effector and above.effector and label.effector != above.effector:
        return False
    start, end = label.start_ns or 0, label.end_ns or 0
    above_start, above_end = above.start_ns or 0, above.end_ns or 0
    overlap = start < above_end and above_start < end
    return overlap and not (above_start <= start and end <= above_end)


def _bounds(low: float | None, high: float | None) -> str:
    """In words: "from 0 to 100", "0 or more", "100 or less"."""
    if low is not None and high is not None:
        return f"from {_plain(low)} to {_plain(high)}"
    return f"{_plain(low)} or more" if low is not None else f"{_plain(high)} or less"


def _plain(number: float | None) -> str:
    """As both languages write it: without a fraction that says nothing."""
    if number is None:
        return ""
    return str(int(number)) if number % 1 == 0 else str(number)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_bool(value: object) -> bool:
    return isinstance(value, bool)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_time(value: object) -> bool:
    """A whole number; one that JSON wrote with a fraction of zero is one in the editor too."""
    return _is_number(value) and isinstance(value, int | float) and value >= 0 and value % 1 == 0


def _is_point(value: object) -> bool:
    return isinstance(value, str) and _POINT.fullmatch(value) is not None


_TAKES: dict[AttributeType, Callable[[object], bool]] = {
    AttributeType.CHOICE: _is_text,
    AttributeType.TEXT: _is_text,
    AttributeType.BOOL: _is_bool,
    AttributeType.NUMBER: _is_number,
    AttributeType.TIME: _is_time,
    AttributeType.POINT: _is_point,
}


def _takes(attribute: Attribute, value: object) -> bool:
    if not _TAKES[attribute.type](value):
        return False
    if attribute.type is AttributeType.CHOICE:
        return any(choice.id == value for choice in attribute.choices)
    return True
