"""The rules a label set obeys; rules.json lists them, states them and words their messages.

The editor runs the same rules from the same file; tests/shared/validation_cases.json keeps both
sides to the same answers.
"""

import json
import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from annotation.labels.records import Kind, Label
from annotation.labels.schema import Attribute, AttributeType, LabelClass, LabelSchema

RULES_PATH = Path(__file__).parent / "rules.json"
_DOCUMENT = json.loads(RULES_PATH.read_text(encoding="utf-8"))
_RULES: dict[str, dict[str, str]] = {rule["code"]: rule for rule in _DOCUMENT["rules"]}
_RANK = {code: rank for rank, code in enumerate(_RULES)}
_DEICTIC: frozenset[str] = frozenset(
    _DOCUMENT["vocabulary"]["deictic"] + _DOCUMENT["vocabulary"]["vague_adverbs"]
)
_VAGUE_VERBS: tuple[str, ...] = tuple(_DOCUMENT["vocabulary"]["vague_verbs"])
_MIN_TEXT_WORDS: int = _DOCUMENT["constants"]["min_text_words"]
_DUPLICATE_NS: int = _DOCUMENT["constants"]["duplicate_ns"]

# The blanks both languages agree on; str.split() alone knows more of them than JavaScript.
_BLANKS = " \t\n\r"


@dataclass(frozen=True, slots=True)
class Finding:
    """One broken rule. ``label_id`` and ``at_ns`` say where, None when about the whole set."""

    code: str
    severity: str
    label_id: str | None
    at_ns: int | None
    message: str

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def is_error(self) -> bool:
        return self.severity == "error"


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
    return _sorted(_Check(labels, schema, duration_ns, fractional).save())


def validate_submit(
    labels: Sequence[Label],
    schema: LabelSchema,
    duration_ns: int,
    *,
    fractional: frozenset[tuple[int, str]] = frozenset(),
) -> list[Finding]:
    """What keeps this set from being handed in: the save rules, completeness, and warnings."""
    check = _Check(labels, schema, duration_ns, fractional)
    return _sorted([*check.save(), *check.submit()])


def validate_count(count: int, schema: LabelSchema) -> list[Finding]:
    """The one save rule about a whole set, for a caller that checks only what changes in it."""
    limit = schema.rules.max_labels
    return [_about_set("too_many_labels", count=count, max=limit)] if count > limit else []


def errors(findings: Iterable[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.is_error]


def seconds(time_ns: int) -> str:
    """Seconds with three decimals, milliseconds rounded half up: 1679500000 gives "1.680"."""
    milliseconds = (time_ns + 500_000) // 1_000_000
    sign = "-" if milliseconds < 0 else ""
    return f"{sign}{abs(milliseconds) // 1000}.{abs(milliseconds) % 1000:03d}"


def _sorted(findings: Iterable[Finding]) -> list[Finding]:
    return sorted(
        findings,
        key=lambda finding: (
            math.inf if finding.at_ns is None else finding.at_ns,
            _RANK[finding.code],
            finding.label_id or "",
            finding.message,
        ),
    )


def _about_set(code: str, at_ns: int | None = None, **values: object) -> Finding:
    rule = _RULES[code]
    return Finding(code, rule["severity"], None, at_ns, _fill(rule["message"], values))


class _Check:
    """One run over one set. Positions, not ids, tell labels apart: ids may be doubled."""

    def __init__(
        self,
        labels: Sequence[Label],
        schema: LabelSchema,
        duration_ns: int,
        fractional: frozenset[tuple[int, str]],
    ) -> None:
        self.labels = labels
        self.schema = schema
        self.duration_ns = duration_ns
        self.fractional = fractional
        self.unsound: set[int] = set()

    # What is said, and how.

    def about(self, label: Label, code: str, **values: object) -> Finding:
        rule = _RULES[code]
        message = _fill(rule["message"], {"label": self.naming(label), **values})
        return Finding(code, rule["severity"], label.id, label.start_ns, message)

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
        if label.kind is Kind.OUTCOME:
            timed = broken or any(time is not None for time in times.values())
            return [self.about(label, "outcome_has_time")] if timed else []
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
        declared = {attribute.id: attribute for attribute in known.attributes}
        found = []
        for name, value in label.attributes.items():
            attribute = declared.get(name)
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
            *self.order(sound),
            *self.repeats(sound),
        ]

    def outcomes(self) -> list[Finding]:
        count = sum(label.kind is Kind.OUTCOME for label in self.labels)
        if count > 1:
            return [_about_set("outcome_multiple", count=count)]
        if count == 0 and self.schema.rules.outcome_required:
            return [_about_set("outcome_missing")]
        return []

    def completeness(self, label: Label) -> list[Finding]:
        known = self.schema.class_by_id[label.label_class]
        found = []
        if known.requires_effector and not label.effector:
            found.append(self.about(label, "effector_missing"))
        for attribute in known.attributes:
            if attribute.required and label.attributes.get(attribute.id) in (None, ""):
                found.append(self.about(label, "attribute_missing", attribute=attribute.name))
        if known.requires_text:
            found.extend(self.wording(label))
        if label.kind is Kind.SEGMENT and label.start_ns is not None and label.end_ns is not None:
            length, shortest = label.end_ns - label.start_ns, self.schema.rules.min_segment_ns
            if length < shortest:
                values = {"length": seconds(length), "min": seconds(shortest)}
                found.append(self.about(label, "segment_too_short", **values))
        return found

    def wording(self, label: Label) -> list[Finding]:
        words = [word for word in re.split(f"[{_BLANKS}]+", label.text.strip(_BLANKS)) if word]
        if not words:
            return [self.about(label, "text_missing")]
        found = [self.about(label, "text_vague", word=word) for word in vague_words(label.text)]
        longest = self.schema.rules.max_text_words
        if not _MIN_TEXT_WORDS <= len(words) <= longest:
            values = {"count": len(words), "min": _MIN_TEXT_WORDS, "max": longest}
            found.append(self.about(label, "text_words", **values))
        return found

    def tracks(self, sound: Sequence[Label]) -> list[Finding]:
        wanted = self.schema.classes_of(Kind.SEGMENT)
        segments = [label for label in sound if label.kind is Kind.SEGMENT]
        if not segments:
            return [_about_set("segments_none")] if wanted else []
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

    def gap(self, track: str, start_ns: int, end_ns: int) -> Finding:
        values = {"track": track, "start": seconds(start_ns), "end": seconds(end_ns)}
        return _about_set("segment_gap", start_ns, **values)

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


def vague_words(text: str) -> list[str]:
    """The words of a text that name neither object nor motion, in the order they come."""
    words = re.findall(r"[a-z']+", text.lower())
    opening = " ".join(words) + " "
    found = [verb for verb in _VAGUE_VERBS if opening.startswith(verb + " ")]
    return found + [word for word in dict.fromkeys(words) if word in _DEICTIC]


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_bool(value: object) -> bool:
    return isinstance(value, bool)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_TAKES: dict[AttributeType, Callable[[object], bool]] = {
    AttributeType.CHOICE: _is_text,
    AttributeType.TEXT: _is_text,
    AttributeType.BOOL: _is_bool,
    AttributeType.NUMBER: _is_number,
}


def _takes(attribute: Attribute, value: object) -> bool:
    if not _TAKES[attribute.type](value):
        return False
    if attribute.type is AttributeType.CHOICE:
        return any(choice.id == value for choice in attribute.choices)
    return True


def _fill(template: str, values: dict[str, object]) -> str:
    """Placeholders in one pass, so that a value holding braces is left alone."""
    return re.sub(r"\{(\w+)\}", lambda match: str(values[match[1]]), template)
