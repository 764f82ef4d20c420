"""Forms of access tokens and webhooks."""

from datetime import UTC, datetime, time
from typing import Any

from django import forms

from annotation.models import ApiToken, Webhook
from annotation.webhook_events import EVENTS


class TokenForm(forms.Form):
    name = forms.CharField(label="Name", max_length=80, help_text="What it is for: nightly export.")
    scopes = forms.MultipleChoiceField(
        label="Scopes",
        choices=ApiToken.Scope.choices,
        initial=[ApiToken.Scope.READ],
        widget=forms.CheckboxSelectMultiple,
    )
    expires_on = forms.DateField(
        label="Ends on",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="The end of that day, UTC. Without a day it goes on until you revoke it.",
    )

    @property
    def wanted(self) -> dict[str, Any]:
        day = self.cleaned_data["expires_on"]
        return {
            "name": self.cleaned_data["name"],
            "scopes": [ApiToken.Scope(value) for value in self.cleaned_data["scopes"]],
            "expires_at": datetime.combine(day, time.max, tzinfo=UTC) if day else None,
        }


class WebhookEventsForm(forms.Form):
    events = forms.MultipleChoiceField(
        label="Events",
        choices=EVENTS,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="None chosen: every event of the project.",
    )


class WebhookForm(WebhookEventsForm):
    url = forms.CharField(
        label="Address",
        max_length=500,
        widget=forms.URLInput(attrs={"placeholder": "https://example.com/touchline"}),
    )
    field_order = ("url", "events")


class WebhookStateForm(forms.Form):
    state = forms.TypedChoiceField(choices=Webhook.State.choices, coerce=Webhook.State)
