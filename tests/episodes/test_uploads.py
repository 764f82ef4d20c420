"""Resumable uploads: only whole verified bytes are kept, and a cut-off one can go on."""

import base64
import hashlib
import io
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from config.celery import app
from episodes.models import Dataset, Episode, ImportItem, ImportRun, Upload
from episodes.services.imports_control import retry_items
from episodes.services.imports_items import import_item
from episodes.services.uploads import (
    ABANDONED,
    MAX_CHUNK_BYTES,
    STUCK,
    answer_upload,
    archive_path,
    discard_uploads,
    stuck_uploads,
    unpack_upload,
    upload_folder,
    upload_questions,
)
from tests.pure.formats.hdf5_sets import write_robomimic
from tests.pure.formats.sets import change_info
from tests.pure.formats.zarr_sets import umi_members, write_zip

pytestmark = pytest.mark.django_db
CHUNK = 5_000


@pytest.fixture
def at_mei(mei: User) -> Client:
    client = Client()
    client.force_login(mei)
    return client


@pytest.fixture
def packed(v21: Path) -> bytes:
    """The dataset's folder as people zip it, litter of their file manager included."""
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(v21.rglob("*")):
            archive.write(path, path.relative_to(v21.parent))
        archive.writestr("__MACOSX/bricks/._meta", b"x")
    return into.getvalue()


def announce(client: Client, size: int, **more: Any) -> Any:
    facts = {"filename": "bricks.zip", "size": size, **more}
    return client.post(reverse("api-uploads"), facts, content_type="application/json")


def put(client: Client, url: str, data: bytes, start: int, total: int, **headers: str) -> Any:
    span = f"bytes {start}-{start + len(data) - 1}/{total}"
    return client.put(
        url,
        data,
        content_type="application/octet-stream",
        headers={"Content-Range": span, **headers},
    )


def digest(data: bytes) -> str:
    return f"sha-256=:{base64.b64encode(hashlib.sha256(data).digest()).decode()}:"


def send_all(client: Client, data: bytes, **more: Any) -> Upload:
    url = announce(client, len(data), **more).json()["url"]
    for start in range(0, len(data), CHUNK):
        chunk = data[start : start + CHUNK]
        answer = put(client, url, chunk, start, len(data), **{"Content-Digest": digest(chunk)})
        assert answer.status_code == 200
        assert answer.json()["received"] == start + len(chunk)
    with patch("episodes.api.uploads.handed_over"):
        assert client.post(f"{url}/complete").status_code == 202
    return Upload.objects.get()


def test_an_archive_becomes_episodes(
    packed: bytes, at_mei: Client, mei: User, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    assert len(packed) > 2 * CHUNK
    url = announce(at_mei, len(packed), dataset_name="Bricks").json()["url"]
    for start in range(0, len(packed), CHUNK):
        put(at_mei, url, packed[start : start + CHUNK], start, len(packed))
    before = app.conf.task_always_eager
    app.conf.task_always_eager = True
    try:
        with django_capture_on_commit_callbacks(execute=True):
            answer = at_mei.post(f"{url}/complete")
    finally:
        app.conf.task_always_eager = before
    assert answer.status_code == 202
    upload = Upload.objects.get()
    assert upload.state == Upload.State.ASKING
    page = at_mei.get(reverse("import-upload", args=[upload.pk])).content.decode()
    assert "In which unit is “action”?" in page
    app.conf.task_always_eager = True
    try:
        with django_capture_on_commit_callbacks(execute=True):
            facts = {"answer.unit.action": "deg"}
            at_mei.post(reverse("import-upload", args=[upload.pk]), facts)
    finally:
        app.conf.task_always_eager = before
    upload.refresh_from_db()
    assert upload.state == Upload.State.COMPLETE
    run = ImportRun.objects.get()
    assert (upload.run, run.requested_by, run.state) == (run, mei, ImportRun.State.DONE)
    assert Dataset.objects.get().name == "Bricks"
    assert Episode.objects.count() == 3
    leads_on = at_mei.get(reverse("import-upload", args=[upload.pk]))
    assert leads_on["Location"] == reverse("import-run", args=[run.pk])
    partly = at_mei.get(reverse("import-upload", args=[upload.pk]), headers={"HX-Request": "true"})
    assert partly["HX-Redirect"] == leads_on["Location"]
    assert discard_uploads() == 1
    assert not upload_folder(upload).exists()


def test_a_cut_off_upload_goes_on(packed: bytes, at_mei: Client) -> None:
    url = announce(at_mei, len(packed)).json()["url"]
    put(at_mei, url, packed[:CHUNK], 0, len(packed))
    whole = packed[CHUNK : 2 * CHUNK]
    cut = at_mei.put(
        url,
        whole[:777],
        content_type="application/octet-stream",
        headers={"Content-Range": f"bytes {CHUNK}-{2 * CHUNK - 1}/{len(packed)}"},
    )
    assert cut.status_code == 422
    problem = cut.json()
    assert (problem["code"], problem["received"]) == ("upload_damaged", CHUNK)
    assert "777 arrived" in problem["detail"]
    assert problem["remedy"]
    upload = Upload.objects.get()
    assert archive_path(upload).stat().st_size == CHUNK
    assert at_mei.get(url).json()["received"] == CHUNK
    text = at_mei.get(reverse("import-upload", args=[upload.pk])).content.decode()
    assert "goes on where it stopped" in text
    assert put(at_mei, url, whole, CHUNK, len(packed)).json()["received"] == 2 * CHUNK
    assert archive_path(upload).read_bytes() == packed[: 2 * CHUNK]


def test_bytes_of_an_unverified_write_are_overwritten(packed: bytes, at_mei: Client) -> None:
    """A server that died between writing and noting it leaves more bytes than it vouches for."""
    url = announce(at_mei, len(packed)).json()["url"]
    put(at_mei, url, packed[:CHUNK], 0, len(packed))
    with archive_path(Upload.objects.get()).open("ab") as file:
        file.write(b"unverified" * 5000)
    put(at_mei, url, packed[CHUNK : CHUNK + 100], CHUNK, len(packed))
    assert archive_path(Upload.objects.get()).read_bytes() == packed[: CHUNK + 100]


def test_a_chunk_that_changed_on_its_way(packed: bytes, at_mei: Client) -> None:
    url = announce(at_mei, len(packed)).json()["url"]
    chunk = packed[:CHUNK]
    answer = put(at_mei, url, b"X" + chunk[1:], 0, len(packed), **{"Content-Digest": digest(chunk)})
    assert (answer.status_code, answer.json()["code"]) == (422, "upload_damaged")
    assert Upload.objects.get().received == 0
    assert not archive_path(Upload.objects.get()).exists()


def test_a_chunk_sent_twice_is_stored_once(packed: bytes, at_mei: Client) -> None:
    url = announce(at_mei, len(packed)).json()["url"]
    for _ in range(2):
        assert put(at_mei, url, packed[:CHUNK], 0, len(packed)).json()["received"] == CHUNK
    assert archive_path(Upload.objects.get()).stat().st_size == CHUNK


def test_a_gap_is_refused_with_the_place_to_go_on(packed: bytes, at_mei: Client) -> None:
    url = announce(at_mei, len(packed)).json()["url"]
    answer = put(at_mei, url, packed[CHUNK : 2 * CHUNK], CHUNK, len(packed))
    assert (answer.status_code, answer.json()["code"]) == (409, "upload_out_of_step")
    assert answer.json()["received"] == 0


@pytest.mark.parametrize(
    "span",
    ["", "bytes 0-9", "bytes 5-2/100", "bytes 0-9/99", f"bytes 0-{MAX_CHUNK_BYTES}/{2**30}"],
)
def test_a_range_that_cannot_be(at_mei: Client, span: str) -> None:
    url = announce(at_mei, 100).json()["url"]
    answer = at_mei.put(
        url, b"0123456789", content_type="application/octet-stream", headers={"Content-Range": span}
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "upload_refused")


def test_completing_too_early(packed: bytes, at_mei: Client) -> None:
    url = announce(at_mei, len(packed)).json()["url"]
    put(at_mei, url, packed[:CHUNK], 0, len(packed))
    answer = at_mei.post(f"{url}/complete")
    assert (answer.status_code, answer.json()["received"]) == (409, CHUNK)
    assert Upload.objects.get().state == Upload.State.RECEIVING


def test_the_announced_sha256_is_checked(packed: bytes, at_mei: Client) -> None:
    upload = send_all(at_mei, packed, sha256="0" * 64)
    assert unpack_upload(upload_id=upload.pk) is None
    upload.refresh_from_db()
    assert (upload.state, upload.reason_code) == (Upload.State.REFUSED, "upload_damaged")
    assert not upload_folder(upload).exists()
    page = at_mei.get(reverse("import-upload", args=[upload.pk])).content.decode()
    assert "did not arrive as it was sent" in page
    assert "Upload it again" in page


def test_a_right_sha256_passes_and_unpacking_twice_is_once(packed: bytes, at_mei: Client) -> None:
    upload = send_all(at_mei, packed, sha256=hashlib.sha256(packed).hexdigest())
    for _ in range(2):
        assert unpack_upload(upload_id=upload.pk) is None
    upload.refresh_from_db()
    assert upload.state == Upload.State.ASKING
    run = answer_upload(actor=upload.owner, upload_id=upload.pk, answers={})
    assert run.dataset_name == "bricks"
    assert unpack_upload(upload_id=upload.pk) == run
    assert answer_upload(actor=upload.owner, upload_id=upload.pk, answers={}) == run
    assert ImportRun.objects.count() == 1


def test_a_script_answers_by_the_api(packed: bytes, at_mei: Client) -> None:
    upload = send_all(at_mei, packed)
    unpack_upload(upload_id=upload.pk)
    url = reverse("api-upload", args=[upload.pk])
    asked = {one["id"]: one for one in at_mei.get(url).json()["questions"]}
    assert "rad" in asked["unit.action"]["choices"]

    def answered(answers: dict[str, str]) -> Any:
        body = {"answers": answers}
        with patch("episodes.api.uploads.handed_over"):
            return at_mei.post(f"{url}/answers", body, content_type="application/json")

    refused = answered({"unit.action": "parsec"})
    assert (refused.status_code, refused.json()["code"]) == (422, "answer_invalid")
    upload.refresh_from_db()
    assert upload.state == Upload.State.ASKING
    accepted = answered({"unit.action": "rad"})
    assert (accepted.status_code, accepted.json()["questions"]) == (202, [])
    assert ImportRun.objects.get().answers == {"unit.action": "rad"}


def test_what_was_answered_before_is_not_asked_again(packed: bytes, at_mei: Client) -> None:
    first = send_all(at_mei, packed, dataset_name="Bricks")
    unpack_upload(upload_id=first.pk)
    first.refresh_from_db()
    every = {question.id: "unknown" for question in upload_questions(first)}
    answer_upload(actor=first.owner, upload_id=first.pk, answers=every)
    Upload.objects.all().delete()
    second = send_all(at_mei, packed, dataset_name="Bricks")
    assert unpack_upload(upload_id=second.pk) is not None


def test_a_dataset_of_one_file_is_not_unpacked(tmp_path: Path, at_mei: Client) -> None:
    body = write_robomimic(tmp_path / "lift.hdf5").read_bytes()
    upload = send_all(at_mei, body, filename="lift.hdf5")
    unpack_upload(upload_id=upload.pk)
    upload.refresh_from_db()
    run = answer_upload(actor=upload.owner, upload_id=upload.pk, answers={})
    assert (run.dataset_name, Path(run.source_path).name) == ("lift", "lift.hdf5")
    for item_id in run.items.values_list("pk", flat=True):
        import_item(item_id=item_id)
    assert set(run.items.values_list("state", flat=True)) == {"done"}


@pytest.mark.parametrize(
    ("filename", "source"),
    [("cup.zarr.zip", "cup.zarr.zip"), ("CUP.Zarr.Zip", "CUP.Zarr.Zip"), ("cup.zip", "tree")],
)
def test_a_zip_that_is_a_dataset_itself(
    tmp_path: Path, at_mei: Client, filename: str, source: str
) -> None:
    """A Zarr store in a zip is read as it is; with another name it is unpacked, and a store too."""
    body = write_zip(tmp_path / "made.zip", umi_members((5,))).read_bytes()
    upload = send_all(at_mei, body, filename=filename)
    assert unpack_upload(upload_id=upload.pk) is None
    upload.refresh_from_db()
    assert (upload.state, upload.reason) == (Upload.State.ASKING, "")
    asked = upload_questions(upload)
    answers = {"rate": "59.94", "instruction": "put the cup down"}
    answers |= {one.id: one.choices[0] for one in asked if one.choices}
    run = answer_upload(actor=upload.owner, upload_id=upload.pk, answers=answers)
    assert (run.format, run.dataset_name.lower()) == ("umi_zarr", "cup")
    assert Path(run.source_path).name == source
    for item_id in run.items.values_list("pk", flat=True):
        assert import_item(item_id=item_id).state == "done"


def test_files_of_what_is_in_quarantine_stay_for_a_retry(packed: bytes, at_mei: Client) -> None:
    upload = send_all(at_mei, packed)
    unpack_upload(upload_id=upload.pk)
    run = answer_upload(actor=upload.owner, upload_id=upload.pk, answers={})
    items = list(run.items.values_list("pk", flat=True))
    ImportItem.objects.filter(pk=items[0]).update(state="quarantined")
    for item_id in items:
        import_item(item_id=item_id)
    assert discard_uploads() == 0
    retry_items(actor=upload.owner, run_id=run.pk)
    assert import_item(item_id=items[0]).state == "done"
    assert discard_uploads() == 1


def test_a_dataset_that_cannot_be_read(v21: Path, at_mei: Client) -> None:
    change_info(v21, lambda info: info.update(fps=0))
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w") as archive:
        archive.write(v21 / "meta/info.json", "set/meta/info.json")
    upload = send_all(at_mei, into.getvalue())
    assert unpack_upload(upload_id=upload.pk) is None
    upload.refresh_from_db()
    assert (upload.state, upload.reason_code) == (Upload.State.REFUSED, "dataset_broken")
    assert "fps 0" in upload.reason


@pytest.mark.parametrize(
    "facts", [{"filename": "bricks.tar.gz"}, {"size": 20 * 2**30 + 1}, {"sha256": "abc"}]
)
def test_announcements_that_are_refused(at_mei: Client, facts: dict[str, Any]) -> None:
    answer = announce(at_mei, facts.pop("size", 100), **facts)
    assert (answer.status_code, answer.json()["code"]) == (422, "upload_refused")
    assert answer.json()["remedy"]
    assert not Upload.objects.exists()


def test_a_file_name_with_a_path_keeps_its_last_part(at_mei: Client) -> None:
    announce(at_mei, 100, filename="..\\..\\etc/passwd.zip")
    assert Upload.objects.get().filename == "passwd.zip"


@pytest.mark.parametrize("name", ["ada", "ravi", "otto"])
def test_who_may_not_upload(
    packed: bytes, at_mei: Client, cast: dict[str, User], client: Client, name: str
) -> None:
    url = announce(at_mei, len(packed)).json()["url"]
    client.force_login(cast[name])
    assert announce(client, 100).status_code == 403
    assert client.get(url).status_code == 404
    assert put(client, url, packed[:10], 0, len(packed)).status_code == 404
    assert client.post(f"{url}/complete").status_code == 404
    page = reverse("import-upload", args=[Upload.objects.get().pk])
    assert client.get(page).status_code == 404
    assert Upload.objects.get().received == 0


def test_nobody_unknown_uploads(client: Client, at_mei: Client) -> None:
    url = announce(at_mei, 100).json()["url"]
    assert announce(client, 100).status_code in (302, 401, 403)
    assert put(client, url, b"0123456789", 0, 100).status_code in (302, 401, 403)
    assert Upload.objects.count() == 1


def test_a_forged_request_is_refused(at_mei: Client, mei: User) -> None:
    url = announce(at_mei, 100).json()["url"]
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(mei)
    assert put(strict, url, b"0123456789", 0, 100).status_code == 403
    assert announce(strict, 100).status_code == 403


def test_what_a_dead_worker_left_is_found(packed: bytes, at_mei: Client) -> None:
    upload = send_all(at_mei, packed)
    assert stuck_uploads() == []
    assert stuck_uploads(now=timezone.now() + STUCK + timedelta(seconds=1)) == [upload.pk]


def test_abandoned_bytes_are_removed(packed: bytes, at_mei: Client) -> None:
    url = announce(at_mei, len(packed)).json()["url"]
    put(at_mei, url, packed[:CHUNK], 0, len(packed))
    folder = upload_folder(Upload.objects.get())
    assert discard_uploads() == 0
    assert folder.exists()
    assert discard_uploads(now=timezone.now() + ABANDONED + timedelta(hours=1)) == 1
    assert not folder.exists()
    assert not Upload.objects.exists()
