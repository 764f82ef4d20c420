"""What a task says beside its text: goals, things and usual phrases."""

import re
from collections.abc import Mapping, Sequence

from django.contrib.auth.models import User
from django.db import transaction

from episodes.access import episode_access
from episodes.errors import TaskMalformed
from episodes.models import Task
from episodes.selectors.tasks import require_may_describe

MOST_GOALS = 20
MOST_LINES = 100
MAX_CHARS = 200
_ID = re.compile(r"[a-z0-9_]{1,40}")


def describe_task(
    *,
    actor: User,
    task: Task,
    goals: Mapping[str, str],
    things: Sequence[str] = (),
    phrases: Sequence[str] = (),
) -> Task:
    """Write a task's goals (their texts by id), the things it is about and its usual instructions.

    Labels answer goals by id: a changed text keeps what was answered, a new id asks anew. Raises
    ChangeNotAllowed below manager, and TaskMalformed naming what is wrong.
    """
    require_may_describe(actor)
    _check(goals, things, phrases)
    with transaction.atomic():
        row = Task.objects.select_for_update().get(pk=task.pk)
        row.goals = [{"id": name, "text": text.strip()} for name, text in goals.items()]
        row.things = [thing.strip() for thing in things]
        row.phrases = [phrase.strip() for phrase in phrases]
        row.save(update_fields=["goals", "things", "phrases"])
        facts = {"task": row.text, "goals": row.goals, "things": row.things}
        episode_access().record(actor=actor, action="task.described", subjects=[row], facts=facts)
    return row


def _check(goals: Mapping[str, str], things: Sequence[str], phrases: Sequence[str]) -> None:
    if len(goals) > MOST_GOALS or len(things) > MOST_LINES or len(phrases) > MOST_LINES:
        raise _malformed(f"more than {MOST_GOALS} goals or {MOST_LINES} things or phrases")
    for name in goals:
        if not _ID.fullmatch(name):
            raise _malformed(f"the goal id “{name}”, which is not made of a-z, 0-9 and _")
    for text in (*goals.values(), *things, *phrases):
        if not text.strip() or len(text) > MAX_CHARS:
            raise _malformed(f"an empty text or one of more than {MAX_CHARS} characters")
    numbers = {int(n) for phrase in phrases for n in re.findall(r"\{(\d+)\}", phrase)}
    if numbers and max(numbers) >= len(things):
        raise _malformed(f"the phrase number {{{max(numbers)}}}, for which there is no thing")


def _malformed(what: str) -> TaskMalformed:
    return TaskMalformed(
        f"The description of the task has {what}.", remedy="Correct it and try again."
    )
