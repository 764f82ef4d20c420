"""What a recording brought along, as values."""

from annotation.labels.found import Found
from annotation.labels.records import Kind
from episodes.models import Episode, FoundLabel


def found_records(episode: Episode) -> list[Found]:
    """In the source's order."""
    return [
        Found(
            position=row.position,
            kind=Kind(row.kind),
            word=row.label_class,
            start_ns=row.start_ns,
            end_ns=row.end_ns,
            text=row.text,
            effector=row.effector,
            attributes=row.attributes,
            uncertainty_ns=row.uncertainty_ns,
        )
        for row in FoundLabel.objects.filter(episode=episode).order_by("position")
    ]
