"""Forms of the workbench: a consensus begun or taken back, and how episodes are reviewed."""

import uuid
from typing import Any

from django import forms

from review.models import Adjudication, ReviewPolicy
from review.selectors.episode import EpisodeReview


class BeginForm(forms.Form):
    """How a consensus begins, and of whose labels."""

    method = forms.ChoiceField(label="Begin with", widget=forms.RadioSelect)
    annotation_sets = forms.MultipleChoiceField(
        label="Of whose labels",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Left empty everybody's.",
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    request_id = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, review: EpisodeReview, **kwargs: Any) -> None:
        start = {"version": review.version, "request_id": uuid.uuid4()}
        # Other forms of the page have fields of the same names.
        super().__init__(*args, **{"initial": start, "auto_id": "begin_%s", **kwargs})
        method = Adjudication.Method
        several = len(review.annotators) > 1
        offered = [method.REVIEWER, method.QUORUM, method.SUGGESTED] if several else []
        quorum = review.policy.quorum_percent
        names = {
            method.QUORUM: f"By quorum of {quorum} %, at the median time",
            method.SUGGESTED: f"By quorum of {quorum} %, what misses it as proposals",
        }
        fields = self.fields
        choices = [(one.value, names.get(one, one.label)) for one in (*offered, method.COPY)]
        _choose(fields["method"], choices)
        _choose(fields["annotation_sets"], [(one.id, one.name) for one in review.annotators])
        fields["method"].initial = choices[0][0]
        if not several:
            fields["annotation_sets"].initial = [one.id for one in review.annotators]


def _choose(field: forms.Field, choices: list[tuple[str, str]]) -> None:
    if isinstance(field, forms.ChoiceField):
        field.choices = choices


class UndoForm(forms.Form):
    """Why a consensus that stood does not any more."""

    reason = forms.CharField(
        label="What was wrong with it",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Say what was wrong with it."},
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    request_id = forms.UUIDField(widget=forms.HiddenInput)

    @classmethod
    def about(cls, version: int) -> "UndoForm":
        start = {"version": version, "request_id": uuid.uuid4()}
        return cls(initial=start, auto_id="undo_%s")


class ReviewPolicyForm(forms.Form):
    blind = forms.BooleanField(
        label="Blind: reviewers see no names until an episode is decided", required=False
    )
    repeat_percent = forms.IntegerField(
        label="Episodes that come again unmarked, %",
        min_value=0,
        max_value=20,
        help_text="Of what each reviewer approves; 0 for none, 5 to 10 is usual.",
    )
    quorum_percent = forms.IntegerField(
        label="Quorum of a consensus, %",
        min_value=51,
        max_value=100,
        help_text="Of the annotators. 60: both of two, two of three, three of four or five.",
    )

    @classmethod
    def of(cls, policy: ReviewPolicy) -> "ReviewPolicyForm":
        names = ("blind", "repeat_percent", "quorum_percent")
        return cls(initial={name: getattr(policy, name) for name in names})
