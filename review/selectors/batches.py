"""Batches and their episodes: what waits for review, and how each episode stands."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from annotation.errors import NotFound
from annotation.models import Assignment, Membership, Project, ProjectEpisode
from annotation.roles import Role, require_role, role_in
from annotation.selectors.progress import open_rework
from episodes.access import Viewer
from review.models import Batch, BatchItem, ReviewRepeat

_REVIEWING = (Role.REVIEWER, Role.MANAGER)


def reviewable_projects(user: Viewer) -> QuerySet[Project]:
    """Projects in which the person reviews or manages."""
    if not user.is_authenticated:
        return Project.objects.none()
    if user.is_superuser:
        return Project.objects.all()
    held = Membership.objects.filter(user=user, role__in=_REVIEWING)
    return Project.objects.filter(pk__in=held.values("project"))


def reviewed_project(user: Viewer, project_id: int) -> Project:
    """Raises NotFound to outsiders, RoleMissing to annotators."""
    project = Project.objects.visible_to(user).filter(pk=project_id).first()
    if project is None:
        raise NotFound("There is no such project.", remedy="Check the address.")
    require_role(user, project, Role.REVIEWER)
    return project


def manages(user: Viewer, project: Project) -> bool:
    return role_in(user, project) == Role.MANAGER


def reviewed_batch(user: Viewer, batch_id: int) -> Batch:
    """Raises NotFound to outsiders, RoleMissing to annotators."""
    batches = as_known_to(user, Batch.objects.select_related("project", "approved_by"))
    batch = batches.filter(pk=batch_id).first()
    if batch is None:
        raise NotFound("There is no such batch.", remedy="Check the address.")
    require_role(user, batch.project, Role.REVIEWER)
    return batch


def reviewed_item(user: Viewer, item_id: int) -> BatchItem:
    """Raises NotFound to outsiders, RoleMissing to annotators."""
    item = with_standing(BatchItem.objects.filter(pk=item_id)).first()
    if item is None:
        raise NotFound("There is no such episode under review.", remedy="Check the address.")
    require_role(user, item.batch.project, Role.REVIEWER)
    return item


@dataclass(frozen=True, slots=True)
class Ready:
    """Which finished episodes are meant: of a task, of a purpose, or all that are delivered."""

    task: int | None = None
    purpose: str = ""


# What is delivered, and so reviewed. Training and qualification are judged by gold instead.
_DELIVERED = (ProjectEpisode.Purpose.PRODUCTION, ProjectEpisode.Purpose.EVALUATION)


def ready_episodes(project: Project, wanted: Ready | None = None) -> QuerySet[ProjectEpisode]:
    """Episodes outside a batch that all their annotators have handed in, in queue order."""
    found = _ready().filter(project=project)
    if wanted is not None and wanted.task:
        found = found.filter(episode__task=wanted.task)
    if wanted is not None and wanted.purpose:
        found = found.filter(purpose=wanted.purpose)
    return found.order_by("position", "pk")


def ready_parts(
    project: Project, wanted: Ready | None = None, limit: int | None = None
) -> set[tuple[int | None, bool]]:
    """Tasks of the first ``limit`` that are ready, and whether for evaluation: what decides which
    policies hold. One query."""
    found = ready_episodes(project, wanted)
    if limit is not None:
        found = ProjectEpisode.objects.filter(pk__in=found[:limit].values("pk"))
    return _parts(found)


def parts_of(items: QuerySet[BatchItem]) -> set[tuple[int | None, bool]]:
    """The same of episodes that are in a batch."""
    return _parts(ProjectEpisode.objects.filter(batch_item__in=items))


def _parts(places: QuerySet[ProjectEpisode]) -> set[tuple[int | None, bool]]:
    found = places.order_by().values_list("episode__task", "purpose").distinct()
    return {(task, purpose == ProjectEpisode.Purpose.EVALUATION) for task, purpose in found}


def _ready() -> QuerySet[ProjectEpisode]:
    """By what is kept of each: a queue holds half a million, and few of them wait."""
    return ProjectEpisode.objects.filter(
        progress=ProjectEpisode.Progress.SUBMITTED, purpose__in=_DELIVERED
    )


@dataclass(frozen=True, slots=True)
class ProjectRow:
    """What a project has for its reviewers: counts of episodes and of batches."""

    project: Project
    ready: int
    to_review: int
    open_batches: int
    approved_batches: int


def project_rows(user: Viewer) -> list[ProjectRow]:
    """The reviewer's projects by name. Six queries."""
    projects = list(reviewable_projects(user).order_by("name"))
    ready = _counts(_ready().filter(project__in=projects), "project")
    waiting = _counts(
        BatchItem.objects.filter(batch__project__in=projects)
        .exclude(state=BatchItem.State.APPROVED)
        .exclude(Exists(open_rework(OuterRef("project_episode")))),
        "batch__project",
    )
    again = _counts(open_repeats(user), "item__batch__project")
    known = as_known_to(user, Batch.objects.filter(project__in=projects))
    batches = {
        state: _counts(known.filter(Q(known_state=state)), "project")
        for state in Batch.State.values
    }
    return [
        ProjectRow(
            project=project,
            ready=ready.get(project.pk, 0),
            to_review=waiting.get(project.pk, 0) + again.get(project.pk, 0),
            open_batches=batches[Batch.State.OPEN].get(project.pk, 0),
            approved_batches=batches[Batch.State.APPROVED].get(project.pk, 0),
        )
        for project in projects
    ]


def annotated_by(user: User, project_episodes: Iterable[int]) -> bool:
    """Whether the person works, or worked, on one of the episodes as annotator.

    Holds that lapsed or were given back before anything was handed in do not count.
    """
    return bool(own_episodes(user, project_episodes))


def own_episodes(user: User, project_episodes: Iterable[int]) -> set[int]:
    """Those of the episodes that the person annotates or annotated, as ``annotated_by`` counts."""
    own = own_work(user).filter(project_episode__in=list(project_episodes))
    return set(own.values_list("project_episode", flat=True))


def with_standing(items: QuerySet[BatchItem]) -> QuerySet[BatchItem]:
    """Adds ``in_rework``: an annotator has the episode back and has not handed it in again."""
    return with_rework(items).select_related(
        "batch__project__schema",
        "project_episode__episode__task",
        "accepted_set__assignment__annotator",
    )


def with_rework(items: QuerySet[BatchItem]) -> QuerySet[BatchItem]:
    return items.annotate(in_rework=Exists(open_rework(OuterRef("project_episode"))))


def in_rework(project_episode_id: int) -> bool:
    return open_rework(project_episode_id).exists()


def standing(item: BatchItem, hidden: Collection[int] = ()) -> "Standing":
    """How an item of ``with_standing`` stands. ``hidden`` items look like those that wait: the
    person is to decide them again without being told."""
    if item.pk in hidden:
        return UNDECIDED
    if item.state == BatchItem.State.APPROVED:
        return Standing("approved", "Approved", "ok")
    if getattr(item, "in_rework", False):
        return Standing("in_rework", "With the annotator", "warn")
    if item.state == BatchItem.State.RETURNED:
        return Standing("again", "To review again", "info")
    return UNDECIDED


@dataclass(frozen=True, slots=True)
class Standing:
    code: str
    name: str
    tone: str

    @property
    def waits(self) -> bool:
        """Nobody has decided yet: where review is blind, nobody's name is shown."""
        return self.code in ("open", "again")


UNDECIDED = Standing("open", "To review", "info")


def open_repeats(user: Viewer) -> QuerySet[ReviewRepeat]:
    """What the person is to decide again without being told."""
    return ReviewRepeat.objects.filter(reviewer=user.pk, state=ReviewRepeat.State.OPEN)


def repeated_items(user: User, batch: Batch) -> set[int]:
    """Items of the batch that the person is to decide again without being told."""
    return set(open_repeats(user).filter(item__batch=batch).values_list("item", flat=True))


def as_known_to(user: Viewer, batches: QuerySet[Batch]) -> QuerySet[Batch]:
    """With ``known_state``: in review while an episode of it is to be decided again."""
    again = open_repeats(user).filter(item__batch=OuterRef("pk"))
    hidden = When(Exists(again), then=Value(Batch.State.OPEN.value))
    return batches.annotate(known_state=Case(hidden, default=F("state")))


def batches_of(project: Project, user: Viewer) -> QuerySet[Batch]:
    """Newest first, as the person knows them, with ``episode_count`` and ``approved_count``, which
    are counted for each that is read: a page of batches reads the episodes of these alone."""
    items = BatchItem.objects.filter(batch=OuterRef("pk"))
    again = open_repeats(user).filter(item=OuterRef("pk"))
    approved = items.filter(~Exists(again), state=BatchItem.State.APPROVED)
    return (
        as_known_to(user, Batch.objects.filter(project=project))
        .select_related("created_by", "approved_by")
        .annotate(episode_count=_how_many(items), approved_count=_how_many(approved))
        .order_by("-created_at", "-pk")
    )


def _how_many(items: QuerySet[BatchItem]) -> Coalesce:
    """Of a batch; none is 0."""
    counted = items.order_by().values("batch").annotate(total=Count("pk")).values("total")
    return Coalesce(Subquery(counted), 0)


def next_to_review(item: BatchItem, user: User) -> BatchItem | None:
    """The next episode of the batch that waits for a verdict and is not the person's own work.

    While a sample is open only its episodes are gone through, in the order of the draw.
    """
    own = own_work(user).values("project_episode")
    waiting = (
        with_standing(item.batch.items.all())
        .exclude(pk=item.pk)
        .exclude(state=BatchItem.State.APPROVED)
        .exclude(project_episode__in=own)
        .exclude(Exists(open_rework(OuterRef("project_episode"))))
        .order_by("project_episode__position", "project_episode_id")
    )
    sample = item.batch.samples.filter(state="open").first()
    if sample is not None:
        drawn = sample.items.filter(item=OuterRef("pk"))
        order = Subquery(drawn.values("order")[:1])
        here_at = sample.items.filter(item=item).values_list("order", flat=True).first()
        ahead = waiting.filter(Exists(drawn)).annotate(drawn=order).order_by("drawn")
        following = ahead.filter(drawn__gt=-1 if here_at is None else here_at).first()
        return following or ahead.first()
    here = item.project_episode
    later = waiting.filter(
        Q(project_episode__position__gt=here.position)
        | Q(project_episode__position=here.position, project_episode__gt=here.pk)
    )
    return later.first() or waiting.first()


def _counts(rows: QuerySet[Any], by: str) -> dict[int, int]:
    """How many rows there are by the value of a field."""
    counted = rows.order_by().values(by).annotate(total=Count("pk"))
    return dict(counted.values_list(by, "total"))


def own_work(user: User) -> QuerySet[Assignment]:
    """What ``annotated_by`` counts."""
    state = Assignment.State
    return Assignment.objects.filter(
        annotator=user, state__in=[state.ACTIVE, state.SUBMITTED, state.RETURNED]
    )
