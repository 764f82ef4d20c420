"""Forms of the import pages."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from django import forms

from episodes.errors import AnswerInvalid, AnswersNeeded
from episodes.formats.questions import UNKNOWN, checked_answers
from episodes.models import ImportRun
from episodes.records import Answers, Question, QuestionKind
from episodes.selectors.imports import importable_sources


class ImportForm(forms.Form):
    """A dataset on the server. The list is what the import roots hold at this moment."""

    path = forms.ChoiceField(
        label="Folder or file on the server",
        error_messages={
            "invalid_choice": "“%(value)s” is not among the datasets that lie in the import "
            "folders now. Choose one of the list, or have the operator put it there."
        },
    )
    name = forms.CharField(
        label="Dataset name",
        required=False,
        max_length=200,
        help_text="The source's name when left empty. A dataset of that name grows by what is new.",
    )
    mode = forms.ChoiceField(
        label="Videos",
        choices=ImportRun.Mode.choices,
        initial=ImportRun.Mode.COPY,
        required=False,
        help_text="Left where they are, they must not be changed, moved or deleted afterwards.",
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        sources = [(str(path), label(path)) for path in importable_sources()]
        field = self.fields["path"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = sources

    def clean_mode(self) -> str:
        return self.cleaned_data["mode"] or ImportRun.Mode.COPY.value


def label(path: Path) -> str:
    return f"{path.name} ({path.parent})"


class AnswersForm(forms.Form):
    """What a dataset does not say, a field a question; an empty one leaves the fact unknown."""

    def __init__(
        self,
        asked: Iterable[Question],
        remembered: Answers,
        data: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(data)
        self.asked = {question.id: question for question in asked}
        for question in self.asked.values():
            self.fields[f"answer.{question.id}"] = _field(question, remembered.get(question.id, ""))

    def clean(self) -> None:
        for question in self.asked.values():
            value = self.cleaned_data.get(f"answer.{question.id}", "")
            try:
                checked_answers([question], {question.id: value})
            except AnswersNeeded:
                self.add_error(f"answer.{question.id}", "Nothing can be imported without it.")
            except AnswerInvalid as wrong:
                self.add_error(f"answer.{question.id}", wrong.remedy)

    def answers(self) -> dict[str, str]:
        """By question, empty ones too: they take back what was remembered."""
        return {key: self.cleaned_data[f"answer.{key}"] for key in self.asked}

    def refuse(self, error: AnswerInvalid | AnswersNeeded) -> None:
        """Show what the reader itself says of an answer, at its field where it names one."""
        name = f"answer.{error.fields.get('question', '')}"
        self.add_error(name if name in self.fields else None, f"{error} {error.remedy}")


def _field(question: Question, remembered: str) -> forms.Field:
    common: dict[str, Any] = {
        "label": f"{question.text} ({question.unit})" if question.unit else question.text,
        "help_text": question.why,
        "required": False,  # ``clean`` says better what an empty one costs
        "initial": remembered,
    }
    if question.kind is QuestionKind.CHOICE:
        empty = "Choose" if question.required else "Leave unknown"
        choices = [(one, one) for one in question.choices if one != UNKNOWN]
        common["initial"] = "" if remembered == UNKNOWN else remembered
        return forms.ChoiceField(choices=[("", empty), *choices], **common)
    number = question.kind is QuestionKind.NUMBER
    shape = {"inputmode": "decimal"} if number else {"maxlength": "500"}
    if question.required:
        shape["aria-required"] = "true"
    return forms.CharField(widget=forms.TextInput(attrs=shape), **common)
