"""Forms of comments and notifications."""

import uuid

from django import forms

from annotation.models import DigestChoice
from annotation.models.comments import TEXT_LENGTH


class CommentForm(forms.Form):
    """``id`` is made with the form, so that a second click posts nothing twice."""

    id = forms.UUIDField(widget=forms.HiddenInput)
    parent = forms.UUIDField(required=False, widget=forms.HiddenInput)
    text = forms.CharField(
        label="Comment", max_length=TEXT_LENGTH, widget=forms.Textarea(attrs={"rows": 3})
    )

    @classmethod
    def fresh(cls, parent: uuid.UUID | None = None) -> "CommentForm":
        return cls(initial={"id": uuid.uuid4(), "parent": parent}, auto_id=f"id_%s_{parent}")


class ResolveForm(forms.Form):
    comment = forms.UUIDField()
    resolved = forms.BooleanField(required=False)


class DigestForm(forms.Form):
    every = forms.ChoiceField(
        label="What I have not read, by e-mail", choices=DigestChoice.Every.choices
    )
