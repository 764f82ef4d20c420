"""What a dashboard is asked for, and what an hour costs."""

from typing import Any

from django import forms

from review.models import OperationSettings

Choices = list[tuple[int, str]]
DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class FilterForm(forms.Form):
    first = forms.DateField(required=False, label="From", widget=DATE)
    last = forms.DateField(required=False, label="To", widget=DATE)
    person = forms.TypedChoiceField(required=False, coerce=int, empty_value=None)
    task = forms.TypedChoiceField(required=False, coerce=int, empty_value=None)

    def __init__(self, *given: Any, people: Choices, tasks: Choices) -> None:
        super().__init__(*given)
        for name, choices in (("person", people), ("task", tasks)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", "All"), *choices]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        first, last = found.get("first"), found.get("last")
        if first and last and first > last:
            self.add_error("first", "The first day comes after the last one.")
        return found


class OperationForm(forms.Form):
    """Built by hand: people write money with its decimals."""

    hourly_cost = forms.DecimalField(
        required=False, min_value=0, max_value=100_000, decimal_places=2,
        label="Cost of one hour of labelling",
    )  # fmt: skip
    currency = forms.RegexField(
        r"^[A-Z]{3}$", initial="EUR", help_text="Three letters, such as EUR."
    )

    def __init__(self, given: Any, *, instance: OperationSettings) -> None:
        self.instance = instance
        cents = instance.hourly_cost_cents
        start = {
            "hourly_cost": None if cents is None else cents / 100,
            "currency": instance.currency,
        }
        super().__init__(given, initial=start)

    def save(self) -> None:
        cost = self.cleaned_data["hourly_cost"]
        self.instance.hourly_cost_cents = None if cost is None else int(cost * 100)
        self.instance.currency = self.cleaned_data["currency"]
        self.instance.save()
