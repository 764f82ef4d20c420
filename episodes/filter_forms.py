"""Forms of the episode pages: what to look for, what to change."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any
from uuid import UUID

from django import forms
from django.forms.utils import flatatt
from django.utils.functional import cached_property
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from episodes.access import Viewer
from episodes.labelling import Choice, episode_labelling
from episodes.models import Dataset, Episode
from episodes.selectors.episodes import DatasetChoice, dataset_choices
from episodes.selectors.filters import EpisodeFilter
from episodes.services.change_episodes import MAX_TAGS

MAX_TAG = 40
MAX_THING = 80
ANY: Choice = ("", "Any")
_SELECTED = mark_safe(" selected")
HANDING = [ANY, ("free", "Handed out"), ("held", "Held back")]


@dataclass(frozen=True, slots=True)
class Chip:
    """One thing that a filter asks for; ``without`` is the query of the others."""

    name: str
    label: str
    value: str
    without: str


class QuickSelect(forms.Select):
    """Options without a template for each: some filters offer hundreds, on every page."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        chosen = "" if value is None else str(value)
        options = format_html_join(
            "",
            '<option value="{}"{}>{}</option>',
            ((key, _SELECTED if str(key) == chosen else "", said) for key, said in self.choices),
        )
        facts = flatatt(self.build_attrs(self.attrs, attrs))
        return format_html('<select name="{}"{}>{}</select>', name, facts, options)


def known(name: str) -> forms.TextInput:
    """Any text, with those that there are as suggestions (selectors.suggestions)."""
    return forms.TextInput({"list": f"known-{name}", "autocomplete": "off"})


class EpisodeFilterForm(forms.Form):
    """The filter as a form; each field is one of EpisodeFilter's."""

    q = forms.CharField(label="Search", required=False, max_length=200)
    dataset = forms.ChoiceField(widget=QuickSelect, required=False)
    label = forms.ChoiceField(widget=QuickSelect, label="Labels", required=False)
    outcome = forms.ChoiceField(widget=QuickSelect, required=False)
    sync = forms.ChoiceField(
        widget=QuickSelect, label="Clocks", required=False, choices=[ANY, *Episode.Sync.choices]
    )
    handing = forms.ChoiceField(
        widget=QuickSelect, label="Handing out", required=False, choices=HANDING
    )
    state = forms.ChoiceField(
        widget=QuickSelect, required=False, choices=[ANY, *Episode.State.choices]
    )
    task = forms.CharField(label="Task contains", required=False, max_length=200)
    tag = forms.CharField(required=False, max_length=MAX_TAG, widget=known("tag"))
    robot = forms.ChoiceField(widget=QuickSelect, required=False)
    scene = forms.CharField(required=False, max_length=120, widget=known("scene"))
    thing = forms.CharField(
        label="Object", required=False, max_length=MAX_THING, widget=known("thing")
    )
    operator = forms.CharField(required=False, max_length=120, widget=known("operator"))
    session = forms.CharField(required=False, max_length=120, widget=known("session"))
    domain = forms.ChoiceField(
        widget=QuickSelect, required=False, choices=[ANY, *Dataset.Domain.choices]
    )
    licence = forms.ChoiceField(widget=QuickSelect, required=False)
    provenance = forms.CharField(label="Provenance contains", required=False, max_length=200)
    consent = forms.ChoiceField(
        widget=QuickSelect, required=False, choices=[ANY, *Dataset.Consent.choices]
    )

    # What all episodes of a dataset have in common.
    SHARED = ("robot", "domain", "licence", "provenance", "consent")

    def __init__(
        self, *args: Any, viewer: Viewer, within: Dataset | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.viewer = viewer
        self.within = within
        # Asked for only where they are shown or one of them is chosen: most requests are htmx's.
        if within is None:
            self._offer("dataset", lambda: [(str(one.pk), one.name) for one in self.datasets])
            self._offer("robot", self._robots)
            self._offer("licence", lambda: _named({one.licence for one in self.datasets}))
        else:
            self._offer("dataset", lambda: [(str(within.pk), within.name)])
            for name in self.SHARED:
                del self.fields[name]
        self._offer("label", episode_labelling().states)
        self._offer("outcome", lambda: self.outcomes)

    @cached_property
    def datasets(self) -> list[DatasetChoice]:
        return dataset_choices(self.viewer)

    @cached_property
    def outcomes(self) -> Sequence[Choice]:
        return episode_labelling().outcomes(self.viewer)

    def _robots(self) -> list[Choice]:
        embodied = {one.embodiment for one in self.datasets if one.embodiment}
        return _named(embodied | {one.robot_type for one in self.datasets})

    @property
    def wanted(self) -> EpisodeFilter:
        """What was asked for; of a field that is not valid, nothing."""
        self.is_valid()
        names = [field.name for field in fields(EpisodeFilter)]
        return EpisodeFilter(**{name: self.cleaned_data.get(name, "") for name in names})

    @property
    def chosen_fields(self) -> list[forms.BoundField]:
        """Everything but the words that are typed and the dataset whose page it is."""
        there = ("q", "dataset") if self.within else ("q",)
        return [field for field in self if field.name not in there]

    @property
    def wrong(self) -> bool:
        return any(field.errors for field in self.chosen_fields)

    def chips(self) -> list["Chip"]:
        """What the filter asks for, each with the query that asks for all but this."""
        asked = asdict(self.wanted)
        if self.within is not None:
            asked["dataset"] = ""
        found = []
        for name, value in asked.items():
            if value:
                left = EpisodeFilter(**{**asked, name: ""}).to_query()
                found.append(Chip(name, str(self[name].label), self._said(name, value), left))
        return found

    def _said(self, name: str, value: str) -> str:
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            return str(dict(field.choices).get(value, value))  # type: ignore[arg-type]
        return value

    def _offer(self, name: str, choices: Callable[[], Sequence[Choice]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = lambda: [ANY, *choices()]


def _named(values: set[str]) -> list[Choice]:
    return [(value, value) for value in sorted(values - {""})]


class SelectionForm(forms.Form):
    """Episodes of the list: those ticked, or all that match the list's filter."""

    filter = forms.CharField(required=False, max_length=2000, widget=forms.HiddenInput)
    back = forms.CharField(required=False, max_length=3000, widget=forms.HiddenInput)
    everything = forms.BooleanField(required=False)
    episode = forms.MultipleChoiceField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["episode"]
        assert isinstance(field, forms.MultipleChoiceField)
        # Ids are looked up among what the person sees; the form only wants them well formed.
        field.valid_value = _is_uuid  # type: ignore[method-assign]

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        if not found.get("everything") and not found.get("episode"):
            raise forms.ValidationError("No episode is selected. Tick some, or all that match.")
        return found

    @property
    def said(self) -> str:
        """All of the form's errors as one text, for the page that it leads back to."""
        return " ".join(str(error) for errors in self.errors.values() for error in errors)

    @property
    def ids(self) -> list[UUID] | None:
        """None stands for everything that matches the filter."""
        if self.cleaned_data["everything"]:
            return None
        return [UUID(value) for value in self.cleaned_data["episode"]]

    @property
    def wanted(self) -> EpisodeFilter:
        return EpisodeFilter.from_query(self.cleaned_data["filter"])


def _is_uuid(value: str) -> bool:
    try:
        UUID(value)
    except ValueError:
        return False
    return True


class BulkForm(SelectionForm):
    """What to do with the selected episodes."""

    ACTIONS = (
        ("tag", "Add tag"),
        ("untag", "Remove tag"),
        ("hold", "Hold back"),
        ("release", "Release"),
    )

    action = forms.ChoiceField(choices=ACTIONS)
    tag = forms.CharField(required=False, max_length=MAX_TAG)

    def clean(self) -> dict[str, Any]:
        found = super().clean()
        if found.get("action") in ("tag", "untag") and not found.get("tag"):
            raise forms.ValidationError("Write the tag to add or to remove.")
        return found


class SaveFilterForm(forms.Form):
    name = forms.CharField(max_length=80)
    filter = forms.CharField(max_length=2000, required=False)


class WordsField(forms.CharField):
    """Words with commas between them, as a list without repeats."""

    def __init__(self, *, most: int, longest: int, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)
        self.most, self.longest = most, longest

    def prepare_value(self, value: object) -> object:
        return ", ".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        words = list(dict.fromkeys(" ".join(word.split()) for word in text.split(",")))
        words = [word for word in words if word]
        if len(words) > self.most:
            raise forms.ValidationError(f"At most {self.most}; these are {len(words)}.")
        for word in words:
            if len(word) > self.longest:
                raise forms.ValidationError(f"“{word}” is longer than {self.longest} characters.")
        return words


class FactsForm(forms.ModelForm):  # type: ignore[type-arg]
    """What people know of a recording and its files may not say."""

    things = WordsField(label="Objects", most=50, longest=MAX_THING, help_text="Commas between.")
    tags = WordsField(most=MAX_TAGS, longest=MAX_TAG, help_text="Commas between.")

    class Meta:
        model = Episode
        fields = ("scene", "things", "operator", "session", "tags")


class DatasetForm(forms.ModelForm):  # type: ignore[type-arg]
    """What a dataset's files rarely say and its use depends on."""

    class Meta:
        model = Dataset
        fields = ("domain", "licence", "consent", "provenance")
        widgets = {"provenance": forms.Textarea(attrs={"rows": 3})}
