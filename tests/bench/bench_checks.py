"""The four checks of a dataset over many episodes: processor time and memory.

    python -m tests.bench.bench_checks [episodes]

Ten contacts and eight instructions an episode, their words chosen among so many that hardly two
episodes are cut and worded alike; a gripper, a position, a force and seven action dimensions at
50 Hz over ten seconds; one segment in two hundred judged by people. Making the data is not
measured. How long it takes to read such recordings, labels from a database and signals from Arrow
files, is measured on RECORDINGS of them (see checks_run). Written to bench-results/checks.json.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from annotation.labels.records import Kind, Label
from annotation.labels.schema import core_schema
from config.embedded.postgres import temporary_cluster
from review.measures.checks.alignment import EffectorSignals, JudgedSegment, SlotVerdict
from review.measures.checks.coverage import Dimension, Workspace
from review.measures.checks.dataset import DatasetChecks
from review.measures.checks.edge_cases import RequiredTag
from review.measures.checks.plan import CheckPlan
from review.measures.checks.reading import AcceptedEpisode, RecordedSignals, aperture
from review.measures.checks.signals import Series

RESULTS = Path(__file__).resolve().parents[2] / "bench-results" / "checks.json"
EPISODES = 100_000
RECORDINGS = 1_000
# Processor milliseconds an episode, megabytes.
CPU_MS, PEAK_MB = 3.0, 500
S = 1_000_000_000
DURATION_NS = 10 * S
SAMPLES = 500
TASKS = 20
JUDGED_EVERY = 25
SCHEMA = core_schema()
VERBS = ("grasp", "lift", "move", "place", "push", "reach", "release", "open")
THINGS = ("block", "cup", "drawer", "bottle", "towel", "spoon", "lid", "plate")
SIDES = ("", " on the left", " on the right", " near the edge", " slowly")
CONTACTS = ("first_contact", "grasp_closed", "release")
SPACES = {"arm": tuple(Dimension(f"joint {d}", -1.0, 1.0) for d in range(7))}
PLAN = CheckPlan(
    workspace=Workspace((-0.5, -0.5, 0.0), (0.5, 0.5, 0.5)),
    required_cells=tuple((verb, thing) for verb in VERBS[:5] for thing in THINGS[:4]),
    required_tags=(RequiredTag("near_limit", share=0.01), RequiredTag("high_force", episodes=100)),
    similarity_bar=0.5,
)
TIMES = np.arange(SAMPLES, dtype=np.int64) * (DURATION_NS // SAMPLES)


def episode(number: int, rng: np.random.Generator) -> AcceptedEpisode:
    cuts = np.sort(rng.integers(1, DURATION_NS, 7)).tolist()
    edges = list(zip([0, *cuts], [*cuts, DURATION_NS], strict=True))
    words = rng.integers(0, 1 << 16, 8).tolist()
    labels = [
        Label(f"s{number}-{at}", Kind.SEGMENT, "instruction", start, end, "", _text(word))
        for at, ((start, end), word) in enumerate(zip(edges, words, strict=True))
        if end > start
    ]
    labels += [
        Label(f"c{number}-{at}", Kind.INSTANT, CONTACTS[at % 3], when, None)
        for at, when in enumerate(rng.integers(0, DURATION_NS, 10).tolist())
    ]
    walk = np.cumsum(rng.normal(0, 0.02, (SAMPLES, 7)), axis=0)
    position = np.abs(walk[:, :3]) % 0.5
    force = np.abs(walk[:, 3]) * 20
    return AcceptedEpisode(
        id=str(number),
        task=f"task {number % TASKS}",
        duration_ns=DURATION_NS + int(rng.integers(0, S)),
        space="arm",
        labels=tuple(labels),
        schema=SCHEMA,
        signals=RecordedSignals(
            {
                "": EffectorSignals(
                    gripper=aperture(TIMES, walk[:, 4]),
                    position=Series(TIMES, position),
                    force=Series(TIMES, force),
                )
            },
            actions=walk,
            positions=position,
        ),
    )


def _text(word: int) -> str:
    verb, thing = VERBS[word % 8], THINGS[word // 8 % 8]
    return f"{verb} the {thing}{SIDES[word // 64 % 5]}"


def judged(count: int) -> list[JudgedSegment]:
    said = {"verb": SlotVerdict.OK, "object": SlotVerdict.OK}
    return [
        JudgedSegment(f"s{number}-0", str(number), "grasp", said)
        for number in range(0, count, JUDGED_EVERY)
    ]


def episodes(count: int) -> Iterator[AcceptedEpisode]:
    rng = np.random.default_rng(17)
    return (episode(number, rng) for number in range(count))


def all_checks(count: int) -> dict[str, Any]:
    checks = DatasetChecks(PLAN, SPACES, judged(count))
    adding = 0.0
    for one in episodes(count):
        began = time.process_time()
        checks.add(one)
        adding += time.process_time() - began
    began = time.process_time()
    outcome = checks.outcome()
    pooling = time.process_time() - began
    return {
        "episodes": count,
        "adding_s": round(adding, 2),
        "pooling_s": round(pooling, 2),
        "cpu_s": round(adding + pooling, 2),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "findings": len(outcome.findings),
        "figures": {name: one.value for name, one in outcome.figures.items()},
    }


def recordings(count: int) -> dict[str, Any]:
    """Read in a process of its own: settings are read when Django is first imported."""
    with temporary_cluster() as cluster, tempfile.TemporaryDirectory() as folder:
        environment = {
            **os.environ,
            "DATABASE_URL": cluster.url("postgres"),
            "SECRET_KEY": "bench" * 12,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "TOUCHLINE_DATA_DIR": folder,
        }
        done = subprocess.run(
            [sys.executable, "-m", "tests.bench.checks_run", str(count)],
            env=environment,
            cwd=RESULTS.parents[1],
            check=True,
            stdout=subprocess.PIPE,
        )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else EPISODES
    found = {**all_checks(count), "recordings": recordings(min(count, RECORDINGS))}
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(found, indent=1))
    missed = 0
    for name, value, limit, unit in (
        ("four checks, processor time", found["cpu_s"], CPU_MS * found["episodes"] / 1e3, "s"),
        ("peak memory", found["peak_mb"], PEAK_MB, "MB"),
    ):
        missed += value > limit
        mark = "" if value <= limit else "   MISSED"
        print(
            f"{found['episodes']:>8} episodes, {name:30}{value:>10} {unit:3} limit {limit:g}{mark}"
        )
    print(f"  adding episodes {found['adding_s']} s, pooling {found['pooling_s']} s")
    own = found["recordings"]
    print(
        f"  on top, labels and Arrow signals of {own['episodes']} episodes read: "
        f"{own['cpu_ms_each']} ms each, {own['cpu_ms_each'] * count / 1e3:.0f} s for {count}"
    )
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
