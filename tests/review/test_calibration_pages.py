"""Pages of gold and calibration: whom they let in, what they say and do, how often they ask."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from annotation.models import Assignment, Membership, ProjectEpisode
from review.measures.simulation import MS, Annotator
from review.models import GoldItem
from review.services.calibration import sweep_calibration
from review.services.gold_disputes import sweep_gold
from tests.annotation.conftest import as_user as as_user
from tests.annotation.conftest import pages_without_a_build as pages_without_a_build
from tests.annotation.pages import queries, text
from tests.annotation.scene import Team
from tests.review.gold_scene import (
    BAD,
    BEGINNING,
    GOOD,
    Golden,
    answered,
    golden_episodes,
    more_people,
    standing_of,
)
from tests.review.scene import hand_in_by_both

pytestmark = pytest.mark.django_db
As = Callable[[User], Client]
LATE = Annotator("late", accuracy=1.0, bias_ns={"placed": 300 * MS}, jitter_ns=5 * MS)


@pytest.fixture
def golden(team: Team, data_dir: Path) -> list[Golden]:
    found = golden_episodes(team, data_dir, 30)
    answered(team.ada, found, GOOD, seed=1, score=False)
    answered(team.abe, found, BAD, seed=2)
    sweep_calibration()
    return found


def person(team: Team, user: User, name: str = "calibration-person") -> str:
    return reverse(name, args=[team.project.pk, user.pk])


def test_annotators_and_outsiders_see_none_of_it(
    team: Team, golden: list[Golden], as_user: As
) -> None:
    project, place = [team.project.pk], [golden[0].place.pk]
    pages = [
        reverse("project-gold", args=project),
        reverse("gold-item", args=place),
        reverse("project-calibration", args=project),
        person(team, team.ada),
        reverse("api-gold", args=project),
        reverse("api-gold-item", args=place),
        reverse("api-calibration", args=project),
    ]
    for user, status in ((team.ada, 403), (team.otto, 404), (team.ravi, 200)):
        found = {as_user(user).get(page).status_code for page in pages}
        assert found == {status}, user
    for name in ("calibration-pause", "calibration-resume"):
        for user, status in ((team.ada, 403), (team.ravi, 403), (team.otto, 404)):
            answer = as_user(user).post(person(team, team.abe, name), {"reason": "No."})
            assert answer.status_code == status
    assert standing_of(team.project, team.abe) == Membership.Standing.PAUSED


def test_who_labels_an_episode_does_not_see_its_gold(
    team: Team, golden: list[Golden], as_user: As
) -> None:
    Assignment.objects.create(
        project_episode=golden[0].place,
        annotator=team.ravi,
        lease_expires_at=BEGINNING + timedelta(days=9999),
    )
    answer = as_user(team.ravi).get(reverse("gold-item", args=[golden[0].place.pk]))
    assert answer.status_code == 404
    assert "You are labelling this episode" in text(answer)


def test_the_list_says_what_is_in_the_pool_and_what_is_next(
    team: Team, golden: list[Golden], as_user: As
) -> None:
    page = text(as_user(team.mei).get(reverse("project-gold", args=[team.project.pk])))
    assert "30 items can be handed out" in page
    assert "Make gold" in page
    assert "2 of 30" in page
    empty = as_user(team.mei).get(
        reverse("project-gold", args=[team.project.pk]), {"state": "retired"}
    )
    assert "None in this state" in text(empty)


def test_gold_is_made_on_its_page(team: Team, as_user: As) -> None:
    hand_in_by_both(team, 1)
    place = ProjectEpisode.objects.get(project=team.project, position=0)
    client, address = as_user(team.mei), reverse("gold-new", args=[team.project.pk])
    wrong = client.get(address, {"key": "episode_999999"})
    assert wrong.status_code == 400
    assert "No episode of this project has that key" in text(wrong)
    assert "Whose labels become the gold" in text(client.get(address, {"key": place.episode.key}))
    sets = [str(one.pk) for one in place.annotation_sets.order_by("submitted_at")]
    refused = client.post(f"{address}?place={place.pk}", {})
    assert refused.status_code == 400
    assert "Choose whose labels are right." in text(refused)
    done = client.post(f"{address}?place={place.pk}", {"answer": sets[0], "experts": sets})
    assert done.status_code == 302
    item = GoldItem.objects.get()
    assert (item.origin, item.sources.count()) == ("experts", 2)
    page = text(client.get(done.url))  # type: ignore[attr-defined]
    assert "2 answers are left out" in page
    assert "Nobody yet" in page
    assert as_user(team.ravi).get(address).status_code == 403


def test_a_dispute_is_decided_and_gold_corrected_on_its_page(
    team: Team, data_dir: Path, as_user: As
) -> None:
    (one,) = golden_episodes(team, data_dir, 1)
    for number, user in enumerate(more_people(team, ["p1", "p2", "p3", "p4", "p5"])):
        answered(user, [one], LATE, seed=number)
    sweep_gold(team.project)
    client, place = as_user(team.mei), [one.place.pk]
    listed = text(client.get(reverse("project-gold", args=[team.project.pk])))
    assert "To decide" in listed
    page = text(client.get(reverse("gold-item", args=place)))
    assert "0 of 5 passed: the gold is likely wrong" in page
    assert "most miss it" in page
    refused = client.post(reverse("gold-dispute", args=place), {"decision": "kept", "reason": ""})
    assert refused.status_code == 400
    nothing = client.post(reverse("gold-correct", args=place), {"reason": "Look."})
    assert "Nothing would change" in text(nothing)
    outcome = one.item.annotation_set.labels.get(kind="outcome")
    broken = client.post(
        reverse("gold-correct", args=place),
        {f"label_{outcome.id}": "remove", "reason": "It cannot be seen."},
    )
    assert broken.status_code == 400
    assert "The episode has no outcome" in text(broken)
    assert "It cannot be seen." in text(broken), "what was written is still there"
    label = one.item.annotation_set.labels.get(label_class="placed")
    client.post(
        reverse("gold-correct", args=place),
        {f"label_{label.id}": "move", "reason": "Placed is when it stands."},
    )
    after = text(client.get(reverse("gold-item", args=place)))
    assert "5 answers were scored under an earlier version" in after
    assert "Corrected to a new version" in after
    assert "5 of 5" in after


def test_people_stand_as_rows_with_what_to_do_next(
    team: Team, golden: list[Golden], as_user: As
) -> None:
    page = text(as_user(team.ravi).get(reverse("project-calibration", args=[team.project.pk])))
    assert "Review the work since the last good point" in page
    assert "Accuracy against gold, all labels" in page
    assert "Tolerances from experts" in page


def test_one_persons_charts_and_a_resumption(team: Team, golden: list[Golden], as_user: As) -> None:
    client = as_user(team.mei)
    page = text(client.get(person(team, team.abe)))
    for title in ("Contact instants: CUSUM", "Accuracy by week", "timing against gold, EWMA"):
        assert title in page
    assert "To review" in page
    empty = client.post(person(team, team.abe, "calibration-resume"), {"reason": ""})
    assert empty.status_code == 400
    client.post(person(team, team.abe, "calibration-resume"), {"reason": "Trained again."})
    assert standing_of(team.project, team.abe) == Membership.Standing.QUALIFIED
    assert "Trained again." in text(client.get(person(team, team.abe)))
    assert client.get(person(team, team.otto)).status_code == 404


def test_a_qualification_is_decided_on_the_page(team: Team, data_dir: Path, as_user: As) -> None:
    qualifying = golden_episodes(team, data_dir, 2, purpose="qualification")
    Membership.objects.filter(user=team.ada).update(standing="qualifying")
    client = as_user(team.ravi)
    early = client.post(
        person(team, team.ada, "calibration-decide"), {"qualified": "yes", "reason": "Fine."}
    )
    assert early.status_code == 400
    answered(team.ada, qualifying, GOOD, seed=1)
    assert "Decide on" in text(client.get(reverse("project-calibration", args=[team.project.pk])))
    assert "Qualification: sequential test" in text(client.get(person(team, team.ada)))
    client.post(
        person(team, team.ada, "calibration-decide"), {"qualified": "no", "reason": "Too early."}
    )
    assert standing_of(team.project, team.ada) == Membership.Standing.FAILED


def test_how_often_the_pages_ask(
    team: Team, golden: list[Golden], data_dir: Path, as_user: As
) -> None:
    client = as_user(team.mei)
    pages = [
        reverse("project-gold", args=[team.project.pk]),
        reverse("gold-item", args=[golden[0].place.pk]),
        reverse("project-calibration", args=[team.project.pk]),
        person(team, team.abe),
        reverse("api-gold", args=[team.project.pk]),
        reverse("api-calibration", args=[team.project.pk]),
    ]

    def asked() -> list[int]:
        counts = []
        for page in pages:
            assert client.get(page).status_code == 200
            with queries() as context:
                client.get(page)
            counts.append(len(context))
        return counts

    # Where nobody learns nothing is asked of learners.
    (learner,) = more_people(team, ["m0"])
    Membership.objects.filter(user=learner).update(standing="qualifying")
    few = asked()
    more = golden_episodes(team, data_dir, 8, seed=9)
    for number, user in enumerate(more_people(team, ["m1", "m2", "m3"])):
        answered(user, [golden[0], *more], GOOD, seed=number, score=False)
        Membership.objects.filter(user=user).update(
            standing="qualifying" if number else "qualified"
        )
    answered(team.abe, more, GOOD, seed=8)
    sweep_calibration()
    assert asked() == few
    assert max(few) <= 34


def test_programs_read_gold_and_calibrations(team: Team, golden: list[Golden], as_user: As) -> None:
    client = as_user(team.ravi)
    listed = client.get(reverse("api-gold", args=[team.project.pk])).json()
    assert len(listed["results"]) == 30
    assert (listed["results"][0]["version"], listed["results"][0]["state"]) == (1, "active")
    one = client.get(reverse("api-gold-item", args=[golden[0].place.pk])).json()
    assert (one["exposures"], one["attempts"], len(one["answers"])) == (2, 2, 2)
    rows = client.get(reverse("api-calibration", args=[team.project.pk])).json()["results"]
    states = {(row["annotator"], row["label_type"]): row["state"] for row in rows}
    assert states["abe", "instant"] == "pause"
    decisions = client.get(
        reverse("api-calibration-decisions", args=[team.project.pk, team.abe.pk])
    ).json()["results"]
    assert [one["kind"] for one in decisions] == ["paused"]
    missing = client.get(reverse("api-gold-item", args=[999_999]))
    assert (missing.status_code, missing.json()["code"]) == (404, "not_found")
