"""The guideline of a project: read, written, compared, acknowledged, with its pictures."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from annotation.errors import PictureRefused, StaleProject
from annotation.forms import CompareForm, GuidelineForm, PictureForm
from annotation.models import Project
from annotation.roles import Role, at_least, role_in
from annotation.selectors import guideline_pages as selectors
from annotation.selectors.guidelines import current_guideline, unread_guidelines
from annotation.services.guidelines import acknowledge_guideline, publish_guideline
from annotation.services.pictures import add_picture
from annotation.views.project_frame import opened, project_page
from episodes.api.sending import Sendable, send
from episodes.services.stills import still_at
from episodes.views.people import person

JPEG = "image/jpeg"


@require_GET
def project_guideline(request: HttpRequest, project_id: int) -> HttpResponse:
    """The newest version, or with ?version= another one."""
    project = opened(request, project_id)
    versions = list(selectors.versions_of(project))
    wanted = request.GET.get("version", "")
    shown = versions[0] if versions else None
    if wanted.isdecimal():
        shown = selectors.version_of(project, int(wanted))
    manages = at_least(role_in(request.user, project), Role.MANAGER)
    facts = {
        "versions": versions,
        "shown": shown,
        "html": selectors.html_of(project, shown.text) if shown else "",
        "unread": unread_guidelines(person(request)).filter(project=project).first(),
        "readers": selectors.readers_of(project) if manages else [],
    }
    return project_page(request, project, "guideline", facts, here="guideline")


@require_http_methods(["GET", "POST"])
def project_guideline_edit(request: HttpRequest, project_id: int) -> HttpResponse:
    """Write the next version, look at it, publish it."""
    project = opened(request, project_id, Role.MANAGER)
    if request.method == "GET":
        present = current_guideline(project)
        start = {
            "text": present.text if present else "",
            "based_on": present.number if present else 0,
        }
        return _edit_page(request, project, GuidelineForm(initial=start))
    form = GuidelineForm(request.POST)
    if form.is_valid() and "preview" not in request.POST:
        try:
            publish_guideline(actor=person(request), project=project, **form.cleaned_data)
            messages.success(request, "The guideline is published.")
            return redirect("project-guideline", project.pk)
        except StaleProject as error:
            form.add_error(None, f"{error} {error.remedy}")
            form.data = {**request.POST.dict(), "based_on": str(error.fields["version"])}
    return _edit_page(request, project, form)


@require_POST
def project_guideline_read(request: HttpRequest, project_id: int) -> HttpResponse:
    """Acknowledge the version that one has read."""
    project = opened(request, project_id)
    number = request.POST.get("number", "")
    version = selectors.version_of(project, int(number) if number.isdecimal() else 0)
    acknowledge_guideline(actor=person(request), version=version)
    messages.success(request, f"You have confirmed version {version.number}.")
    return redirect("queue")


@require_GET
def project_guideline_compare(request: HttpRequest, project_id: int) -> HttpResponse:
    """What changed from one version to another."""
    project = opened(request, project_id)
    versions = list(selectors.versions_of(project))
    form = CompareForm(request.GET or None, numbers=[version.number for version in versions])
    before, after = form.chosen
    texts = {version.number: version.text for version in versions}
    lines = selectors.text_diff(texts.get(before, ""), texts.get(after, ""))
    facts = {"form": form, "before": before, "after": after, "lines": lines}
    return project_page(request, project, "guideline_compare", facts, here="guideline")


@require_http_methods(["GET", "POST"])
def guideline_pictures(request: HttpRequest, project_id: int) -> HttpResponse:
    """The project's pictures, and one more."""
    project = opened(request, project_id, Role.MANAGER)
    form = PictureForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            picture = add_picture(
                actor=person(request), project=project, filename=file.name, content=file.read()
            )
            messages.success(request, f"Show it with ![what it shows]({picture.name})")
            return redirect("guideline-pictures", project.pk)
        except PictureRefused as error:
            form.add_error("file", f"{error} {error.remedy}")
    facts = {"form": form, "pictures": selectors.pictures_of(project)}
    status = 400 if form.errors else 200
    return project_page(
        request, project, "guideline_pictures", facts, here="guideline", status=status
    )


@require_GET
def guideline_picture(request: HttpRequest, project_id: int, name: str) -> HttpResponseBase:
    project = opened(request, project_id)
    picture = selectors.picture_of(project, name)
    answer = send(request, Sendable(picture.path, picture.media_type, picture.sha256))
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


@require_GET
def guideline_still(
    request: HttpRequest, project_id: int, stream_id: UUID, at_ns: int
) -> HttpResponseBase:
    """The frame of a clip."""
    stream = selectors.still_stream(opened(request, project_id), stream_id)
    still = still_at(stream, at_ns)
    return send(request, Sendable(still.name, JPEG, still.tag, lasting=False))


def _edit_page(request: HttpRequest, project: Project, form: GuidelineForm) -> HttpResponse:
    text = form["text"].value() or ""
    facts = {
        "form": form,
        "html": selectors.html_of(project, text),
        "pictures": selectors.pictures_of(project),
        "next": int(form["based_on"].value() or 0) + 1,
    }
    status = 400 if form.errors else 200
    return project_page(request, project, "guideline_edit", facts, here="guideline", status=status)
