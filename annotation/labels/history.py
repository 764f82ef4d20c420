"""What a set held at each revision, and what happened between two of them. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from annotation.labels.diff import diff_between
from annotation.labels.records import Label, ordered


@dataclass(frozen=True, slots=True)
class Step:
    """One revision: ``put`` and ``remove`` as they were saved, ``before`` what they touched."""

    number: int
    put: tuple[Label, ...]
    remove: tuple[str, ...]
    before: tuple[Label, ...]


def labels_at(now: Iterable[Label], steps: Sequence[Step], number: int) -> tuple[Label, ...]:
    """The labels at revision ``number``, from those of now by taking later steps back.

    Backwards, because a round that was sent back begins with labels that no step of it put.
    """
    held = {label.id: label for label in now}
    for step in sorted(steps, key=lambda one: -one.number):
        if step.number <= number:
            break
        for label in step.put:
            held.pop(label.id, None)
        held.update((label.id, label) for label in step.before)
    return ordered(held.values())


@dataclass(frozen=True, slots=True)
class Change:
    """One label that differs; without ``before`` it is new, without ``after`` gone."""

    before: Label | None
    after: Label | None

    @property
    def label(self) -> Label | None:
        """As it is after; one that is gone, as it was."""
        return self.after or self.before

    @property
    def what(self) -> str:
        if self.before is None:
            return "added"
        return "removed" if self.after is None else "changed"

    @property
    def fields(self) -> tuple[tuple[str, object, object], ...]:
        """Name, before and after of each field that differs in a changed label."""
        if self.before is None or self.after is None:
            return ()
        old, new = self.before.to_json(), self.after.to_json()
        return tuple((key, old[key], new[key]) for key in old if old[key] != new[key])


def changes_between(before: Iterable[Label], after: Iterable[Label]) -> tuple[Change, ...]:
    """In time order of the labels as they are after, removed ones where they were."""
    old = {label.id: label for label in before}
    new = {label.id: label for label in after}
    diff = diff_between(old.values(), new.values())
    touched = [(label, Change(old.get(label.id), label)) for label in diff.put]
    touched += [(old[gone], Change(old[gone], None)) for gone in diff.remove]
    place = {label.id: n for n, label in enumerate(ordered(label for label, _ in touched))}
    return tuple(change for label, change in sorted(touched, key=lambda one: place[one[0].id]))
