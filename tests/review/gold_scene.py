"""Parts of a scene: gold episodes whose truth is known, and simulated annotators' answers."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from django.contrib.auth.models import User

from annotation.models import (
    AnnotationSet,
    Assignment,
    AuditEntry,
    Label,
    Membership,
    Project,
    ProjectEpisode,
)
from review.measures.records import Answer
from review.measures.simulation import MS, Annotator, EpisodePlan, annotate, true_answer
from review.models import GoldItem
from review.services.score import score_pending
from review.services.simulated_work import label_rows
from tests.annotation.scene import (
    DURATION_NS,
    Team,
    make_asset,
    make_dataset,
    make_episodes,
    queue_up,
)
from tests.once import once

PLAN = EpisodePlan(duration_ns=DURATION_NS, events=5, segments=4, apart_ns=500 * MS)
BEGINNING = datetime(2026, 3, 2, 8, tzinfo=UTC)
GOOD = Annotator("good", accuracy=0.99)
BAD = Annotator("bad", accuracy=0.75)


@dataclass(frozen=True)
class Golden:
    """A gold episode and its truth."""

    place: ProjectEpisode
    truth: Answer
    item: GoldItem


def golden_episodes(
    team: Team, folder: Path, count: int, *, purpose: str = "production", seed: int = 1
) -> list[Golden]:
    """So many more episodes at the end of the queue, each with its truth as gold."""
    name = f"golden_episodes {team.project.pk} {count} {purpose} {seed}"
    return once(name, lambda: _golden_episodes(team, folder, count, purpose, seed))


def _golden_episodes(team: Team, folder: Path, count: int, purpose: str, seed: int) -> list[Golden]:
    begin = ProjectEpisode.objects.filter(project=team.project).count()
    name = f"gold {purpose} {seed} {begin}"
    asset = make_asset(folder, f"g{begin}{seed}")
    places = queue_up(team.project, make_episodes(make_dataset(name, team.mei), count, asset))
    rng = np.random.default_rng(seed)
    found = []
    for number, place in enumerate(places):
        place.purpose, place.position = purpose, begin + number
        place.save(update_fields=["purpose", "position"])
        truth = true_answer(PLAN, rng, f"{name} {number} ")
        gold = AnnotationSet.objects.create(
            project_episode=place,
            kind=AnnotationSet.Kind.GOLD,
            state=AnnotationSet.State.SUBMITTED,
            submitted_at=BEGINNING,
            schema_id=team.project.schema_id,
        )
        Label.objects.bulk_create(label_rows(gold.pk, f"gold {gold.pk}", truth))
        item = GoldItem.objects.create(
            project_episode=place, annotation_set=gold, origin="simulation"
        )
        found.append(Golden(place, truth, item))
    return found


def answered(
    user: User,
    golden: Iterable[Golden],
    who: Annotator,
    *,
    seed: int,
    begin: datetime = BEGINNING,
    every: timedelta = timedelta(hours=3),
    score: bool = True,
) -> list[AnnotationSet]:
    """The person hands in each episode as the simulated annotator would label it."""
    golden = list(golden)
    places = [one.place.pk for one in golden]
    name = f"answered {user.pk} {places} {who} {seed} {begin} {every} {score}"
    return once(name, lambda: _answered(user, golden, who, seed, begin, every, score))


def _answered(
    user: User,
    golden: list[Golden],
    who: Annotator,
    seed: int,
    begin: datetime,
    every: timedelta,
    score: bool,
) -> list[AnnotationSet]:
    rng = np.random.default_rng(seed)
    sets = []
    for number, one in enumerate(golden):
        answer = annotate(one.truth, who, PLAN, rng)
        sets.append(handed_in(user, one.place, answer, begin + number * every))
    if score:
        scored()
    return sets


def handed_in(user: User, place: ProjectEpisode, answer: Answer, at: datetime) -> AnnotationSet:
    assignment = Assignment.objects.create(
        project_episode=place,
        annotator=user,
        state=Assignment.State.SUBMITTED,
        lease_expires_at=at,
        submitted_at=at,
        beyond_overlap=True,
    )
    made = AnnotationSet.objects.create(
        project_episode=place,
        assignment=assignment,
        state=AnnotationSet.State.SUBMITTED,
        revision=1,
        submitted_at=at,
        schema_id=place.project.schema_id,
    )
    Label.objects.bulk_create(label_rows(made.pk, f"set {uuid.uuid4()}", answer))
    return made


def scored() -> None:
    while score_pending():
        pass


def standing_of(project: Project, user: User) -> str:
    return Membership.objects.get(project=project, user=user).standing


def entries(action: str) -> list[dict[str, Any]]:
    rows = AuditEntry.objects.filter(action=action).order_by("pk").values("actor", "facts")
    return [dict(row) for row in rows]


def more_people(team: Team, names: Sequence[str]) -> list[User]:
    found = []
    for name in names:
        user = User.objects.create_user(name, first_name=name.capitalize())
        Membership.objects.create(project=team.project, user=user, role="annotator")
        found.append(user)
    return found
