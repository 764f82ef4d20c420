"""What an annotator sees of their own calibration: late, in sums, and never which were gold."""

import json
import re
import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from annotation.models import AnnotationSet, Assignment, Membership, ProjectEpisode
from review.measures.calibration.delay import MEASURED, OTHERS
from review.measures.records import Answer
from review.models import GoldItem
from review.selectors.own_calibration import own_projects
from review.services.gold import change_gold_state
from tests.annotation.conftest import as_user as as_user
from tests.annotation.conftest import pages_without_a_build as pages_without_a_build
from tests.annotation.pages import queries, text
from tests.annotation.scene import (
    Team,
    claimed,
    draft_of,
    grasp,
    instruction,
    make_asset,
    make_dataset,
    make_episodes,
    outcome,
    queue_up,
    save,
)
from tests.review.gold_scene import BAD, GOOD, Golden, answered, golden_episodes, handed_in
from tests.review.scene import MS

pytestmark = pytest.mark.django_db
As = Callable[[User], Client]
NOW = timezone.now()
LONG_AGO = NOW - timedelta(days=30)


@pytest.fixture
def golden(team: Team, data_dir: Path) -> list[Golden]:
    return golden_episodes(team, data_dir, 12)


def others(team: Team, folder: Path, user: User, count: int) -> None:
    """So many hand-ins of episodes without gold."""
    dataset = make_dataset(f"others {uuid.uuid4()}", team.mei)
    name = uuid.uuid4().hex[:8]
    places = queue_up(team.project, make_episodes(dataset, count, make_asset(folder, name)))
    truth = Answer(outcome="outcome_success")
    for number, place in enumerate(places):
        handed_in(user, place, truth, LONG_AGO + number * timedelta(hours=1))


def picture(team: Team, user: User) -> list[tuple[str, float]]:
    (own,) = own_projects(user, timezone.now())
    return [(one.name, one.measured.trials) for one in own.figures]


def test_nothing_is_shown_before_a_whole_portion(
    team: Team, golden: list[Golden], data_dir: Path, as_user: As
) -> None:
    answered(team.ada, golden[: MEASURED - 1], GOOD, seed=1, begin=LONG_AGO)
    others(team, data_dir, team.ada, OTHERS)
    assert picture(team, team.ada) == []
    page = text(as_user(team.ada).get(reverse("my-calibration")))
    assert "Figures appear on a Monday" in page


def test_own_figures_by_kind_with_n(
    team: Team, golden: list[Golden], data_dir: Path, as_user: As
) -> None:
    answered(team.ada, golden, BAD, seed=1, begin=LONG_AGO)
    others(team, data_dir, team.ada, OTHERS)
    found = dict(picture(team, team.ada))
    assert found["Contact instants"] > 40
    page = text(as_user(team.ada).get(reverse("my-calibration")))
    assert "Contact instants" in page
    assert "When you mark events" in page


def test_what_was_handed_in_today_does_not_move_it(
    team: Team, golden: list[Golden], data_dir: Path, as_user: As
) -> None:
    answered(team.ada, golden[:8], GOOD, seed=1, begin=LONG_AGO)
    others(team, data_dir, team.ada, OTHERS)
    before = as_user(team.ada).get(reverse("my-calibration")).content
    for one in golden[8:]:
        answered(team.ada, [one], BAD, seed=2, begin=timezone.now())
        after = as_user(team.ada).get(reverse("my-calibration")).content
        assert unnumbered(after) == unnumbered(before)


def unnumbered(page: bytes) -> str:
    """The page without its tokens of forms."""
    return re.sub(r'(csrfmiddlewaretoken" value|X-CSRFToken).*?>', "", page.decode())


def test_no_address_says_which_episode_was_gold(
    team: Team, golden: list[Golden], data_dir: Path, as_user: As
) -> None:
    """Every address that takes a set answers alike for gold in use and for other work."""
    sets = answered(team.ada, golden, GOOD, seed=1, begin=LONG_AGO)
    others(team, data_dir, team.ada, OTHERS)
    plain = AnnotationSet.objects.filter(assignment__annotator=team.ada).exclude(
        pk__in=[one.pk for one in sets]
    )[0]
    client = as_user(team.ada)
    for name in ("training-feedback", "training-compare"):
        answers = [client.get(reverse(name, args=[one.pk])) for one in (sets[0], plain)]
        assert [one.status_code for one in answers] == [404, 404]
        assert unnumbered(answers[0].content) == unnumbered(answers[1].content)
    page = client.get(reverse("my-calibration")).content.decode()
    assert not any(str(one.pk) in page for one in sets)
    assert not any(one.place.episode.key in page for one in golden)
    queue = client.get(reverse("queue")).content.decode()
    assert "gold" not in queue.lower()
    assert client.get(reverse("api-gold-item", args=[golden[0].place.pk])).status_code == 403


def test_a_closed_dispute_or_new_gold_names_no_episode_either(
    team: Team, golden: list[Golden], data_dir: Path, as_user: As
) -> None:
    answered(team.ada, golden, GOOD, seed=1, begin=LONG_AGO)
    others(team, data_dir, team.ada, OTHERS)
    change_gold_state(
        actor=team.mei,
        item_id=golden[0].item.pk,
        state=GoldItem.State.AMBIGUOUS,
        reason="Not to be seen.",
    )
    page = as_user(team.ada).get(reverse("my-calibration")).content.decode()
    assert golden[0].place.episode.key not in page


def test_retired_gold_is_shown_with_what_differed(
    team: Team, golden: list[Golden], data_dir: Path, as_user: As
) -> None:
    sets = answered(team.ada, golden, BAD, seed=1, begin=LONG_AGO)
    for one in golden:
        change_gold_state(
            actor=team.mei,
            item_id=one.item.pk,
            state=GoldItem.State.RETIRED,
            reason="Shown enough.",
        )
    client = as_user(team.ada)
    page = text(client.get(reverse("my-calibration")))
    assert "Known answers that are out of use" in page
    address = reverse("training-feedback", args=[sets[0].pk])
    assert address in page
    found = text(client.get(address))
    assert "What differs" in found
    assert as_user(team.abe).get(address).status_code == 404
    assert as_user(team.mei).get(address).status_code == 404
    # Sent back to them, they label it again: then they are not to look.
    Assignment.objects.filter(annotation_sets=sets[0]).update(state=Assignment.State.RETURNED)
    assert client.get(address).status_code == 404


@pytest.fixture
def school(team: Team, data_dir: Path) -> list[Golden]:
    """Two training episodes at the front of the queue; Ada begins."""
    ProjectEpisode.objects.filter(project=team.project).delete()
    found = golden_episodes(team, data_dir, 2, purpose=ProjectEpisode.Purpose.TRAINING)
    Membership.objects.filter(user=team.ada).update(standing="training")
    return found


def submitted(client: Client, team: Team) -> dict[str, object]:
    draft = draft_of(claimed(team.ada, team.project))
    save(team.ada, draft, [grasp(4_000 * MS), instruction(), outcome("outcome_failure")])
    draft.refresh_from_db()
    answer = client.post(
        reverse("api-set-submit", args=[draft.pk]),
        json.dumps(
            {"base_revision": draft.revision, "request_id": str(uuid.uuid4()), "claim_next": True}
        ),
        "application/json",
    )
    assert answer.status_code == 200
    found: dict[str, object] = answer.json()
    return found


def test_a_training_episode_is_followed_by_its_feedback(
    team: Team, school: list[Golden], as_user: As
) -> None:
    client = as_user(team.ada)
    assert "Training: 0 of 2 handed in." in text(client.get(reverse("queue")))
    answer = submitted(client, team)
    # Nothing is claimed before the feedback was seen, and nothing has to be swept first.
    assert (answer["next"], answer["next_url"]) == (None, None)
    page = text(client.get(str(answer["queue_url"])))
    assert "Training: 1 of 2 episodes handed in." in page
    assert "Outcome: the gold says success, your answer says failure." in page
    clips = re.findall(r'data-mark="(\d)">(.*?)</figure>', page)
    # Four pictures before the own mark at 4 s and four after it; the marked one shows at once.
    assert "4" in {mark for mark, _ in clips}
    for mark, pictures in clips:
        shown = [" src=" in one for one in re.findall(r"<img[^>]*>", pictures)]
        assert [at for at, one in enumerate(shown) if one] == [int(mark)]
        assert 5 <= len(shown) <= 9
    assert "/guideline/stills/" in page
    compare = client.get(f"{answer['queue_url']}compare/")
    found = re.search(
        r'<script id="timeline-payload" type="application/json">(.*?)</script>',
        compare.content.decode(),
        re.DOTALL,
    )
    assert found is not None
    payload = json.loads(found[1])
    assert (payload["mode"], payload["urls"]["save"]) == ("view", "")
    assert [one["name"] for one in payload["sets"]] == ["Your answer", "Gold"]
    assert not any(one["editable"] for one in payload["sets"])
    assert payload["differences"]
    assert "Training: 1 of 2 handed in." in text(client.get(reverse("queue")))


def test_training_without_gold_says_so(team: Team, school: list[Golden], as_user: As) -> None:
    GoldItem.objects.all().delete()
    client = as_user(team.ada)
    answer = submitted(client, team)
    assert "This episode has no gold yet" in text(client.get(str(answer["queue_url"])))


def test_qualification_tells_how_many_and_not_how_good(
    team: Team, data_dir: Path, as_user: As
) -> None:
    qualifying = golden_episodes(team, data_dir, 3, purpose="qualification")
    Membership.objects.filter(user=team.ada).update(standing="qualifying")
    Membership.objects.filter(user=team.abe).update(standing="qualifying")
    answered(team.ada, qualifying[:2], GOOD, seed=1)
    answered(team.abe, qualifying[:2], BAD, seed=2)
    pages = []
    for user in (team.ada, team.abe):
        page = as_user(user).get(reverse("my-calibration")).content
        assert "2 of 3 qualification episodes handed in." in text_of(page)
        pages.append(page.decode().split("<main")[1])
        queue = text(as_user(user).get(reverse("queue")))
        assert "Qualification: 2 of up to 3 handed in." in queue
    assert pages[0] == pages[1]


def text_of(page: bytes) -> str:
    return re.sub(r"\s+", " ", page.decode())


def test_how_often_the_own_page_asks(
    team: Team, golden: list[Golden], data_dir: Path, as_user: As
) -> None:
    client, address = as_user(team.ada), reverse("my-calibration")
    answered(team.ada, golden[:6], GOOD, seed=1, begin=LONG_AGO)
    others(team, data_dir, team.ada, OTHERS)

    def asked() -> int:
        client.get(address)
        with queries() as context:
            assert client.get(address).status_code == 200
        return len(context)

    few = asked()
    answered(team.ada, golden[6:], GOOD, seed=2, begin=LONG_AGO)
    others(team, data_dir, team.ada, OTHERS)
    assert asked() == few <= 20
