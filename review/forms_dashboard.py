"""What a dashboard is asked for, and what an hour costs."""

from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from review.forms_days import DAY, DaysForm
from review.models import OperationSettings
from review.selectors.dashboard import LENGTH_BINS_S, WHAT, length_name

Choices = list[tuple[int, str]]


class ManyChoices(forms.Select):
    """Django renders a template for each option: for two hundred people that takes longer than the
    figures of the page."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        widget = self.get_context(name, value, attrs)["widget"]
        options = format_html_join(
            "",
            '<option value="{}"{}>{}</option>',
            (
                (one["value"], mark_safe(" selected") if one["selected"] else "", one["label"])
                for _, group, _ in widget["optgroups"]
                for one in group
            ),
        )
        given = flatatt({"name": widget["name"], **widget["attrs"]})
        return format_html("<select{}>{}</select>", given, options)


class FilterForm(DaysForm):
    first = forms.DateField(required=False, label="From", widget=DAY)
    last = forms.DateField(required=False, label="To", widget=DAY)
    person = forms.TypedChoiceField(
        required=False, coerce=int, empty_value=None, widget=ManyChoices
    )
    task = forms.TypedChoiceField(required=False, coerce=int, empty_value=None, widget=ManyChoices)

    def __init__(self, *given: Any, people: Choices, tasks: Choices) -> None:
        super().__init__(*given)
        for name, choices in (("person", people), ("task", tasks)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", "All"), *choices]


class SetsForm(FilterForm):
    """Which of the sets a number is about."""

    what = forms.ChoiceField(required=False, label="Which", choices=list(WHAT.items()))
    label = forms.CharField(required=False, label="With a label of the class", max_length=60)
    length = forms.TypedChoiceField(
        required=False,
        label="Length",
        coerce=int,
        empty_value=None,
        choices=[("", "All"), *((at, length_name(at)) for at in range(len(LENGTH_BINS_S) + 1))],
    )


class WeekForm(forms.Form):
    """A week by any of its days."""

    day = forms.DateField(required=False, label="A day of the week", widget=DAY)


class OperationForm(forms.Form):
    """Built by hand: people write money with its decimals."""

    hourly_cost = forms.DecimalField(
        required=False, min_value=0, max_value=100_000, decimal_places=2,
        label="Cost of one hour of labelling",
    )  # fmt: skip
    currency = forms.RegexField(
        r"^[A-Z]{3}$", initial="EUR", help_text="Three letters, such as EUR."
    )
    weekly_report = forms.BooleanField(
        required=False, label="Send the managers a report every Monday morning"
    )

    def __init__(self, given: Any, *, stored: OperationSettings) -> None:
        cents = stored.hourly_cost_cents
        start = {
            "hourly_cost": None if cents is None else cents / 100,
            "currency": stored.currency,
            "weekly_report": stored.weekly_report,
        }
        super().__init__(given, initial=start)

    @property
    def values(self) -> dict[str, Any]:
        found = dict(self.cleaned_data)
        cost = found.pop("hourly_cost")
        return {**found, "hourly_cost_cents": None if cost is None else int(cost * 100)}
