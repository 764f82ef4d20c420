"""Forms of gold: make it, correct it, decide a dispute, change what it is used for."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms

from annotation.models import AnnotationSet, Project, ProjectEpisode
from review.models import GoldDispute, GoldItem
from review.selectors.gold_item import GoldLabelRow, answer_name
from review.services.gold_disputes import ACTIONS, KEEP, MOVE, OPTIONAL

REASON = {"required": "Say why: it is kept with the item."}


def reason_field(label: str = "Why") -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages=REASON,
    )


class MakeGoldForm(forms.Form):
    """Which of the episode's sets is right, and whose sets show how far experts lie apart."""

    answer = forms.ChoiceField(
        label="Whose labels become the gold",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose whose labels are right."},
    )
    experts = forms.MultipleChoiceField(
        label="Experts, whose distances set tolerances",
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="Two or more. None of them is measured by this gold.",
    )
    reason = forms.CharField(
        label="Where it comes from",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, sets: Sequence[AnnotationSet], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sets = {str(one.pk): one for one in sets}
        choices = [(pk, answer_name(one)) for pk, one in self.sets.items()]
        own = [(pk, answer_name(one)) for pk, one in self.sets.items() if one.assignment_id]
        for name, found in (("answer", choices), ("experts", own)):
            field = self.fields[name]
            if isinstance(field, forms.ChoiceField):
                field.choices = found

    @property
    def chosen(self) -> AnnotationSet:
        return self.sets[self.cleaned_data["answer"]]

    @property
    def chosen_experts(self) -> list[AnnotationSet]:
        return [self.sets[pk] for pk in self.cleaned_data["experts"]]


class FindEpisodeForm(forms.Form):
    key = forms.CharField(label="Episode key", max_length=200)


class AnswerForm(FindEpisodeForm):
    key = forms.CharField(
        label="Label an episode as an expert",
        max_length=200,
        help_text="Its key. It opens in the editor without anybody's answer, and takes no "
        "annotator's place.",
    )


def place_by_key(project: Project, form: FindEpisodeForm) -> ProjectEpisode | None:
    """The episode that a form asks for; the form says when there is none."""
    if not form.is_valid():
        return None
    places = project.project_episodes.select_related("project", "episode")
    found = places.filter(episode__key=form.cleaned_data["key"]).order_by("position").first()
    if found is None:
        form.add_error("key", "No episode of this project has that key: look at its episodes.")
    return found


class DisputeForm(forms.Form):
    decision = forms.ChoiceField(
        label="What is to be done",
        widget=forms.RadioSelect,
        choices=[
            (GoldDispute.Decision.KEPT.value, "Keep it: the gold is right"),
            (GoldDispute.Decision.RETIRED.value, "Retire it: scores stay, nobody gets it any more"),
            (GoldDispute.Decision.AMBIGUOUS.value, "Ambiguous: it is not scored any more"),
        ],
        error_messages={"required": "Choose what is to be done."},
    )
    reason = reason_field()


class StateForm(forms.Form):
    state = forms.ChoiceField(
        label="Use it for",
        choices=[
            (GoldItem.State.ACTIVE.value, "Measuring people"),
            (GoldItem.State.RETIRED.value, "Nothing more: retired, its scores stay"),
            (GoldItem.State.AMBIGUOUS.value, "Nothing: ambiguous, its scores are dropped"),
        ],
    )
    reason = reason_field()


class CorrectForm(forms.Form):
    """A field for each label, or another whole answer; what else is accepted."""

    answer = forms.ChoiceField(
        label="Take another answer in place of these labels",
        required=False,
        help_text="Left empty, what is chosen for each label holds.",
    )
    alternatives = forms.MultipleChoiceField(
        label="Accept as well",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Whole answers that are right too: each person is compared with the closest.",
    )
    reason = reason_field("What was wrong")

    def __init__(
        self,
        *args: Any,
        rows: Sequence[GoldLabelRow],
        sets: Sequence[AnnotationSet],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.sets = {str(one.pk): one for one in sets}
        choices = [(pk, answer_name(one)) for pk, one in self.sets.items()]
        for name, found in (("answer", [("", "None"), *choices]), ("alternatives", choices)):
            field = self.fields[name]
            if isinstance(field, forms.ChoiceField):
                field.choices = found
        for row in rows:
            self.fields[f"label_{row.label.id}"] = forms.ChoiceField(
                label=row.name,
                required=False,
                initial=OPTIONAL if row.optional else KEEP,
                choices=[
                    (value, name)
                    for value, name in ACTIONS
                    if (value != MOVE or (row.movable and row.times_ns))
                    and (value != OPTIONAL or row.can_be_optional)
                ],
            )

    @property
    def actions(self) -> dict[str, str]:
        return {
            name.removeprefix("label_"): value
            for name, value in self.cleaned_data.items()
            if name.startswith("label_") and value
        }

    @property
    def chosen(self) -> AnnotationSet | None:
        return self.sets.get(self.cleaned_data["answer"])

    @property
    def also(self) -> list[AnnotationSet]:
        return [self.sets[str(UUID(pk))] for pk in self.cleaned_data["alternatives"]]
