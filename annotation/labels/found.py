"""Labels that a dataset brought along, put into a schema's words: drafts, never answers."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from uuid import NAMESPACE_URL, UUID, uuid5

from annotation.labels.records import TIMELESS, AttributeValue, Kind, Label, Source, ordered
from annotation.labels.schema import Attribute, AttributeType, LabelClass, LabelSchema


@dataclass(frozen=True, slots=True)
class Found:
    """A label in its source's own words. Times in ns on the episode clock; an outcome has none.

    ``uncertainty_ns`` is half a range, 0 where the source does not say.
    """

    position: int
    kind: Kind
    word: str
    start_ns: int | None
    end_ns: int | None
    text: str = ""
    effector: str = ""
    attributes: Mapping[str, AttributeValue] = field(default_factory=dict)
    uncertainty_ns: int = 0


def proposals(
    found: Iterable[Found], schema: LabelSchema, episode_id: str, duration_ns: int
) -> tuple[Label, ...]:
    """The labels that the schema has a class for, in time order; the others are left out.

    A word equal to a class's id or name, whatever its case and separators, is that class. A
    segment of another word becomes the schema's segment that carries a text, when there is exactly
    one: its text is the source's, or the word itself. An effector is the schema's of that id or
    name; attributes are kept as far as the class knows them with such values. Ids follow from the
    episode and the place in the source, so that taking over twice gives the same labels. Times
    outside the recording, and segments without an extent, are left out.
    """
    return ordered(
        label
        for one in found
        if (label := _proposal(one, schema, episode_id, duration_ns)) is not None
    )


def _proposal(found: Found, schema: LabelSchema, episode_id: str, duration_ns: int) -> Label | None:
    label_class, text = _class_of(found, schema)
    if label_class is None or not _in_time(found, duration_ns):
        return None
    timed = found.kind not in TIMELESS
    return Label(
        id=_label_id(episode_id, found.position),
        kind=found.kind,
        label_class=label_class.id,
        start_ns=found.start_ns if timed else None,
        end_ns=found.end_ns if found.kind in (Kind.SEGMENT, Kind.SPAN) else None,
        effector=_effector(found.effector, label_class, schema),
        text=text[: schema.rules.max_text_chars],
        attributes=_attributes(found, label_class),
        uncertainty_ns=found.uncertainty_ns if timed else 0,
        source=Source.PROPOSAL,
    )


def _class_of(found: Found, schema: LabelSchema) -> tuple[LabelClass | None, str]:
    """The class and the text that the label then carries."""
    classes = schema.classes_of(found.kind)
    word = _plain(found.word)
    for one in classes:
        if word in (_plain(one.id), _plain(one.name)):
            return one, found.text
    texts = [one for one in classes if one.requires_text]
    words = found.text or found.word
    if found.kind is Kind.SEGMENT and len(texts) == 1 and words:
        return texts[0], words
    return None, ""


def _effector(word: str, label_class: LabelClass, schema: LabelSchema) -> str:
    """The one named so; where the source says none and the schema knows only one, it is that."""
    for one in schema.effectors if word else ():
        if _plain(word) in (_plain(one.id), _plain(one.name)):
            return one.id
    only = len(schema.effectors) == 1
    return schema.effectors[0].id if label_class.requires_effector and only else ""


def _in_time(found: Found, duration_ns: int) -> bool:
    if found.kind in TIMELESS:
        return True
    start, end = found.start_ns, found.end_ns
    if start is None or not 0 <= start <= duration_ns:
        return False
    if found.kind is Kind.INSTANT:
        return True
    return end is not None and start < end <= duration_ns


def _attributes(found: Found, label_class: LabelClass) -> dict[str, AttributeValue]:
    """Those that the class has, with a value of their type."""
    return {
        key: value
        for key, value in found.attributes.items()
        if (attribute := label_class.attribute_for(key)) is not None
        and _is_value(attribute, value, found)
    }


def _is_value(attribute: Attribute, value: AttributeValue, found: Found) -> bool:
    match attribute.type:
        case AttributeType.CHOICE:
            return value in [choice.id for choice in attribute.choices]
        case AttributeType.BOOL:
            return isinstance(value, bool)
        case AttributeType.NUMBER:
            return _is_number(value, attribute.minimum, attribute.maximum)
        case AttributeType.TIME:
            start, end = found.start_ns, found.end_ns
            whole = isinstance(value, int) and start is not None
            return whole and _is_number(value, start, start if end is None else end)
        case _:
            return isinstance(value, str)


def _is_number(value: AttributeValue, least: float | None, most: float | None) -> bool:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    return (least is None or value >= least) and (most is None or value <= most)


def _label_id(episode_id: str, position: int) -> str:
    return str(uuid5(uuid5(NAMESPACE_URL, str(UUID(episode_id))), f"found:{position}"))


def _plain(word: str) -> str:
    return re.sub(r"[\s_\-]+", " ", word).strip().casefold()
