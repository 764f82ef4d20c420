"""Forms of calibration: pause and resume somebody, decide a qualification, take tolerances over."""

from collections.abc import Sequence
from typing import Any

from django import forms

from review.forms_gold import reason_field
from review.selectors.tolerances import BOUNDARY, ToleranceRow

# A form's value cannot be empty.
BOUNDARIES = "boundaries"


class StandingForm(forms.Form):
    reason = reason_field("Why: the person reads it")


class QualificationForm(forms.Form):
    qualified = forms.TypedChoiceField(
        label="Decision",
        widget=forms.RadioSelect,
        choices=[("yes", "Qualified"), ("no", "Not qualified")],
        coerce=lambda value: value == "yes",
        error_messages={"required": "Choose one."},
    )
    reason = reason_field("Why: the person reads it")


class TolerancesForm(forms.Form):
    classes = forms.MultipleChoiceField(
        label="Tolerances to take over",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Tick at least one."},
    )

    def __init__(self, *args: Any, rows: Sequence[ToleranceRow], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["classes"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [
                (row.label_class or BOUNDARIES, _wording(row))
                for row in rows
                if row.proposed and not row.frozen
            ]

    @property
    def chosen(self) -> list[str]:
        return [BOUNDARY if one == BOUNDARIES else one for one in self.cleaned_data["classes"]]


def _wording(row: ToleranceRow) -> str:
    wanted = (row.found.tolerance_ns or 0) / 1e6
    return f"{row.name}: {wanted:.0f} ms in place of {row.present_ns / 1e6:.0f} ms"
