"""A label schema in the making: begun from a version or from nothing, changed, stored, dropped."""

from collections.abc import Callable
from dataclasses import replace

from django.contrib.auth.models import User
from django.db import transaction

from annotation.errors import SchemaDraftStale
from annotation.labels.schema import LabelSchema as Definition
from annotation.labels.schema_edit import require_plain_ids
from annotation.models import LabelSchema, SchemaDraft
from annotation.selectors.schema_drafts import draft_for
from annotation.services.schemas import require_may_edit, store_schema

Change = Callable[[Definition], Definition]


@transaction.atomic
def begin_draft(
    *, actor: User, definition: Definition, based_on: LabelSchema | None = None
) -> SchemaDraft:
    """Managers of any project only. Raises RoleMissing, SchemaMalformed."""
    require_may_edit(actor)
    require_plain_ids(definition)
    return SchemaDraft.objects.create(
        owner=actor, based_on=based_on, definition=definition.to_json()
    )


@transaction.atomic
def change_draft(
    *, actor: User, draft_id: int, change: Change, version: int | None = None
) -> SchemaDraft:
    """``change`` makes the next definition of the present one; what cannot be read is not kept.

    ``version`` is that of the page on which the change was made; None is for a change that is about
    nothing else on the page. Raises SchemaDraftStale, SchemaMalformed, NotFound, RoleMissing.
    """
    draft = draft_for(actor, draft_id, locked=True)
    require_may_edit(actor)
    if version is not None and version != draft.version:
        raise SchemaDraftStale(
            "This draft was changed in another window since you opened the page.",
            remedy="Your entries are still in the form: look at the draft, then save again.",
            version=draft.version,
        )
    changed = change(Definition.from_json(draft.definition)).to_json()
    require_plain_ids(Definition.from_json(changed))
    if changed != draft.definition:
        draft.definition, draft.version = changed, draft.version + 1
        draft.save(update_fields=["definition", "version", "changed_at"])
    return draft


@transaction.atomic
def store_draft(*, actor: User, draft_id: int, number: int | None = None) -> LabelSchema:
    """The draft becomes a version and is gone; ``number`` is another version than it says itself.

    Raises what ``store_schema`` does, NotFound.
    """
    draft = draft_for(actor, draft_id, locked=True)
    definition = Definition.from_json(draft.definition)
    if number is not None:
        definition = replace(definition, version=number)
    stored = store_schema(actor=actor, definition=definition)
    draft.delete()
    return stored


@transaction.atomic
def drop_draft(*, actor: User, draft_id: int) -> None:
    """Raises NotFound."""
    draft_for(actor, draft_id, locked=True).delete()
