"""Forms of the project pages."""

from typing import Any

from django import forms
from django.contrib.auth.models import User

from annotation.models import Project
from annotation.roles import Role
from annotation.selectors.projects import addable_datasets, managed_projects
from episodes.access import Viewer
from episodes.filter_forms import SelectionForm
from episodes.models import Dataset

# Beyond this the numbers stop meaning anything; nobody labels an episode twenty times by intent.
MOST_OVERLAP = 10
MOST_GUIDELINE = 50_000
TAKE_OUT = "none"


class ProjectSettingsForm(forms.Form):
    overlap = forms.IntegerField(
        label="Annotators an episode",
        min_value=1,
        max_value=MOST_OVERLAP,
        initial=2,
        help_text="Agreement can be measured from two on.",
    )


class ProjectForm(ProjectSettingsForm):
    name = forms.CharField(label="Name", max_length=200)
    guideline = forms.CharField(
        label="Guideline",
        required=False,
        max_length=MOST_GUIDELINE,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="What annotators read first: what counts as a grasp, when a failure starts.",
    )

    field_order = ("name", "overlap", "guideline")


class GuidelineForm(forms.Form):
    """The next version of a guideline, written from version ``based_on``."""

    text = forms.CharField(
        label="Guideline",
        required=False,
        max_length=MOST_GUIDELINE,
        widget=forms.Textarea(attrs={"rows": 12}),
        help_text="What annotators read first: what counts as a grasp, when a failure starts.",
    )
    summary = forms.CharField(label="What changed", required=False, max_length=300)
    must_acknowledge = forms.BooleanField(
        label="Annotators confirm that they have read it", required=False
    )
    based_on = forms.IntegerField(min_value=0, widget=forms.HiddenInput)


class AddEpisodesForm(forms.Form):
    dataset = forms.ModelChoiceField(queryset=Dataset.objects.none(), label="Dataset")

    def __init__(self, *args: Any, viewer: Viewer, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["dataset"]
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = addable_datasets(viewer, project)


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
