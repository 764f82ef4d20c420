"""Classes of a schema in the making, and their fields: one form each, with a preview beside it."""

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from annotation.forms_schema_field import AttributeForm
from annotation.forms_schema_parts import (
    ClassForm,
    NewClassForm,
    RowsFormSet,
    choice_rows,
)
from annotation.labels import schema_edit as edit
from annotation.labels.reading import SchemaMalformed
from annotation.labels.schema import Attribute, LabelClass
from annotation.labels.schema import LabelSchema as Definition
from annotation.models import SchemaDraft
from annotation.selectors import schemas as selectors
from annotation.selectors.schema_drafts import attribute_in, class_in, draft_for
from annotation.services.schema_drafts import change_draft
from annotation.views.schema_drafts import REFUSED, draft_page, kept
from episodes.views.people import person

BY = {"up": edit.UP, "down": edit.DOWN}


@require_POST
def class_add(request: HttpRequest, draft_id: int) -> HttpResponse:
    found = draft_for(person(request), draft_id)
    form = NewClassForm(request.POST, schema=Definition.from_json(found.definition))
    if form.is_valid():
        item = form.item
        if _changed(request, found, lambda one: edit.put_class(one, item)):
            return redirect("schema-draft-class", found.pk, item.id)
        return redirect("schema-draft", found.pk)
    return draft_page(request, found, "schema_draft_new_class", {"new_class": form}, here="new")


@require_http_methods(["GET", "POST"])
def class_edit(request: HttpRequest, draft_id: int, class_id: str) -> HttpResponse:
    found, definition, item = _class(request, draft_id, class_id)
    form = ClassForm(request.POST or None, schema=definition, item=item, version=found.version)
    if request.method == "POST" and form.is_valid():
        changed = form.changed_item
        if kept(request, found, lambda one: edit.put_class(one, changed), form):
            messages.success(request, f"{changed.name} is kept in the draft.")
            return redirect("schema-draft-class", found.pk, class_id)
    facts = {"form": form, "item": item, **_shown(definition, item)}
    return draft_page(request, found, "schema_draft_class", facts, here=class_id)


@require_POST
def class_preview(request: HttpRequest, draft_id: int, class_id: str) -> HttpResponse:
    """How the class looks as it is entered; nothing is kept."""
    found, definition, item = _class(request, draft_id, class_id)
    form = ClassForm(request.POST, schema=definition, item=item, version=found.version)
    shown = form.changed_item if form.is_valid() else item
    return _preview(request, definition, shown, [form])


@require_POST
def class_do(request: HttpRequest, draft_id: int, class_id: str) -> HttpResponse:
    """Up, down, or out of the draft."""
    found, _, item = _class(request, draft_id, class_id)
    action = request.POST.get("action", "")
    if action == "remove":
        if _changed(request, found, lambda one: edit.drop_class(one, class_id)):
            messages.success(request, f"{item.name} is taken out of the draft.")
        return redirect("schema-draft", found.pk)
    if action in BY:
        _changed(request, found, lambda one: edit.move_class(one, class_id, BY[action]))
    return redirect("schema-draft-class", found.pk, class_id)


@require_http_methods(["GET", "POST"])
def field_new(request: HttpRequest, draft_id: int, class_id: str) -> HttpResponse:
    return _field_page(request, draft_id, class_id, None)


@require_http_methods(["GET", "POST"])
def field_edit(request: HttpRequest, draft_id: int, class_id: str, field_id: str) -> HttpResponse:
    return _field_page(request, draft_id, class_id, field_id)


@require_POST
def field_preview(request: HttpRequest, draft_id: int, class_id: str) -> HttpResponse:
    """How the class asks for the field as it is entered; nothing is kept."""
    found, definition, item = _class(request, draft_id, class_id)
    attribute = _attribute(item, request.POST.get("field") or None)
    form, rows = _field_forms(request, found, item, attribute)
    shown = item
    if form.is_valid() and rows.is_valid():
        try:
            shown = edit.put_attribute(item, form.built(rows.rows))
        except SchemaMalformed as error:
            form.add_error(None, f"{error} {error.remedy}")
    return _preview(request, definition, shown, [form, *rows.forms])


@require_POST
def field_do(request: HttpRequest, draft_id: int, class_id: str, field_id: str) -> HttpResponse:
    """Up, down, or out of the class."""
    found, _, item = _class(request, draft_id, class_id)
    attribute, action = attribute_in(item, field_id), request.POST.get("action", "")

    def change(one: LabelClass) -> LabelClass:
        if action == "remove":
            return edit.drop_attribute(one, field_id)
        return edit.move_attribute(one, field_id, BY[action]) if action in BY else one

    if _changed(request, found, _within(class_id, change)) and action == "remove":
        messages.success(request, f"The field {attribute.name} is taken out of {item.name}.")
    return redirect("schema-draft-class", found.pk, class_id)


def _field_page(
    request: HttpRequest, draft_id: int, class_id: str, field_id: str | None
) -> HttpResponse:
    found, definition, item = _class(request, draft_id, class_id)
    attribute = _attribute(item, field_id)
    form, rows = _field_forms(request, found, item, attribute)
    if request.method == "POST" and form.is_valid() and rows.is_valid():

        def change(one: LabelClass) -> LabelClass:
            return edit.put_attribute(one, form.built(rows.rows))

        if kept(request, found, _within(class_id, change), form):
            messages.success(request, f"The field {form.cleaned_data['name']} is kept.")
            return redirect("schema-draft-class", found.pk, class_id)
    facts = {"form": form, "choices": rows, "item": item, "attribute": attribute}
    facts |= _shown(definition, item)
    return draft_page(request, found, "schema_draft_field", facts, here=class_id)


def _class(
    request: HttpRequest, draft_id: int, class_id: str
) -> tuple[SchemaDraft, Definition, LabelClass]:
    found = draft_for(person(request), draft_id)
    definition = Definition.from_json(found.definition)
    return found, definition, class_in(definition, class_id)


def _attribute(item: LabelClass, field_id: str | None) -> Attribute | None:
    return attribute_in(item, field_id) if field_id else None


def _field_forms(
    request: HttpRequest, found: SchemaDraft, item: LabelClass, attribute: Attribute | None
) -> tuple[AttributeForm, RowsFormSet]:
    given = request.POST or None
    form = AttributeForm(given, item=item, attribute=attribute, version=found.version)
    return form, choice_rows(given, attribute)


def _within(
    class_id: str, change: Callable[[LabelClass], LabelClass]
) -> Callable[[Definition], Definition]:
    return lambda one: edit.put_class(one, change(class_in(one, class_id)))


def _changed(
    request: HttpRequest, found: SchemaDraft, change: Callable[[Definition], Definition]
) -> bool:
    """The same for what has no form: a message says why not."""
    try:
        change_draft(actor=person(request), draft_id=found.pk, change=change)
    except REFUSED as error:
        messages.error(request, f"{error} {error.remedy}")
        return False
    return True


def _preview(
    request: HttpRequest, definition: Definition, item: LabelClass, given: list[forms.BaseForm]
) -> HttpResponse:
    facts = {
        "item": item,
        **_shown(edit.put_class(definition, item), item),
        "problems": [
            f"{form.fields[name].label if name in form.fields else ''} {error}".strip()
            for form in given
            for name, errors in form.errors.items()
            for error in errors
        ],
    }
    return render(request, "annotation/schema_class_preview.html", facts)


def _shown(definition: Definition, item: LabelClass) -> dict[str, object]:
    """The class among its kind."""
    return {
        "palettes": selectors.palettes(definition, of=item.kind),
        "findings": selectors.findings_of(definition),
    }
