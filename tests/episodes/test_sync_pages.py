"""The pages of clocks and of embodiments: what stands there, and for whom."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from annotation.models import Project, ProjectEpisode
from annotation.services.claim_next import claim_next
from episodes.embodiments import Quantity
from episodes.models import ClockMap, Dataset, Embodiment, Episode, SyncReport
from episodes.services.clocks import decide, set_clock
from episodes.services.embodiments import assign_embodiment
from episodes.services.statistics import measure_values
from episodes.services.sync import measure_sync
from tests.annotation.conftest import pages_without_a_build as pages_without_a_build
from tests.annotation.pages import queries
from tests.annotation.scene import label, save
from tests.episodes.sync_scene import small_arm
from tests.episodes.test_import import bring_in

pytestmark = pytest.mark.django_db
MS = 1_000_000
Go = Callable[..., Any]


@pytest.fixture
def dataset(v30: Path, mei: User) -> Dataset:
    bring_in(v30, by=mei)
    return Dataset.objects.get()


@pytest.fixture
def episode(dataset: Dataset, project: Project) -> Episode:
    """In ada's project, and measured."""
    episode = dataset.episodes.get(index=1)
    ProjectEpisode.objects.create(project=project, episode=episode)
    measure_sync(episode_id=episode.pk)
    episode.refresh_from_db()
    return episode


@pytest.fixture
def go(cast: dict[str, User]) -> Go:
    """Follow a link, or with facts send a form, and read the page it leads to."""

    def visit(who: str, name: str, *args: object, send: dict[str, Any] | None = None) -> Any:
        client = Client()
        client.force_login(cast[who])
        path = reverse(name, args=args)
        return client.get(path) if send is None else client.post(path, send, follow=True)

    return visit


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_unknown_is_said_to_be_no_pass(episode: Episode, go: Go) -> None:
    page = text(go("mei", "episode-sync", episode.pk))
    assert "That is no pass" in page
    assert "In step" not in page
    assert "<svg" in page
    assert "The same as a table" in page
    assert "observation.state" in page


def test_annotators_read_and_decide_nothing(episode: Episode, go: Go) -> None:
    page = text(go("ada", "episode-sync", episode.pk))
    assert "Streams in time" in page
    for what in ("Hand out all the same", "Hold back</button>", "by hand", "Measure again"):
        assert what not in page


def test_an_episode_that_is_not_measured_says_so_and_asks_again(dataset: Dataset, go: Go) -> None:
    episode = dataset.episodes.get(index=0)
    page = text(go("mei", "episode-sync", episode.pk))
    assert "The clocks are not measured yet" in page
    assert 'hx-trigger="every 3s"' in page


def test_the_waiting_page_reloads_when_the_report_is_there(
    episode: Episode, cast: dict[str, User]
) -> None:
    client = Client(headers={"HX-Request": "true"})
    client.force_login(cast["mei"])
    path = reverse("episode-sync", args=[episode.pk])
    assert client.get(path)["HX-Refresh"] == "true"
    Episode.objects.filter(pk=episode.pk).update(sync="unmeasured")
    assert "HX-Refresh" not in client.get(path)


def test_holding_and_releasing_with_a_reason(episode: Episode, go: Go) -> None:
    held = {"decision": "held", "reason": "the wrist camera hung loose"}
    page = text(go("mei", "episode-sync-decide", episode.pk, send=held))
    assert "The episode is held back." in page
    assert "Held back</strong> by Mei" in page
    assert "the wrist camera hung loose" in page
    page = text(go("mei", "episode-sync-decide", episode.pk, send={"decision": "released"}))
    assert "Nothing was changed." in page
    episode.refresh_from_db()
    assert episode.held


def test_a_clock_set_by_hand_is_history_and_a_warning_about_labels(
    episode: Episode, go: Go
) -> None:
    clock = {
        "camera": "front",
        "offset_ms": "-12.000001",
        "drift_ppm": "",
        "reason": "at a contact",
    }
    page = text(go("mei", "episode-sync-clock", episode.pk, send=clock))
    row = ClockMap.objects.get()
    assert (row.offset_ns, row.drift_ppm, row.method) == (-12_000_001, 0.0, "by hand")
    assert "Labels stay where they are on the episode's clock." in page.replace("&#x27;", "'")
    assert "Nobody in your projects has labelled this episode yet." in page
    assert "Corrections so far (1)" in page
    assert 'value="-12.000001"' in page
    assert "they are being measured" in page.lower()
    undo = {"camera": "front", "reason": "a slip"}
    assert "Corrections so far (2)" in text(go("mei", "episode-sync-undo", episode.pk, send=undo))


@pytest.mark.parametrize("offset", ["", "soon", "99999999"])
def test_a_clock_that_is_no_number_changes_nothing(episode: Episode, go: Go, offset: str) -> None:
    clock = {"camera": "front", "offset_ms": offset, "reason": "x"}
    assert "Nothing was changed." in text(go("mei", "episode-sync-clock", episode.pk, send=clock))
    assert not ClockMap.objects.exists()


def test_a_correction_that_was_not_measured_is_refused(episode: Episode, go: Go) -> None:
    answer = go("mei", "episode-sync-accept", episode.pk, send={"camera": "front"})
    assert answer.status_code == 409
    assert "No correction of “front” was measured." in text(answer)


def test_measuring_again_is_asked_for(episode: Episode, go: Go) -> None:
    page = text(go("mei", "episode-sync-measure", episode.pk, send={}))
    assert "The clocks are measured again." in page
    episode.refresh_from_db()
    assert episode.sync == Episode.Sync.UNMEASURED


def test_the_overview_filters_and_counts(
    dataset: Dataset, episode: Episode, mei: User, go: Go
) -> None:
    page = text(go("mei", "dataset-sync", dataset.pk))
    assert "Nothing to look at" in page
    held = SyncReport.Decision.HELD
    decide(actor=mei, episode_id=episode.pk, decision=held, reason="loose")
    page = text(go("mei", "dataset-sync", dataset.pk))
    assert "episode_000001" in page
    assert "episode_000000" not in page
    client = Client()
    client.force_login(mei)
    path = reverse("dataset-sync", args=[dataset.pk])
    shown = text(client.get(path, {"show": "unmeasured"}))
    assert "episode_000000" in shown
    assert "episode_000001" not in shown
    assert "episode_000002" in text(client.get(path, {"show": "no such"})) or "Held back" in page


def test_annotators_see_their_own_episodes_of_the_overview(
    dataset: Dataset, episode: Episode, cast: dict[str, User]
) -> None:
    client = Client()
    client.force_login(cast["ada"])
    page = text(client.get(reverse("dataset-sync", args=[dataset.pk]), {"show": "all"}))
    assert "episode_000001" in page
    assert "episode_000000" not in page


def test_lists_ask_as_often_for_many_rows_as_for_one(
    dataset: Dataset, mei: User, cast: dict[str, User]
) -> None:
    client = Client()
    client.force_login(mei)
    overview = reverse("dataset-sync", args=[dataset.pk]) + "?show=all"

    def asked(path: str) -> int:
        client.get(path)
        with queries() as made:
            assert client.get(path).status_code == 200
        return len(made)

    measure_sync(episode_id=dataset.episodes.get(index=0).pk)
    arm = small_arm(mei)
    first = [asked(overview), asked(reverse("embodiment-list"))]
    for episode in dataset.episodes.all():
        measure_sync(episode_id=episode.pk)
    assign_embodiment(actor=mei, dataset_id=dataset.pk, embodiment_id=arm.pk)
    Embodiment.objects.create(name="Another")
    assert [asked(overview), asked(reverse("embodiment-list"))] == first


def test_a_dataset_shows_what_is_wrong_with_its_values(dataset: Dataset, mei: User, go: Go) -> None:
    assert "Assign one" in text(go("mei", "dataset-detail", dataset.pk))
    arm = small_arm(mei, limit=0.8)
    page = text(go("mei", "dataset-embodiment", dataset.pk, send={"embodiment": arm.pk}))
    assert "Not measured yet." in page
    measure_values(dataset_id=dataset.pk)
    page = text(go("mei", "dataset-detail", dataset.pk))
    assert "leaves its limits" in page
    assert "Values of each dimension" in page
    page = text(go("mei", "dataset-embodiment", dataset.pk, send={"embodiment": ""}))
    assert "Assign one" in page


def test_suggestions_stand_with_their_reasons(dataset: Dataset, mei: User, go: Go) -> None:
    small_arm(mei)
    page = text(go("mei", "dataset-embodiment", dataset.pk))
    assert "state: 3 of 3 names agree" in page
    assert "Assign Small arm" in page


def test_making_and_changing_an_embodiment(mei: User, go: Go) -> None:
    page = text(go("mei", "embodiment-new", send={"name": "Arm", "state": "so101_rad_6"}))
    assert "State, 6 dimensions" in page
    assert "joint position" in page
    arm = Embodiment.objects.get()
    answer = go("mei", "embodiment-new", send={"name": "Arm", "state": "so101_rad_6"})
    assert answer.status_code == 422
    assert "There is an embodiment “Arm” already." in text(answer)

    sent = {"name": "Arm", "notes": "ours"} | table("state", ("lift", "position", "m", "0", "1"))
    sent |= table("action")
    page = text(go("mei", "embodiment-change", arm.pk, send=sent))
    assert "State, 1 dimension<" in page
    (row,) = arm.dimensions.all()
    assert (row.name, row.quantity, row.unit) == ("lift", Quantity.POSITION.value, "m")
    assert (row.lower, row.upper) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (("lift", "position", "rad", "0", "1"), "a position is in m, mm"),
        (("lift", "position", "m", "1", "0"), "lower limit 1.0 is not below 0.0"),
    ],
)
def test_a_dimension_that_contradicts_itself_comes_back(
    mei: User, go: Go, row: tuple[str, ...], said: str
) -> None:
    arm = small_arm(mei)
    sent = {"name": "Arm", "notes": ""} | table("state", row) | table("action")
    answer = go("mei", "embodiment-change", arm.pk, send=sent)
    assert answer.status_code == 422
    assert said in text(answer)
    assert arm.dimensions.count() == 6


def table(space: str, *rows: tuple[str, ...]) -> dict[str, str]:
    """What the browser sends of one table of dimensions."""
    names = ("name", "quantity", "unit", "lower", "upper")
    sent = {f"{space}-TOTAL_FORMS": str(len(rows)), f"{space}-INITIAL_FORMS": "0"}
    for at, row in enumerate(rows):
        sent |= {f"{space}-{at}-{name}": value for name, value in zip(names, row, strict=True)}
    return sent


def test_the_clock_in_force_is_shown(episode: Episode, mei: User, go: Go) -> None:
    set_clock(
        actor=mei, episode_id=episode.pk, camera="wrist", offset_ns=15 * MS, drift_ppm=2.5,
        reason="by the maker",
    )  # fmt: skip
    page = text(go("ada", "episode-sync", episode.pk))
    assert "+15.0 ms on the import's, 2.5 ppm (by hand)" in page.replace("&#x27;", "'")


def test_labels_made_before_a_correction_are_named(
    episode: Episode, project: Project, cast: dict[str, User], go: Go
) -> None:
    """They keep their times; the page says where to look again."""
    claim = claim_next(actor=cast["ada"], project=project)
    assert claim is not None
    draft = claim.assignment.annotation_sets.get()
    save(
        cast["ada"], draft, [label("instant", "grasp_closed", start_ns=100 * MS, effector="right")]
    )
    clock = {"camera": "front", "offset_ms": "-40", "reason": "at a contact"}
    page = text(go("mei", "episode-sync-clock", episode.pk, send=clock))
    assert "Look again at those made before the correction" in page
    assert "Pick and place</a> (Being labelled)" in page
    assert draft.labels.get().start_ns == 100 * MS


def test_a_camera_that_nothing_tells_of_is_unknown_over_the_dataset(
    dataset: Dataset, episode: Episode, go: Go
) -> None:
    page = text(go("mei", "dataset-sync", dataset.pk))
    row = page.split('<th scope="row">front</th>')[1].split("</tr>")[0]
    assert ">1<" in row
    assert row.count("unknown") == 2
