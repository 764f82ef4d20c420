"""The stored progress of queued episodes says what their records say, whatever was done."""

import importlib
import random
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from io import StringIO
from threading import Barrier

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from annotation.models import AnnotationSet, Assignment, ProjectEpisode
from annotation.selectors.queue import anything_left
from annotation.services.claim_next import claim_next
from annotation.services.expire_leases import expire_leases
from annotation.services.heartbeat import heartbeat
from annotation.services.release import release
from annotation.services.return_for_rework import return_for_rework
from annotation.services.update_project import update_project
from episodes.errors import TouchlineError
from review.models import BatchItem
from review.services.batches import create_batch
from review.services.progress import differing, rebuild_progress
from review.services.verdicts import return_episode
from tests.annotation.scene import Team, claimed
from tests.review.scene import approve, hand_in, hand_in_by_both, items_of, send_back

Progress = ProjectEpisode.Progress
STORED = (
    *("progress", "review", "slots_taken", "has_slot"),
    *("accepted_set", "outcomes", "said_by"),
)


def stored() -> list[tuple[object, ...]]:
    return list(ProjectEpisode.objects.order_by("position").values_list(*STORED))


def assert_true() -> None:
    found = differing(ProjectEpisode.objects.all()).values_list("position", *STORED)
    assert list(found) == []


def progress() -> list[str]:
    assert_true()
    return list(ProjectEpisode.objects.order_by("position").values_list("progress", flat=True))


def scramble() -> None:
    """Something wrong in every place."""
    ProjectEpisode.objects.update(
        progress=Progress.APPROVED,
        review="",
        slots_taken=7,
        has_slot=~F("has_slot"),
        accepted_set=None,
        outcomes=["outcome_unheard_of"],
        said_by=["0:outcome_unheard_of"],
    )


def test_every_word_in_the_order_of_the_work(team: Team) -> None:
    ProjectEpisode.objects.filter(position__gt=0).delete()
    assert progress() == [Progress.WAITING]
    ada = claimed(team.ada, team.project)
    assert progress() == [Progress.LABELLING]
    release(actor=team.ada, assignment_id=ada.pk)
    assert progress() == [Progress.WAITING]
    hand_in(team.abe, team.project)
    assert progress() == [Progress.LABELLING]
    hand_in(team.ravi, team.project)
    assert progress() == [Progress.SUBMITTED]
    batch = create_batch(actor=team.mei, project=team.project)
    assert progress() == [Progress.IN_REVIEW]
    (item,) = items_of(batch)
    first = item.project_episode.annotation_sets.get(assignment__annotator=team.abe)
    send_back_one(team.mei, item, first)
    assert progress() == [Progress.RETURNED]
    again = hand_in(team.abe, team.project)
    assert progress() == [Progress.IN_REVIEW]
    approve(team.mei, item, annotation_set_id=again.pk)
    assert progress() == [Progress.APPROVED]


def test_a_lapsed_lease_gives_its_slot_back_when_it_is_swept(team: Team) -> None:
    team_of_one = update_project(actor=team.mei, project=team.project, overlap=1)
    claimed(team.ada, team_of_one)
    assert stored()[0] == (Progress.LABELLING, "", 1, False, None, [], [])
    Assignment.objects.update(lease_expires_at=timezone.now() - timedelta(seconds=1))
    expire_leases()
    assert stored()[0] == (Progress.WAITING, "", 0, True, None, [], [])
    assert_true()


def test_a_wrong_note_is_put_right_by_who_finds_it(team: Team) -> None:
    """A row that claims a free slot is counted under its lock: nobody is led round in circles."""
    claimed(team.ada, team.project)
    claimed(team.abe, team.project)
    ProjectEpisode.objects.update(has_slot=True)
    assert claimed(team.ravi, team.project).project_episode.position == 1
    assert_true()


@pytest.mark.parametrize("seed", [0, 3, 4])
def test_after_any_sequence_it_is_what_a_rebuild_would_write(team: Team, seed: int) -> None:
    rng = random.Random(seed)
    people = [team.ada, team.abe, team.ravi]
    seen: set[str] = set()
    for _ in range(40):
        step(rng, team, rng.choice(people))
        seen |= set(progress())
    before = stored()
    scramble()
    assert rebuild_progress(dry_run=True).differed == 3
    assert rebuild_progress().differed == 3
    assert stored() == before
    # Another seed may say less; these were chosen for going everywhere.
    assert seen == set(Progress.values)


def step(rng: random.Random, team: Team, person: User) -> None:
    """One thing that somebody does; what a rule forbids changes nothing."""
    steps = [*steps_of(rng, team, person), *steps_of_review(rng, team)]
    with suppress(TouchlineError):
        rng.choice(steps)()


def steps_of(rng: random.Random, team: Team, person: User) -> list[Callable[[], object]]:
    project = team.project
    overlap = rng.choice((1, 2, 3))
    steps: list[Callable[[], object]] = [
        expire_leases,
        lambda: update_project(actor=team.mei, project=project, overlap=overlap),
    ]
    if anything_left(project, person, timezone.now()):
        steps += [lambda: hand_in(person, project)] * 3
        steps += [lambda: claim_next(actor=person, project=project)]
    own = list(Assignment.objects.filter(annotator=person).order_by("claimed_at"))
    if own:
        held = rng.choice(own)
        steps += [
            lambda: release(actor=person, assignment_id=held.pk),
            lambda: heartbeat(actor=person, assignment_id=held.pk),
            lambda: lapse(held),
        ]
    return steps


def steps_of_review(rng: random.Random, team: Team) -> list[Callable[[], object]]:
    name = str(uuid.UUID(int=rng.getrandbits(128)))
    steps: list[Callable[[], object]] = [
        lambda: create_batch(actor=team.mei, project=team.project, name=name)
    ]
    handed_in = list(AnnotationSet.objects.filter(state="submitted").order_by("submitted_at"))
    if handed_in:
        chosen = rng.choice(handed_in)
        steps += [
            lambda: return_for_rework(
                actor=team.mei, annotation_set_id=chosen.pk, comment="Look again."
            )
        ]
        item = BatchItem.objects.filter(project_episode=chosen.project_episode_id).first()
        if item:
            steps += [lambda: approve(team.mei, item, annotation_set_id=chosen.pk)] * 2
            steps += [lambda: send_back_one(team.mei, item, chosen)]
    return steps


def send_back_one(actor: User, item: BatchItem, one: AnnotationSet) -> None:
    item.refresh_from_db()
    return_episode(
        actor=actor,
        item_id=item.pk,
        annotation_set_ids=[one.pk],
        comment="Look again.",
        version=item.version,
        request_id=uuid.uuid4(),
    )


def lapse(held: Assignment) -> None:
    past = timezone.now() - timedelta(seconds=1)
    Assignment.objects.filter(pk=held.pk, state="active").update(lease_expires_at=past)


def test_the_command_says_what_it_found(team: Team) -> None:
    claimed(team.ada, team.project)
    before = stored()
    scramble()
    said = StringIO()
    call_command("rebuild_progress", "--dry-run", stdout=said)
    assert said.getvalue() == "3 queued episodes looked at, 3 differ from their records.\n"
    assert stored() != before
    said = StringIO()
    call_command("rebuild_progress", stdout=said)
    assert "3 were corrected" in said.getvalue()
    assert stored() == before


def test_the_migration_fills_what_a_rebuild_would_write(team: Team) -> None:
    hand_in_by_both(team, 2)
    items = items_of(create_batch(actor=team.ravi, project=team.project))
    approve(team.ravi, items[0])
    send_back(team.ravi, items[1])
    before = stored()
    assert len({row[0] for row in before}) == 3
    scramble()
    fill = importlib.import_module("review.migrations.0004_note_progress").FILL
    with connection.cursor() as cursor:
        cursor.execute(fill)
    outcomes = importlib.import_module("review.migrations.0005_note_outcomes").FILL
    # The column is empty when it comes.
    ProjectEpisode.objects.update(said_by=[])
    own = importlib.import_module("annotation.migrations.0019_fill_own_outcomes").FILL
    with connection.cursor() as cursor:
        cursor.execute(outcomes)
        cursor.execute(own)
    assert stored() == before


def test_progress_is_written_in_the_transaction_of_its_cause(team: Team) -> None:
    @transaction.atomic
    def claim_and_fail() -> None:
        claimed(team.ada, team.project)
        raise RuntimeError

    before = stored()
    with pytest.raises(RuntimeError):
        claim_and_fail()
    assert stored() == before


@pytest.mark.django_db(transaction=True)
def test_it_holds_when_all_happens_at_once(transactional_db: None, team: Team) -> None:
    """Claims, hand-backs, sweeps and a changing overlap, all on three episodes."""
    people = [team.ada, team.abe, team.ravi]
    start = Barrier(len(people) + 2)

    def work(person: User) -> None:
        for _ in range(8):
            claim = claim_next(actor=person, project=team.project)
            if claim is not None:
                release(actor=person, assignment_id=claim.assignment.pk)

    def plan() -> None:
        for overlap in (1, 3, 2, 1, 2, 3):
            update_project(actor=team.mei, project=team.project, overlap=overlap)

    def sweep() -> None:
        for _ in range(6):
            Assignment.objects.update(lease_expires_at=timezone.now())
            expire_leases()

    def run(call: Callable[[], None]) -> None:
        start.wait(timeout=30)
        try:
            call()
        finally:
            connection.close()

    calls = [*(lambda person=person: work(person) for person in people), plan, sweep]
    with ThreadPoolExecutor(len(calls)) as pool:
        list(pool.map(run, calls))
    assert_true()
