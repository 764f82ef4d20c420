"""Make a label schema known to the database."""

from annotation.labels.schema import LabelSchema as Definition
from annotation.labels.schema import core_schema
from annotation.models import LabelSchema


def register_schema(definition: Definition) -> LabelSchema:
    """The stored row of this name and version, made when it is not there.

    A stored version never changes: labels were made under it. A changed definition needs a new
    version number.
    """
    stored, _ = LabelSchema.objects.get_or_create(
        name=definition.name,
        version=definition.version,
        defaults={"definition": definition.to_json()},
    )
    return stored


def core_label_schema() -> LabelSchema:
    """The taxonomy that comes with Touchline."""
    return register_schema(core_schema())
