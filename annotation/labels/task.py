"""What an episode's task says that labels are checked against."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Goal:
    """One predicate of the task: true or not at the end. ``id`` names it in labels."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class TaskFacts:
    """``objects``: the things the task is about, each by its full name; empty when not said."""

    goals: tuple[Goal, ...] = ()
    objects: tuple[str, ...] = ()

    @classmethod
    def of(cls, goals: list[dict[str, Any]], objects: list[str]) -> "TaskFacts":
        return cls(tuple(Goal(one["id"], one["text"]) for one in goals), tuple(objects))


NOTHING_SAID = TaskFacts()
