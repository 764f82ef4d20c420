"""Which comparisons the agreement page shows."""

from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.db.models import Q

from annotation.models import AcceptancePolicy, LabelSchema, Project, ProjectEpisode
from annotation.selectors.queue_counts import queued_tasks
from episodes.models import Task
from review.forms_days import DAY, DaysForm
from review.models import Batch, ScoredPair
from review.selectors.agreement_wanted import Wanted

_Choices = list[tuple[str, str]]
_PURPOSES = [("", "Production and evaluation"), *ProjectEpisode.Purpose.choices]


class AgreementForm(DaysForm):
    gold = forms.TypedChoiceField(
        label="Compared",
        required=False,
        coerce=bool,
        empty_value=None,
        choices=[("", "with each other"), ("on", "with gold")],
    )
    label_type = forms.ChoiceField(
        label="Labels", required=False, choices=AcceptancePolicy.LabelType.choices
    )
    task = forms.TypedChoiceField(label="Task", required=False, coerce=int, empty_value=None)
    batch = forms.TypedChoiceField(label="Batch", required=False, coerce=int, empty_value=None)
    person = forms.TypedChoiceField(label="Annotator", required=False, coerce=int, empty_value=None)
    other = forms.TypedChoiceField(label="and", required=False, coerce=int, empty_value=None)
    first = forms.DateField(label="Handed in from", required=False, widget=DAY)
    last = forms.DateField(label="to", required=False, widget=DAY)
    schema = forms.TypedChoiceField(label="Schema", required=False, coerce=int, empty_value=None)
    purpose = forms.ChoiceField(label="Episodes", required=False, choices=_PURPOSES)
    steady = forms.BooleanField(
        label="Leave out what was compared across versions or before a clock was corrected",
        required=False,
    )

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.project = project
        for name, choices in _choices(project).items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", "All"), *choices]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if found.get("other") and not found.get("person"):
            self.add_error("other", "Choose the first of both annotators as well.")
        if found.get("other") and found.get("other") == found.get("person"):
            self.add_error("other", "Nobody is compared with themself: choose another person.")
        return found

    def wanted(self) -> Wanted:
        """What is understood of the filter; the rest is said in the form and not applied."""
        self.is_valid()
        given = {
            name: value for name, value in self.cleaned_data.items() if name not in self.errors
        }
        given["gold"] = bool(given.get("gold"))
        people = tuple(pk for pk in (given.pop("person", None), given.pop("other", None)) if pk)
        if len(people) == 2 and given.get("gold"):
            people = people[:1]
        return Wanted(self.project.pk, people=people, **given)


def _choices(project: Project) -> dict[str, _Choices]:
    """Five queries, however many there are of each."""
    tasks = Task.objects.filter(pk__in=queued_tasks(project.pk))
    pairs = ScoredPair.objects.filter(project_episode__project=project).order_by()
    people = User.objects.filter(
        Q(pk__in=pairs.values("first_annotator")) | Q(pk__in=pairs.values("second_annotator"))
    )
    schemas = LabelSchema.objects.filter(pk__in=pairs.values("schema"))
    names: _Choices = [
        (str(one.pk), one.get_full_name() or one.username) for one in people.order_by("username")
    ]
    return {
        "task": [(str(one.pk), one.text) for one in tasks.order_by("text")],
        "batch": [
            (str(one.pk), one.name) for one in Batch.objects.filter(project=project).order_by("-pk")
        ],
        "person": names,
        "other": names,
        "schema": [(str(one.pk), f"{one.name} {one.version}") for one in schemas],
    }


class RunForm(forms.Form):
    note = forms.CharField(
        label="What it is for",
        required=False,
        max_length=200,
        help_text="So that you find it again, for instance before the release.",
    )
