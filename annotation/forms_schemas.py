"""Forms of the label schema pages."""

import json
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from annotation.labels.reading import SchemaMalformed
from annotation.labels.schema import LabelSchema as Definition
from annotation.labels.schema_diff import KEEP
from annotation.selectors.schemas import Move

MOST_BYTES = 1_000_000


def read_definition(text: str | bytes) -> Definition:
    """Raises ValidationError naming the line, or the field."""
    try:
        return Definition.from_json(json.loads(text))
    except UnicodeDecodeError:
        raise forms.ValidationError("This is no text in UTF-8.") from None
    except json.JSONDecodeError as error:
        raise forms.ValidationError(
            f"This is no JSON: {error.msg}, line {error.lineno}, column {error.colno}."
        ) from None
    except RecursionError:
        raise forms.ValidationError("This is nested too deeply for a label schema.") from None
    except SchemaMalformed as error:
        raise forms.ValidationError(f"{error} {error.remedy}") from None


class SchemaForm(forms.Form):
    """A definition as JSON; what is cleaned is the definition itself."""

    text = forms.CharField(
        label="Definition",
        max_length=MOST_BYTES,
        widget=forms.Textarea(attrs={"rows": 30, "class": "mono", "spellcheck": "false"}),
        help_text="JSON. Name and version say which it is; a version is never changed.",
    )
    version = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)

    def clean_text(self) -> Definition:
        return read_definition(self.cleaned_data["text"])

    @property
    def definition(self) -> Definition:
        found: Definition = self.cleaned_data["text"]
        return found


class SchemaFileForm(forms.Form):
    file = forms.FileField(
        label="Schema file",
        help_text="JSON, as it is exported here.",
        widget=forms.ClearableFileInput(attrs={"accept": "application/json,.json"}),
    )

    def clean_file(self) -> Definition:
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        if (file.size or 0) > MOST_BYTES:
            raise forms.ValidationError("A schema has at most 1 MB.")
        return read_definition(file.read())


class MoveForm(forms.Form):
    """What the labels of each used class become; those that go along as they are need no answer."""

    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)

    def __init__(self, *args: Any, move: Move, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.undecided = {f"class_{row.item.id}" for row in move.rows if row.decide}
        for row in move.rows:
            stays = [] if row.decide else [(row.item.id, f"{row.item.name} (as it is)")]
            others = [(one.id, one.name) for one in row.targets if one.id != row.item.id]
            same = [(one.id, one.name) for one in row.targets if one.id == row.item.id]
            kept = (f"={KEEP}", "Keep such drafts under the old version")
            self.fields[f"class_{row.item.id}"] = forms.ChoiceField(
                label=f"{row.item.name} becomes",
                choices=[*stays, *([] if stays else same), kept, *others],
                initial=kept[0] if row.decide else row.item.id,
            )

    @property
    def to_decide(self) -> list[forms.BoundField]:
        return [field for field in self.visible_fields() if field.name in self.undecided]

    @property
    def as_they_are(self) -> list[forms.BoundField]:
        return [field for field in self.visible_fields() if field.name not in self.undecided]

    @property
    def mapping(self) -> dict[str, str]:
        return {
            name.removeprefix("class_"): KEEP if value == f"={KEEP}" else value
            for name, value in self.cleaned_data.items()
            if name.startswith("class_")
        }
