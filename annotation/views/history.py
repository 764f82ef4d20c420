"""What happened in a project, in sentences, and the same as CSV."""

from collections.abc import Iterator
from itertools import islice
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_GET

from annotation.csv_rows import csv_answer
from annotation.forms_projects import HistoryFilterForm
from annotation.models import AuditEntry
from annotation.roles import Role
from annotation.selectors import project_pages as selectors
from annotation.views.project_frame import opened, project_page

PAGE = 50
CHUNK = 500
HEADER = ("at", "who", "user_name", "what", "field", "before", "after", "note", "action", "subject")


@require_GET
def project_history(request: HttpRequest, project_id: int) -> HttpResponse:
    project = opened(request, project_id, Role.MANAGER)
    form = HistoryFilterForm(request.GET, actions=selectors.actions_of(project))
    page = Paginator(selectors.project_entries(project, form.asked), PAGE).get_page(
        request.GET.get("page")
    )
    facts = {
        "form": form,
        "page": page,
        "lines": selectors.history_lines(page.object_list),
        "query": urlencode(form.asked),
    }
    return project_page(request, project, "project_history", facts, here="history")


@require_GET
def project_history_csv(request: HttpRequest, project_id: int) -> HttpResponseBase:
    """A line a change of a field; an entry without one has a line of its own."""
    project = opened(request, project_id, Role.MANAGER)
    form = HistoryFilterForm(request.GET, actions=selectors.actions_of(project))
    entries = selectors.project_entries(project, form.asked)
    return csv_answer(f"history-{project.name}", HEADER, _rows(entries.iterator(CHUNK)))


def _rows(entries: Iterator[AuditEntry]) -> Iterator[tuple[object, ...]]:
    while chunk := list(islice(entries, CHUNK)):
        for line in selectors.history_lines(chunk):
            entry = line.entry
            who = entry.actor.username if entry.actor else ""
            start = (entry.created_at, line.who, who, line.said)
            end = (line.note, entry.action, entry.subject)
            for change in line.changes:
                yield (*start, change.name, change.before, change.after, *end)
            if not line.changes:
                yield (*start, "", "", "", *end)
