"""Forms of a project's pages: how it starts, its settings, its queue and its policies."""

from datetime import date
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.db.models import QuerySet

from annotation.forms_hand_out import PersonField, people_of
from annotation.models import AcceptancePolicy, Project, ProjectEpisode
from annotation.presets import PRESET_BY_ID, PRESETS, Preset
from annotation.services.update_project import ProjectChanges
from episodes.models import Task
from episodes.selectors.filters import EpisodeFilter

# Beyond this the numbers stop meaning anything; nobody labels an episode twenty times by intent.
MOST_OVERLAP = 10
MOST_GOLD = 15
MOST_PRIORITY = 1000
MOST_LISTED = 10_000
PPM = 10_000
MS = 1_000_000
LANGUAGES = [
    *(("en", "English"), ("de", "German"), ("fr", "French"), ("es", "Spanish")),
    *(("it", "Italian"), ("pt", "Portuguese"), ("nl", "Dutch"), ("pl", "Polish")),
    *(("ja", "Japanese"), ("ko", "Korean"), ("zh", "Chinese")),
]
Progress, Purpose = ProjectEpisode.Progress, ProjectEpisode.Purpose


class StartForm(forms.Form):
    name = forms.CharField(label="Name", max_length=200)
    preset = forms.ChoiceField(
        label="Start from",
        choices=[(preset.id, preset.name) for preset in PRESETS],
        initial=PRESETS[0].id,
        widget=forms.RadioSelect,
    )

    def clean_preset(self) -> Preset:
        return PRESET_BY_ID[self.cleaned_data["preset"]]


class ProjectSettingsForm(forms.Form):
    """Every field of ProjectChanges; ``version`` is the one that the page was opened with."""

    name = forms.CharField(label="Name", max_length=200)
    description = forms.CharField(
        label="Description",
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    state = forms.ChoiceField(
        label="State",
        choices=Project.State,
        help_text="Paused and archived projects are kept as they are.",
    )
    language = forms.ChoiceField(
        label="Working language",
        choices=LANGUAGES,
        help_text="Texts in labels are written in it.",
    )
    timezone = forms.CharField(
        label="Time zone",
        required=False,
        max_length=64,
        help_text="Such as Europe/Berlin: where days begin, in figures, reports and deadlines, and "
        "the clock of the project's pages. Empty: the server's.",
    )
    priority = forms.IntegerField(
        label="Priority",
        min_value=-MOST_PRIORITY,
        max_value=MOST_PRIORITY,
        help_text="Higher comes first.",
    )
    deadline = forms.DateField(
        label="Deadline",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    overlap = forms.IntegerField(
        label="Annotators an episode",
        min_value=1,
        max_value=MOST_OVERLAP,
        help_text="Agreement can be measured from two on.",
    )
    overlap_percent = forms.IntegerField(
        label="Share of episodes that so many people label, %",
        min_value=0,
        max_value=100,
        help_text="One person labels each of the others.",
    )
    gold_first_percent = forms.IntegerField(
        label="Gold at first, %", min_value=0, max_value=MOST_GOLD
    )
    gold_first_episodes = forms.IntegerField(
        label="Episodes of a person that count as first", min_value=0, max_value=32_000
    )
    gold_percent = forms.IntegerField(label="Gold later, %", min_value=0, max_value=MOST_GOLD)
    training_required = forms.BooleanField(label="New annotators are trained first", required=False)
    qualification_required = forms.BooleanField(
        label="New annotators qualify before their labels count", required=False
    )
    skips_flagged = forms.IntegerField(
        label="Skips that put an episode before the managers",
        min_value=1,
        max_value=MOST_OVERLAP,
        help_text="Until then an episode that somebody skips goes on to others.",
    )
    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)

    def __init__(self, given: Any, *, project: Project) -> None:
        names = [*ProjectChanges.__annotations__, "version"]
        start = {name: getattr(project, name) for name in names}
        super().__init__(given, initial=start)
        field = self.fields["language"]
        if project.language not in dict(LANGUAGES):
            assert isinstance(field, forms.ChoiceField)
            field.choices = [*LANGUAGES, (project.language, project.language)]

    def clean_timezone(self) -> str:
        name: str = self.cleaned_data["timezone"].strip()
        if name and name not in available_timezones():
            raise forms.ValidationError("There is no such time zone. Write one as Europe/Berlin.")
        return name

    def against(self, stored: Project) -> list[tuple[str, object, object]]:
        """Label, entered and present value of each field in which the entries differ from what
        is stored now; saved once more, the entries hold."""
        self.data = {name: self.data[name] for name in self.data} | {"version": str(stored.version)}
        return [
            (str(self.fields[name].label), _said(self, name, entered), _said(self, name, present))
            for name, entered in self.cleaned_data.items()
            if name != "version" and entered != (present := getattr(stored, name))
        ]


class QueueFilterForm(forms.Form):
    """What the queue's list shows; what is not valid asks for nothing."""

    key = forms.CharField(label="Episode contains", required=False, max_length=200)
    task = forms.ModelChoiceField(
        label="Task", queryset=Task.objects.none(), required=False, empty_label="Any"
    )
    progress = forms.ChoiceField(
        label="Progress", required=False, choices=[("", "Any"), *Progress.choices]
    )
    purpose = forms.ChoiceField(
        label="Purpose", required=False, choices=[("", "Any"), *Purpose.choices]
    )
    reserved = forms.CharField(label="Reserved for (user name)", required=False, max_length=150)

    def __init__(self, *args: Any, tasks: QuerySet[Task], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, "task", tasks)

    @property
    def asked(self) -> dict[str, Any]:
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class QueueBulkForm(forms.Form):
    """Episodes of the queue, those ticked or all that match the list's filter, and what to do."""

    action = forms.ChoiceField(
        choices=[
            *(("purpose", "Set purpose"), ("priority", "Set priority"), ("remove", "Take out")),
            *(("reserve", "Give to somebody"), ("unreserve", "Take reservations back")),
        ]
    )
    filter = forms.CharField(required=False, max_length=2000)
    everything = forms.BooleanField(required=False)
    place = forms.TypedMultipleChoiceField(required=False, coerce=int)
    purpose = forms.ChoiceField(required=False, choices=Purpose.choices)
    priority = forms.IntegerField(required=False, min_value=-MOST_PRIORITY, max_value=MOST_PRIORITY)
    person = PersonField(required=False)
    until = forms.DateField(required=False)

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, "person", people_of(project))
        field = self.fields["place"]
        assert isinstance(field, forms.TypedMultipleChoiceField)
        # Ids are looked up among the project's; the form only wants them well formed.
        field.valid_value = str.isdecimal  # type: ignore[method-assign, assignment]

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        if not found.get("everything") and not found.get("place"):
            raise forms.ValidationError("No episode is selected. Tick some, or all that match.")
        action = found.get("action")
        if action == "purpose" and not found.get("purpose"):
            raise forms.ValidationError("Choose the purpose to set.")
        if action == "priority" and found.get("priority") is None:
            raise forms.ValidationError("Write the priority to set, a whole number.")
        if action == "reserve" and not found.get("person") and "person" not in self.errors:
            raise forms.ValidationError("Choose the person who is to get the episodes.")
        return found

    @property
    def said(self) -> str:
        return " ".join(str(error) for errors in self.errors.values() for error in errors)


class AddEpisodesForm(forms.Form):
    """Everything that matches the filter, or the episodes of a list of keys or ids."""

    filter = forms.CharField(required=False, max_length=2000, widget=forms.HiddenInput)
    listed = forms.CharField(
        label="Or a list: episode keys or ids, one a line",
        required=False,
        max_length=40 * MOST_LISTED,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "class": "mono"}),
        help_text="Where it is filled in, the filter above only narrows it down.",
    )
    purpose = forms.ChoiceField(label="Purpose", choices=Purpose.choices)
    priority = forms.IntegerField(
        label="Priority",
        initial=0,
        min_value=-MOST_PRIORITY,
        max_value=MOST_PRIORITY,
        help_text="Higher comes first.",
    )

    def clean_listed(self) -> list[str]:
        lines = [line.strip() for line in self.cleaned_data["listed"].splitlines()]
        words = list(dict.fromkeys(line for line in lines if line))
        if len(words) > MOST_LISTED:
            raise forms.ValidationError(
                f"At most {MOST_LISTED:,} episodes at once; these are {len(words):,}."
            )
        return words

    @property
    def wanted(self) -> EpisodeFilter:
        return EpisodeFilter.from_query(self.cleaned_data["filter"])


class TaskPolicyForm(forms.Form):
    task = forms.ModelChoiceField(label="Task", queryset=Task.objects.none())
    priority = forms.IntegerField(
        label="Priority",
        initial=0,
        min_value=-MOST_PRIORITY,
        max_value=MOST_PRIORITY,
        help_text="Higher comes first.",
    )
    deadline = forms.DateField(
        label="Deadline", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    tolerance = forms.FloatField(
        label="Tolerance of instants, ms", required=False, min_value=1, max_value=10_000
    )
    boundary_tolerance = forms.FloatField(
        label="Tolerance of boundaries, ms", required=False, min_value=1, max_value=10_000
    )
    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)

    def __init__(self, *args: Any, tasks: QuerySet[Task], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, "task", tasks)

    @property
    def values(self) -> dict[str, Any]:
        found = dict(self.cleaned_data)
        found["tolerance_ns"] = _ns(found.pop("tolerance"))
        found["boundary_tolerance_ns"] = _ns(found.pop("boundary_tolerance"))
        return found


class AcceptanceForm(forms.Form):
    task = forms.ModelChoiceField(
        label="Task", queryset=Task.objects.none(), required=False, empty_label="All tasks"
    )
    label_type = forms.ChoiceField(
        label="Labels", required=False, choices=AcceptancePolicy.LabelType
    )
    evaluation = forms.BooleanField(label="For evaluation episodes", required=False)
    bar = forms.FloatField(
        label="Bar, %",
        initial=95,
        min_value=1,
        max_value=99.9,
        help_text="What the lower bound of the agreement has to reach.",
    )
    confidence = forms.FloatField(label="Confidence, %", initial=95, min_value=50, max_value=99.9)
    plan = forms.ChoiceField(label="Plan", choices=AcceptancePolicy.Plan)
    most_defects = forms.IntegerField(
        label="Defects allowed",
        initial=2,
        min_value=0,
        max_value=1000,
        help_text="c of the plan (n, c); a confidence bound has none.",
    )
    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)

    def __init__(self, *args: Any, tasks: QuerySet[Task], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, "task", tasks)

    @property
    def values(self) -> dict[str, Any]:
        found = dict(self.cleaned_data)
        found["bar_ppm"] = round(found.pop("bar") * PPM)
        found["confidence_ppm"] = round(found.pop("confidence") * PPM)
        return found


class HistoryFilterForm(forms.Form):
    action = forms.ChoiceField(label="What", required=False)
    who = forms.CharField(label="Who (user name)", required=False, max_length=150)
    since = forms.DateField(
        label="From", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    until = forms.DateField(
        label="To", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def __init__(self, *args: Any, actions: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["action"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "Everything"), *actions]

    @property
    def asked(self) -> dict[str, str | date]:
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


def _offer(form: forms.Form, name: str, choices: QuerySet[Any]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ModelChoiceField)
    field.queryset = choices


def _said(form: forms.Form, name: str, value: object) -> object:
    """As the form shows it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    field = form.fields[name]
    if isinstance(field, forms.ChoiceField):
        return dict(field.choices).get(str(value), value)  # type: ignore[arg-type]
    return "nothing" if value in (None, "") else value


def _ns(milliseconds: float | None) -> int | None:
    return None if milliseconds is None else round(milliseconds * MS)
