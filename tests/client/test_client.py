"""The Python client against a live server: a project's whole way, and what it is refused."""

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User

from annotation.models import ApiToken, Assignment, IdempotentRequest, Project
from episodes.models import Episode, ImportRun, Upload
from tests.annotation.scene import Team, grasp, instruction, outcome
from tests.pure.formats.sets import write_v30
from touchline_client import (
    AccessRefused,
    Conflict,
    DownloadDamaged,
    Invalid,
    NotFound,
    NotSignedIn,
    Stale,
    Touchline,
)
from touchline_client.review import check_archive

Connect = Callable[..., Touchline]


def worked(connect: Connect, person: User, project: Project) -> str:
    """Claim, label and hand in one episode; the id of the set."""
    mine = connect(person)
    claim = mine.work.claim(project.pk)
    assert claim is not None
    draft = mine.work.draft_of(claim)
    length_ns = mine.episodes.get(draft["episode"])["duration_ns"]
    made: list[Any] = [grasp(length_ns // 2), instruction(0, length_ns), outcome()]
    saved = mine.work.save(draft["id"], base_revision=draft["revision"], put=made)
    done = mine.work.submit(draft["id"], base_revision=saved["revision"])
    assert done["state"] == "submitted"
    return draft["id"]


class TestRecordings:
    def test_lists_are_followed_to_their_end(self, team: Team, connect: Connect) -> None:
        mei = connect(team.mei)
        pages = mei.http.pages("episodes", {"page_size": 2})
        assert {row["id"] for row in pages} == {str(pk) for pk in ids(team)}
        assert [row["name"] for row in mei.datasets.list(name="so1")] == ["so101"]
        assert list(mei.datasets.list(format="rlds")) == []
        assert mei.episodes.get(str(ids(team)[0]))["streams"][0]["camera"] == "front"

    def test_a_filter_that_there_is_not_is_named(self, team: Team, connect: Connect) -> None:
        with pytest.raises(Invalid, match="There is no such filter; there are name"):
            list(connect(team.mei).datasets.list(nam="so101"))

    def test_an_upload_arrives_in_chunks_and_is_imported(
        self, team: Team, connect: Connect, tmp_path: Path
    ) -> None:
        folder = write_v30(tmp_path / "recordings")
        packed = tmp_path / "recordings.zip"
        with zipfile.ZipFile(packed, "w") as archive:
            for path in sorted(folder.rglob("*")):
                archive.write(path, path.relative_to(tmp_path).as_posix())
        mei = connect(team.mei)
        begun = mei.imports.upload(packed, dataset_name="Sent", chunk_bytes=10_000)
        asking = mei.imports.wait_for_upload(begun["id"], timeout_s=30)
        assert asking["state"] == "asking"
        done = mei.imports.answer_upload(begun["id"], answers_to(asking["questions"]))
        assert done["state"] == "complete", Upload.objects.get().reason
        run = next(mei.imports.list(state="done"))
        counts = mei.imports.get(run["id"])["progress"]
        assert counts["imported"] == Episode.objects.filter(dataset__name="Sent").count() > 0
        items = list(mei.imports.items(run["id"], state="done"))
        assert len(items) == counts["imported"]
        with pytest.raises(Conflict):
            mei.imports.pause(run["id"])

    def test_an_import_of_the_servers_own_folder(
        self, team: Team, connect: Connect, tmp_path: Path
    ) -> None:
        folder = write_v30(tmp_path / "recordings")
        mei = connect(team.mei)
        mei.imports.start(str(folder), name="Lying there")
        assert ImportRun.objects.get().state == ImportRun.State.DONE
        with pytest.raises(Conflict, match="in no import root"):
            mei.imports.start("/etc", name="No")
        with pytest.raises(AccessRefused):
            connect(team.ada).imports.start(str(folder))

    def test_filters_are_kept(self, team: Team, connect: Connect) -> None:
        ada = connect(team.ada)
        kept = ada.saved_filters.save("Blocks", "q=block&state=ready")
        assert [one["name"] for one in ada.saved_filters.list()] == ["Blocks"]
        with pytest.raises(NotFound):
            connect(team.otto).saved_filters.delete(kept["id"])
        ada.saved_filters.delete(kept["id"])
        assert list(ada.saved_filters.list()) == []


class TestProjects:
    def test_it_is_set_up(self, team: Team, connect: Connect) -> None:
        mei = connect(team.mei)
        made = mei.projects.create("Cups", overlap=1, key="cups-once")
        assert mei.projects.create("Cups", overlap=1, key="cups-once")["id"] == made["id"]
        mei.members.set(made["id"], "ada", "annotator")
        assert [m["username"] for m in mei.members.list(made["id"], role="annotator")] == ["ada"]
        episodes = [row["id"] for row in mei.episodes.list()]
        assert mei.projects.add_episodes(made["id"], episodes) == 3
        assert mei.projects.add_episodes(made["id"], episodes) == 0
        assert len(list(mei.projects.queue(made["id"]))) == 3
        published = mei.projects.publish_guideline(made["id"], "Slowly.", must_acknowledge=True)
        with pytest.raises(Conflict) as refused:
            connect(team.ada).work.claim(made["id"])
        assert refused.value.code == "guideline_unread"
        ada = connect(team.ada)
        ada.projects.acknowledge_guideline(made["id"], published["number"])
        assert ada.work.claim(made["id"]) is not None
        actions = [row["action"] for row in mei.projects.history(made["id"], who="mei")]
        assert "guideline.published" in actions

    def test_two_who_change_it_at_once(self, team: Team, connect: Connect) -> None:
        mei, root = connect(team.mei), connect(team.root)
        read = mei.projects.get(team.project.pk)
        root.projects.change(read, priority=3)
        with pytest.raises(Stale) as stale:
            mei.projects.change(read, priority=5)
        assert (stale.value.code, stale.value.fields["version"]) == ("stale_project", 2)
        team.project.refresh_from_db()
        assert team.project.priority == 3

    def test_label_schemas(self, team: Team, connect: Connect) -> None:
        mei = connect(team.mei)
        used = mei.schemas.get(team.project.schema_id)
        with pytest.raises(Conflict) as refused:
            mei.schemas.delete(used["id"])
        assert refused.value.code == "schema_in_use"
        definition = {**used["definition"], "name": "mine", "version": 1}
        stored = mei.schemas.store(definition)
        assert mei.schemas.preview_move(team.project.pk, stored["id"])["rows"] == []
        moved = mei.schemas.move(mei.projects.get(team.project.pk), stored["id"], {})
        assert moved == {"drafts": 0, "kept": 0}
        assert mei.projects.get(team.project.pk)["schema"] == "mine v1"


class TestWork:
    def test_an_episode_is_labelled(self, team: Team, connect: Connect) -> None:
        set_id = worked(connect, team.ada, team.project)
        ada = connect(team.ada)
        assert len(ada.work.labels(set_id)["labels"]) == 3
        assert [row["number"] for row in ada.work.revisions(set_id)] == [1]
        assert ada.work.labels_at(set_id, 0) == []

    def test_a_stale_save_tells_what_is_there(self, team: Team, connect: Connect) -> None:
        ada = connect(team.ada)
        claim = ada.work.claim(team.project.pk)
        assert claim is not None
        draft, mark = ada.work.draft_of(claim), grasp()
        ada.work.save(draft["id"], base_revision=0, put=[mark])  # type: ignore[list-item]
        with pytest.raises(Stale) as stale:
            ada.work.save(draft["id"], base_revision=0, put=[grasp()])  # type: ignore[list-item]
        assert stale.value.fields["revision"] == 1
        assert stale.value.fields["labels"][0]["id"] == mark["id"]
        ada.work.save(draft["id"], base_revision=1, remove=[mark["id"]])
        assert ada.work.restore(draft["id"], 1, base_revision=2)["revision"] == 3
        with pytest.raises(Invalid) as incomplete:
            ada.work.submit(draft["id"], base_revision=3)
        assert incomplete.value.code == "not_submittable"
        assert incomplete.value.fields["findings"]

    def test_leases_are_kept_and_given_back(self, team: Team, connect: Connect) -> None:
        ada = connect(team.ada)
        claim = ada.work.claim(team.project.pk)
        assert claim is not None
        assert ada.work.heartbeat(claim["assignment_id"])["seconds"] > 800
        ada.work.give_back(claim["assignment_id"])
        assert not Assignment.objects.filter(state=Assignment.State.ACTIVE).exists()
        assert ada.work.activity()["today"]["active_ms"] == 0

    def test_questions_are_answered(self, team: Team, connect: Connect) -> None:
        ada, ravi = connect(team.ada), connect(team.ravi)
        assert ada.work.claim(team.project.pk) is not None
        episode = next(ada.work.assignments())["episode"]
        asked = ada.comments.post(team.project.pk, episode, "A slip? @ravi", at_ns=10**9)
        (told,) = ravi.notifications.list(unread=True)
        assert told["kind"] == "mentioned"
        ravi.comments.post(team.project.pk, episode, "Yes.", parent=asked["id"])
        (thread,) = ada.comments.list(team.project.pk, episode)
        assert [one["text"] for one in thread["answers"]] == ["Yes."]
        assert ravi.comments.resolve(asked["id"])["resolved_at"]
        assert ravi.notifications.read() == 0


class TestReview:
    def test_from_labels_to_a_release_that_is_checked(
        self, team: Team, connect: Connect, tmp_path: Path
    ) -> None:
        mei = connect(team.mei)
        project = released_project(mei, tmp_path)
        set_id = worked(connect, team.ada, project)
        ravi = connect(team.ravi)
        batch = ravi.batches.get(ravi.batches.create(project.pk)["id"])
        (item,) = batch["items"]
        ravi.batches.approve_item(item, set_id)
        with pytest.raises(Conflict):
            ravi.batches.return_item(item, [set_id], "Too late")
        assert ravi.batches.approve(batch["id"])["state"] == "approved"
        made = mei.releases.create(project.pk, [batch["id"]])
        ready = mei.releases.wait(made["id"], timeout_s=30)
        assert ready["state"] == "ready", ready["reason"]
        target = mei.releases.download(ready["id"], tmp_path / "release.zip")
        with zipfile.ZipFile(target) as archive:
            names = archive.namelist()
        assert any(name.endswith("meta/annotations.jsonl") for name in names)
        spoilt = tmp_path / "spoilt.zip"
        spoil(target, spoilt)
        with pytest.raises(DownloadDamaged, match="other bytes"):
            check_archive(spoilt, mei.releases.manifest(ready["id"]))
        spoilt.write_bytes(target.read_bytes()[:-100])
        with pytest.raises(DownloadDamaged, match="not whole"):
            check_archive(spoilt, mei.releases.manifest(ready["id"]))
        with pytest.raises(AccessRefused):
            ravi.releases.download(ready["id"], tmp_path / "not.zip")
        assert not list(tmp_path.glob("*.partial"))
        assert mei.projects.dashboard(project.pk, "states")
        assert mei.projects.agreement(project.pk)["episodes"] == 0


class TestRefusals:
    def test_a_wrong_token(self, live_server: object, connect: Connect, team: Team) -> None:
        mine = connect(team.ada)
        ApiToken.objects.filter(user=team.ada).delete()
        with pytest.raises(NotSignedIn, match="Make a new one"):
            mine.projects.get(team.project.pk)

    def test_scopes_and_roles(self, team: Team, connect: Connect) -> None:
        reading = connect(team.mei, ApiToken.Scope.READ)
        assert reading.projects.get(team.project.pk)["name"] == "Blocks"
        with pytest.raises(AccessRefused, match="scope manage"):
            reading.projects.create("Cups")
        with pytest.raises(AccessRefused, match="role_missing"):
            connect(team.ada).members.set(team.project.pk, "otto", "annotator")
        with pytest.raises(NotFound) as gone:
            connect(team.otto).projects.get(team.project.pk)
        assert gone.value.remedy

    def test_a_claim_that_is_sent_twice_is_one(self, team: Team, connect: Connect) -> None:
        ada = connect(team.ada)
        address = f"projects/{team.project.pk}/claim"
        first = ada.http.ask("POST", address, key="one")
        assert ada.http.ask("POST", address, key="one") == first
        assert IdempotentRequest.objects.count() == 1

    def test_webhooks(self, team: Team, connect: Connect) -> None:
        mei = connect(team.mei)
        made = mei.webhooks.create(team.project.pk, "https://example.com/a", ["batch.approved"])
        sent = mei.webhooks.ping(made["id"])
        assert [one["id"] for one in mei.webhooks.deliveries(made["id"])] == [sent["id"]]
        assert mei.webhooks.again(sent["id"])["id"] == sent["id"]
        mei.webhooks.delete(made["id"])
        assert list(mei.webhooks.list(team.project.pk)) == []


def ids(team: Team) -> list[object]:
    return list(Episode.objects.filter(dataset=team.dataset).values_list("pk", flat=True))


def answers_to(questions: list[dict[str, Any]]) -> dict[str, str]:
    return {one["id"]: (one["choices"] or [""])[0] for one in questions if one["required"]}


def released_project(mei: Touchline, folder: Path) -> Project:
    """One with videos that a release can be made of: an import of a small dataset."""
    mei.imports.start(str(write_v30(folder / "recordings")), name="Real")
    made = mei.projects.create("Real", overlap=1)
    mei.members.set(made["id"], "ada", "annotator")
    mei.members.set(made["id"], "ravi", "reviewer")
    (dataset,) = mei.datasets.list(name="Real")
    episodes = [row["id"] for row in mei.episodes.list() if row["dataset"] == dataset["id"]]
    mei.projects.add_episodes(made["id"], episodes[:1])
    return Project.objects.get(pk=made["id"])


def spoil(source: Path, target: Path) -> None:
    """The same archive with one letter of one file changed, and whole as an archive."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name.endswith("annotations.jsonl"):
                content = content.replace(b"grasp_closed", b"grasp_opened", 1)
            new.writestr(name, content)
