"""A release of episodes that were settled by a consensus: whole, and it says what each label is."""

import json
import uuid

import pytest

from annotation.selectors.labels import labels_of
from episodes.selectors.data_files import data_path
from review.models import Adjudication
from review.services.adjudication import accept_consensus, begin_adjudication
from review.services.batches import approve_batch, create_batch
from tests.annotation.scene import Team
from tests.review.scene import fresh_ids, hand_in, items_of
from tests.review.test_quality_reports import reported
from tests.review.test_releases import answer, built
from tests.review.test_releases import team as team

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_release_of_a_consensus_names_what_its_labels_came_from(team: Team) -> None:
    place = team.project.project_episodes.select_related("episode").earliest("position")
    for user in (team.ada, team.abe):
        hand_in(user, team.project, *fresh_ids(answer(place.episode.duration_ns)))
    batch = create_batch(actor=team.ravi, project=team.project)
    (item,) = items_of(batch)
    made = begin_adjudication(
        actor=team.ravi,
        item_id=item.pk,
        method=Adjudication.Method.QUORUM,
        version=0,
        request_id=uuid.uuid4(),
    )
    accept_consensus(
        actor=team.ravi,
        adjudication_id=made.pk,
        base_revision=0,
        version=0,
        request_id=uuid.uuid4(),
    )
    batch = approve_batch(actor=team.mei, batch_id=batch.pk)
    release, report = reported(team, batch)
    assert (release.state, report.run.sets) == ("ready", 1)
    folder = data_path(release.path) / "short-set"
    (entry,) = json.loads((folder / "manifest.json").read_text())["episodes"]
    assert entry["annotator"] is None
    consensus = entry["consensus"]
    assert (consensus["method"], consensus["adjudicator"]["username"]) == ("quorum", "ravi")
    assert {one["username"] for one in consensus["annotators"]} == {"ada", "abe"}
    told = {one["label"]: [source["how"] for source in one["from"]] for one in consensus["labels"]}
    stored = {one.id for one in labels_of(made.annotation_set)}
    # Each label is said by both.
    assert told == {key: ["agreed", "agreed"] for key in stored}
    (line,) = (folder / "meta/annotations.jsonl").read_text().splitlines()
    assert {one["id"] for one in json.loads(line)["labels"]} == stored
    again = built(team, batch)
    assert again.content_sha256 == release.content_sha256
