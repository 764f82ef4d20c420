"""The accepted sets that the checks look at, with all about them, a few episodes at a time."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from annotation.errors import NotFound
from annotation.labels.schema import LabelSchema as Definition
from annotation.models import AnnotationSet, LabelSchema, Project, ProjectEpisode
from annotation.roles import Role, require_role
from annotation.selectors.known import taken_for_undecided
from annotation.selectors.labels import labels_by_id
from episodes.access import Viewer
from episodes.models import Embodiment, Signal
from review.measures.checks.alignment import JudgedSegment, SlotVerdict
from review.measures.checks.coverage import Dimension
from review.measures.checks.plan import CheckPlan
from review.measures.checks.reading import AcceptedEpisode
from review.measures.gates import GatePlan
from review.models import (
    AlignmentJudgement,
    BatchItem,
    CheckFinding,
    CheckRun,
    QualityPlan,
    Release,
)
from review.selectors.recorded_signals import READ, SignalReader, declared_dimensions

CHUNK = 100


@dataclass(frozen=True, slots=True)
class Plans:
    """What a project's checks hold and its releases must reach; ``version`` 0 are the defaults."""

    checks: CheckPlan
    gates: GatePlan
    version: int = 0


def plans_of(project: Project) -> Plans:
    row = QualityPlan.objects.filter(project=project).first()
    if row is None:
        return Plans(CheckPlan(), GatePlan())
    return Plans(CheckPlan.from_json(row.checks), GatePlan.from_json(row.gates), row.version)


@dataclass(frozen=True, slots=True)
class Accepted:
    """A place of the queue and the set that stands for it."""

    place: int
    annotation_set: UUID


_T = TypeVar("_T")


def in_parts(values: Iterable[_T], size: int) -> Iterator[list[_T]]:
    """Lists of at most ``size``, so that no statement names a hundred thousand ids."""
    waiting = iter(values)
    while part := list(islice(waiting, size)):
        yield part


def accepted_sets(project: Project, release: Release | None) -> list[Accepted]:
    """Of a release those that went into it, else all that stand now; by place."""
    if release is None:
        rows = ProjectEpisode.objects.filter(project=project, accepted_set__isnull=False)
        pairs = rows.order_by("pk").values_list("pk", "accepted_set")
    else:
        pairs = (
            release_sets(release)
            .order_by("project_episode_id")
            .values_list("project_episode", release_field(release))
        )
    return [Accepted(place, set_id) for place, set_id in pairs]


def release_sets(release: Release) -> "QuerySet[Any]":
    """Rows with ``project_episode`` and the set that went out (see ``release_field``).

    Releases made before that was kept have their batches' approved episodes.
    """
    if release.items.exists():
        return release.items.all()
    return BatchItem.objects.filter(batch__in=release.batches.all(), state=BatchItem.State.APPROVED)


def release_field(release: Release) -> str:
    return "annotation_set" if release.items.exists() else "accepted_set"


class Recordings:
    """Reads accepted episodes with their labels and signals; keeps robots and schemas in memory,
    which are few: a schema's definition is longer than an episode's labels."""

    def __init__(self, accepted: Sequence[Accepted]) -> None:
        self._accepted = accepted
        self._robots: dict[int, Embodiment] = {}
        self._schemas: dict[int, Definition] = {}
        self.unreadable: list[tuple[int, str]] = []

    def spaces(self) -> dict[str, Sequence[Dimension]]:
        """Declared limits by robot, of all robots of these episodes."""
        found: dict[str, Sequence[Dimension]] = {}
        for part in in_parts((one.place for one in self._accepted), 10_000):
            rows = Embodiment.objects.filter(
                datasets__episodes__project_episodes__in=part
            ).prefetch_related("dimensions")
            for robot in rows.distinct():
                self._robots.setdefault(robot.pk, robot)
                found[robot.name] = declared_dimensions(self._robots[robot.pk])
        return dict(sorted(found.items()))

    def __iter__(self) -> Iterator[AcceptedEpisode]:
        for part in in_parts(self._accepted, CHUNK):
            yield from self._part(part)

    def _part(self, part: Sequence[Accepted]) -> Iterator[AcceptedEpisode]:
        wanted = Signal.objects.filter(kind__in=READ).order_by("name")
        places = (
            ProjectEpisode.objects.filter(pk__in=[one.place for one in part])
            .select_related("episode__dataset", "episode__task")
            .prefetch_related(Prefetch("episode__signals", wanted))
            .in_bulk()
        )
        ids = [one.annotation_set for one in part]
        labels, schema_of = labels_by_id(ids), self._schemas_of(ids)
        for one in part:
            place = places[one.place]
            episode = place.episode
            robot = self._robots.get(episode.dataset.embodiment_id or 0)
            reader = SignalReader(list(episode.signals.all()), robot)
            signals = reader.all()
            self.unreadable += [(one.place, name) for name in reader.unreadable]
            yield AcceptedEpisode(
                id=str(one.place),
                task=episode.task.text if episode.task else "",
                duration_ns=episode.duration_ns,
                space=robot.name if robot else "",
                labels=labels[one.annotation_set],
                schema=schema_of[one.annotation_set],
                tags=tuple(episode.tags),
                signals=signals,
            )

    def _schemas_of(self, sets: Sequence[UUID]) -> dict[UUID, Definition]:
        rows = AnnotationSet.objects.filter(pk__in=sets).values_list("pk", "schema")
        under = dict(rows.order_by())
        fresh = set(under.values()) - self._schemas.keys()
        for row in LabelSchema.objects.filter(pk__in=fresh) if fresh else ():
            self._schemas[row.pk] = Definition.from_json(row.definition)
        return {pk: self._schemas[schema] for pk, schema in under.items()}


def judged_segments(accepted: Sequence[Accepted]) -> list[tuple[int, JudgedSegment]]:
    """The newest judgement of each sampled segment of these sets, with its id."""
    place_of = {one.annotation_set: one.place for one in accepted}
    found = []
    for part in in_parts(place_of, 10_000):
        newest = (
            AlignmentJudgement.objects.filter(item__annotation_set__in=part)
            .order_by("item_id", "-pk")
            .distinct("item_id")
            .select_related("item")
        )
        found += [
            (
                row.pk,
                JudgedSegment(
                    id=str(row.item.label),
                    episode=str(place_of[row.item.annotation_set_id]),
                    verb=row.item.verb,
                    slots={name: SlotVerdict(said) for name, said in row.slots.items()},
                ),
            )
            for row in newest
        ]
    return sorted(found, key=lambda one: one[0])


def content_sha256(
    accepted: Sequence[Accepted],
    spaces: Mapping[str, Sequence[Dimension]],
    judgements: Sequence[int],
) -> str:
    """Over what a run looks at: sets (they never change), recordings, limits and judgements."""
    content = hashlib.sha256()
    for part in in_parts(accepted, 10_000):
        known = dict(
            ProjectEpisode.objects.filter(pk__in=[one.place for one in part]).values_list(
                "pk", "episode__content_sha256"
            )
        )
        for one in part:
            content.update(f"{one.place} {one.annotation_set} {known[one.place]}\n".encode())
    limits = {
        name: [[one.name, one.low, one.high] for one in dimensions]
        for name, dimensions in spaces.items()
    }
    content.update(canonical([limits, list(judgements)]))
    return content.hexdigest()


def canonical(value: Any) -> bytes:
    """JSON that is the same bytes for the same value."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def visible_run(user: Viewer, run_id: UUID) -> CheckRun:
    """Raises NotFound to outsiders, RoleMissing below reviewer."""
    run = CheckRun.objects.select_related("project", "release", "created_by").filter(pk=run_id)
    found = run.first()
    if found is None:
        raise NotFound("There is no such run of checks.", remedy="Check the address.")
    require_role(user, found.project, Role.REVIEWER)
    return found


def runs_of(project: Project) -> QuerySet[CheckRun]:
    """Newest first, without what stands behind their figures."""
    return (
        CheckRun.objects.filter(project=project)
        .select_related("created_by", "release")
        .defer("details")
        .order_by("-number")
    )


def equal_run(run: CheckRun) -> CheckRun | None:
    """An earlier run that asked the same of the same sets."""
    if not run.sets_sha256:
        return None
    return (
        CheckRun.objects.filter(
            project=run.project_id,
            sets_sha256=run.sets_sha256,
            code_version=run.code_version,
            plan=run.plan,
            state=CheckRun.State.READY,
            number__lt=run.number,
        )
        .order_by("number")
        .first()
    )


def accepted_places(project: Project, user: Viewer) -> QuerySet[ProjectEpisode]:
    """What the checks look at, as far as the person may know."""
    rows = ProjectEpisode.objects.filter(project=project, accepted_set__isnull=False)
    return rows.exclude(pk__in=taken_for_undecided(user))


def findings_of(run: CheckRun, figure: str, user: Viewer) -> QuerySet[CheckFinding]:
    """As far as the person may know: only what is accepted is checked."""
    found = CheckFinding.objects.filter(run=run)
    if again := taken_for_undecided(user):
        found = found.exclude(project_episode__in=again)
    if figure:
        found = found.filter(figure=figure)
    return found.select_related("project_episode__episode").order_by("figure", "position")
