"""Diffs of label sets: what a save carries, what history keeps, what undo inverts.

A diff puts whole labels (new or changed) and removes ids. For all label sets a, b:
``apply(a, diff_between(a, b)) == ordered(b)`` and
``apply(apply(a, d), invert(d, a)) == ordered(a)``.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from annotation.labels.records import Label, LabelMalformed, ordered


@dataclass(frozen=True, slots=True)
class Diff:
    """``put``: labels to add or replace by id; ``remove``: ids to take away (absent ones are fine).

    Raises LabelMalformed when an id comes twice: which of the two is meant is not guessed.
    """

    put: tuple[Label, ...] = ()
    remove: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        seen: set[str] = set()
        for label_id in (*(label.id for label in self.put), *self.remove):
            if label_id in seen:
                raise LabelMalformed(
                    f"The label {label_id} appears twice in one diff.",
                    remedy="Send each label once, either to put or to remove.",
                    field="put",
                )
            seen.add(label_id)

    def __bool__(self) -> bool:
        return bool(self.put or self.remove)

    def to_json(self) -> dict[str, Any]:
        return {"put": [label.to_json() for label in self.put], "remove": list(self.remove)}


def apply(labels: Iterable[Label], diff: Diff) -> tuple[Label, ...]:
    """The labels after the diff, in time order."""
    by_id = {label.id: label for label in labels}
    for label_id in diff.remove:
        by_id.pop(label_id, None)
    by_id.update((label.id, label) for label in diff.put)
    return ordered(by_id.values())


def diff_between(before: Iterable[Label], after: Iterable[Label]) -> Diff:
    """The smallest diff that leads from one set to the other."""
    old = {label.id: label for label in before}
    new = {label.id: label for label in after}
    return Diff(
        put=ordered(label for label in new.values() if old.get(label.id) != label),
        remove=tuple(sorted(label_id for label_id in old if label_id not in new)),
    )


def invert(diff: Diff, before: Iterable[Label]) -> Diff:
    """The diff that takes ``diff`` back, given the labels it was applied to."""
    before = tuple(before)
    return diff_between(apply(before, diff), before)
