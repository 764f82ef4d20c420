"""Generated episodes for bench_browse: as many kinds, names and tags as a busy year brings."""

import random
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, TypeVar

from django.contrib.auth.models import User
from django.db import connection, models
from django.db.models import DateTimeField, DurationField, ExpressionWrapper, F, Value
from django.utils import timezone

from annotation.models import (
    AnnotationSet,
    Assignment,
    Label,
    LabelSchema,
    Membership,
    Project,
    ProjectEpisode,
)
from annotation.services.register_schema import core_label_schema
from episodes.models import Dataset, Episode, MediaAsset, Stream, Task
from episodes.services.search import index_search
from review.models import Batch, BatchItem
from review.services.progress import rebuild_progress

Row = TypeVar("Row", bound=models.Model)
SEED = 20_260_401
DATASETS = 120
BATCH = 5000
START = datetime(2026, 1, 1, tzinfo=UTC)
VERBS = ("pick up", "put down", "push", "open", "close", "pour", "stack", "wipe", "insert", "turn")
COLOURS = ("red", "blue", "green", "yellow", "white", "black", "wooden", "metal")
THINGS = ("block", "cup", "drawer", "bottle", "plate", "towel", "screw", "lid", "door", "bowl")
PLACES = ("on the table", "into the box", "beside the sink", "from the shelf", "near the tray")
ROOMS = ("kitchen", "lab", "desk", "bench")
TAGS = ("good light", "occluded", "two arms", "fast", "retry", "demo", "night", "check")
ROBOTS = ("so101", "aloha", "franka", "unitree_g1", "ur5e")
LICENCES = ("apache-2.0", "cc-by-4.0", "mit", "")
SYNC = [Episode.Sync.GREEN] * 80 + [Episode.Sync.AMBER] * 10 + [Episode.Sync.UNKNOWN] * 7
SYNC += [Episode.Sync.RED] * 3
OUTCOMES = ["outcome_success"] * 70 + ["outcome_failure"] * 24 + ["outcome_partial"] * 5
OUTCOMES += ["outcome_unclear"]


def fill(count: int) -> None:
    """``count`` episodes with three cameras; a third of them in two projects, at every stage."""
    rng = random.Random(SEED)
    mei = User.objects.create_user("mei")
    ada = User.objects.create_user("ada")
    abe = User.objects.create_user("abe")
    User.objects.create_superuser("root")
    datasets = _datasets(rng, mei)
    _episodes(rng, datasets, count)
    schema = core_label_schema()
    ids = list(Episode.objects.order_by("?").values_list("pk", flat=True)[: count // 3])
    half = len(ids) // 2
    for name, part in (("Blocks", ids[:half]), ("Kitchens", ids[half:])):
        project = Project.objects.create(name=name, schema=schema, overlap=2)
        Membership.objects.create(project=project, user=mei, role="manager")
        for annotator in (ada, abe) if name == "Blocks" else (abe,):
            Membership.objects.create(project=project, user=annotator, role="annotator")
        _labels(rng, project, part, schema, (ada, abe))
    rebuild_progress()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _datasets(rng: random.Random, owner: User) -> list[Dataset]:
    return Dataset.objects.bulk_create(
        Dataset(
            name=f"recordings {number:03d}",
            format="lerobot_v30",
            format_version="v3.0",
            robot_type=rng.choice(ROBOTS),
            domain=rng.choices(("real", "sim", "human"), (7, 2, 1))[0],
            licence=rng.choice(LICENCES),
            consent=rng.choices(("unknown", "given", "not_needed"), (5, 3, 2))[0],
            provenance=f"recorded in laboratory {number % 12}",
            source_path="/nowhere",
            fingerprint="0" * 64,
            owner=owner if number % 2 else None,
        )
        for number in range(DATASETS)
    )


def _episodes(rng: random.Random, datasets: list[Dataset], count: int) -> None:
    texts = [f"{v} the {c} {t} {p}" for v in VERBS for c in COLOURS for t in THINGS for p in PLACES]
    tasks = Task.objects.bulk_create(Task(text=text) for text in texts)
    asset = MediaAsset.objects.create(sha256="0" * 64, path="media/none.mp4", size=1)
    rows = (_episode(rng, number, datasets, tasks, count) for number in range(count))
    while batch := list(islice(rows, BATCH)):
        made = Episode.objects.bulk_create(batch)
        Stream.objects.bulk_create(stream for one in made for stream in _streams(one, asset))
        index_search(episodes=[one.pk for one in made])
    # They came in one a minute.
    age = ExpressionWrapper(F("index") * Value(timedelta(minutes=1)), DurationField())
    Episode.objects.update(created_at=Value(START, DateTimeField()) + age)


def _episode(
    rng: random.Random, number: int, datasets: list[Dataset], tasks: list[Task], count: int
) -> Episode:
    place = number * len(datasets) // count
    tags = rng.sample(TAGS, rng.choice((0, 0, 1, 1, 2)))
    if number % 20_000 == 17:
        tags.append("once")
    return Episode(
        id=uuid.UUID(int=rng.getrandbits(128), version=4),
        dataset=datasets[place],
        key=f"episode_{number:06d}",
        index=number,
        # Each dataset has a handful of the instructions.
        task=tasks[(place * 37 + rng.randrange(40)) % len(tasks)],
        state=Episode.State.READY,
        duration_ns=rng.randrange(5, 60) * 10**9,
        rows=900,
        rate_num=30,
        content_sha256="0" * 64,
        scene=f"{ROOMS[place % 4]} {rng.randrange(8)}",
        things=rng.sample(THINGS, 2) + (["unrepeatable"] if number % 30_000 == 5 else []),
        operator=f"operator {rng.randrange(40):02d}",
        session=f"session {number // 200:04d}",
        tags=tags,
        sync=rng.choice(SYNC),
        held=rng.random() < 0.02,
    )


def _streams(episode: Episode, asset: MediaAsset) -> Iterator[Stream]:
    for position, camera in enumerate(("front", "side", "wrist")):
        yield Stream(
            episode=episode,
            asset=asset,
            camera=camera,
            source_key=camera,
            position=position,
            start_frame=0,
            frames=900,
            byte_start=0,
            byte_end=1,
        )


def _labels(
    rng: random.Random,
    project: Project,
    ids: list[uuid.UUID],
    schema: LabelSchema,
    people: tuple[User, ...],
) -> None:
    """A third waits, a sixth is being labelled, the rest is handed in, half of that approved."""
    places = _all(
        ProjectEpisode(project=project, episode_id=pk, position=at) for at, pk in enumerate(ids)
    )
    now = timezone.now()
    state = Assignment.State
    assignments = []
    for at, place in enumerate(places):
        for person in people[: (0, 0, 1, 2, 2, 2)[at % 6]]:
            handed = at % 6 > 2
            assignments.append(
                Assignment(
                    project_episode=place,
                    annotator=person,
                    state=state.SUBMITTED if handed else state.ACTIVE,
                    lease_expires_at=now + timedelta(hours=1),
                    submitted_at=now if handed else None,
                )
            )
    assignments = _all(iter(assignments))
    sets = _all(
        AnnotationSet(
            project_episode=one.project_episode,
            assignment=one,
            state="submitted" if one.state == state.SUBMITTED else "draft",
            submitted_at=one.submitted_at,
            schema=schema,
        )
        for one in assignments
    )
    _all(label for one in sets for label in _set(rng, one))
    batch = Batch.objects.create(project=project, name="one", created_by=people[0])
    accepted = {one.project_episode_id: one for one in sets if one.state == "submitted"}
    _all(
        BatchItem(
            batch=batch,
            project_episode=place,
            state="approved",
            accepted_set=accepted[place.pk],
        )
        for at, place in enumerate(places)
        if at % 6 == 5
    )


def _set(rng: random.Random, annotation_set: AnnotationSet) -> Iterator[Label]:
    for number in range(8):
        yield Label(
            id=uuid.UUID(int=rng.getrandbits(128), version=4),
            annotation_set=annotation_set,
            kind="instant",
            label_class="grasp_closed",
            start_ns=number * 10**8,
            effector="right",
        )
    yield Label(
        id=uuid.UUID(int=rng.getrandbits(128), version=4),
        annotation_set=annotation_set,
        kind="outcome",
        label_class=rng.choice(OUTCOMES),
    )


def _all(rows: Iterator[Row]) -> list[Row]:
    made: list[Any] = []
    while batch := list(islice(rows, BATCH)):
        made += type(batch[0])._default_manager.bulk_create(batch)
    return made
