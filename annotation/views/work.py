"""The annotator's pages: where work begins, what waits, the next episode, the editor."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from annotation.errors import GuidelineUnread
from annotation.selectors.editor import annotate_payload
from annotation.selectors.guidelines import unread_guidelines
from annotation.selectors.projects import landing, project_for
from annotation.selectors.queue import work_of
from annotation.selectors.stages import stages_of
from annotation.services.claim_next import claim_next
from annotation.services.own import own_assignment
from annotation.services.release import release
from episodes.views.people import person


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Go to where this person's work begins."""
    return redirect(landing(person(request)))


@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """A person's own work in all their projects."""
    user = person(request)
    stages = stages_of(user)
    work = [(item, stages.get(item.project.pk)) for item in work_of(user)]
    facts = {"work": work, "unread": unread_guidelines(user)}
    return render(request, "annotation/queue.html", facts)


@never_cache
@require_http_methods(["GET", "POST"])
def next_episode(request: HttpRequest, project_id: int) -> HttpResponse:
    """Claim and open; asking twice resumes. A link (such as after a log-in) claims nothing."""
    project = project_for(request.user, project_id)
    if request.method == "GET":
        return redirect("queue")
    try:
        claim = claim_next(actor=person(request), project=project)
    except GuidelineUnread as error:
        messages.warning(request, str(error))
        return redirect("project-guideline", project.pk)
    if claim is None:
        messages.info(request, f"Nothing is left for you in {project.name}.")
        return redirect("queue")
    return redirect("annotate", claim.assignment.pk)


@require_POST
def give_back(request: HttpRequest, assignment_id: UUID) -> HttpResponse:
    """Free the slot of an episode that one does not want to finish."""
    release(actor=person(request), assignment_id=assignment_id)
    messages.info(request, "The episode is back in the queue for somebody else.")
    return redirect("queue")


@never_cache
@require_GET
def annotate(request: HttpRequest, assignment_id: UUID) -> HttpResponse:
    """The editor on one's own assignment; read-only once it is handed in."""
    assignment = own_assignment(person(request), assignment_id)
    payload = annotate_payload(person(request), assignment)
    return render(request, "annotation/editor.html", {"payload": payload})
