"""Label schemas: listed, looked at, written as a new version, moved to."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from annotation.errors import StaleProject
from annotation.forms_schemas import MoveForm, SchemaForm
from annotation.labels.reading import SchemaMalformed
from annotation.labels.schema import LabelSchema as Definition
from annotation.roles import Role
from annotation.selectors import schemas as selectors
from annotation.services import schemas as services
from annotation.views.project_frame import opened, project_page
from annotation.views.schema_drafts import schema_list_page
from episodes.views.people import person


@require_GET
def schema_list(request: HttpRequest) -> HttpResponse:
    services.require_may_edit(person(request))
    return schema_list_page(request)


@require_GET
def schema_detail(request: HttpRequest, schema_id: int) -> HttpResponse:
    services.require_may_edit(person(request))
    stored = selectors.schema_for(schema_id)
    projects, others = selectors.visible_projects_under(person(request), stored)
    facts = {**_shown(selectors.definition_of(stored)), "stored": stored}
    facts |= {"projects": projects, "others": others}
    return render(request, "annotation/schema_detail.html", facts)


@require_GET
def schema_export(request: HttpRequest, schema_id: int) -> HttpResponse:
    services.require_may_edit(person(request))
    stored = selectors.schema_for(schema_id)
    answer = JsonResponse(stored.definition, json_dumps_params={"indent": 2})
    name = f"{stored.name}-{stored.version}.json"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@require_POST
def schema_preview(request: HttpRequest) -> HttpResponse:
    """What htmx shows beside the text while it is being written."""
    services.require_may_edit(person(request))
    form = SchemaForm(request.POST)
    facts = _shown(form.definition) if form.is_valid() else {"form": form}
    return render(request, "annotation/schema_preview.html", facts)


@require_POST
def schema_delete(request: HttpRequest, schema_id: int) -> HttpResponse:
    services.delete_schema(actor=person(request), schema_id=schema_id)
    messages.success(request, "The version is deleted.")
    return redirect("schema-list")


@require_GET
def project_schema(request: HttpRequest, project_id: int) -> HttpResponse:
    """What the project's labels can be."""
    project = opened(request, project_id)
    facts = _shown(selectors.definition_of(project.schema))
    facts |= {"stored": project.schema, "others": list(selectors.other_versions(project))}
    return project_page(request, project, "project_schema", facts, here="schema")


@require_http_methods(["GET", "POST"])
def project_schema_move(request: HttpRequest, project_id: int, schema_id: int) -> HttpResponse:
    """What would change, and then the change."""
    project = opened(request, project_id, Role.MANAGER)
    new = selectors.schema_for(schema_id)
    move = selectors.move_of(project, new)
    form = MoveForm(request.POST or None, move=move, initial={"version": project.version})
    if request.method == "POST" and form.is_valid():
        try:
            moved = services.move_project(
                actor=person(request),
                project=project,
                schema=new,
                mapping=form.mapping,
                version=form.cleaned_data["version"],
            )
            messages.success(request, _said(str(new), moved))
            return redirect("project-schema", project.pk)
        except (StaleProject, SchemaMalformed) as error:
            form.add_error(None, f"{error} {error.remedy}")
    facts = {"move": move, "form": form, "new": new}
    status = 400 if form.errors else 200
    return project_page(request, project, "schema_move", facts, here="schema", status=status)


def _shown(definition: Definition) -> dict[str, object]:
    return {
        "definition": definition,
        "palettes": selectors.palettes(definition),
        "findings": selectors.findings_of(definition),
    }


def _said(name: str, moved: services.Moved) -> str:
    said = f"New work is labelled under {name}. Drafts that went along: {moved.drafts}."
    return f"{said} Drafts that stay under their version: {moved.kept}." if moved.kept else said
