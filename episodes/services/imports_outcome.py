"""What becomes of an import item."""

from dataclasses import dataclass

from episodes.models import Episode, ImportItem


@dataclass(frozen=True, slots=True)
class ItemOutcome:
    """The state an item ends in, with its reason, and the episode it brought in or found."""

    state: ImportItem.State
    code: str = ""
    reason: str = ""
    remedy: str = ""
    episode: Episode | None = None


def quarantined(code: str, reason: str, remedy: str) -> ItemOutcome:
    return ItemOutcome(ImportItem.State.QUARANTINED, code, reason, remedy)
