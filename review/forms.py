"""Forms of the review pages. Hidden fields make a verdict once only and never on an older state."""

import uuid
from collections.abc import Iterable
from typing import Any

from django import forms

from episodes.formats.registry import WRITERS
from review.models import Batch
from review.selectors.episode import EpisodeReview
from review.selectors.lanes import Lane

MOST_EPISODES = 10_000


class BatchForm(forms.Form):
    name = forms.CharField(
        label="Name", required=False, max_length=200, help_text="Left empty it gets a number."
    )
    limit = forms.IntegerField(
        label="Episodes at most",
        required=False,
        min_value=1,
        max_value=MOST_EPISODES,
        help_text="Left empty all that are ready.",
    )


class VerdictForm(forms.Form):
    """What every verdict carries: the state it was given on, and an id of its own."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    request_id = forms.UUIDField(widget=forms.HiddenInput)

    @classmethod
    def about(cls, review: EpisodeReview, **start: Any) -> "VerdictForm":
        """An empty form on the episode as it stands."""
        initial = {"version": review.version, "request_id": uuid.uuid4(), **start}
        return cls(lanes=review.annotators, initial=initial)

    def __init__(self, *args: Any, lanes: Iterable[Lane], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choices = [(one.id, one.name) for one in lanes]


class ApproveForm(VerdictForm):
    annotation_set = forms.ChoiceField(label="Whose labels stand", widget=forms.RadioSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["annotation_set"]
        if isinstance(field, forms.ChoiceField):
            field.choices = self.choices


class ReturnForm(VerdictForm):
    annotation_sets = forms.MultipleChoiceField(
        label="Whose labels go back",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one annotator."},
    )
    comment = forms.CharField(
        label="What is to be done differently",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Verdicts on labels go along as a list; left empty they are the comment.",
    )

    def __init__(self, *args: Any, marked: Iterable[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.marked = frozenset(marked)
        field = self.fields["annotation_sets"]
        if isinstance(field, forms.MultipleChoiceField):
            field.choices = self.choices

    def clean(self) -> dict[str, Any] | None:
        """Without a word on its labels nobody knows what is to be done again."""
        given = super().clean() or self.cleaned_data
        silent = set(given.get("annotation_sets", ())) - self.marked
        if silent and not (given.get("comment") or "").strip():
            self.add_error("comment", "Say what the annotator is to do differently.")
        return given


class ReleaseForm(forms.Form):
    """Which approved batches go into a release, and in which format."""

    batches = forms.ModelMultipleChoiceField(
        label="Approved batches",
        queryset=Batch.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one batch."},
    )
    format = forms.ChoiceField(
        label="Format",
        choices=[(writer.id, writer.title) for writer in WRITERS.values()],
        help_text="LeRobot datasets keep their videos untouched in LeRobot's formats.",
    )

    def __init__(self, *args: Any, approved: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["batches"]
        if isinstance(field, forms.ModelMultipleChoiceField):
            field.queryset = approved
