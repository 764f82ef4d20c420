"""What bench_score runs in a process of its own: the scene, the rounds, JSON on standard output."""

import json
import time
from itertools import pairwise
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth.models import User  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from annotation.labels.records import Label  # noqa: E402
from annotation.models import Membership, Project  # noqa: E402
from annotation.services.register_schema import core_label_schema  # noqa: E402
from review.models import ScoredPair  # noqa: E402
from review.services.gold import set_gold  # noqa: E402
from review.services.score import score_episodes  # noqa: E402
from tests.annotation.scene import (  # noqa: E402
    DURATION_NS,
    grasp,
    make_asset,
    make_dataset,
    make_episodes,
    outcome,
    queue_up,
)
from tests.annotation.scene import label as make_label  # noqa: E402
from tests.review.scene import MS, fresh_ids, hand_in  # noqa: E402

ROUNDS = 200
COMPARISONS = 3


def whole_answer(late_ns: int = 0) -> list[dict[str, Any]]:
    """Ten contacts, eight instructions, an outcome."""
    contacts = [grasp((800 * at + 300) * MS + late_ns) for at in range(10)]
    edges = [DURATION_NS * at // 8 for at in range(9)]
    cut = [
        make_label("segment", "instruction", start_ns=begin, end_ns=end, text=f"lift block {at}")
        for at, (begin, end) in enumerate(pairwise(edges))
    ]
    return [*contacts, *cut, outcome()]


def scene() -> int:
    """The episode's place in the queue, with three answers."""
    project = Project.objects.create(name="Blocks", schema=core_label_schema(), overlap=2)
    people = [User.objects.create_user(name) for name in ("ada", "abe", "mei")]
    for user, role in zip(people, ("annotator", "annotator", "manager"), strict=True):
        Membership.objects.create(project=project, user=user, role=role)
    asset = make_asset(Path(settings.TOUCHLINE_DATA_DIR), "a")
    (place,) = queue_up(project, make_episodes(make_dataset("so101", people[2]), 1, asset))
    hand_in(people[0], project, *whole_answer())
    hand_in(people[1], project, *fresh_ids(whole_answer(20 * MS)))
    gold = [Label.from_json(one) for one in fresh_ids(whole_answer())]
    set_gold(actor=people[2], project_episode=place, labels=gold, origin="physics")
    return place.pk


def main() -> None:
    call_command("migrate", verbosity=0)
    place = scene()
    score_episodes([place])
    spent = []
    for _ in range(ROUNDS):
        ScoredPair.objects.all().delete()
        began = time.process_time()
        score_episodes([place])
        spent.append(1e3 * (time.process_time() - began))
        assert ScoredPair.objects.count() == COMPARISONS
    ScoredPair.objects.all().delete()
    with CaptureQueriesContext(connection) as asked:
        score_episodes([place])
    found = {
        "comparisons": COMPARISONS,
        "queries": len(asked),
        "median_ms": round(median(spent), 2),
        "p95_ms": round(quantiles(spent, n=20)[-1], 2),
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
