"""Forms of a schema's parts: the whole, its rows of effectors and choices, one class.

What they clean are the pure parts of ``annotation.labels.schema``, so that services take no forms.
"""

from dataclasses import replace
from typing import Any

from django import forms

from annotation.labels.palette import SHAPES
from annotation.labels.records import Kind
from annotation.labels.schema import (
    MAX_ID,
    Attribute,
    Effector,
    Goals,
    LabelClass,
    LabelSchema,
    SchemaRules,
)
from annotation.labels.schema_edit import id_for

MS = 1_000_000
KINDS = [
    (Kind.INSTANT.value, "Instant: a moment, such as a contact"),
    (Kind.SEGMENT.value, "Segment: an instruction or a phase"),
    (Kind.SPAN.value, "Span: a failure or a recovery"),
    (Kind.OUTCOME.value, "Outcome: how the episode ended"),
    (Kind.TAG.value, "Tag: what holds for the whole episode"),
]
GOALS = [
    (Goals.OPEN.value, "nothing"),
    (Goals.ALL.value, "all are met"),
    (Goals.SOME.value, "some are met"),
    (Goals.NONE.value, "none is met"),
]
LANGUAGES = [("", "None"), ("en", "English")]
_ID_HELP = "Letters, digits, - and _. Left empty it is made from the name; it never changes later."


def id_field(what: str) -> forms.RegexField:
    return forms.RegexField(
        r"^[A-Za-z0-9_-]+$",
        label="Id",
        required=False,
        max_length=MAX_ID,
        help_text=f"What exports call the {what}. {_ID_HELP}",
        error_messages={"invalid": "An id has letters, digits, - and _ only."},
    )


class NewSchemaForm(forms.Form):
    """A schema from nothing."""

    name = forms.SlugField(
        label="Name", max_length=80, help_text="Letters, digits, - and _; versions stand under it."
    )
    title = forms.CharField(label="Title", max_length=200, help_text="What people read.")

    @property
    def definition(self) -> LabelSchema:
        both = (Effector("right", "Right"), Effector("left", "Left"))
        given = self.cleaned_data
        return LabelSchema(given["name"], 1, given["title"], both, (), SchemaRules())


class WholeForm(forms.Form):
    """What a schema says beside its classes."""

    title = forms.CharField(label="Title", max_length=200)
    name = forms.SlugField(
        label="Name", max_length=80, help_text="Another name begins a schema of its own."
    )
    outcome_required = forms.BooleanField(
        label="An episode needs an outcome before it is handed in", required=False
    )
    min_segment_ms = forms.IntegerField(
        label="Shortest segment, ms", min_value=0, max_value=600_000
    )
    max_text_words = forms.IntegerField(
        label="Most words of an instruction", min_value=1, max_value=500
    )
    max_text_chars = forms.IntegerField(
        label="Most letters of a text", min_value=1, max_value=10_000
    )
    max_labels = forms.IntegerField(
        label="Most labels of an episode", min_value=1, max_value=100_000
    )
    language = forms.ChoiceField(
        label="Grammar that instructions are checked by", choices=LANGUAGES, required=False
    )
    verbs = forms.CharField(
        label="Verbs known beside the usual ones",
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Separated by commas.",
    )
    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)

    def __init__(self, given: Any, *, schema: LabelSchema, version: int) -> None:
        rules = schema.rules
        start = {
            "title": schema.title,
            "name": schema.name,
            "outcome_required": rules.outcome_required,
            "min_segment_ms": rules.min_segment_ns // MS,
            "max_text_words": rules.max_text_words,
            "max_text_chars": rules.max_text_chars,
            "max_labels": rules.max_labels,
            "language": rules.language,
            "verbs": ", ".join(rules.verbs),
            "version": version,
        }
        super().__init__(given, initial=start)

    def clean_verbs(self) -> tuple[str, ...]:
        words = self.cleaned_data["verbs"].replace("\n", ",").split(",")
        return tuple(dict.fromkeys(word.strip() for word in words if word.strip()))

    def applied(self, schema: LabelSchema) -> LabelSchema:
        given = dict(self.cleaned_data)
        del given["version"]
        named = {"title": given.pop("title"), "name": given.pop("name")}
        shortest = given.pop("min_segment_ms") * MS
        rules = replace(schema.rules, min_segment_ns=shortest, **given)
        return replace(schema, **named, rules=rules)


class EffectorForm(forms.Form):
    name = forms.CharField(label="Name", max_length=MAX_ID)
    id = id_field("effector")


class ChoiceForm(forms.Form):
    name = forms.CharField(label="Name", max_length=120)
    id = forms.CharField(label="Id", required=False, max_length=MAX_ID)
    group = forms.CharField(label="Heading", required=False, max_length=120)


class RowsFormSet(forms.BaseFormSet):  # type: ignore[type-arg]
    """Rows with a name and an id, in the order of their places; a row without a name is none."""

    def clean(self) -> None:
        given = [one.cleaned_data for one in self.forms if hasattr(one, "cleaned_data")]
        ids = [row["id"] for row in given if row.get("id") and not row.get("DELETE")]
        for place, name in enumerate(ids):
            if name in ids[:place]:
                raise forms.ValidationError(f"Two rows have the id {name}.")

    @property
    def rows(self) -> list[dict[str, Any]]:
        """What stays, each with an id."""
        if any(self.errors):
            return []
        kept = [
            one.cleaned_data for one in self.ordered_forms if not one.cleaned_data.get("DELETE")
        ]
        taken = {row["id"] for row in kept if row.get("id")}
        for row in kept:
            if not row.get("id"):
                row["id"] = id_for(row["name"], taken)
                taken.add(row["id"])
        return kept


EffectorRows: type[RowsFormSet] = forms.formset_factory(  # type: ignore[assignment]
    EffectorForm, formset=RowsFormSet, extra=2, can_order=True, can_delete=True, max_num=50
)
ChoiceRows: type[RowsFormSet] = forms.formset_factory(  # type: ignore[assignment]
    ChoiceForm, formset=RowsFormSet, extra=4, can_order=True, can_delete=True, max_num=400
)


def effector_rows(given: Any, schema: LabelSchema) -> RowsFormSet:
    start = [{"name": one.name, "id": one.id} for one in schema.effectors]
    return EffectorRows(given, initial=start, prefix="effectors")


def choice_rows(given: Any, attribute: Attribute | None) -> RowsFormSet:
    there = attribute.choices if attribute else ()
    start = [{"name": one.name, "id": one.id, "group": one.group} for one in there]
    return ChoiceRows(given, initial=start, prefix="choices")


class NewClassForm(forms.Form):
    kind = forms.ChoiceField(label="Kind", choices=KINDS)
    name = forms.CharField(label="Name", max_length=120)
    id = id_field("class")

    def __init__(self, given: Any, *, schema: LabelSchema) -> None:
        super().__init__(given, prefix="new")
        self.schema = schema

    def clean_id(self) -> str:
        chosen: str = self.cleaned_data["id"]
        if chosen in self.schema.class_by_id:
            raise forms.ValidationError(f"There is a class {chosen} already.")
        return chosen or id_for(self.cleaned_data.get("name", ""), self.schema.class_by_id)

    field_order = ("name", "kind", "id")

    @property
    def item(self) -> LabelClass:
        given = self.cleaned_data
        return LabelClass(id=given["id"], kind=Kind(given["kind"]), name=given["name"])


_TIMED = (Kind.INSTANT, Kind.SEGMENT, Kind.SPAN)
_LONG = (Kind.SEGMENT, Kind.SPAN)
# Fields that say nothing of a class of another kind.
_ONLY_OF = {
    "requires_effector": _TIMED,
    "requires_text": _LONG,
    "exclusive": _LONG,
    "tolerance_ms": _TIMED,
    "follows": _LONG,
    "next": _TIMED,
    "level": (Kind.SEGMENT,),
    "goals": (Kind.OUTCOME,),
}
_COLOUR = forms.TextInput(attrs={"type": "color"})


def _plain(number: float) -> float:
    """100, not 100.0, where it is whole."""
    return int(number) if number.is_integer() else number


class ClassForm(forms.Form):
    """One class; its id and kind stay what they are."""

    name = forms.CharField(label="Name", max_length=120)
    description = forms.CharField(
        label="What it is",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    key = forms.CharField(
        label="Key",
        required=False,
        max_length=12,
        help_text="A letter or digit, also with Shift: Shift+1.",
    )
    color = forms.RegexField(
        r"^#[0-9a-fA-F]{6}$", label="Colour on light", widget=_COLOUR, strip=True
    )
    color_dark = forms.RegexField(
        r"^#[0-9a-fA-F]{6}$", label="Colour on dark", widget=_COLOUR, strip=True
    )
    shape = forms.ChoiceField(
        label="Shape", choices=[(one, one.replace("_", " ")) for one in SHAPES]
    )
    tolerance_ms = forms.FloatField(
        label="Tolerance, ms",
        min_value=0,
        max_value=60_000,
        help_text="How far apart two marks may lie and still agree.",
    )
    requires_effector = forms.BooleanField(label="Needs an effector", required=False)
    requires_text = forms.BooleanField(label="Needs a text", required=False)
    exclusive = forms.BooleanField(
        label="An exclusive track: no two overlap within one effector", required=False
    )
    level = forms.IntegerField(
        label="Level",
        min_value=0,
        max_value=9,
        help_text="Segments lie inside one of the next higher level; 0 has none.",
    )
    follows = forms.ChoiceField(
        label="Comes after", required=False, help_text="Such a label has to start no later."
    )
    next = forms.ChoiceField(
        label="Usually followed by", required=False, help_text="What one key marks next."
    )
    goals = forms.ChoiceField(label="Says of the task's goals that", choices=GOALS, required=False)
    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)

    def __init__(self, given: Any, *, schema: LabelSchema, item: LabelClass, version: int) -> None:
        start = {name: getattr(item, name) for name in self.base_fields if hasattr(item, name)}
        start |= {"tolerance_ms": _plain(item.tolerance_ns / MS), "version": version}
        super().__init__(given, initial=start)
        self.item = item
        others = [(one.id, one.name) for one in schema.classes if one.id != item.id]
        for name in ("follows", "next"):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", "Nothing"), *others]
        for name, kinds in _ONLY_OF.items():
            if item.kind not in kinds:
                del self.fields[name]

    @property
    def changed_item(self) -> LabelClass:
        given = dict(self.cleaned_data)
        del given["version"]
        if "tolerance_ms" in given:
            given["tolerance_ns"] = round(given.pop("tolerance_ms") * MS)
        if "goals" in given:
            given["goals"] = Goals(given["goals"])
        return replace(self.item, **given)
