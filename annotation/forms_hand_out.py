"""Forms of handing out by hand: skips, decisions about them, standings, taking back."""

from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.db.models import QuerySet

from annotation.models import Membership, Project, Skip, SkipDecision

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
_SHORT = forms.TextInput(attrs={"maxlength": 500})


def people_of(project: Project) -> QuerySet[User]:
    """Active members, by name."""
    members = Membership.objects.filter(project=project).order_by()
    return User.objects.filter(is_active=True, pk__in=members.values("user")).order_by("username")


class PersonField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A member of the project, by user name."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            User.objects.none(),
            to_field_name="username",
            error_messages={"invalid_choice": "Nobody of this name is in the project."},
            **options,
        )

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.get_full_name() or obj.username)


class SkipForm(forms.Form):
    reason = forms.ChoiceField(
        label="Why do you not label it?", choices=Skip.Reason.choices, widget=forms.RadioSelect
    )
    text = forms.CharField(
        label="In a few words", required=False, max_length=500, widget=forms.Textarea({"rows": 3})
    )

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if found.get("reason") == Skip.Reason.OTHER and not found.get("text", "").strip():
            self.add_error("text", "Say in a few words what is wrong.")
        return found


class SkipFilterForm(forms.Form):
    flagged = forms.BooleanField(label="Only those to decide on", required=False)
    reason = forms.ChoiceField(
        label="Reason", required=False, choices=[("", "Any"), *Skip.Reason.choices]
    )
    who = forms.CharField(label="Skipped by (user name)", required=False, max_length=150)

    @property
    def asked(self) -> dict[str, Any]:
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class SkipDecisionForm(forms.Form):
    place = forms.IntegerField(widget=forms.HiddenInput)
    decision = forms.ChoiceField(choices=SkipDecision.Decision.choices)
    hand_to = PersonField(label="Person", required=False, empty_label="Choose a person")
    until = forms.DateField(label="Until", required=False, widget=DAY)
    note = forms.CharField(label="Note", required=False, widget=_SHORT, max_length=500)

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["hand_to"]
        assert isinstance(field, PersonField)
        field.queryset = people_of(project)

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if found.get("decision") == SkipDecision.Decision.HANDED and not found.get("hand_to"):
            self.add_error("hand_to", "Choose who is to get the episode.")
        return found

    @property
    def said(self) -> str:
        return " ".join(str(error) for errors in self.errors.values() for error in errors)


class StandingForm(forms.Form):
    standing = forms.ChoiceField(label="Standing", choices=Membership.Standing.choices)
    reason = forms.CharField(
        label="Why",
        max_length=500,
        widget=forms.Textarea({"rows": 2}),
        help_text="The person reads it, and the history keeps it.",
    )


class TakeBackForm(forms.Form):
    reason = forms.CharField(label="Why", required=False, max_length=500, widget=_SHORT)
