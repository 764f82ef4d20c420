"""Forms of the import page."""

from pathlib import Path

from django import forms

from episodes.selectors.imports import importable_folders


class ImportForm(forms.Form):
    """A folder on the server. The list is what the import roots hold at this moment."""

    path = forms.ChoiceField(label="Folder on the server")
    name = forms.CharField(
        label="Dataset name",
        required=False,
        max_length=200,
        help_text="The folder's name when left empty. A dataset of that name grows by what is new.",
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        folders = [(str(path), label(path)) for path in importable_folders()]
        field = self.fields["path"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = folders


def label(path: Path) -> str:
    return f"{path.name} ({path.parent})"
