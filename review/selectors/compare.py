"""Two stored sets of one episode, compared by the pure measures.

Gold is compared by the best of the answers that it accepts. Tolerances, the most exact first: the
task's policy; the class's, frozen with the version of the guideline that was in force when the
later annotator handed in; the schema's.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, Q

from annotation.acceptance import task_policy_for
from annotation.labels.records import Label
from annotation.labels.schema import LabelSchema
from annotation.models import AnnotationSet, ProjectEpisode, TaskPolicy
from annotation.selectors.labels import labels_by_set, schema_of
from review.measures.accepted import Accepted, count_against
from review.measures.counts import PairCounts, count_pair
from review.measures.episodes import seed_of
from review.measures.records import Answer, Tolerances, answer_of, tolerances_of
from review.models import ClassTolerance, GoldItem

LabelsBySet = Mapping[UUID, Sequence[Label]]


@dataclass(frozen=True, slots=True)
class ClassRow:
    """A class's tolerance and from when on it holds, None from the beginning.

    The class "" stands for the boundaries of instructions.
    """

    label_class: str
    tolerance_ns: int
    since: datetime | None


@dataclass(frozen=True, slots=True)
class PlaceRules:
    """What holds for comparisons on one project episode beside its sets' schemas."""

    policy: TaskPolicy | None = None
    classes: tuple[ClassRow, ...] = ()
    duration_ns: int = 0

    def over(self, schema: LabelSchema, handed_in: datetime | None) -> Tolerances:
        """The schema's tolerances with what the project has set over them."""
        plain = tolerances_of(schema)
        by_type, boundary = dict(plain.by_type), plain.boundary_ns
        # Oldest first: a later guideline's tolerance takes the place of an earlier one's.
        for row in self.classes:
            if row.since is not None and handed_in is not None and handed_in < row.since:
                continue
            if row.label_class:
                by_type[row.label_class] = row.tolerance_ns
            else:
                boundary = row.tolerance_ns
        policy = self.policy
        if policy is not None and policy.tolerance_ns is not None:
            by_type = dict.fromkeys(by_type, policy.tolerance_ns)
        if policy is not None and policy.boundary_tolerance_ns is not None:
            boundary = policy.boundary_tolerance_ns
        return replace(plain, by_type=by_type, boundary_ns=boundary)


@dataclass(frozen=True, slots=True)
class Also:
    """What gold accepts beside its own set's labels."""

    optional: frozenset[str]
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Rules:
    """``places`` by project episode, ``also`` by the main set of a gold version."""

    places: Mapping[int, PlaceRules] = field(default_factory=dict)
    also: Mapping[UUID, Also] = field(default_factory=dict)


def rules_of(project_episodes: Iterable[int]) -> Rules:
    """The rules of some project episodes. A fixed number of queries."""
    wanted = list(project_episodes)
    places = ProjectEpisode.objects.filter(pk__in=wanted).order_by()
    rows = list(places.values_list("pk", "project", "episode__task", "episode__duration_ns"))
    projects = {project for _, project, *_ in rows}
    policies: dict[int, list[TaskPolicy]] = defaultdict(list)
    for policy in TaskPolicy.objects.filter(project__in=projects):
        policies[policy.project_id].append(policy)
    classes = class_tolerances(projects)
    return Rules(
        places={
            pk: PlaceRules(task_policy_for(policies[project], task), classes[project], duration_ns)
            for pk, project, task, duration_ns in rows
        },
        also=_also_accepted(wanted),
    )


def class_tolerances(projects: Iterable[int]) -> Mapping[int, tuple[ClassRow, ...]]:
    """Rows by project, in the order of the guideline's versions."""
    found: dict[int, tuple[ClassRow, ...]] = defaultdict(tuple)
    rows = ClassTolerance.objects.filter(project__in=list(projects)).order_by(
        F("guideline__number").asc(nulls_first=True), "pk"
    )
    for project, label_class, tolerance_ns, since in rows.values_list(
        "project", "label_class", "tolerance_ns", "guideline__created_at"
    ):
        found[project] += (ClassRow(label_class, tolerance_ns, since),)
    return found


def _also_accepted(project_episodes: Sequence[int]) -> dict[UUID, Also]:
    """Two queries more where some gold accepts whole answers beside its own."""
    rows: list[Any] = list(
        GoldItem.objects.filter(project_episode__in=project_episodes)
        .filter(~Q(optional=[]) | Q(alternatives__isnull=False))
        .order_by("pk", "alternatives__pk")
        .values_list("annotation_set", "optional", "alternatives")
    )
    wanted = {other for _, _, other in rows if other is not None}
    sets = AnnotationSet.objects.filter(pk__in=wanted).select_related("schema") if wanted else ()
    by_id = {one.pk: one for one in sets}
    labels = labels_by_set(by_id.values()) if by_id else {}
    answers: dict[UUID, tuple[Answer, ...]] = defaultdict(tuple)
    optional: dict[UUID, frozenset[str]] = {}
    for main, weightless, other in rows:
        optional[main] = frozenset(map(str, weightless))
        if other is not None:
            answers[main] += (answer_of(labels[other], schema_of(by_id[other])),)
    return {main: Also(weightless, answers[main]) for main, weightless in optional.items()}


def compare(
    first: AnnotationSet,
    second: AnnotationSet,
    labels: LabelsBySet,
    duration_ns: int,
    rules: Rules | None = None,
) -> tuple[PairCounts, Tolerances]:
    """Count two sets of one episode; ``rules`` are asked for where they are not given."""
    rules = rules or rules_of([first.project_episode_id])
    tolerances = tolerances_between(first, second, rules)
    a, b = (answer_of(labels[one.pk], schema_of(one)) for one in (first, second))
    # Both sets never change, so the shifts of agreement by chance are theirs for good.
    seed = seed_of(str(first.pk), str(second.pk))
    also = rules.also.get(first.pk)
    if also is None:
        counts = count_pair(a, b, duration_ns=duration_ns, tolerances=tolerances, seed=seed)
        return counts, tolerances
    gold = Accepted((a, *also.answers), also.optional)
    counts = count_against(gold, b, duration_ns=duration_ns, tolerances=tolerances, seed=seed)
    return counts, tolerances


def tolerances_between(
    first: AnnotationSet, second: AnnotationSet, rules: Rules | None = None
) -> Tolerances:
    """Those of the newer schema version, with what task and guideline have set over them."""
    rules = rules or rules_of([first.project_episode_id])
    newer = max((schema_of(first), schema_of(second)), key=lambda schema: schema.version)
    times = [
        one.submitted_at
        for one in (first, second)
        if one.assignment_id is not None and one.submitted_at is not None
    ]
    place = rules.places.get(first.project_episode_id, PlaceRules())
    return place.over(newer, max(times, default=None))
