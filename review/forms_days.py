"""A form that asks for days from ``first`` to ``last``."""

from typing import Any

from django import forms

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class DaysForm(forms.Form):
    """Its forms name the fields: what the days are of differs."""

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        first, last = found.get("first"), found.get("last")
        if first and last and first > last:
            self.add_error("first", "The first day comes after the last one.")
        return found
