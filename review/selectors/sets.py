"""Which label sets count: the last submitted round of each annotator, and the newest gold."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from annotation.models import AnnotationSet
from review.models import GoldItem


@dataclass(frozen=True, slots=True)
class EpisodeSets:
    """The sets of one episode: annotators' in the order of their ids, and the gold if there is."""

    annotators: tuple[AnnotationSet, ...]
    gold: AnnotationSet | None


def current_sets(project_episodes: Iterable[int]) -> QuerySet[AnnotationSet]:
    """Each annotator's last submitted round, ordered by episode and annotator."""
    last = (
        AnnotationSet.objects.filter(
            project_episode__in=list(project_episodes),
            kind=AnnotationSet.Kind.ANNOTATOR,
            state=AnnotationSet.State.SUBMITTED,
        )
        .order_by("assignment_id", "-round")
        .distinct("assignment_id")
    )
    return (
        AnnotationSet.objects.filter(pk__in=last.values("pk"))
        .select_related("assignment__annotator", "schema")
        .order_by("project_episode_id", "assignment__annotator_id")
    )


def gold_items(project_episodes: Iterable[int]) -> QuerySet[GoldItem]:
    """The newest gold of each episode."""
    return (
        GoldItem.objects.filter(project_episode__in=list(project_episodes))
        .select_related("annotation_set__schema")
        .order_by("project_episode_id", "-version")
        .distinct("project_episode_id")
    )


def sets_of(project_episodes: Iterable[int]) -> dict[int, EpisodeSets]:
    """The sets that count, by project episode. Two queries; every id asked for is there.

    Gold that is ambiguous measures nobody.
    """
    wanted = list(project_episodes)
    annotators: dict[int, list[AnnotationSet]] = {pk: [] for pk in wanted}
    for one in current_sets(wanted):
        annotators[one.project_episode_id].append(one)
    scored = [item for item in gold_items(wanted) if item.state != GoldItem.State.AMBIGUOUS]
    gold = {item.project_episode_id: item.annotation_set for item in scored}
    return {pk: EpisodeSets(tuple(annotators[pk]), gold.get(pk)) for pk in wanted}


def names_of(project_episodes: Iterable[int]) -> dict[int, list[str]]:
    """Whose sets count, by project episode; every id asked for is there."""
    names: dict[int, list[str]] = {pk: [] for pk in project_episodes}
    sets = current_sets(names).select_related(None).select_related("assignment__annotator")
    for one in sets:
        names[one.project_episode_id].append(name_of(one))
    return names


def name_of(annotation_set: AnnotationSet) -> str:
    """What reviewers call a set: its annotator's name, Gold, or Consensus."""
    if annotation_set.assignment is None:
        return annotation_set.get_kind_display()
    annotator = annotation_set.assignment.annotator
    return annotator.get_full_name() or annotator.username
