"""Put an episode's known right answer to use: annotators are measured against it."""

from collections.abc import Sequence

from django.contrib.auth.models import User
from django.db import transaction

from annotation.labels.records import Label, ordered
from annotation.models import ProjectEpisode
from annotation.selectors.labels import labels_of
from annotation.services.record_gold import record_gold
from review.models import GoldItem
from review.selectors.sets import gold_items
from review.services.score import score_episodes


@transaction.atomic
def set_gold(
    *, actor: User, project_episode: ProjectEpisode, labels: Sequence[Label], origin: str
) -> GoldItem:
    """Make ``labels`` the episode's gold, as its next version; the same labels add nothing.

    Work handed in before is scored against it at once. Raises LabelsInvalid, RoleMissing, NotFound,
    FrameIndexMissing.
    """
    ProjectEpisode.objects.select_for_update(no_key=True).get(pk=project_episode.pk)
    newest = gold_items([project_episode.pk]).first()
    if newest is not None and labels_of(newest.annotation_set) == ordered(labels):
        return newest
    gold = record_gold(actor=actor, project_episode=project_episode, labels=labels, origin=origin)
    item = GoldItem.objects.create(
        project_episode=project_episode, annotation_set=gold, version=gold.round, origin=origin
    )
    score_episodes([project_episode.pk])
    return item
