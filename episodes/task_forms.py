"""The form of a task's description: a line a goal, and one each for things and instructions."""

import re
from collections.abc import Sequence
from typing import Any

from django import forms

from episodes.models import Task
from episodes.services.tasks import MAX_CHARS, MOST_GOALS

ID_CHARS = 40


class GoalForm(forms.Form):
    """One goal. Its id, which labels answer, stays when its text is changed."""

    id = forms.CharField(widget=forms.HiddenInput, required=False)
    text = forms.CharField(
        label="Goal",
        max_length=MAX_CHARS,
        widget=forms.TextInput(attrs={"aria-label": "Goal"}),
    )


GoalFormSet = forms.formset_factory(
    GoalForm, extra=2, can_delete=True, can_order=True, max_num=MOST_GOALS, validate_max=True
)


class WordsForm(forms.Form):
    """Things and usual instructions, a line each."""

    things = forms.CharField(
        required=False,
        strip=False,
        help_text="One a line, each by its full name. Labels say with which of them a contact was.",
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    phrases = forms.CharField(
        label="Usual instructions",
        required=False,
        strip=False,
        help_text="One a line, in the order in which they are carried out. {0} stands for the "
        "first of the things, {1} for the second. Segments get these texts by themselves.",
        widget=forms.Textarea(attrs={"rows": 8}),
    )

    def clean_things(self) -> list[str]:
        return _lines(self.cleaned_data["things"])

    def clean_phrases(self) -> list[str]:
        return _lines(self.cleaned_data["phrases"])


class DescriptionForm:
    """What a manager says of a task, bound or as it stands."""

    def __init__(self, task: Task, posted: Any = None) -> None:
        self.goals = GoalFormSet(posted, prefix="goals", initial=task.goals)
        words = {"things": "\n".join(task.things), "phrases": "\n".join(task.phrases)}
        self.words = WordsForm(posted, initial=words)
        self._known = [goal["id"] for goal in task.goals]

    def is_valid(self) -> bool:
        return self.goals.is_valid() and self.words.is_valid()

    @property
    def description(self) -> dict[str, Any]:
        """What ``describe_task`` takes."""
        return {"goals": self._goals(), **self.words.cleaned_data}

    def _goals(self) -> dict[str, str]:
        rows = [form.cleaned_data for form in self.goals.ordered_forms if form.cleaned_data]
        # Also the ids of goals that are taken away: their answers are of another goal.
        taken = set(self._known)
        found = {}
        for row in rows:
            name = row["id"] if row["id"] in self._known else new_id(row["text"], taken)
            taken.add(name)
            found[name] = row["text"]
        return found


def new_id(text: str, taken: Sequence[str] | set[str]) -> str:
    """An id for a goal of this text: its words, and a number where that id is taken."""
    words = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")[: ID_CHARS - 4].strip("_")
    name, number = words or "goal", 2
    while name in taken:
        name, number = f"{words or 'goal'}_{number}", number + 1
    return name


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
