"""How a new batch is made up and judged, how it is signed off, what follows a failed sample."""

from collections.abc import Sequence
from typing import Any

from django import forms

from annotation.models import Project, ProjectEpisode
from annotation.selectors.queue_counts import queued_tasks
from episodes.models import Task
from review.forms import MOST_EPISODES
from review.models import Sample
from review.selectors.acceptance_plans import Choice, Offer
from review.selectors.batches import Ready

ALL = "all"
_Purpose = ProjectEpisode.Purpose
_DELIVERED = [(one.value, one.label) for one in (_Purpose.PRODUCTION, _Purpose.EVALUATION)]


class ReadyForm(forms.Form):
    """Which finished episodes go in; what is not understood is said and not applied."""

    task = forms.TypedChoiceField(label="Task", required=False, coerce=int, empty_value=None)
    purpose = forms.ChoiceField(
        label="Purpose", required=False, choices=[("", "All that are delivered"), *_DELIVERED]
    )
    limit = forms.IntegerField(
        label="Episodes at most", required=False, min_value=1, max_value=MOST_EPISODES
    )

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        tasks = Task.objects.filter(pk__in=queued_tasks(project.pk))
        field = self.fields["task"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "All"), *((one.pk, one.text) for one in tasks.order_by("text"))]

    def asked(self) -> tuple[Ready, int | None]:
        self.is_valid()
        given = self.cleaned_data
        return Ready(given.get("task"), given.get("purpose", "")), given.get("limit")


class NewBatchForm(forms.Form):
    name = forms.CharField(
        label="Name", required=False, max_length=200, help_text="Left empty it gets a number."
    )
    plan = forms.ChoiceField(label="How it is judged", widget=forms.RadioSelect)

    def __init__(self, *args: Any, offers: Sequence[Offer], **kwargs: Any) -> None:
        wanted = next((one.choice.key for one in offers if one.recommended), ALL)
        whole = " So few that only looking at all of them proves the bound." * (wanted == ALL)
        super().__init__(*args, **{"initial": {"plan": wanted}, **kwargs})
        field = self.fields["plan"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            (
                ALL,
                (
                    "Every episode. A reviewer looks at each of them; nothing is taken on "
                    f"trust, and nothing is left to chance.{whole}"
                ),
            ),
            *((one.choice.key, _said(one)) for one in offers),
        ]

    @property
    def choice(self) -> Choice | None:
        key = self.cleaned_data["plan"]
        return None if key == ALL else Choice.from_key(key)


def _said(one: Offer) -> str:
    kind = Sample.Plan(one.choice.kind).label
    asked = " This is what the policy asks for." if one.recommended else ""
    return f"{kind}. {one.says}{asked}"


class SignOffForm(forms.Form):
    remark = forms.CharField(
        label="Remark",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Kept with your name. For instance why an exception is acceptable.",
    )


class FollowUpForm(forms.Form):
    follow_up = forms.ChoiceField(
        label="How the batch goes on",
        widget=forms.RadioSelect,
        choices=[
            (
                Sample.FollowUp.REWORK.value,
                (
                    "Rework. Every episode that is not approved goes back to its annotators "
                    "with your reason; a fresh sample follows, and nothing of this one counts "
                    "for it."
                ),
            ),
            (
                Sample.FollowUp.FULL.value,
                (
                    "Full review. Reviewers look at every episode; the batch is signed off "
                    "once all are approved."
                ),
            ),
        ],
    )
    reason = forms.CharField(
        label="Reason",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say what went wrong; annotators read it."},
    )
