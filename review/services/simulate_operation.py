"""Fill a project with months of made-up work, marked as such and removable in one step."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

import numpy as np
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.utils import timezone

from annotation.labels.schema import LabelSchema as Definition
from annotation.labels.schema import core_schema
from annotation.models import (
    AnnotationSet,
    Assignment,
    GuidelineVersion,
    Label,
    LabelSchema,
    Membership,
    Project,
    ProjectEpisode,
)
from annotation.selectors.labels import labels_by_set
from annotation.services.progress import note_progress
from episodes.models import Dataset, Episode, Signal, Stream
from review.errors import NotSimulatable
from review.measures.records import Answer, answer_of
from review.measures.simulated_operation import Plan, plan_operation
from review.measures.simulation import EpisodePlan, true_answer
from review.models import BatchItem, GoldItem, SimulatedOperation, Verdict
from review.services.copy_rows import copy_rows
from review.services.daily_work import rebuild_daily_work
from review.services.simulated_work import Rows, Stage, label_rows

SECOND = 1_000_000_000
Row = TypeVar("Row", Episode, Stream, Signal)
OVERLAP = 2
# Episodes beyond what the plan's people get through, so that a backlog is left.
BACKLOG = 1.2
WORKDAYS_A_MONTH = 20
GUIDELINE = """\
This project is simulated: its people, their work and its reviews are made up from a seed, so that
lists, plots and reports can be judged full. Nobody labels here.
"""


@dataclass(frozen=True, slots=True)
class Simulated:
    """What one simulation made."""

    project: Project
    people: int
    episodes: int
    submitted: int


@transaction.atomic
def order_simulation(
    *,
    name: str,
    template: Dataset,
    managers: Sequence[tuple[User, str]] = (),
    months: int = 3,
    people: int = 12,
    sets_a_day: int = 5,
    seed: int = 1,
) -> SimulatedOperation:
    """The project, empty and marked as simulated; a sweep or ``fill_simulation`` fills it.

    ``template`` is the dataset whose episodes are played over and over; ``managers`` are real
    people with the roles that let them see it. Raises NotSimulatable.
    """
    if Project.objects.filter(name=name).exists():
        raise NotSimulatable(
            f"There is a project named {name} already.",
            remedy="Choose another name, or remove a simulated one with --remove.",
        )
    if not template.episodes.ready().exists():
        raise NotSimulatable(
            f"{template.name} has no ready episode to play.", remedy="Wait for its import."
        )
    after = _schema(name, 2)
    _schema(name, 1)
    project = Project.objects.create(
        name=name,
        description="Made up: months of simulated work, to judge lists, plots and reports full.",
        schema=after,
        overlap=OVERLAP,
        simulated=True,
    )
    Membership.objects.bulk_create(
        Membership(project=project, user=user, role=role) for user, role in managers
    )
    GuidelineVersion.objects.create(project=project, number=1, text=GUIDELINE)
    return SimulatedOperation.objects.create(
        project=project,
        dataset=_empty_copy(template, project),
        months=months,
        people_wanted=people,
        sets_a_day=sets_a_day,
        seed=seed,
    )


@transaction.atomic
def fill_simulation(*, order_id: int, last: date | None = None) -> Simulated | None:
    """Play the plan and store it; None when it is there already. The same seed and ``last`` (its
    last day, yesterday unless told) make the same work."""
    order = (
        SimulatedOperation.objects.select_for_update(of=("self",))
        .select_related("project", "dataset")
        .get(pk=order_id)
    )
    if order.filled_at is not None or order.dataset is None:
        return None
    last = last or timezone.localdate() - timedelta(days=1)
    first = last - timedelta(days=round(order.months * 365 / 12))
    episodes = _episodes(order, _originals(order))
    places = ProjectEpisode.objects.bulk_create(
        ProjectEpisode(project=order.project, episode=one, position=at, overlap=OVERLAP)
        for at, one in enumerate(episodes)
    )
    plan = plan_operation(
        lengths_s=[one.duration_ns / SECOND for one in episodes],
        people=order.people_wanted,
        overlap=OVERLAP,
        sets_a_day=order.sets_a_day,
        seed=order.seed,
        first=first,
        last=last,
    )
    stage = _stage(order, plan, places, episodes)
    submitted = Rows(plan, stage).store()
    _gold(stage)
    _analyze()
    note_progress([place.pk for place in places])
    order.filled_at = timezone.now()
    order.save(update_fields=["filled_at"])
    rebuild_daily_work(order.project)
    return Simulated(order.project, len(stage.people), len(places), submitted)


def _analyze() -> None:
    """So many new rows change what the planner has to know at once, not after a minute."""
    models = (Assignment, AnnotationSet, Label, ProjectEpisode, BatchItem, Verdict)
    names = ", ".join(connection.ops.quote_name(one._meta.db_table) for one in models)
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {names}")


def _schema(project_name: str, version: int) -> LabelSchema:
    """The core schema under the simulation's name; its first version lacks the last class."""
    definition = core_schema().to_json()
    classes = definition["classes"] if version > 1 else definition["classes"][:-1]
    name = f"simulated-{_number(project_name):x}"
    definition.update(name=name, version=version, classes=classes)
    Definition.from_json(definition)
    return LabelSchema.objects.create(name=name, version=version, definition=definition)


def _number(name: str) -> int:
    """The same number for a name in every process."""
    return random.Random(name).getrandbits(40)


def _empty_copy(template: Dataset, project: Project) -> Dataset:
    return Dataset.objects.create(
        name=f"{project.name}: recordings (simulated)",
        format=template.format,
        format_version=template.format_version,
        robot_type=template.robot_type,
        domain=Dataset.Domain.SIM,
        licence=template.licence,
        consent=template.consent,
        provenance=f"Made up for the simulation: episodes of {template.name}, played again.",
        source_path=template.source_path,
        fingerprint=template.fingerprint,
        source_metadata={"simulated": True, "template": template.pk},
    )


def _originals(order: SimulatedOperation) -> list[Episode]:
    assert order.dataset is not None
    template = order.dataset.source_metadata["template"]
    found = Episode.objects.filter(dataset=template).ready().order_by("index")
    originals = list(found.prefetch_related("streams", "signals"))
    if not originals:
        raise NotSimulatable(
            "The dataset that the simulation plays has no ready episode left.",
            remedy="Remove the simulation and order one over another dataset.",
        )
    return originals


def _episodes(order: SimulatedOperation, originals: Sequence[Episode]) -> list[Episode]:
    """As many as the plan's people get through and some more, each a copy of an original: its own
    record, the original's videos and signals."""
    sets = order.months * WORKDAYS_A_MONTH * order.people_wanted * order.sets_a_day * 0.8
    count = max(len(originals), round(sets * BACKLOG / OVERLAP))
    chance = random.Random(order.seed)
    copies: list[Episode] = []
    streams: list[Stream] = []
    signals: list[Signal] = []
    for number in range(count):
        original = originals[chance.randrange(len(originals))]
        copy = _copy(original, dataset=order.dataset, index=number)
        copy.key = f"{original.key}_again_{number:06d}"
        copies.append(copy)
        streams += [_copy(one, episode=copy) for one in original.streams.all()]
        signals += [_copy(one, episode=copy) for one in original.signals.all()]
    Episode.objects.bulk_create(copies, batch_size=2000)
    Stream.objects.bulk_create(streams, batch_size=2000)
    Signal.objects.bulk_create(signals, batch_size=2000)
    return copies


def _copy(row: Row, **changed: object) -> Row:
    values = {
        one.attname: getattr(row, one.attname)
        for one in row._meta.local_concrete_fields
        if not one.primary_key
    }
    for name in changed:
        values.pop(f"{name}_id", None)
    return type(row)(**{**values, **changed})


def _stage(
    order: SimulatedOperation,
    plan: Plan,
    places: Sequence[ProjectEpisode],
    episodes: Sequence[Episode],
) -> Stage:
    project = order.project
    names = [f"sim{project.pk}_{one.name.lower().replace(' ', '')}" for one in plan.workers]
    names.append(f"sim{project.pk}_reviewer")
    shown = [*(one.name for one in plan.workers), "Reviewer"]
    users = User.objects.bulk_create(
        User(
            username=name,
            first_name=first,
            last_name="(simulated)",
            is_active=False,
            password=make_password(None),
        )
        for name, first in zip(names, shown, strict=True)
    )
    order.people.set(users)
    role = Membership.Role
    Membership.objects.bulk_create(
        Membership(
            project=project,
            user=user,
            role=role.REVIEWER if user is users[-1] else role.ANNOTATOR,
            standing_reason="simulated",
        )
        for user in users
    )
    schemas = list(LabelSchema.objects.filter(name=project.schema.name).order_by("version"))
    return Stage(
        project=project,
        places=places,
        lengths_ns=[one.duration_ns for one in episodes],
        truths=_truths(order.seed, episodes),
        people=users[:-1],
        reviewer=users[-1],
        schemas=(schemas[0], schemas[-1]),
        seed=order.seed,
    )


def _truths(seed: int, episodes: Sequence[Episode]) -> list[Answer]:
    """What happened: the gold of the episode that is played, else something made up."""
    golden = _gold_answers({one.content_sha256 for one in episodes})
    truths = []
    for number, one in enumerate(episodes):
        known = golden.get((one.content_sha256, one.duration_ns))
        if known is None:
            rng = np.random.default_rng((seed, number))
            known = true_answer(_layout(one.duration_ns), rng)
        truths.append(known)
    return truths


def _layout(duration_ns: int) -> EpisodePlan:
    events = max(1, min(5, duration_ns // SECOND))
    return EpisodePlan(duration_ns, events, segments=4, apart_ns=duration_ns // (events * 3))


def _gold_answers(contents: set[str]) -> dict[tuple[str, int], Answer]:
    items = GoldItem.objects.filter(project_episode__episode__content_sha256__in=contents)
    rows = items.select_related("annotation_set__schema", "project_episode__episode")
    sets = [item.annotation_set for item in rows]
    labels = labels_by_set(sets)
    return {
        (item.project_episode.episode.content_sha256, item.project_episode.episode.duration_ns):
        answer_of(
            labels[item.annotation_set_id],
            Definition.from_json(item.annotation_set.schema.definition),
        )
        for item in rows
    }  # fmt: skip


def _gold(stage: Stage) -> None:
    """One episode in twenty has its truth as gold."""
    chosen = [at for at in range(len(stage.places)) if at % 20 == 7]
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
        for row in label_rows(one.pk, f"gold {one.pk}", stage.truths[at])
    ]
    copy_rows(rows)
    GoldItem.objects.bulk_create(
        GoldItem(project_episode=one.project_episode, annotation_set=one, origin="simulation")
        for one in sets
    )
