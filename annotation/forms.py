"""Forms of the project pages."""

from typing import Any

from django import forms
from django.contrib.auth.models import User

from annotation.models import Project
from annotation.roles import Role
from annotation.selectors.projects import managed_projects
from episodes.access import Viewer
from episodes.filter_forms import SelectionForm

MOST_GUIDELINE = 50_000
TAKE_OUT = "none"


class GuidelineForm(forms.Form):
    """The next version of a guideline, written from version ``based_on``."""

    text = forms.CharField(
        label="Guideline",
        required=False,
        max_length=MOST_GUIDELINE,
        widget=forms.Textarea(attrs={"rows": 22, "class": "mono"}),
        help_text="Markdown. What annotators read first: what counts as a grasp, when a failure "
        "starts.",
    )
    summary = forms.CharField(label="What changed", required=False, max_length=300)
    must_acknowledge = forms.BooleanField(
        label="Annotators confirm that they have read it", required=False
    )
    based_on = forms.IntegerField(min_value=0, widget=forms.HiddenInput)


class PictureForm(forms.Form):
    file = forms.FileField(
        label="Picture",
        help_text="PNG, JPEG or WebP, at most 5 MB. Its file name is how the guideline shows it.",
        widget=forms.ClearableFileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
    )


class CompareForm(forms.Form):
    """Two versions, the newest and the one before unless others are asked for."""

    before = forms.TypedChoiceField(label="From version", coerce=int)
    after = forms.TypedChoiceField(label="To version", coerce=int)

    def __init__(self, given: Any, *, numbers: list[int]) -> None:
        newest = numbers[0] if numbers else 0
        start = {"before": numbers[1] if len(numbers) > 1 else newest, "after": newest}
        super().__init__(given, initial=start)
        for name in ("before", "after"):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [(number, str(number)) for number in numbers]

    @property
    def chosen(self) -> tuple[int, int]:
        found = self.cleaned_data if self.is_valid() else self.initial
        return found["before"], found["after"]


class TakeForm(SelectionForm):
    """Episodes of the episode list, and the project that they are to be added to."""

    project = forms.ModelChoiceField(
        queryset=Project.objects.none(),
        error_messages={
            "required": "Choose the project to add to.",
            "invalid_choice": "You do not manage that project.",
        },
    )

    def __init__(self, *args: Any, viewer: Viewer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["project"]
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = managed_projects(viewer)


class MemberForm(forms.Form):
    """Somebody by user name, and the role they are to have."""

    user = forms.ModelChoiceField(
        label="User name",
        queryset=User.objects.filter(is_active=True),
        to_field_name="username",
        widget=forms.TextInput(attrs={"autocapitalize": "none", "autocomplete": "off"}),
        error_messages={"invalid_choice": "There is no active account of this user name."},
    )
    role = forms.ChoiceField(choices=[*Role.choices, (TAKE_OUT, "Take out of the project")])

    @property
    def chosen_role(self) -> Role | None:
        value = self.cleaned_data["role"]
        return None if value == TAKE_OUT else Role(value)
