"""Fill a project with the answers of annotators whose accuracy and bias are known.

Figures computed from them can be held against the truth (review.selectors.simulated_truth). The
project is marked as simulated and goes in one step, by ``remove_simulation``.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from annotation.models import AnnotationSet, Assignment, Membership, Project, ProjectEpisode
from annotation.services.progress import note_progress
from episodes.models import Dataset, Episode, Signal, Stream
from review.errors import NotSimulatable
from review.measures.records import Answer
from review.measures.simulation import EpisodePlan, annotate, true_answer
from review.models import GoldItem, SimulatedAnnotator, SimulatedOperation
from review.selectors.simulated_truth import annotator_of
from review.services.copy_rows import copy_rows
from review.services.score import score_episodes
from review.services.simulate_operation import order_simulation
from review.services.simulated_work import label_rows

MS, SECOND, PPM = 1_000_000, 1_000_000_000, 1_000_000
MOST_EVENTS, SEGMENTS, APART_NS = 10, 4, 500 * MS
# Comparisons are counted so many episodes at a time.
AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Person:
    """``accuracy`` is the chance that a label is right; above 0 ``bias_ms`` is late."""

    accuracy: float = 0.97
    bias_ms: int = 0
    icc: float = 0.0


@transaction.atomic
def simulate_annotators(
    *,
    name: str,
    template: Dataset,
    people: Sequence[Person],
    episodes: int = 60,
    gold: bool = True,
    managers: Sequence[tuple[User, str]] = (),
    seed: int = 1,
) -> Project:
    """A simulated project in which everybody has handed in every episode, and all is compared.

    The episodes are those of ``template`` played again, with ``gold`` their truth as gold. The
    same seed gives the same labels. Raises NotSimulatable.
    """
    if len(people) < 2 or not 1 <= episodes <= 20_000:
        raise NotSimulatable(
            "Two people or more answer 1 to 20,000 episodes.",
            remedy="Give --accuracy twice, and --episodes within these bounds.",
        )
    order = order_simulation(
        name=name, template=template, managers=managers, people=len(people), seed=seed
    )
    project = order.project
    project.overlap = len(people)
    project.description = "Made up: annotators of known accuracy, to check figures by the truth."
    project.save(update_fields=["overlap", "description"])
    places = _places(order, template, episodes)
    rows = _annotators(order, people)
    _hand_in(project, places, rows, seed, gold=gold)
    ids = [place.pk for place in places]
    note_progress(ids)
    for begin in range(0, len(ids), AT_ONCE):
        score_episodes(ids[begin : begin + AT_ONCE])
    order.filled_at = timezone.now()
    order.save(update_fields=["filled_at"])
    return project


def _places(order: SimulatedOperation, template: Dataset, count: int) -> list[ProjectEpisode]:
    """Copies of the template's episodes with its videos and signals, by turns."""
    originals = list(
        Episode.objects.filter(dataset=template)
        .ready()
        .order_by("index")
        .prefetch_related("streams", "signals")
    )
    copies: list[Episode] = []
    streams: list[Stream] = []
    signals: list[Signal] = []
    for number in range(count):
        original = originals[number % len(originals)]
        key = f"{original.key}_again_{number:06d}"
        copy = Episode(**_values(original, dataset=order.dataset, index=number, key=key))
        copies.append(copy)
        streams += [Stream(**_values(one, episode=copy)) for one in original.streams.all()]
        signals += [Signal(**_values(one, episode=copy)) for one in original.signals.all()]
    Episode.objects.bulk_create(copies, batch_size=2000)
    Stream.objects.bulk_create(streams, batch_size=2000)
    Signal.objects.bulk_create(signals, batch_size=2000)
    return ProjectEpisode.objects.bulk_create(
        (
            ProjectEpisode(
                project=order.project, episode=one, position=at, overlap=order.people_wanted
            )
            for at, one in enumerate(copies)
        ),
        batch_size=2000,
    )


def _values(row: Episode | Stream | Signal, **changed: object) -> dict[str, object]:
    fields = [one for one in row._meta.local_concrete_fields if not one.primary_key]
    kept = {one.attname: getattr(row, one.attname) for one in fields if one.name not in changed}
    return {**kept, **changed}


def _annotators(order: SimulatedOperation, people: Sequence[Person]) -> list[SimulatedAnnotator]:
    project = order.project
    users = User.objects.bulk_create(
        User(
            username=f"sim{project.pk}_annotator{number}",
            first_name=f"Annotator {number}",
            last_name="(simulated)",
            is_active=False,
            password=make_password(None),
        )
        for number, _ in enumerate(people, 1)
    )
    order.people.set(users)
    Membership.objects.bulk_create(
        Membership(
            project=project,
            user=user,
            role=Membership.Role.ANNOTATOR,
            standing_reason="simulated",
        )
        for user in users
    )
    return SimulatedAnnotator.objects.bulk_create(
        SimulatedAnnotator(
            project=project,
            user=user,
            accuracy_ppm=round(one.accuracy * PPM),
            bias_ns=one.bias_ms * MS,
            icc_ppm=round(one.icc * PPM),
        )
        for user, one in zip(users, people, strict=True)
    )


def _hand_in(
    project: Project,
    places: Sequence[ProjectEpisode],
    people: Sequence[SimulatedAnnotator],
    seed: int,
    *,
    gold: bool,
) -> None:
    """Everybody's round of every episode over the last days, and gold where it is wanted."""
    assignments: list[Assignment] = []
    sets: list[AnnotationSet] = []
    answers: list[Answer] = []
    golden: list[AnnotationSet] = []
    for number, place in enumerate(places):
        rng = np.random.default_rng((seed, number))
        plan = _plan(place.episode.duration_ns)
        truth = true_answer(plan, rng)
        for row in people:
            done = timezone.now() - timedelta(minutes=7 * (len(places) - number))
            one = _handed_in(place, row, done)
            assignments.append(one)
            sets.append(_set(project, place, one))
            answers.append(annotate(truth, annotator_of(row, plan.types), plan, rng))
        if gold:
            golden.append(_set(project, place, None))
            sets.append(golden[-1])
            answers.append(truth)
    copy_rows(assignments)
    copy_rows(sets)
    copy_rows(
        label
        for one, answer in zip(sets, answers, strict=True)
        for label in label_rows(one.pk, f"{one.pk}", answer)
    )
    GoldItem.objects.bulk_create(
        GoldItem(project_episode=one.project_episode, annotation_set=one, origin="simulation")
        for one in golden
    )


def _handed_in(place: ProjectEpisode, row: SimulatedAnnotator, done: datetime) -> Assignment:
    return Assignment(
        id=uuid.uuid4(),
        project_episode=place,
        annotator_id=row.user_id,
        state=Assignment.State.SUBMITTED,
        lease_expires_at=done,
        claimed_at=done,
        submitted_at=done,
    )


def _set(project: Project, place: ProjectEpisode, hold: Assignment | None) -> AnnotationSet:
    done = (hold.submitted_at if hold else None) or timezone.now()
    return AnnotationSet(
        id=uuid.uuid4(),
        project_episode=place,
        assignment=hold,
        kind=AnnotationSet.Kind.ANNOTATOR if hold else AnnotationSet.Kind.GOLD,
        state=AnnotationSet.State.SUBMITTED,
        revision=1,
        schema=project.schema,
        created_at=done,
        submitted_at=done,
    )


def _plan(duration_ns: int) -> EpisodePlan:
    """As many events as keep far enough apart for the truth to be known."""
    events = max(1, min(MOST_EVENTS, duration_ns // (APART_NS + 200 * MS)))
    apart = min(APART_NS, duration_ns // (events * 2))
    return EpisodePlan(duration_ns, events, SEGMENTS, apart)
