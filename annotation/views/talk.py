"""Pages of comments and notifications."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from annotation.errors import CommentRefused
from annotation.forms_talk import CommentForm, DigestForm, ResolveForm
from annotation.models import Notification
from annotation.selectors.comments import place_for, talk_on, threads_of
from annotation.selectors.notifications import digest_choice, notifications_of, unread_count
from annotation.services.comments import change_comment, post_comment
from annotation.services.notify import choose_digest, mark_read
from episodes.views.people import person

PAGE = 50


@never_cache
@require_http_methods(["GET", "POST"])
def place_comments(request: HttpRequest, project_id: int, episode_id: UUID) -> HttpResponse:
    """What is said about an episode in a project, and an answer to it."""
    place = place_for(person(request), project_id, episode_id)
    form = CommentForm(request.POST or None)
    if form.is_valid():
        fields = dict(form.cleaned_data)
        try:
            post_comment(
                actor=person(request),
                project_id=project_id,
                episode_id=episode_id,
                comment_id=fields.pop("id"),
                **fields,
            )
            return redirect("place-comments", project_id, episode_id)
        except CommentRefused as error:
            form.add_error("text", f"{error} {error.remedy}")
    talk = talk_on(person(request), place)
    rows = [(thread, CommentForm.fresh(thread.root.pk)) for thread in threads_of(talk)]
    own = place.assignments.filter(annotator=person(request)).first()
    facts = {
        "place": place,
        "rows": rows,
        "form": form if form.errors else CommentForm.fresh(),
        "talk": talk,
        "own": own,
        "own_set": own.annotation_sets.order_by("-round").first() if own else None,
    }
    return render(request, "annotation/comments.html", facts, status=400 if form.errors else 200)


@require_POST
def comment_resolve(request: HttpRequest, project_id: int, episode_id: UUID) -> HttpResponse:
    place_for(person(request), project_id, episode_id)
    form = ResolveForm(request.POST)
    if form.is_valid():
        change_comment(
            actor=person(request),
            comment_id=form.cleaned_data["comment"],
            resolved=form.cleaned_data["resolved"],
        )
    return redirect("place-comments", project_id, episode_id)


@never_cache
@require_http_methods(["GET", "POST"])
def notification_list(request: HttpRequest) -> HttpResponse:
    """One's own notifications, newest first, and how often they come by e-mail."""
    choice = digest_choice(person(request))
    form = DigestForm(request.POST or None, initial={"every": choice.every})
    if form.is_valid():
        choose_digest(actor=person(request), every=form.cleaned_data["every"])
        messages.success(request, "Saved.")
        return redirect("notification-list")
    rows = Paginator(notifications_of(person(request)), PAGE).get_page(request.GET.get("page"))
    facts = {"page": rows, "form": form, "unread": unread_count(person(request))}
    return render(
        request, "annotation/notifications.html", facts, status=400 if form.errors else 200
    )


@require_POST
def notification_read(request: HttpRequest) -> HttpResponse:
    """All of one's own."""
    mark_read(actor=person(request))
    return redirect("notification-list")


@require_POST
def notification_open(request: HttpRequest, notification_id: int) -> HttpResponse:
    """To what it tells of; it is read from then on."""
    one = get_object_or_404(Notification, pk=notification_id, user=person(request))
    mark_read(actor=person(request), notification_id=one.pk)
    return redirect(one.url)


@never_cache
@require_GET
def notification_count(request: HttpRequest) -> HttpResponse:
    """The bell's number, asked for by the page once it is there."""
    return render(request, "annotation/bell_count.html", {"unread": unread_count(person(request))})
