"""The parts of a simulated operation, each stored by itself: see simulate_operation."""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import TypeVar

import numpy as np
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone

from annotation.labels.schema import LabelSchema as Definition
from annotation.models import (
    AnnotationSet,
    Assignment,
    Label,
    LabelSchema,
    Membership,
    ProjectEpisode,
)
from annotation.selectors.labels import labels_by_set
from annotation.services.progress import note_progress
from episodes.models import Episode, Signal, Stream
from review.errors import NotSimulatable
from review.measures.records import Answer, Interval, answer_of
from review.measures.simulated_operation import Plan, plan_operation
from review.measures.simulation import EpisodePlan, true_answer
from review.models import BatchItem, GoldItem, SimulatedOperation, Verdict
from review.services.copy_rows import copy_rows
from review.services.simulated_work import Rows, Stage, label_rows, store_lots

SECOND = 1_000_000_000
Row = TypeVar("Row", Episode, Stream, Signal)
OVERLAP = 2
# Episodes beyond what the plan's people get through, so that a backlog is left.
BACKLOG = 1.2
WORKDAYS_A_MONTH = 20


class Step(StrEnum):
    """What is filled next, in this order; each is taken in parts of a second or so."""

    EPISODES = "episodes"
    PEOPLE = "people"
    WORK = "work"
    LOTS = "lots"
    GOLD = "gold"
    TRAIL = "trail"
    SUMS = "sums"


# How much of each is one part.
PART = {
    Step.EPISODES: 100,
    Step.PEOPLE: 1,
    Step.WORK: 150,
    Step.LOTS: 1,
    Step.GOLD: 20,
    Step.TRAIL: 2000,
    Step.SUMS: 500,
}


@lru_cache(maxsize=1)
def _played(
    lengths_s: tuple[float, ...], people: int, sets_a_day: int, seed: int, months: int, last: date
) -> Plan:
    return plan_operation(
        lengths_s=lengths_s,
        people=people,
        overlap=OVERLAP,
        sets_a_day=sets_a_day,
        seed=seed,
        first=_first_day(months, last),
        last=last,
    )


def _first_day(months: int, last: date) -> date:
    return last - timedelta(days=round(months * 365 / 12))


def _plan(order: SimulatedOperation) -> Plan:
    assert order.last is not None
    durations = order.project.project_episodes.order_by("position").values_list(
        "episode__duration_ns", flat=True
    )
    lengths = tuple(one / SECOND for one in durations)
    return _played(
        lengths, order.people_wanted, order.sets_a_day, order.seed, order.months, order.last
    )


def _analyze() -> None:
    """So many new rows change what the planner has to know at once, not after a minute."""
    models = (Assignment, AnnotationSet, Label, ProjectEpisode, BatchItem, Verdict)
    names = ", ".join(connection.ops.quote_name(one._meta.db_table) for one in models)
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {names}")


def template_of(order: SimulatedOperation) -> int:
    assert order.dataset is not None
    return int(order.dataset.source_metadata["template"])


def _originals(order: SimulatedOperation) -> list[Episode]:
    found = Episode.objects.filter(dataset=template_of(order)).ready().order_by("index")
    originals = list(found.prefetch_related("streams", "signals"))
    if not originals:
        raise NotSimulatable(
            "The dataset that the simulation plays has no ready episode left.",
            remedy="Remove the simulation and order one over another dataset.",
        )
    return originals


def _episode_count(order: SimulatedOperation) -> int:
    """As many as the plan's people get through, and some more."""
    sets = order.months * WORKDAYS_A_MONTH * order.people_wanted * order.sets_a_day * 0.8
    originals = Episode.objects.filter(dataset=template_of(order)).ready().count()
    return max(1, originals, round(sets * BACKLOG / OVERLAP))


def _store_episodes(order: SimulatedOperation, first: int, last: int) -> None:
    """Each a copy of an original: its own record, the original's videos and signals. They came in
    before the plan begins: lists show the newest first, and these are not to stand before real
    ones."""
    assert order.last is not None
    originals = _originals(order)
    copies: list[Episode] = []
    streams: list[Stream] = []
    signals: list[Signal] = []
    for number in range(first, last):
        chance = random.Random(order.seed * 1_000_003 + number)
        original = originals[chance.randrange(len(originals))]
        copy = _copy(original, dataset=order.dataset, index=number)
        copy.key = f"{original.key}_again_{number:06d}"
        copies.append(copy)
        streams += [_copy(one, episode=copy) for one in original.streams.all()]
        signals += [_copy(one, episode=copy) for one in original.signals.all()]
    Episode.objects.bulk_create(copies, batch_size=2000)
    Stream.objects.bulk_create(streams, batch_size=2000)
    Signal.objects.bulk_create(signals, batch_size=2000)
    ids = [one.pk for one in copies]
    begun = datetime.combine(_first_day(order.months, order.last), time(6), UTC)
    Episode.objects.filter(pk__in=ids).update(created_at=begun)
    ProjectEpisode.objects.bulk_create(
        ProjectEpisode(project=order.project, episode=one, position=number, overlap=OVERLAP)
        for number, one in enumerate(copies, first)
    )
    ProjectEpisode.objects.filter(episode__in=ids).update(added_at=begun)


def _copy(row: Row, **changed: object) -> Row:
    values = {
        one.attname: getattr(row, one.attname)
        for one in row._meta.local_concrete_fields
        if not one.primary_key
    }
    for name in changed:
        values.pop(f"{name}_id", None)
    return type(row)(**{**values, **changed})


def _store_people(order: SimulatedOperation, first: int, last: int) -> None:
    project, plan = order.project, _plan(order)
    names = [f"sim{project.pk}_{one.name.lower().replace(' ', '')}" for one in plan.workers]
    names.append(f"sim{project.pk}_reviewer")
    shown = [*(one.name for one in plan.workers), "Reviewer"]
    users = User.objects.bulk_create(
        User(
            username=name,
            first_name=first_name,
            last_name="(simulated)",
            is_active=False,
            password=make_password(None),
        )
        for name, first_name in zip(names, shown, strict=True)
    )
    order.people.set(users)
    role, standing = Membership.Role, Membership.Standing
    members = [
        Membership(
            project=project,
            user=user,
            role=role.REVIEWER if user is users[-1] else role.ANNOTATOR,
            standing_reason="simulated",
        )
        for user in users
    ]
    worst = min(range(len(plan.workers)), key=lambda at: plan.workers[at].accuracy)
    members[worst].standing = standing.PAUSED
    members[worst].standing_reason = "Below the bar on gold for two weeks (simulated)."
    Membership.objects.bulk_create(members)


def _stage(order: SimulatedOperation) -> Stage:
    project = order.project
    rows = project.project_episodes.order_by("position").select_related("episode")
    rows = rows.defer("episode__search")
    places = list(rows)
    episodes = [one.episode for one in places]
    users = list(order.people.order_by("pk"))
    schemas = list(LabelSchema.objects.filter(name=project.schema.name).order_by("version"))
    return Stage(
        project=project,
        places=places,
        lengths_ns=[one.duration_ns for one in episodes],
        truth_of=_truth_of(order.seed, episodes),
        people=users[:-1],
        reviewer=users[-1],
        schemas=(schemas[0], schemas[-1]),
        seed=order.seed,
    )


def _store_work(order: SimulatedOperation, first: int, last: int) -> None:
    Rows(_plan(order), _stage(order)).store_work(first, last)


def _store_lots(order: SimulatedOperation, first: int, last: int) -> None:
    store_lots(Rows(_plan(order), _stage(order)), first, last)


def _store_trail(order: SimulatedOperation, first: int, last: int) -> None:
    Rows(_plan(order), _stage(order)).store_trail(first, last)


def _store_sums(order: SimulatedOperation, first: int, last: int) -> None:
    """What follows from the work of so many places; at last, some are reserved."""
    if first == 0:
        _analyze()
    places = order.project.project_episodes.order_by("position")
    note_progress(list(places.values_list("pk", flat=True)[first:last]))
    free = places.filter(progress=ProjectEpisode.Progress.WAITING)
    if last == places.count() and free.exists():
        chosen = list(free.values_list("pk", flat=True)[3:9])
        until = timezone.localdate() + timedelta(days=7)
        someone = order.people.order_by("pk").first()
        ProjectEpisode.objects.filter(pk__in=chosen).update(
            reserved_for=someone, reserved_until=until
        )


def _golden_places(order: SimulatedOperation) -> int:
    """One episode in twenty."""
    return (order.project.project_episodes.count() + 12) // 20


LENGTH: dict[Step, Callable[[SimulatedOperation], int]] = {
    Step.EPISODES: _episode_count,
    Step.PEOPLE: lambda order: 1,
    Step.WORK: lambda order: len(_plan(order).holds),
    Step.LOTS: lambda order: len(_plan(order).lots),
    Step.GOLD: _golden_places,
    Step.TRAIL: lambda order: Rows(_plan(order), _stage(order)).trail_length(),
    Step.SUMS: lambda order: order.project.project_episodes.count(),
}


def _truth_of(seed: int, episodes: Sequence[Episode]) -> Callable[[int], Answer]:
    """What happened: the gold of the episode that is played, else something made up."""
    golden = _gold_answers({one.content_sha256 for one in episodes})

    def truth(number: int) -> Answer:
        one = episodes[number]
        known = golden.get((one.content_sha256, one.duration_ns))
        if known is None:
            known = true_answer(_layout(one.duration_ns), np.random.default_rng((seed, number)))
        return known

    return truth


def _layout(duration_ns: int) -> EpisodePlan:
    events = max(1, min(5, duration_ns // SECOND))
    return EpisodePlan(duration_ns, events, segments=4, apart_ns=duration_ns // (events * 3))


def _one_after_another(answer: Answer) -> Answer:
    """Made-up people mark one lane of instructions; phases above them are left out."""
    kept: list[Interval] = []
    for one in sorted(answer.intervals, key=lambda interval: interval.start_ns):
        if one.label == "instruction" and (not kept or one.start_ns >= kept[-1].end_ns):
            kept.append(one)
    return replace(answer, intervals=tuple(kept))


def _gold_answers(contents: set[str]) -> dict[tuple[str, int], Answer]:
    items = GoldItem.objects.filter(project_episode__episode__content_sha256__in=contents)
    rows = items.select_related("annotation_set__schema", "project_episode__episode")
    sets = [item.annotation_set for item in rows]
    labels = labels_by_set(sets)
    return {
        (item.project_episode.episode.content_sha256, item.project_episode.episode.duration_ns):
        _one_after_another(
            answer_of(
                labels[item.annotation_set_id],
                Definition.from_json(item.annotation_set.schema.definition),
            )
        )
        for item in rows
    }  # fmt: skip


def _store_gold(order: SimulatedOperation, first: int, last: int) -> None:
    """One episode in twenty has its truth as gold."""
    stage = _stage(order)
    chosen = [20 * number + 7 for number in range(first, last)]
    sets = AnnotationSet.objects.bulk_create(
        AnnotationSet(
            project_episode=stage.places[at],
            kind=AnnotationSet.Kind.GOLD,
            state=AnnotationSet.State.SUBMITTED,
            submitted_at=timezone.now(),
            schema=stage.schemas[1],
        )
        for at in chosen
    )
    rows = [
        row
        for at, one in zip(chosen, sets, strict=True)
        for row in label_rows(one.pk, f"gold {one.pk}", stage.truth_of(at))
    ]
    copy_rows(rows)
    GoldItem.objects.bulk_create(
        GoldItem(project_episode=one.project_episode, annotation_set=one, origin="simulation")
        for one in sets
    )


STORE: dict[Step, Callable[[SimulatedOperation, int, int], None]] = {
    Step.EPISODES: _store_episodes,
    Step.PEOPLE: _store_people,
    Step.WORK: _store_work,
    Step.LOTS: _store_lots,
    Step.GOLD: _store_gold,
    Step.TRAIL: _store_trail,
    Step.SUMS: _store_sums,
}
