"""What bench_checks runs in a process of its own: accepted episodes read as a run of checks does.

Labels and facts come from the database, signals from Arrow files as an import writes them: the
states and actions of a Franka arm, its end effector's pose and a wrist's force and torque at 50 Hz
over ten seconds. Making the data is not measured. JSON on standard output.
"""

import json
import sys
import time
import uuid
from collections.abc import Sequence
from pathlib import Path

import django

django.setup()

import numpy as np  # noqa: E402
from django.conf import settings  # noqa: E402
from django.contrib.auth.models import User  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.utils import timezone  # noqa: E402

from annotation.labels.records import Label as LabelRecord  # noqa: E402
from annotation.models import AnnotationSet, Label, Project, ProjectEpisode  # noqa: E402
from annotation.services.register_schema import core_label_schema  # noqa: E402
from episodes.models import Episode, Signal  # noqa: E402
from episodes.records import DimensionRecord, SignalKind, SignalRecord  # noqa: E402
from episodes.services.embodiments import create_embodiment  # noqa: E402
from episodes.services.imports_storing import write_signal  # noqa: E402
from review.selectors.dataset_checks import Recordings, accepted_sets  # noqa: E402
from tests.annotation.scene import (  # noqa: E402
    make_asset,
    make_dataset,
    make_episodes,
    queue_up,
)
from tests.bench.bench_checks import SAMPLES, TIMES  # noqa: E402
from tests.bench.bench_checks import episode as made_up  # noqa: E402

TEMPLATE = "franka_joint_8"
ARM = tuple(f"joint_{at}" for at in range(7))
POSE = (*("x", "y", "z"), *("quat_x", "quat_y", "quat_z", "quat_w"))
WRENCH = (*("force_x", "force_y", "force_z"), *("torque_x", "torque_y", "torque_z"))
SIGNALS = (
    ("action", SignalKind.ACTION, (*ARM, "gripper"), "rad"),
    ("observation.state", SignalKind.STATE, (*ARM, "gripper"), "rad"),
    ("ee_pose", SignalKind.END_EFFECTOR, POSE, "m"),
    ("wrist", SignalKind.FORCE, WRENCH, "N"),
)
EACH = 8  # recordings that differ; files are read anew for every episode all the same


def scene(count: int) -> Project:
    """So many episodes with accepted labels; every one has signal files of its own."""
    mei = User.objects.create_superuser("mei")
    project = Project.objects.create(name="Blocks", schema=core_label_schema())
    dataset = make_dataset("franka", mei)
    dataset.embodiment = create_embodiment(actor=mei, name="arm", state=TEMPLATE, action=TEMPLATE)
    dataset.save(update_fields=["embodiment"])
    folder = Path(settings.TOUCHLINE_DATA_DIR)
    episodes = make_episodes(dataset, count, make_asset(folder, "a"))
    rng = np.random.default_rng(17)
    records = [_signals(rng) for _ in range(EACH)]
    Signal.objects.bulk_create(
        row for at, one in enumerate(episodes) for row in _written(folder, one, records[at % EACH])
    )
    for at, place in enumerate(queue_up(project, episodes)):
        _accept(project, place, made_up(at, rng).labels)
    return project


def _signals(rng: np.random.Generator) -> list[SignalRecord]:
    return [
        SignalRecord(
            name,
            kind,
            tuple(DimensionRecord(one, unit) for one in names),
            TIMES,
            np.cumsum(rng.normal(0, 0.02, (SAMPLES, len(names))), axis=0).astype(np.float32),
        )
        for name, kind, names, unit in SIGNALS
    ]


def _written(folder: Path, episode: Episode, records: list[SignalRecord]) -> list[Signal]:
    own = folder / "episodes" / str(episode.pk)
    own.mkdir(parents=True)
    rows = []
    for at, one in enumerate(records):
        path = own / f"signal-{at:02d}.arrow"
        write_signal(path, one)
        rows.append(
            Signal(
                episode=episode,
                name=one.name,
                kind=one.kind.value,
                dimensions=[
                    {"name": each.name, "unit": each.unit, "group": ""} for each in one.dimensions
                ],
                samples=SAMPLES,
                end_ns=int(TIMES[-1]),
                path=str(path.relative_to(folder)),
            )
        )
    return rows


def _accept(project: Project, place: ProjectEpisode, labels: Sequence[LabelRecord]) -> None:
    done = AnnotationSet.objects.create(
        project_episode=place,
        kind=AnnotationSet.Kind.CONSENSUS,
        state=AnnotationSet.State.SUBMITTED,
        submitted_at=timezone.now(),
        schema_id=project.schema_id,
    )
    Label.objects.bulk_create(
        Label(
            id=uuid.uuid4(),
            annotation_set=done,
            kind=one.kind.value,
            label_class=one.label_class,
            start_ns=one.start_ns,
            end_ns=one.end_ns,
            text=one.text,
        )
        for one in labels
    )
    ProjectEpisode.objects.filter(pk=place.pk).update(accepted_set=done)


def read(project: Project) -> dict[str, float]:
    recordings = Recordings(accepted_sets(project, None))
    recordings.spaces()
    began, cpu = time.perf_counter(), time.process_time()
    whole = 0
    for one in recordings:
        assert one.signals is not None
        (own,) = one.signals.by_effector.values()
        parts = (own.gripper, own.position, own.force, one.signals.actions)
        whole += all(part is not None for part in parts)
    spent, took = time.process_time() - cpu, time.perf_counter() - began
    count = ProjectEpisode.objects.count()
    assert (whole, recordings.unreadable) == (count, []), (whole, recordings.unreadable)
    return {
        "episodes": count,
        "cpu_ms_each": round(1e3 * spent / count, 3),
        "wall_ms_each": round(1e3 * took / count, 3),
    }


if __name__ == "__main__":
    call_command("migrate", verbosity=0)
    print(json.dumps(read(scene(int(sys.argv[1])))))
