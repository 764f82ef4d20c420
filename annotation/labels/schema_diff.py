"""Two versions of a schema: what is different, and labels carried from one to the other. Pure.

For all schemas a and labels valid under it, ``migrated(labels, a, {})`` is the labels themselves,
and whatever ``migrated`` gives back breaks no rule of the new schema that the old did not.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from annotation.labels.records import Label
from annotation.labels.schema import Attribute, AttributeType, LabelClass, LabelSchema

# What a class is mapped to when drafts with it are to stay as they are.
KEEP = ""


@dataclass(frozen=True, slots=True)
class ClassChange:
    """A class that is in both versions; each entry of ``says`` is one difference."""

    id: str
    says: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SchemaDiff:
    added: tuple[LabelClass, ...]
    removed: tuple[LabelClass, ...]
    renamed: tuple[tuple[LabelClass, LabelClass], ...]
    changed: tuple[ClassChange, ...]
    effectors_added: tuple[str, ...]
    effectors_removed: tuple[str, ...]

    @property
    def empty(self) -> bool:
        return not any(getattr(self, name) for name in self.__slots__)


def schema_diff(old: LabelSchema, new: LabelSchema) -> SchemaDiff:
    """Classes are the same by their id; renamed is another name under the same id."""
    both = [(item, new.class_by_id[item.id]) for item in old.classes if item.id in new.class_by_id]
    changes = (ClassChange(before.id, _changes(before, after)) for before, after in both)
    return SchemaDiff(
        added=tuple(item for item in new.classes if item.id not in old.class_by_id),
        removed=tuple(item for item in old.classes if item.id not in new.class_by_id),
        renamed=tuple((before, after) for before, after in both if before.name != after.name),
        changed=tuple(change for change in changes if change.says),
        effectors_added=_missing(new, old),
        effectors_removed=_missing(old, new),
    )


def targets_of(item: LabelClass, new: LabelSchema) -> tuple[LabelClass, ...]:
    """Classes of the new version that labels of a class could become: those of its kind."""
    return new.classes_of(item.kind)


def unmapped(
    used: Iterable[str], old: LabelSchema, new: LabelSchema, mapping: Mapping[str, str]
) -> list[str]:
    """Used classes that the new version does not have as they are, and nobody has decided on."""
    return [name for name in sorted(set(used)) if not _same(name, old, new) and name not in mapping]


def migrated(
    labels: Iterable[Label], new: LabelSchema, mapping: Mapping[str, str]
) -> tuple[Label, ...] | None:
    """The labels under the new version; None when they have to stay under their own.

    A class that is not mapped stays what it is. Nothing is ever left out: where a class is mapped
    to KEEP or is not there, or the new class has no place for an attribute or an effector of a
    label, the whole set stays.
    """
    carried = []
    for label in labels:
        name = mapping.get(label.label_class, label.label_class)
        item = new.class_by_id.get(name)
        if item is None or item.kind != label.kind or not _holds(item, new, label):
            return None
        carried.append(replace(label, label_class=name))
    return tuple(carried)


def _holds(item: LabelClass, new: LabelSchema, label: Label) -> bool:
    if label.effector and label.effector not in new.effector_by_id:
        return False
    for key, value in label.attributes.items():
        if value is None or value == "":
            continue
        attribute = item.attribute_for(key)
        if attribute is None:
            return False
        known = {choice.id for choice in attribute.choices}
        if attribute.type == AttributeType.CHOICE and value not in known:
            return False
    return True


def _same(name: str, old: LabelSchema, new: LabelSchema) -> bool:
    before, after = old.class_by_id.get(name), new.class_by_id.get(name)
    return after is not None and (before is None or before.kind == after.kind)


def _changes(before: LabelClass, after: LabelClass) -> tuple[str, ...]:
    says = []
    if before.kind != after.kind:
        says.append(f"is now of the kind {after.kind.value}, was {before.kind.value}")
    for name, words in (
        ("requires_effector", "an effector"),
        ("requires_text", "a text"),
    ):
        says += _became(getattr(before, name), getattr(after, name), words)
    if before.exclusive != after.exclusive:
        says.append("must not overlap any more" if after.exclusive else "may overlap now")
    if before.tolerance_ns != after.tolerance_ns:
        says.append(
            f"has a tolerance of {after.tolerance_ns / 1_000_000:g} ms, "
            f"was {before.tolerance_ns / 1_000_000:g} ms"
        )
    if before.key != after.key:
        says.append(f"has the key {after.key or 'none'}, was {before.key or 'none'}")
    if before.level != after.level:
        says.append(f"is of level {after.level}, was {before.level}")
    return (*says, *_attribute_changes(before, after))


def _became(before: bool, after: bool, words: str) -> list[str]:
    if before == after:
        return []
    return [f"now needs {words}" if after else f"no longer needs {words}"]


def _attribute_changes(before: LabelClass, after: LabelClass) -> list[str]:
    old = {attribute.id: attribute for attribute in before.attributes}
    new = {attribute.id: attribute for attribute in after.attributes}
    says = [f"has lost the field {old[name].name}" for name in old if name not in new]
    for name, attribute in new.items():
        if name not in old:
            asked = ", required" if attribute.required else ""
            says.append(f"has the new field {attribute.name}{asked}")
        else:
            says += _field_changes(old[name], attribute)
    return says


def _field_changes(before: Attribute, after: Attribute) -> list[str]:
    says = _became(before.required, after.required, f"the field {after.name}")
    if before.type != after.type:
        says.append(f"field {after.name} is now of type {after.type.value}")
    if before.required_when != after.required_when or before.shown_when != after.shown_when:
        says.append(f"field {after.name} is asked for in other cases")
    gone = {choice.id for choice in before.choices} - {choice.id for choice in after.choices}
    if gone:
        says.append(f"field {after.name} has lost {', '.join(sorted(gone))}")
    return says


def _missing(here: LabelSchema, there: LabelSchema) -> tuple[str, ...]:
    return tuple(item.name for item in here.effectors if item.id not in there.effector_by_id)
