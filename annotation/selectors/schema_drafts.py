"""A person's label schemas in the making."""

from django.contrib.auth.models import User
from django.db.models import QuerySet

from annotation.errors import NotFound
from annotation.labels.schema import Attribute, LabelClass
from annotation.labels.schema import LabelSchema as Definition
from annotation.models import LabelSchema, SchemaDraft
from annotation.selectors.schemas import next_version


def own_drafts(user: User) -> QuerySet[SchemaDraft]:
    """The last changed first."""
    return SchemaDraft.objects.filter(owner=user).select_related("based_on")


def draft_for(user: User, draft_id: int, *, locked: bool = False) -> SchemaDraft:
    """Raises NotFound, for another person's draft as well."""
    drafts = own_drafts(user)
    if locked:
        drafts = drafts.select_for_update(no_key=True, of=("self",))
    found = drafts.filter(pk=draft_id).first()
    if found is None:
        raise NotFound(
            "There is no such draft.",
            remedy="It may be stored or dropped: look at the list of label schemas.",
        )
    return found


def class_in(definition: Definition, class_id: str) -> LabelClass:
    """Raises NotFound."""
    found = definition.class_by_id.get(class_id)
    if found is None:
        raise NotFound(
            f"The schema has no class {class_id}.", remedy="Choose one of the list of classes."
        )
    return found


def attribute_in(item: LabelClass, attribute_id: str) -> Attribute:
    """Raises NotFound."""
    for attribute in item.attributes:
        if attribute.id == attribute_id:
            return attribute
    raise NotFound(
        f"The class {item.name} has no field {attribute_id}.",
        remedy="Choose one of the class's fields.",
    )


def number_for(definition: Definition) -> int:
    """The version that the draft can be stored as: its own where that is free."""
    taken = LabelSchema.objects.filter(name=definition.name, version=definition.version).exists()
    return next_version(definition.name) if taken else definition.version
