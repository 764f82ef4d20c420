"""Pages of access tokens and webhooks."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from annotation.errors import TokenNameTaken, TokenUnusable, WebhookRefused
from annotation.forms_programs import TokenForm, WebhookEventsForm, WebhookForm, WebhookStateForm
from annotation.models import Webhook
from annotation.selectors.programs import deliveries_of, tokens_of, webhook_for, webhooks_of
from annotation.selectors.projects import project_for
from annotation.services.tokens import create_token, revoke_token
from annotation.services.webhooks import (
    change_webhook,
    create_webhook,
    delete_webhook,
    ping_webhook,
    send_again,
)
from annotation.tasks import send_webhook_task
from episodes.tasks import handed_over
from episodes.views.people import person

PAGE = 50


@never_cache
@require_http_methods(["GET", "POST"])
def token_list(request: HttpRequest) -> HttpResponse:
    """One's own tokens; a new one's text is on the page that answers its making, never again."""
    form, text = TokenForm(request.POST or None), ""
    if form.is_valid():
        try:
            _, text = create_token(actor=person(request), **form.wanted)
            form = TokenForm()
        except (TokenNameTaken, TokenUnusable) as error:
            form.add_error(None, f"{error} {error.remedy}")
    facts = {"tokens": tokens_of(person(request)), "form": form, "text": text}
    return render(request, "annotation/tokens.html", facts, status=400 if form.errors else 200)


@require_POST
def token_revoke(request: HttpRequest, token_id: int) -> HttpResponse:
    revoke_token(actor=person(request), token_id=token_id)
    messages.success(request, "The token is revoked: it opens nothing any more.")
    return redirect("token-list")


@require_http_methods(["GET", "POST"])
def webhook_list(request: HttpRequest, project_id: int) -> HttpResponse:
    """A project's webhooks, and a new one."""
    project = project_for(request.user, project_id)
    rows = webhooks_of(request.user, project)
    form = WebhookForm(request.POST or None)
    if form.is_valid():
        try:
            made = create_webhook(actor=person(request), project=project, **form.cleaned_data)
            return redirect("webhook-detail", made.pk)
        except WebhookRefused as error:
            form.add_error("url", f"{error} {error.remedy}")
    facts = {"project": project, "rows": rows, "form": form}
    return render(request, "annotation/webhooks.html", facts, status=400 if form.errors else 200)


@never_cache
@require_GET
def webhook_detail(request: HttpRequest, webhook_id: int) -> HttpResponse:
    """Its secret, its events and its delivery log."""
    webhook = webhook_for(request.user, webhook_id)
    facts = {
        "webhook": webhook,
        "project": webhook.project,
        "form": WebhookEventsForm(initial={"events": webhook.events}),
        "page": Paginator(deliveries_of(webhook), PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "annotation/webhook.html", facts)


@require_POST
def webhook_events(request: HttpRequest, webhook_id: int) -> HttpResponse:
    form = WebhookEventsForm(request.POST)
    webhook = webhook_for(request.user, webhook_id)
    if form.is_valid():
        change_webhook(actor=person(request), webhook=webhook, **form.cleaned_data)
        return _done(request, webhook, "Saved.")
    return _done(request, webhook, "There is no such event; nothing was changed.")


@require_POST
def webhook_state(request: HttpRequest, webhook_id: int) -> HttpResponse:
    """Pause, or go on."""
    form = WebhookStateForm(request.POST)
    webhook = webhook_for(request.user, webhook_id)
    if not form.is_valid():
        return _done(request, webhook, "Say whether it is to be active or paused.")
    change_webhook(actor=person(request), webhook=webhook, state=form.cleaned_data["state"])
    return _done(request, webhook, f"The webhook is {form.cleaned_data['state'].label.lower()}.")


@require_POST
def webhook_secret(request: HttpRequest, webhook_id: int) -> HttpResponse:
    webhook = webhook_for(request.user, webhook_id)
    change_webhook(actor=person(request), webhook=webhook, new_secret=True)
    return _done(request, webhook, "There is a new secret; signatures are made with it from now.")


@require_POST
def webhook_ping(request: HttpRequest, webhook_id: int) -> HttpResponse:
    webhook = webhook_for(request.user, webhook_id)
    ping_webhook(actor=person(request), webhook=webhook)
    handed_over(lambda: send_webhook_task.delay(webhook.pk))
    return _done(request, webhook, "A test is on its way. Load the page again to see its answer.")


@require_POST
def webhook_again(request: HttpRequest, delivery_id: UUID) -> HttpResponse:
    delivery = send_again(actor=person(request), delivery_id=delivery_id)
    handed_over(lambda: send_webhook_task.delay(delivery.webhook_id))
    return _done(request, delivery.webhook, "It is sent again.")


@require_POST
def webhook_delete(request: HttpRequest, webhook_id: int) -> HttpResponse:
    webhook = webhook_for(request.user, webhook_id)
    delete_webhook(actor=person(request), webhook=webhook)
    messages.success(request, f"Nothing is sent to {webhook.url} any more.")
    return redirect("webhook-list", webhook.project_id)


def _done(request: HttpRequest, webhook: Webhook, said: str) -> HttpResponse:
    messages.success(request, said)
    return redirect("webhook-detail", webhook.pk)
