"""Webhooks of a project and their deliveries, for programs; managers."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.idempotency import Idempotent
from annotation.api.serializers import ProblemAnswer
from annotation.api.views import actor, parsed
from annotation.models import Webhook, WebhookDelivery
from annotation.selectors.programs import deliveries_of, webhook_for, webhooks_of
from annotation.selectors.projects import project_for
from annotation.services.webhooks import (
    change_webhook,
    create_webhook,
    delete_webhook,
    ping_webhook,
    send_again,
)
from annotation.webhook_events import EVENTS
from episodes.api.paging import Pages, asked


class WebhookAnswer(serializers.ModelSerializer[Webhook]):
    class Meta:
        model = Webhook
        fields = ("id", "project", "url", "secret", "events", "state", "paused_because")


class WebhookNew(serializers.Serializer[Any]):
    url = serializers.CharField(max_length=500)
    events = serializers.ListField(child=serializers.ChoiceField(EVENTS), default=list)


class WebhookChange(serializers.Serializer[Any]):
    events = serializers.ListField(child=serializers.ChoiceField(EVENTS), required=False)
    state = serializers.ChoiceField(Webhook.State.choices, required=False)
    new_secret = serializers.BooleanField(default=False)


class DeliveryAnswer(serializers.ModelSerializer[WebhookDelivery]):
    class Meta:
        model = WebhookDelivery
        fields = (
            *("id", "webhook", "event", "state", "attempts", "next_attempt_at", "status"),
            *("answer", "took_ms", "created_at", "delivered_at"),
        )


class WebhookFilter(serializers.Serializer[Any]):
    state = serializers.ChoiceField(Webhook.State.choices, required=False)


class DeliveryFilter(serializers.Serializer[Any]):
    state = serializers.ChoiceField(WebhookDelivery.State.choices, required=False)
    event = serializers.CharField(required=False)


@extend_schema(parameters=[WebhookFilter])
class WebhookList(generics.ListAPIView[Webhook], Idempotent):
    """The webhooks of a project."""

    serializer_class = WebhookAnswer
    pagination_class = Pages
    ordering = ("pk",)
    queryset = Webhook.objects.none()

    def get_queryset(self) -> QuerySet[Webhook]:
        project = project_for(self.request.user, self.kwargs["project_id"])
        found = webhooks_of(self.request.user, project)
        return found.filter(**asked(WebhookFilter, self.request))

    @extend_schema(request=WebhookNew, responses={201: WebhookAnswer, 400: ProblemAnswer})
    def post(self, request: Request, project_id: int) -> Response:
        """Send events to an address from now on."""
        project = project_for(request.user, project_id)
        webhooks_of(request.user, project)
        made = create_webhook(actor=actor(request), project=project, **parsed(WebhookNew, request))
        return Response(WebhookAnswer(made).data, status=status.HTTP_201_CREATED)


class WebhookOne(APIView):
    @extend_schema(operation_id="webhooks_retrieve", responses=WebhookAnswer)
    def get(self, request: Request, webhook_id: int) -> Response:
        """One webhook."""
        return Response(WebhookAnswer(webhook_for(request.user, webhook_id)).data)

    @extend_schema(request=WebhookChange, responses=WebhookAnswer)
    def patch(self, request: Request, webhook_id: int) -> Response:
        """Choose events, pause or go on, or make a new secret."""
        webhook = webhook_for(request.user, webhook_id)
        fields = parsed(WebhookChange, request)
        if "state" in fields:
            fields["state"] = Webhook.State(fields["state"])
        changed = change_webhook(actor=actor(request), webhook=webhook, **fields)
        return Response(WebhookAnswer(changed).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, webhook_id: int) -> Response:
        """Remove it with its log."""
        delete_webhook(actor=actor(request), webhook=webhook_for(request.user, webhook_id))
        return Response(status=status.HTTP_204_NO_CONTENT)


@extend_schema(parameters=[DeliveryFilter])
class WebhookDeliveries(generics.ListAPIView[WebhookDelivery], Idempotent):
    """What was sent to a webhook, newest first."""

    serializer_class = DeliveryAnswer
    pagination_class = Pages
    ordering = ("-created_at", "pk")
    queryset = WebhookDelivery.objects.none()

    def get_queryset(self) -> QuerySet[WebhookDelivery]:
        found = deliveries_of(webhook_for(self.request.user, self.kwargs["webhook_id"]))
        return found.filter(**asked(DeliveryFilter, self.request))

    @extend_schema(request=None, responses={201: DeliveryAnswer})
    def post(self, request: Request, webhook_id: int) -> Response:
        """Send a test."""
        webhook = webhook_for(request.user, webhook_id)
        made = ping_webhook(actor=actor(request), webhook=webhook)
        return Response(DeliveryAnswer(made).data, status=status.HTTP_201_CREATED)


class WebhookAgain(Idempotent):
    @extend_schema(request=None, responses=DeliveryAnswer)
    def post(self, request: Request, delivery_id: UUID) -> Response:
        """Send a delivery again."""
        return Response(
            DeliveryAnswer(send_again(actor=actor(request), delivery_id=delivery_id)).data
        )
