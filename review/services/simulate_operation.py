"""Fill a project with months of made-up work, marked as such and removable in one step."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from time import monotonic

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from annotation.labels.schema import LabelSchema as Definition
from annotation.labels.schema import core_schema
from annotation.models import (
    AnnotationSet,
    GuidelineVersion,
    LabelSchema,
    Membership,
    Project,
)
from episodes.models import Dataset, Episode, Stream
from review.errors import NotSimulatable
from review.models import SimulatedOperation
from review.services.daily_work import rebuild_daily_work
from review.services.simulated_parts import LENGTH, OVERLAP, PART, STORE, Step, template_of

# How long a fill waits for the recordings to be prepared and measured.
PATIENCE = timedelta(minutes=10)
GUIDELINE = """\
This project is simulated: its people, their work and its reviews are made up from a seed, so that
lists, plots and reports can be judged full. Nobody labels here.
"""


@dataclass(frozen=True, slots=True)
class Simulated:
    """What one simulation made; its reviewer is not among the ``people``."""

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


def fill_simulation(*, order_id: int, last: date | None = None) -> Simulated | None:
    """Play the plan and store all of it; None when it is there already. The same seed and ``last``
    (its last day, yesterday unless told) make the same work."""
    order = SimulatedOperation.objects.get(pk=order_id)
    if order.filled_at is not None or order.dataset_id is None:
        return None
    while advance_simulation(order_id=order_id, last=last):
        pass
    project = order.project
    handed_in = AnnotationSet.objects.filter(
        project_episode__project=project, kind="annotator", state="submitted"
    )
    episodes = project.project_episodes.count()
    return Simulated(project, order.people.count() - 1, episodes, handed_in.count())


@transaction.atomic
def advance_simulation(*, order_id: int, last: date | None = None) -> bool:
    """Store the next part; whether anything was done. An order that somebody else fills at this
    moment, or that is filled or gone, is left alone."""
    orders = SimulatedOperation.objects.select_for_update(skip_locked=True, of=("self",))
    order = orders.select_related("project", "dataset").filter(pk=order_id, filled_at=None).first()
    if order is None or order.dataset is None:
        return False
    if order.last is None:
        order.last = last or timezone.localdate() - timedelta(days=1)
        order.stage = Step.EPISODES
    step = Step(order.stage)
    length = LENGTH[step](order)
    end = min(order.place + PART[step], length)
    STORE[step](order, order.place, end)
    if end < length:
        order.place = end
    else:
        order.place = 0
        following = list(Step).index(step) + 1
        if following < len(Step):
            order.stage = list(Step)[following]
        else:
            order.filled_at = timezone.now()
            rebuild_daily_work(order.project)
    order.save(update_fields=["last", "stage", "place", "filled_at"])
    return True


def waiting_orders() -> list[int]:
    """Orders whose recordings are ready to be played: copies are made of what is prepared and
    measured, so that nothing is prepared or measured again for them."""
    waiting = SimulatedOperation.objects.filter(filled_at=None, dataset__isnull=False)
    return [one.pk for one in waiting.select_related("dataset").order_by("pk") if _ready(one)]


def _ready(order: SimulatedOperation) -> bool:
    if order.stage or order.ordered_at < timezone.now() - PATIENCE:
        return True
    originals = Episode.objects.filter(dataset=template_of(order)).ready()
    unprepared = Stream.objects.filter(episode__in=originals, sprite_path="", sprite={})
    unmeasured = originals.filter(sync=Episode.Sync.UNMEASURED)
    return originals.exists() and not unprepared.exists() and not unmeasured.exists()


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
        # Asked anew: whoever gave the template its robot may have done so since it was read.
        embodiment_id=Dataset.objects.values_list("embodiment", flat=True).get(pk=template.pk),
        domain=Dataset.Domain.SIM,
        licence=template.licence,
        consent=template.consent,
        provenance=f"Made up for the simulation: episodes of {template.name}, played again.",
        source_path=template.source_path,
        fingerprint=template.fingerprint,
        source_metadata={"simulated": True, "template": template.pk},
    )


def fill_waiting(seconds: float) -> int:
    """So many parts of waiting orders, until the time is used; beside other work nobody notices."""
    began, parts = monotonic(), 0
    for order_id in waiting_orders():
        while monotonic() - began < seconds and advance_simulation(order_id=order_id):
            parts += 1
    return parts
