"""The form of one field of a class: what it asks for, and when."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms

from annotation.forms_schema_parts import id_field
from annotation.labels.reading import SchemaMalformed
from annotation.labels.schema import (
    Attribute,
    AttributeType,
    Choice,
    Condition,
    LabelClass,
    Per,
)
from annotation.labels.schema_edit import id_for

TYPES = [
    (AttributeType.CHOICE.value, "One of some choices"),
    (AttributeType.TEXT.value, "Text"),
    (AttributeType.BOOL.value, "Yes or no"),
    (AttributeType.NUMBER.value, "Number"),
    (AttributeType.TIME.value, "A time within the label"),
    (AttributeType.POINT.value, "A point in a camera's picture"),
]
PER = [
    (Per.LABEL.value, "once a label"),
    (Per.CAMERA.value, "for each camera"),
    (Per.GOAL.value, "for each goal of the task"),
]
NEVER, ALWAYS, WHEN = "never", "always", "when"
NEEDED = [
    (NEVER, "Never"),
    (ALWAYS, "Always, before the labels are handed in"),
    (WHEN, "When another field has one of the values below"),
]
OFFERED = [(ALWAYS, "Always"), (WHEN, "When another field has one of the values below")]


class AttributeForm(forms.Form):
    """One field of a class; its choices are a formset beside it."""

    name = forms.CharField(label="Name", max_length=120)
    id = id_field("field")
    type = forms.ChoiceField(label="What is asked for", choices=TYPES)
    per = forms.ChoiceField(label="Asked", choices=PER, required=False)
    unit = forms.CharField(label="Unit", required=False, max_length=20, help_text="Of a number.")
    minimum = forms.FloatField(label="Least", required=False, help_text="Of a number.")
    maximum = forms.FloatField(label="Greatest", required=False, help_text="Of a number.")
    required = forms.ChoiceField(
        label="Must be answered",
        widget=forms.RadioSelect,
    )
    required_when = forms.MultipleChoiceField(
        label="Must be answered when", required=False, widget=forms.CheckboxSelectMultiple
    )
    shown = forms.ChoiceField(
        label="Is offered",
        widget=forms.RadioSelect,
    )
    shown_when = forms.MultipleChoiceField(
        label="Is offered when", required=False, widget=forms.CheckboxSelectMultiple
    )
    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)

    def __init__(
        self, given: Any, *, item: LabelClass, attribute: Attribute | None, version: int
    ) -> None:
        super().__init__(given, initial=_start(attribute) | {"version": version})
        self.item, self.attribute = item, attribute
        before = list(_before(item, attribute))
        for name in ("required_when", "shown_when"):
            if not before:
                del self.fields[name]
                continue
            stored = getattr(attribute, name) if attribute else None
            field = self.fields[name]
            assert isinstance(field, forms.MultipleChoiceField)
            field.choices = [(one.name, _values(one, stored)) for one in before]
        if attribute is not None:
            del self.fields["id"]
        for name, choices in (("required", NEEDED), ("shown", OFFERED)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [(word, said) for word, said in choices if before or word != WHEN]

    def clean_id(self) -> str:
        taken = {one.id for one in self.item.attributes}
        chosen: str = self.cleaned_data["id"]
        if chosen in taken:
            raise forms.ValidationError(f"There is a field {chosen} already.")
        return chosen

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        least, greatest = found.get("minimum"), found.get("maximum")
        if least is not None and greatest is not None and least > greatest:
            self.add_error("maximum", "The greatest is less than the least.")
        for choice, name in (("required", "required_when"), ("shown", "shown_when")):
            chosen = found.get(name) or []
            if found.get(choice) == WHEN and not chosen:
                self.add_error(name, "Tick the values.")
            if len({_decoded(one)[0] for one in chosen}) > 1:
                self.add_error(name, "Tick values of one field only.")
        return found

    def built(self, choices: Iterable[Mapping[str, Any]]) -> Attribute:
        """Raises SchemaMalformed for a choice without choices."""
        given = self.cleaned_data
        kind = AttributeType(given["type"])
        rows = [Choice(row["id"], row["name"], row["group"]) for row in choices]
        if kind is AttributeType.CHOICE and not rows:
            raise SchemaMalformed(
                "There is nothing to choose from.",
                remedy="Write the choices into the rows below.",
                field="choices",
            )
        number = kind is AttributeType.NUMBER
        taken = {one.id for one in self.item.attributes}
        return Attribute(
            id=self.attribute.id if self.attribute else given["id"] or id_for(given["name"], taken),
            name=given["name"],
            type=kind,
            choices=tuple(rows) if kind is AttributeType.CHOICE else (),
            required=given["required"] == ALWAYS,
            per=Per(given["per"]),
            unit=given["unit"] if number else "",
            minimum=given["minimum"] if number else None,
            maximum=given["maximum"] if number else None,
            required_when=self._condition("required", "required_when"),
            shown_when=self._condition("shown", "shown_when"),
        )

    def _condition(self, choice: str, name: str) -> Condition | None:
        chosen = self.cleaned_data.get(name) or []
        if self.cleaned_data[choice] != WHEN or not chosen:
            return None
        pairs = [_decoded(one) for one in chosen]
        # "Any value" beside single ones is any value.
        anything = any(value is None for _, value in pairs)
        values = () if anything else tuple(value for _, value in pairs)
        return Condition(pairs[0][0], values)


def _start(attribute: Attribute | None) -> dict[str, Any]:
    if attribute is None:
        return {"required": NEVER, "shown": ALWAYS, "type": AttributeType.CHOICE.value}
    needed = ALWAYS if attribute.required else WHEN if attribute.required_when else NEVER
    return {
        "name": attribute.name,
        "type": attribute.type.value,
        "per": attribute.per.value,
        "unit": attribute.unit,
        "minimum": attribute.minimum,
        "maximum": attribute.maximum,
        "required": needed,
        "required_when": _encoded(attribute.required_when),
        "shown": WHEN if attribute.shown_when else ALWAYS,
        "shown_when": _encoded(attribute.shown_when),
    }


def _before(item: LabelClass, attribute: Attribute | None) -> Iterable[Attribute]:
    """What a condition may be about: fields that stand before and have one value a label."""
    for one in item.attributes:
        if attribute is not None and one.id == attribute.id:
            return
        if not one.per:
            yield one


def _values(attribute: Attribute, stored: Condition | None) -> list[tuple[str, str]]:
    known: list[tuple[object, str]] = [(None, "any value")]
    known += [(choice.id, choice.name) for choice in attribute.choices]
    if attribute.type is AttributeType.BOOL:
        known += [(True, "yes"), (False, "no")]
    if stored is not None and stored.attribute == attribute.id:
        there = {json.dumps(value) for value, _ in known}
        known += [(one, str(one)) for one in stored.values if json.dumps(one) not in there]
    return [(_code(attribute.id, value), name) for value, name in known]


def _encoded(condition: Condition | None) -> list[str]:
    if condition is None:
        return []
    return [_code(condition.attribute, value) for value in condition.values or (None,)]


def _code(attribute_id: str, value: object) -> str:
    return f"{attribute_id}={json.dumps(value)}"


def _decoded(code: str) -> tuple[str, Any]:
    name, _, value = code.partition("=")
    return name, json.loads(value)
