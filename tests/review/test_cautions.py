"""What a reviewer is told first: labels of two schema versions, a clock corrected since."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from annotation.models import AnnotationSet, LabelSchema
from episodes.models import ClockMap, Stream
from review.models import Batch, BatchItem, ScoredPair
from review.selectors.episode import episode_review
from review.services.score import score_pending
from tests.annotation.scene import Team
from tests.review.scene import items_of, send_back, sets_for
from tests.review.test_pages import text

pytestmark = pytest.mark.django_db


@pytest.fixture
def item(batch: Batch) -> BatchItem:
    return items_of(batch)[0]


def cautions(team: Team, item: BatchItem) -> list[str]:
    return [one.text for one in episode_review(item, team.ravi).cautions]


def move_to_next_version(annotation_set: AnnotationSet) -> LabelSchema:
    """The set as if it had been made under a next version of its schema."""
    old = annotation_set.schema
    definition = {**old.definition, "version": old.version + 1}
    made = LabelSchema.objects.create(name=old.name, version=old.version + 1, definition=definition)
    AnnotationSet.objects.filter(pk=annotation_set.pk).update(schema=made)
    return made


def correct_clock(item: BatchItem) -> ClockMap:
    stream = Stream.objects.filter(episode=item.project_episode.episode_id)[0]
    return ClockMap.objects.create(stream=stream, offset_ns=40_000_000, method="by hand")


def test_nothing_peculiar_is_nothing_to_say(team: Team, item: BatchItem) -> None:
    assert cautions(team, item) == []


def test_a_schema_changed_between_two_annotators_is_told(
    team: Team, item: BatchItem, client: Client
) -> None:
    old = sets_for(item)[0].schema
    new = move_to_next_version(sets_for(item)[1])
    (said,) = cautions(team, item)
    assert f"{old.name} version {old.version}, {old.name} version {new.version}" in said
    client.force_login(team.ravi)
    page = text(client.get(reverse("review-episode", args=[item.pk])))
    assert "made under different label schemas" in page
    assert "They are compared by the newest" in page


def test_what_is_counted_of_two_schema_versions_is_marked(team: Team, item: BatchItem) -> None:
    new = move_to_next_version(sets_for(item)[1])
    ScoredPair.objects.all().delete()
    score_pending()
    pair = ScoredPair.objects.get(project_episode=item.project_episode)
    assert (pair.two_schemas, pair.schema) == (True, new)
    others = ScoredPair.objects.exclude(pk=pair.pk)
    assert set(others.values_list("two_schemas", flat=True)) == {False}


def test_a_clock_corrected_after_labelling_is_told_until_it_is_labelled_anew(
    team: Team, item: BatchItem, client: Client
) -> None:
    made = correct_clock(item)
    (said,) = cautions(team, item)
    assert f"corrected on {made.created_at:%Y-%m-%d %H:%M}, after these labels" in said
    client.force_login(team.ravi)
    page = text(client.get(reverse("review-episode", args=[item.pk])))
    assert "The clock of a camera was corrected" in page
    assert "Look at the contacts frame by frame" in page
    send_back(team.ravi, item, annotation_set_ids=[one.pk for one in sets_for(item)])
    handed_in = AnnotationSet.objects.filter(
        project_episode=item.project_episode_id, state=AnnotationSet.State.SUBMITTED
    )
    handed_in.update(submitted_at=timezone.now() + timedelta(seconds=1))
    assert cautions(team, item) == []


def test_a_correction_before_labelling_is_nothing_to_say(team: Team, item: BatchItem) -> None:
    made = correct_clock(item)
    ClockMap.objects.filter(pk=made.pk).update(created_at=timezone.now() - timedelta(days=1))
    assert cautions(team, item) == []
