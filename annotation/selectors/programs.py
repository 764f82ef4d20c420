"""Access tokens and webhooks, as their pages show them."""

from django.contrib.auth.models import User
from django.db.models import Count, Max, Q, QuerySet

from annotation.errors import NotFound
from annotation.models import ApiToken, Project, Webhook, WebhookDelivery
from annotation.roles import Role, require_role
from episodes.access import Viewer

_STATE = WebhookDelivery.State


def tokens_of(user: User) -> QuerySet[ApiToken]:
    """The person's tokens that were not revoked, newest first."""
    return ApiToken.objects.filter(user=user, revoked_at=None)


def webhooks_of(user: Viewer, project: Project) -> QuerySet[Webhook]:
    """With counts of deliveries by state, and the last arrival. Raises NotFound, RoleMissing."""
    require_role(user, project, Role.MANAGER)
    return Webhook.objects.filter(project=project).annotate(
        waiting=Count("deliveries", filter=Q(deliveries__state=_STATE.WAITING)),
        failed=Count("deliveries", filter=Q(deliveries__state=_STATE.FAILED)),
        arrived=Count("deliveries", filter=Q(deliveries__state=_STATE.DELIVERED)),
        last_arrival=Max("deliveries__delivered_at"),
    )


def webhook_for(user: Viewer, webhook_id: int) -> Webhook:
    """Raises NotFound to outsiders, RoleMissing to who is no manager."""
    webhook = Webhook.objects.select_related("project").filter(pk=webhook_id).first()
    if webhook is None:
        raise NotFound(
            "There is no such webhook.", remedy="Look at the webhooks on the project's page."
        )
    require_role(user, webhook.project, Role.MANAGER)
    return webhook


def deliveries_of(webhook: Webhook) -> QuerySet[WebhookDelivery]:
    return WebhookDelivery.objects.filter(webhook=webhook).order_by("-created_at")
