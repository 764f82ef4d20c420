"""Forms of the sync page and of the registry of embodiments."""

from collections.abc import Sequence
from typing import Any

from django import forms

from episodes.embodiments import TEMPLATES, DimensionSpec, Quantity, Use
from episodes.embodiments.specs import UNITS
from episodes.labelling import Choice
from episodes.models import ActionDimension, Embodiment, SyncReport

NS_PER_MS = 1_000_000
# A camera an hour off is another recording; clocks of computers drift by less than 1,000 ppm.
MOST_MS = 3_600_000
MOST_PPM = 10_000


class ReasonForm(forms.Form):
    reason = forms.CharField(max_length=500)


class DecisionForm(ReasonForm):
    decision = forms.ChoiceField(
        choices=[
            (SyncReport.Decision.RELEASED.value, "Hand out all the same"),
            (SyncReport.Decision.HELD.value, "Hold back"),
        ]
    )


class CameraForm(forms.Form):
    """The measured correction of a camera; its reason is the measurement's unless one is given."""

    camera = forms.CharField(max_length=120)
    reason = forms.CharField(max_length=500, required=False)


class UndoForm(ReasonForm):
    camera = forms.CharField(max_length=120)


class ClockForm(UndoForm):
    """The whole correction of a camera, in ms and millionths."""

    offset_ms = forms.DecimalField(
        label="Offset", min_value=-MOST_MS, max_value=MOST_MS, decimal_places=6
    )
    drift_ppm = forms.FloatField(
        label="Drift", min_value=-MOST_PPM, max_value=MOST_PPM, required=False
    )

    @property
    def offset_ns(self) -> int:
        return int(self.cleaned_data["offset_ms"] * NS_PER_MS)

    @property
    def drift(self) -> float:
        return self.cleaned_data["drift_ppm"] or 0.0


class TogetherForm(ReasonForm):
    """Which correction of a whole dataset."""

    together = forms.UUIDField()


def _templates(use: Use) -> list[Choice]:
    fitting = [
        (one.id, f"{one.title} ({len(one.dimensions)})") for one in TEMPLATES if use in one.uses
    ]
    return [("", "None"), *fitting]


class NewEmbodimentForm(forms.Form):
    name = forms.CharField(max_length=120)
    state = forms.ChoiceField(required=False, choices=_templates(Use.STATE))
    action = forms.ChoiceField(required=False, choices=_templates(Use.ACTION))


class EmbodimentForm(forms.Form):
    name = forms.CharField(max_length=120)
    notes = forms.CharField(
        required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 3})
    )


class DimensionForm(forms.Form):
    """One dimension; units are checked against the quantity."""

    name = forms.CharField(max_length=120)
    quantity = forms.ChoiceField(
        choices=[(one.value, one.value.replace("_", " ")) for one in Quantity]
    )
    unit = forms.ChoiceField(
        choices=[
            (unit, unit) for unit in dict.fromkeys(u for units in UNITS.values() for u in units)
        ]
    )
    frame = forms.CharField(max_length=60, required=False)
    lower = forms.FloatField(required=False)
    upper = forms.FloatField(required=False)
    positive = forms.CharField(max_length=80, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs["aria-label"] = name.capitalize()

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        if not self.errors:
            try:
                found["spec"] = DimensionSpec(
                    name=found["name"],
                    quantity=Quantity(found["quantity"]),
                    unit=found["unit"],
                    frame=found["frame"],
                    lower=found["lower"],
                    upper=found["upper"],
                    positive=found["positive"],
                )
            except ValueError as error:
                raise forms.ValidationError(f"{error}.") from error
        return found


DimensionFormSet = forms.formset_factory(DimensionForm, extra=1, can_delete=True, max_num=200)


class SpacesForm:
    """An embodiment's dimensions as two tables, state and action; the last row of each is new."""

    def __init__(self, embodiment: Embodiment, posted: Any = None) -> None:
        self.spaces = {
            space: DimensionFormSet(posted, prefix=space, initial=_initial(embodiment, space))
            for space in ActionDimension.Space.values
        }

    def is_valid(self) -> bool:
        # Every table is looked at, so that all errors show at once.
        return [table.is_valid() for table in self.spaces.values()].count(False) == 0

    @property
    def specs(self) -> dict[str, list[DimensionSpec]]:
        """In column order, without those marked for removal."""
        return {space: _specs(table.cleaned_data) for space, table in self.spaces.items()}


def _initial(embodiment: Embodiment, space: str) -> list[dict[str, Any]]:
    fields = ("name", "quantity", "unit", "frame", "lower", "upper", "positive")
    rows = [row for row in embodiment.dimensions.all() if row.space == space]
    return [{name: getattr(row, name) for name in fields} for row in rows]


def _specs(rows: Sequence[dict[str, Any]]) -> list[DimensionSpec]:
    return [row["spec"] for row in rows if "spec" in row and not row.get("DELETE")]


class AssignForm(forms.Form):
    """An embodiment of the registry, or a template to make one from; neither takes it back."""

    embodiment = forms.ModelChoiceField(
        queryset=Embodiment.objects.all(), required=False, empty_label="None"
    )
    template = forms.ChoiceField(
        required=False, choices=[("", ""), *((one.id, one.title) for one in TEMPLATES)]
    )
