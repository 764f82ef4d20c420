"""A release from approved labels: whole, checksummed, the same for the same content, or nothing."""

import io
import json
import shutil
import threading
import uuid
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from annotation.errors import NotFound, RoleMissing
from annotation.models import Membership, Project
from annotation.services.register_schema import core_label_schema
from episodes.formats import open_dataset
from episodes.formats.manifest import problems, sha256_of
from episodes.models import Dataset, Episode, MediaAsset
from episodes.records import EpisodeRecord
from episodes.selectors.data_files import data_path
from review.errors import NothingToRelease
from review.models import Batch, Release
from review.selectors.release_content import one_moment
from review.services import releases as service
from review.services.batches import approve_batch, create_batch
from review.services.releases import build_release, forgotten_releases, request_release
from review.services.verdicts import approve_episode
from review.tasks import build_release_task
from tests.annotation.scene import Team, label, queue_up
from tests.episodes.test_import import bring_in
from tests.once import once
from tests.pure.formats.sets import write_v30
from tests.review.scene import MS, hand_in, items_of, sets_for

# A release reads in a transaction of its own, which a test inside a transaction cannot give it.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def team(person: Callable[..., User], tmp_path: Path, transactional_db: None) -> Team:
    """Three short recordings, imported, in a project with everybody in their role."""
    return once("bottles", lambda: _bottles(person, tmp_path))


def _bottles(person: Callable[..., User], tmp_path: Path) -> Team:
    people = {name: person(name) for name in ("ada", "abe", "ravi", "mei", "otto")}
    root = person("root", is_superuser=True)
    bring_in(write_v30(tmp_path / "Short Set"))
    project = Project.objects.create(name="Bottles", schema=core_label_schema(), overlap=2)
    roles = Membership.Role
    for name, role in (
        ("ada", roles.ANNOTATOR),
        ("abe", roles.ANNOTATOR),
        ("ravi", roles.REVIEWER),
        ("mei", roles.MANAGER),
    ):
        Membership.objects.create(project=project, user=people[name], role=role)
    queue_up(project, list(Episode.objects.order_by("index")))
    return Team(project=project, dataset=Dataset.objects.get(), root=root, **people)


def answer(duration_ns: int) -> list[dict[str, Any]]:
    return [
        label("instant", "grasp_closed", start_ns=100 * MS, effector="right"),
        label("segment", "instruction", start_ns=0, end_ns=duration_ns, text="lift the bottle"),
        label("outcome", "outcome_success"),
    ]


@pytest.fixture
def batch(team: Team) -> Batch:
    """Two of the three episodes labelled, reviewed and approved."""
    return once("batch of bottles", lambda: _approved(team))


def _approved(team: Team) -> Batch:
    durations = [e.duration_ns for e in Episode.objects.order_by("index")[:2]]
    for user in (team.ada, team.abe):
        for duration in durations:
            hand_in(user, team.project, *answer(duration))
    batch = create_batch(actor=team.ravi, project=team.project)
    for item in items_of(batch):
        approve_episode(
            actor=team.ravi,
            item_id=item.pk,
            annotation_set_id=sets_for(item)[0].pk,
            version=0,
            request_id=uuid.uuid4(),
        )
    return approve_batch(actor=team.mei, batch_id=batch.pk)


def built(team: Team, batch: Batch) -> Release:
    release = request_release(actor=team.mei, project=team.project, batches=[batch])
    build_release(release_id=release.pk)
    release.refresh_from_db()
    return release


def files_in(folder: Path) -> dict[str, str]:
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): sha256_of(path) for path in paths}


def nothing_left_behind() -> bool:
    return not list(data_path("releases").glob("*")) if data_path("releases").exists() else True


def test_a_release_is_whole_and_says_where_its_labels_come_from(team: Team, batch: Batch) -> None:
    release = built(team, batch)
    assert (release.state, release.reason) == (Release.State.READY, "")
    assert (release.episodes_done, release.episodes_total) == (2, 2)
    folder = data_path(release.path) / "short-set"
    assert list(problems(folder)) == []
    listed = {file["path"]: file["sha256"] for file in release.manifest["datasets"][0]["files"]}
    written = files_in(data_path(release.path))
    assert (
        written.pop("short-set/manifest.json")
        == (release.manifest["datasets"][0]["manifest_sha256"])
    )
    assert written == listed
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["label_schema"] == {"name": "core", "version": 2}
    assert manifest["provenance"]["batches"][0]["approved_by"]["username"] == "mei"
    first = manifest["episodes"][0]
    assert first["annotator"]["username"] == "ada"
    assert first["reviewer"]["username"] == "ravi"
    assert first["agreement"]["between_annotators"]["event"] == {
        "matched": 1, "n_a": 1, "n_b": 1,
    }  # fmt: skip


def test_the_labels_come_back_from_the_release(team: Team, batch: Batch) -> None:
    folder = data_path(built(team, batch).path) / "short-set"
    lines = (folder / "meta/annotations.jsonl").read_text().splitlines()
    found = [json.loads(line) for line in lines]
    accepted = [item.accepted_set for item in items_of(batch)]
    for entry, one in zip(found, accepted, strict=True):
        assert one is not None
        ids = {str(pk) for pk in one.labels.values_list("id", flat=True)}
        assert {written["id"] for written in entry["labels"]} == ids
        assert entry["outcome"] == "outcome_success"
    episodes = list(open_dataset(folder).episodes())
    assert [e.frames for e in episodes if isinstance(e, EpisodeRecord)] == [6, 9]


def test_the_same_content_makes_the_same_bytes(team: Team, batch: Batch) -> None:
    first, second = built(team, batch), built(team, batch)
    assert (first.version, second.version) == (1, 2)
    assert first.content_sha256 == second.content_sha256 != ""
    assert files_in(data_path(first.path)) == files_in(data_path(second.path))


def test_building_twice_builds_once(team: Team, batch: Batch) -> None:
    release = built(team, batch)
    before = (data_path(release.path) / "short-set/manifest.json").stat().st_mtime_ns
    build_release_task(str(release.pk))
    build_release(release_id=uuid.uuid4())
    after = (data_path(release.path) / "short-set/manifest.json").stat().st_mtime_ns
    assert after == before


def test_a_builder_at_work_is_left_alone_and_a_dead_one_replaced(team: Team, batch: Batch) -> None:
    release = request_release(actor=team.mei, project=team.project, batches=[batch])
    Release.objects.update(heartbeat_at=timezone.now(), attempts=1)
    build_release(release_id=release.pk)
    release.refresh_from_db()
    assert release.state == Release.State.BUILDING
    partial = data_path(f"releases/.{release.pk}.partial")
    partial.mkdir(parents=True)
    (partial / "half").write_text("written")
    Release.objects.update(heartbeat_at=timezone.now() - timedelta(hours=1))
    assert forgotten_releases() == [release.pk]
    build_release(release_id=release.pk)
    release.refresh_from_db()
    assert (release.state, release.attempts) == (Release.State.READY, 2)
    assert not partial.exists()


def test_a_request_that_never_reached_a_worker_is_queued_again(team: Team, batch: Batch) -> None:
    release = request_release(actor=team.mei, project=team.project, batches=[batch])
    assert forgotten_releases() == []
    Release.objects.update(created_at=timezone.now() - timedelta(minutes=5))
    assert forgotten_releases() == [release.pk]


def test_a_build_that_kills_its_workers_is_given_up(team: Team, batch: Batch) -> None:
    request_release(actor=team.mei, project=team.project, batches=[batch])
    Release.objects.update(heartbeat_at=timezone.now() - timedelta(hours=1), attempts=3)
    assert forgotten_releases() == []
    release = Release.objects.get()
    assert (release.state, "stopped 3 times" in release.reason) == (Release.State.FAILED, True)


def test_a_video_that_is_gone_fails_the_release_and_leaves_nothing(
    team: Team, batch: Batch
) -> None:
    asset = MediaAsset.objects.all()[0]
    data_path(asset.path).unlink()
    release = built(team, batch)
    assert release.state == Release.State.FAILED
    assert "not in the data folder" in release.reason
    assert "backup" in release.reason
    assert nothing_left_behind()


def test_stored_rows_that_are_gone_fail_the_release(team: Team, batch: Batch) -> None:
    shutil.rmtree(data_path("episodes"))
    release = built(team, batch)
    assert release.state == Release.State.FAILED
    assert "cannot be read" in release.reason
    assert nothing_left_behind()


def test_a_video_with_other_bytes_fails_the_release(team: Team, batch: Batch) -> None:
    path = data_path(MediaAsset.objects.all()[0].path)
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.chmod(0o644)
    path.write_bytes(bytes(content))
    release = built(team, batch)
    assert release.state == Release.State.FAILED
    assert "is not the one that was imported" in release.reason
    assert nothing_left_behind()


def test_a_full_disk_fails_the_release(
    team: Team, batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(**_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(service, "export_release", full)
    release = built(team, batch)
    assert release.state == Release.State.FAILED
    assert "No space left on device" in release.reason
    assert nothing_left_behind()


def test_an_error_of_our_own_is_kept_and_raised(
    team: Team, batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(**_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(service, "export_release", broken)
    release = request_release(actor=team.mei, project=team.project, batches=[batch])
    with pytest.raises(ZeroDivisionError):
        build_release(release_id=release.pk)
    release.refresh_from_db()
    assert release.state == Release.State.FAILED
    assert nothing_left_behind()


def test_a_release_is_read_at_one_moment(team: Team, batch: Batch) -> None:
    """A verdict committed while labels are being collected belongs to the next release."""

    def rename() -> None:
        Batch.objects.update(name="Renamed")
        connection.close()

    with one_moment():
        before = Batch.objects.get().name
        meanwhile = threading.Thread(target=rename)
        meanwhile.start()
        meanwhile.join()
        assert Batch.objects.get().name == before
    assert Batch.objects.get().name == "Renamed"


def test_reading_a_release_inside_another_transaction_is_refused(team: Team) -> None:
    with transaction.atomic(), pytest.raises(RuntimeError), one_moment():
        pass


def test_a_failed_release_stays_and_the_next_one_is_good(team: Team, batch: Batch) -> None:
    path = data_path(MediaAsset.objects.all()[0].path)
    kept = path.read_bytes()
    path.unlink()
    failed = built(team, batch)
    path.write_bytes(kept)
    assert built(team, batch).state == Release.State.READY
    failed.refresh_from_db()
    assert failed.state == Release.State.FAILED


@pytest.mark.parametrize(
    ("who", "error"), [("ada", RoleMissing), ("ravi", RoleMissing), ("otto", NotFound)]
)
def test_only_managers_release(team: Team, batch: Batch, who: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        request_release(actor=getattr(team, who), project=team.project, batches=[batch])
    assert not Release.objects.exists()


def test_only_approved_batches_of_the_project_are_released(team: Team, batch: Batch) -> None:
    other = Project.objects.create(name="Other", schema=team.project.schema)
    Membership.objects.create(project=other, user=team.mei, role=Membership.Role.MANAGER)
    unapproved = Batch.objects.create(project=team.project, name="Open", created_by=team.ravi)
    for project, batches in (
        (team.project, []),
        (team.project, [unapproved]),
        (team.project, [batch, unapproved]),
        (other, [batch]),
    ):
        with pytest.raises(NothingToRelease):
            request_release(actor=team.mei, project=project, batches=batches)


def test_the_manager_makes_watches_and_downloads_it(
    team: Team, batch: Batch, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    queued: list[str] = []
    monkeypatch.setattr(build_release_task, "delay", queued.append)
    client.force_login(team.mei)
    form = {"batches": [batch.pk], "format": "lerobot_v30_classic"}
    made = client.post(reverse("review-release-create", args=[team.project.pk]), form)
    release = Release.objects.get()
    assert made["Location"] == reverse("review-release", args=[release.pk])
    assert queued == [str(release.pk)]
    status = reverse("review-release-status", args=[release.pk])
    download = reverse("review-release-download", args=[release.pk])
    waiting = client.get(made["Location"]).content.decode()
    assert f'hx-get="{status}"' in waiting
    assert client.get(download).status_code == 409
    build_release_task(queued[0])
    ready = client.get(status).content.decode()
    assert "hx-get" not in ready
    assert download in ready
    archive = client.get(download)
    assert archive["Content-Disposition"] == 'attachment; filename="bottles-v1.zip"'
    body = archive.getvalue()
    with zipfile.ZipFile(io.BytesIO(body)) as opened:
        assert opened.testzip() is None
        names = {name.removeprefix("bottles-v1/") for name in opened.namelist()}
    release.refresh_from_db()
    # The report lies beside the dataset: it says what the dataset's checksums are signed for.
    papers = {"quality-report.html", "quality-report.json", "release.json"}
    assert names == set(files_in(data_path(release.path))) | papers
    assert client.get(download).getvalue() == body


def test_a_release_with_a_file_missing_is_not_handed_out(
    team: Team, batch: Batch, client: Client
) -> None:
    release = built(team, batch)
    (data_path(release.path) / "short-set/meta/info.json").unlink()
    client.force_login(team.mei)
    answer = client.get(reverse("review-release-download", args=[release.pk]))
    assert answer.status_code == 409
    assert "meta/info.json" in answer.content.decode()


def test_an_equal_earlier_release_is_named(team: Team, batch: Batch, client: Client) -> None:
    built(team, batch)
    second = built(team, batch)
    client.force_login(team.mei)
    page = client.get(reverse("review-release", args=[second.pk])).content.decode()
    assert "The same content as" in page
    # Times of the manifest as every other time of the page.
    approved_at = Batch.objects.get(pk=batch.pk).approved_at
    assert approved_at is not None
    assert f'<td class="num">{approved_at:%Y-%m-%d %H:%M}</td>' in page
    listed = client.get(reverse("review-releases", args=[team.project.pk])).content.decode()
    assert "Version 2" in listed


def test_an_unapproved_batch_cannot_be_chosen(team: Team, batch: Batch, client: Client) -> None:
    unapproved = Batch.objects.create(project=team.project, name="Open", created_by=team.ravi)
    client.force_login(team.mei)
    address = reverse("review-release-create", args=[team.project.pk])
    chosen = {"batches": [unapproved.pk], "format": "labels"}
    assert client.post(address, chosen).status_code == 400
    assert client.post(address, {"batches": [], "format": "tapes"}).status_code == 400
    assert client.post(address).status_code == 400
    assert not Release.objects.exists()
