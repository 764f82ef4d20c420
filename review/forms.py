"""Forms of the review pages. Hidden fields make a verdict once only and never on an older state."""

import uuid
from collections.abc import Iterable
from typing import Any

from django import forms

from annotation.models import AnnotationSet
from episodes.formats.registry import WRITERS
from review.models import Batch, BatchItem
from review.selectors.sets import name_of

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
    def about(cls, item: BatchItem, sets: Iterable[AnnotationSet], **start: Any) -> "VerdictForm":
        """An empty form on the item as it stands."""
        return cls(
            sets=sets, initial={"version": item.version, "request_id": uuid.uuid4(), **start}
        )

    def __init__(self, *args: Any, sets: Iterable[AnnotationSet], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choices = [(str(one.pk), name_of(one)) for one in sets]


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
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say what the annotator is to do differently."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["annotation_sets"]
        if isinstance(field, forms.MultipleChoiceField):
            field.choices = self.choices


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
