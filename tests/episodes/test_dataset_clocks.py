"""One correction for a camera of every episode of a dataset: set, seen, taken back."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from annotation.models import AnnotationSet, Assignment, AuditEntry, Project, ProjectEpisode
from annotation.selectors.clock_changes import sets_before_clock_change
from episodes.errors import ChangeNotAllowed
from episodes.models import ClockMap, Dataset, Episode, Stream
from episodes.selectors.clocks import clock_of, clocks_changed_at, corrections_together
from episodes.services.clocks import CLOCK_CHANGED, set_clock
from episodes.services.dataset_clocks import set_dataset_clock, undo_dataset_clock
from episodes.sync_errors import CameraUnknown, NothingToCorrect, ReasonMissing
from tests.annotation.conftest import pages_without_a_build as pages_without_a_build
from tests.annotation.pages import queries
from tests.episodes.test_import import bring_in

pytestmark = pytest.mark.django_db
MS = 1_000_000
Set = Callable[..., uuid.UUID]


@pytest.fixture
def dataset(v30: Path, mei: User) -> Dataset:
    bring_in(v30, by=mei)
    return Dataset.objects.get()


@pytest.fixture
def set_all(dataset: Dataset, mei: User) -> Set:
    def done(offset_ns: int, **given: Any) -> uuid.UUID:
        facts = {"actor": mei, "camera": "front", "drift_ppm": 0.0, "reason": "late", **given}
        return set_dataset_clock(dataset_id=dataset.pk, offset_ns=offset_ns, **facts).together

    return done


def offsets(camera: str = "front") -> list[int]:
    streams = Stream.objects.filter(camera=camera).order_by("episode__index")
    return [clock_of(stream).offset_ns for stream in streams]


def test_every_episode_gets_it_and_waits_for_a_new_measurement(
    dataset: Dataset, set_all: Set, mei: User
) -> None:
    Episode.objects.update(sync=Episode.Sync.GREEN)
    set_all(-40 * MS)
    assert offsets() == [-40 * MS] * 3
    assert offsets("wrist") == [0] * 3
    assert set(Episode.objects.values_list("sync", flat=True)) == {"unmeasured"}
    assert all(CLOCK_CHANGED in one.tags for one in Episode.objects.all())
    entry = AuditEntry.objects.get(action="dataset.clock_corrected")
    assert (entry.actor, entry.facts["offset_ns"], entry.facts["episodes"]) == (mei, -40 * MS, 3)


def test_a_second_one_replaces_it_and_tags_once(set_all: Set) -> None:
    set_all(10 * MS)
    set_all(25 * MS)
    assert offsets() == [25 * MS] * 3
    assert [one.tags.count(CLOCK_CHANGED) for one in Episode.objects.all()] == [1, 1, 1]


def test_taken_back_each_goes_to_what_it_was(dataset: Dataset, set_all: Set, mei: User) -> None:
    first = Episode.objects.get(index=0)
    set_clock(actor=mei, episode_id=first.pk, camera="front", offset_ns=7 * MS, drift_ppm=0.0,
              reason="by eye")  # fmt: skip
    together = set_all(-40 * MS)
    done = undo_dataset_clock(
        actor=mei, dataset_id=dataset.pk, together=together, reason="measured wrongly"
    )
    assert (done.episodes, done.left_alone) == (3, 0)
    assert offsets() == [7 * MS, 0, 0]
    assert ClockMap.objects.filter(method="taken back").count() == 3


def test_what_was_corrected_since_is_left_alone(dataset: Dataset, set_all: Set, mei: User) -> None:
    together = set_all(-40 * MS)
    last = Episode.objects.get(index=2)
    set_clock(actor=mei, episode_id=last.pk, camera="front", offset_ns=5 * MS, drift_ppm=0.0,
              reason="by eye")  # fmt: skip
    asked: dict[str, Any] = {"actor": mei, "dataset_id": dataset.pk, "together": together}
    done = undo_dataset_clock(**asked, reason="no")
    assert (done.episodes, done.left_alone) == (2, 1)
    assert offsets() == [0, 0, 5 * MS]
    with pytest.raises(NothingToCorrect):
        undo_dataset_clock(**asked, reason="again")


@pytest.mark.parametrize(
    ("given", "error"),
    [({"camera": "none"}, CameraUnknown), ({"reason": " "}, ReasonMissing)],
)
def test_what_cannot_be_is_refused(set_all: Set, given: dict[str, str], error: type) -> None:
    with pytest.raises(error):
        set_all(1, **given)
    assert not ClockMap.objects.exists()


@pytest.mark.parametrize("who", ["ada", "ravi", "otto"])
def test_others_may_not(set_all: Set, cast: dict[str, User], who: str) -> None:
    with pytest.raises(ChangeNotAllowed):
        set_all(1, actor=cast[who])
    assert not ClockMap.objects.exists()


def test_labels_handed_in_before_are_named(
    dataset: Dataset, set_all: Set, project: Project, cast: dict[str, User]
) -> None:
    episode = Episode.objects.get(index=1)
    work = ProjectEpisode.objects.create(project=project, episode=episode)
    mine = Assignment.objects.create(
        project_episode=work, annotator=cast["ada"], lease_expires_at=timezone.now()
    )
    done = AnnotationSet.objects.create(
        project_episode=work,
        assignment=mine,
        schema=project.schema,
        state=AnnotationSet.State.SUBMITTED,
        submitted_at=timezone.now(),
    )
    assert list(sets_before_clock_change([episode.pk])) == []
    set_all(-40 * MS)
    (found,) = sets_before_clock_change([episode.pk])
    assert found == done
    assert clocks_changed_at([episode.pk]) == {
        episode.pk: ClockMap.objects.filter(stream__episode=episode).latest("created_at").created_at
    }
    AnnotationSet.objects.update(submitted_at=timezone.now() + timedelta(seconds=1))
    assert list(sets_before_clock_change([episode.pk])) == []


def page(client: Client, dataset: Dataset) -> str:
    return client.get(reverse("dataset-sync", args=[dataset.pk])).content.decode()


def test_the_page_sets_shows_and_takes_back(dataset: Dataset, mei: User) -> None:
    client = Client()
    client.force_login(mei)
    assert "Set it in every episode" in page(client, dataset)
    sent = {"camera": "front", "offset_ms": "-40", "drift_ppm": "", "reason": "late trigger"}
    answer = client.post(reverse("dataset-sync-clock", args=[dataset.pk]), sent, follow=True)
    assert "is set in 3 episodes" in answer.content.decode()
    assert "late trigger" in answer.content.decode()
    (line,) = corrections_together(dataset)
    assert (line.camera, line.offset_ns, line.episodes, line.person) == (
        "front", -40 * MS, 3, mei.username,
    )  # fmt: skip
    back = {"together": str(line.together), "reason": "was right"}
    answer = client.post(reverse("dataset-sync-undo", args=[dataset.pk]), back, follow=True)
    assert "taken back in 3 episodes" in answer.content.decode()
    assert offsets() == [0] * 3


def test_the_page_says_what_is_missing(dataset: Dataset, mei: User) -> None:
    client = Client()
    client.force_login(mei)
    for name, sent in (("dataset-sync-clock", {"camera": "front"}), ("dataset-sync-undo", {})):
        answer = client.post(reverse(name, args=[dataset.pk]), sent, follow=True)
        assert "Nothing was changed" in answer.content.decode()
        assert client.get(reverse(name, args=[dataset.pk])).status_code == 405


@pytest.mark.parametrize("name", ["dataset-sync-clock", "dataset-sync-undo"])
def test_who_may_send_it(
    dataset: Dataset, cast: dict[str, User], name: str, project: Project
) -> None:
    episode = dataset.episodes.get(index=1)
    ProjectEpisode.objects.create(project=project, episode=episode)
    sent = {"camera": "front", "offset_ms": "1", "reason": "x", "together": str(uuid.uuid4())}
    for who, status in (("ada", 403), ("otto", 403)):
        client = Client()
        client.force_login(cast[who])
        answer = client.post(reverse(name, args=[dataset.pk]), sent)
        assert answer.status_code == status
    assert not ClockMap.objects.exists()


def test_the_page_asks_as_often_for_many_corrections(
    dataset: Dataset, mei: User, set_all: Set
) -> None:
    client = Client()
    client.force_login(mei)

    def asked() -> int:
        page(client, dataset)
        with queries() as made:
            page(client, dataset)
        return len(made)

    set_all(1 * MS)
    few = asked()
    for offset in range(2, 6):
        set_all(offset * MS)
    assert asked() == few
