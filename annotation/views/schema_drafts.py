"""A label schema in the making: begun, its whole, as JSON, stored, dropped."""

import json
from dataclasses import replace

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from annotation.errors import SchemaDraftStale, SchemaVersionTaken
from annotation.forms_schema_parts import (
    NewClassForm,
    NewSchemaForm,
    RowsFormSet,
    WholeForm,
    effector_rows,
)
from annotation.forms_schemas import SchemaFileForm, SchemaForm
from annotation.labels.reading import SchemaMalformed
from annotation.labels.schema import Effector
from annotation.labels.schema import LabelSchema as Definition
from annotation.models import SchemaDraft
from annotation.selectors import schemas as selectors
from annotation.selectors.schema_drafts import draft_for, number_for, own_drafts
from annotation.services import schema_drafts as services
from annotation.services.schemas import as_next_version, require_may_edit
from episodes.views.people import person

REFUSED = (SchemaMalformed, SchemaDraftStale)


@require_POST
def draft_from(request: HttpRequest, schema_id: int) -> HttpResponse:
    """The next version of a schema, from this one."""
    require_may_edit(person(request))
    stored = selectors.schema_for(schema_id)
    definition = as_next_version(selectors.definition_of(stored))
    draft = services.begin_draft(actor=person(request), definition=definition, based_on=stored)
    return redirect("schema-draft", draft.pk)


@require_POST
def draft_new(request: HttpRequest) -> HttpResponse:
    """A schema from nothing."""
    require_may_edit(person(request))
    form = NewSchemaForm(request.POST)
    if not form.is_valid():
        return schema_list_page(request, new=form, status=400)
    definition = as_next_version(form.definition)
    draft = services.begin_draft(actor=person(request), definition=definition)
    return redirect("schema-draft", draft.pk)


@require_POST
def schema_import(request: HttpRequest) -> HttpResponse:
    """A file becomes a draft, to be looked at before it is stored."""
    require_may_edit(person(request))
    form = SchemaFileForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            draft = services.begin_draft(
                actor=person(request), definition=form.cleaned_data["file"]
            )
            return redirect("schema-draft", draft.pk)
        except SchemaMalformed as error:
            form.add_error("file", f"{error} {error.remedy}")
    return schema_list_page(request, file=form, status=400)


def schema_list_page(
    request: HttpRequest,
    *,
    file: SchemaFileForm | None = None,
    new: NewSchemaForm | None = None,
    status: int = 200,
) -> HttpResponse:
    facts = {
        "rows": selectors.schema_rows(),
        "drafts": own_drafts(person(request)),
        "form": file or SchemaFileForm(),
        "new": new or NewSchemaForm(),
    }
    return render(request, "annotation/schema_list.html", facts, status=status)


@require_http_methods(["GET", "POST"])
def draft(request: HttpRequest, draft_id: int) -> HttpResponse:
    """What the schema says beside its classes: names, rules, effectors."""
    found = draft_for(person(request), draft_id)
    given = request.POST or None
    definition = Definition.from_json(found.definition)
    form = WholeForm(given, schema=definition, version=found.version)
    rows = effector_rows(given, definition)
    if given and form.is_valid() and rows.is_valid() and _whole_kept(request, found, form, rows):
        messages.success(request, "Kept in the draft.")
        return redirect("schema-draft", found.pk)
    facts: dict[str, object] = {"form": form, "effectors": rows}
    return draft_page(request, found, "schema_draft", facts, here="whole")


def _whole_kept(
    request: HttpRequest, found: SchemaDraft, form: WholeForm, rows: RowsFormSet
) -> bool:
    effectors = tuple(Effector(row["id"], row["name"]) for row in rows.rows)

    def change(definition: Definition) -> Definition:
        changed = replace(form.applied(definition), effectors=effectors)
        return changed if changed.name == definition.name else as_next_version(changed)

    return kept(request, found, change, form)


@require_http_methods(["GET", "POST"])
def draft_json(request: HttpRequest, draft_id: int) -> HttpResponse:
    """The whole definition as text."""
    found = draft_for(person(request), draft_id)
    text = json.dumps(found.definition, indent=2, ensure_ascii=False)
    form = SchemaForm(request.POST or None, initial={"text": text, "version": found.version})
    if request.method == "POST" and form.is_valid() and kept(
        request, found, lambda _: form.definition, form
    ):  # fmt: skip
        messages.success(request, "Kept in the draft.")
        return redirect("schema-draft-json", found.pk)
    return draft_page(request, found, "schema_draft_json", {"form": form}, here="json")


@require_POST
def draft_store(request: HttpRequest, draft_id: int) -> HttpResponse:
    """The draft becomes a version."""
    found = draft_for(person(request), draft_id)
    number = number_for(Definition.from_json(found.definition))
    try:
        stored = services.store_draft(actor=person(request), draft_id=found.pk, number=number)
    except (SchemaMalformed, SchemaVersionTaken) as error:
        messages.error(request, f"{error} {error.remedy}")
        return redirect("schema-draft", found.pk)
    messages.success(request, f"{stored} is stored. Projects stay where they are.")
    return redirect("schema-detail", stored.pk)


@require_POST
def draft_drop(request: HttpRequest, draft_id: int) -> HttpResponse:
    services.drop_draft(actor=person(request), draft_id=draft_id)
    messages.success(request, "The draft is dropped.")
    return redirect("schema-list")


def kept(
    request: HttpRequest,
    found: SchemaDraft,
    change: services.Change,
    form: forms.Form,
) -> bool:
    """Whether the draft took the change; else the form says why not."""
    try:
        services.change_draft(
            actor=person(request),
            draft_id=found.pk,
            change=change,
            version=form.cleaned_data["version"],
        )
    except REFUSED as error:
        form.add_error(None, f"{error} {error.remedy}")
        return False
    return True


def draft_page(
    request: HttpRequest, found: SchemaDraft, name: str, facts: dict[str, object], *, here: str
) -> HttpResponse:
    """One of the draft's pages, beside the list of its classes and the preview."""
    definition = Definition.from_json(found.definition)
    frame: dict[str, object] = {
        "draft": found,
        "here": here,
        "number": number_for(definition),
        "groups": selectors.class_groups(definition),
        "new_class": NewClassForm(None, schema=definition),
        "definition": definition,
        "palettes": selectors.palettes(definition),
        "findings": selectors.findings_of(definition),
    }
    status = 400 if request.method == "POST" else 200
    return render(request, f"annotation/{name}.html", {**frame, **facts}, status=status)
