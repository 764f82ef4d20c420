"""Gold mixed into the queue: how much, to whom, and that nobody can tell it from other work."""

import json
import re
from collections import Counter
from collections.abc import Callable
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from annotation.models import Assignment, AuditEntry, Project, ProjectEpisode
from annotation.selectors.ahead import expected_next
from annotation.selectors.queue import progress_of
from annotation.services.claim_next import claim_next
from annotation.services.progress import note_progress
from review.models import GoldItem
from review.seeding import GoldSeeding, places_from
from review.services.gold import set_gold
from tests.annotation.conftest import pages_without_a_build as pages_without_a_build
from tests.annotation.pages import queries
from tests.annotation.scene import Team, claimed, make_asset, make_dataset, make_episodes, queue_up
from tests.review.test_score import gold_labels

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
State = Assignment.State
EPISODES, GOLD = 36, 8


@pytest.fixture
def mixed(team: Team, data_dir: Path) -> list[ProjectEpisode]:
    """Gold that two others have labelled in full, at the front of a queue of other episodes."""
    Project.objects.update(gold_first_percent=15, gold_percent=15)
    team.project.refresh_from_db()
    episodes = make_episodes(make_dataset("more", team.mei), EPISODES, make_asset(data_dir, "m"))
    ProjectEpisode.objects.all().delete()
    rows = queue_up(team.project, episodes)
    golden = rows[:GOLD]
    for row in golden:
        set_gold(actor=team.mei, project_episode=row, labels=gold_labels(), origin="experts")
    Assignment.objects.bulk_create(
        Assignment(
            project_episode=row,
            annotator=user,
            state=State.SUBMITTED,
            lease_expires_at=timezone.now(),
        )
        for row in golden
        for user in (team.ravi, team.mei)
    )
    with transaction.atomic():
        note_progress([row.pk for row in golden])
    return golden


def done(assignment: Assignment) -> None:
    """Out of the way, as after a submit."""
    Assignment.objects.filter(pk=assignment.pk).update(
        state=State.SUBMITTED, submitted_at=timezone.now()
    )
    with transaction.atomic():
        note_progress([assignment.project_episode_id])


def test_one_in_every_stretch_first_often_then_less(team: Team) -> None:
    project = team.project
    places = list(islice(places_from(project, team.ada.pk, 0), 60))
    assert places == sorted(set(places))
    assert Counter(place // 10 for place in places if place < 200) == dict.fromkeys(range(20), 1)
    later = Counter((place - 200) // 20 for place in places if place >= 200)
    assert later == dict.fromkeys(range(40), 1)
    # Nobody learns a rhythm: gaps differ, and people differ.
    assert len({b - a for a, b in pairwise(places)}) > 8
    assert places != list(islice(places_from(project, team.abe.pk, 0), 60))


@pytest.mark.parametrize(("first", "then"), [(15, 15), (7, 3), (0, 5), (10, 0), (0, 0), (1, 1)])
def test_a_place_is_the_same_wherever_one_begins_to_look(team: Team, first: int, then: int) -> None:
    project = team.project
    project.gold_first_percent, project.gold_percent = first, then
    project.gold_first_episodes = 50
    every = list(islice(places_from(project, team.ada.pk, 0), 30))
    for start in range(0, 400, 7):
        wanted = [place for place in every if place >= start][:3]
        if len(wanted) == 3:
            assert list(islice(places_from(project, team.ada.pk, start), 3)) == wanted
    assert bool(every) == bool(first or then)


def test_ahead_counts_what_a_walk_meets(team: Team) -> None:
    seeding, project = GoldSeeding(), team.project
    project.gold_first_percent = project.gold_percent = 15
    for start, others, pool in ((0, 30, 9), (3, 30, 2), (5, 0, 4), (7, 1, 1), (250, 90, 40)):
        met, given, left = 0, start, others
        while left:
            if met < pool and seeding.due(project, team.ada, given):
                met += 1
            else:
                left -= 1
            given += 1
        found = seeding.among(project, team.ada, given=start, ordinary=others, pooled=pool)
        assert found == met


def test_gold_goes_beyond_the_overlap_once_to_a_person(
    team: Team, mixed: list[ProjectEpisode]
) -> None:
    golden = {row.pk for row in mixed}
    given = []
    while (claim := claim_next(actor=team.ada, project=team.project)) is not None:
        given.append(claim.assignment)
        done(claim.assignment)
    places = [one.project_episode_id for one in given]
    assert len(set(places)) == len(places)
    gold = [number for number, one in enumerate(given) if one.project_episode_id in golden]
    assert gold == [n for n in places_from_list(team) if n < len(given)]
    assert 3 <= len(gold) <= 0.15 * len(given) + 2
    assert len(given) - len(gold) == EPISODES - GOLD
    assert all(given[n].beyond_overlap for n in gold)
    assert {row.slots_taken for row in ProjectEpisode.objects.filter(pk__in=golden)} == {2}


def places_from_list(team: Team) -> list[int]:
    return list(islice(places_from(team.project, team.ada.pk, 0), GOLD))


def test_gold_that_was_shown_enough_is_left_alone(
    team: Team, mixed: list[ProjectEpisode], person: Callable[..., User]
) -> None:
    crowd = [person(f"p{number}") for number in range(28)]
    Assignment.objects.bulk_create(
        Assignment(project_episode=row, annotator=user, lease_expires_at=timezone.now(),
                   state=State.SUBMITTED, beyond_overlap=True)
        for row in mixed for user in crowd
    )  # fmt: skip
    assert not GoldSeeding().pool([team.project], team.ada).exists()
    assert not GoldSeeding().has_room(mixed[0])
    first = Assignment.objects.filter(project_episode=mixed[0], annotator=crowd[0])
    first.delete()
    assert GoldSeeding().pool([team.project], team.ada).get() == mixed[0]


def test_what_is_looked_at_ahead_is_what_is_claimed(
    team: Team, mixed: list[ProjectEpisode]
) -> None:
    held = claimed(team.ada, team.project)
    kinds = set()
    for _ in range(14):
        ahead = expected_next(team.ada, team.project, timezone.now(), besides=held.pk)
        done(held)
        held = claimed(team.ada, team.project)
        assert held.project_episode == ahead
        kinds.add(held.beyond_overlap)
    assert kinds == {True, False}


# --- Trying to tell them apart: everything that a browser and a program get to see.


def shape(value: object) -> object:
    """Keys and types, all the way down; lists by what their members look like."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return type(value).__name__


PARTICULAR = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d+")


def seen(client: Client, team: Team, with_ahead: bool) -> dict[str, object]:
    """One episode from claim to hand-in, as its annotator's browser has it."""
    facts: dict[str, object] = {}
    queue_before = counts_shown(client)
    with queries() as asked:
        claim = client.post(reverse("api-claim", args=[team.project.pk]))
    facts["claim"] = (claim.status_code, sorted(claim.headers), shape(claim.json()), len(asked))
    facts["claim statements"] = tuple(statement(q["sql"]) for q in asked)
    assignment = claim.json()["assignment_id"]
    with queries() as asked:
        page = client.get(claim.json()["url"])
    found = re.search(r'<script id="timeline-payload"[^>]*>(.*?)</script>', page.content.decode())
    assert found is not None
    payload = json.loads(found[1])
    facts["page"] = (page.status_code, sorted(page.headers), shape(payload), len(asked))
    facts["address"] = PARTICULAR.sub("#", claim.json()["url"])
    facts["progress"] = payload["progress"]
    values = {k: v for k, v in payload.items() if k not in ("episode", "progress", "lease")}
    facts["values"] = PARTICULAR.sub("#", json.dumps(values, sort_keys=True))
    facts["episode"] = PARTICULAR.sub("#", json.dumps(payload["episode"], sort_keys=True))
    beat = client.post(reverse("api-assignment-heartbeat", args=[assignment]))
    facts["heartbeat"] = (beat.status_code, sorted(beat.headers), sorted(beat.json()))
    listed = client.get(reverse("api-assignments"), {"state": "active"}).json()["results"][0]
    facts["listed"] = PARTICULAR.sub("#", json.dumps(shape(listed), sort_keys=True))
    entry = AuditEntry.objects.filter(action="assignment.claimed").first()
    assert entry is not None
    facts["audit"] = shape(entry.facts)
    if with_ahead:
        with queries() as asked:
            ahead = client.post(reverse("api-assignment-ahead", args=[assignment]))
        facts["ahead"] = (ahead.status_code, sorted(ahead.headers), len(asked))
    facts["episode list"] = episode_state(client, payload["episode"]["id"])
    facts["counts"] = (queue_before, counts_shown(client))
    done(Assignment.objects.get(pk=assignment))
    return facts


def statement(sql: str) -> str:
    if "SAVEPOINT" in sql:
        return "savepoint"
    return re.sub(r"\s+", " ", sql.split(" FROM ")[0].split(" SET ")[0])[:60]


def counts_shown(client: Client) -> int:
    """Handed in and waiting, together: what must go down in one way whatever is handed out."""
    page = client.get(reverse("queue")).content.decode()
    shown = dict(re.findall(r"<dt>([^<]+)</dt><dd>(\d+)</dd>", page))
    return int(shown["Handed in by you"]) + int(shown["Waiting for you"])


def episode_state(client: Client, episode: str) -> str:
    page = client.get(reverse("episode-detail", args=[episode])).content.decode()
    return " ".join(re.findall(r'<span class="badge[^>]*>([^<]+)</span>', page))


def test_nobody_can_tell_gold_from_other_work(team: Team, mixed: list[ProjectEpisode]) -> None:
    golden = {row.pk for row in mixed}
    client = Client()
    client.force_login(team.ada)
    gold: list[dict[str, Any]] = []
    others: list[dict[str, Any]] = []
    totals = set()
    for _ in range(16):
        facts = seen(client, team, with_ahead=True)
        last = Assignment.objects.filter(annotator=team.ada).latest("claimed_at")
        progress = facts.pop("progress")
        assert isinstance(progress, dict)
        totals.add(progress["total"])
        (gold if last.project_episode_id in golden else others).append(facts)
    assert len(gold) >= 2
    # The length of the way never changes under one's feet.
    assert len(totals) == 1
    # From the second on, so that caches and settings are as warm for both.
    usual = others[1]
    for number, each in enumerate([*others[1:], *gold]):
        for name, value in each.items():
            if name == "claim statements":
                assert Counter(value) == Counter(usual[name]), (number, name)
            else:
                assert value == usual[name], (number, name)


def test_the_page_of_an_episode_does_not_say_how_far_others_are(
    team: Team, mixed: list[ProjectEpisode]
) -> None:
    """Gold was handed in long ago; while one labels it, that is not to be seen in lists either."""
    client = Client()
    client.force_login(team.ada)
    for _ in range(12):
        held = claimed(team.ada, team.project)
        for state, there in (("labelling", True), ("submitted", False), ("waiting", False)):
            page = client.get(reverse("episode-list"), {"label": state}).content.decode()
            key = held.project_episode.episode.key
            assert (f">{key}<" in page) == there or held.project_episode.has_slot, state
        done(held)


def test_progress_brings_gold_and_others_down_alike(
    team: Team, mixed: list[ProjectEpisode]
) -> None:
    seen_positions = []
    while (claim := claim_next(actor=team.ada, project=team.project)) is not None:
        progress = progress_of(claim.assignment)
        seen_positions.append((progress.position, progress.total))
        done(claim.assignment)
    total = len(seen_positions)
    assert seen_positions == [(number, total) for number in range(1, total + 1)]
    assert GoldItem.objects.count() == GOLD
