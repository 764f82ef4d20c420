"""Gather finished episodes into a batch, and sign it off once it has proved good enough."""

from itertools import islice

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from annotation.errors import NotFound
from annotation.models import Notification, Project, ProjectEpisode
from annotation.roles import Role, require_role
from annotation.selectors.editor import person_name
from annotation.services import audit
from annotation.services.notify import managers_of, notify
from annotation.services.progress import note_progress, note_review
from review.errors import BatchNameTaken, BatchNotApprovable, NothingReady
from review.models import Batch, BatchItem, Sample
from review.selectors.acceptance import (
    SampleStanding,
    delivered_sets,
    last_sample,
    sample_standing,
    waiting_after_return,
)
from review.selectors.acceptance_plans import Choice
from review.selectors.batches import Ready, ready_episodes
from review.services.acceptance import close, draw_sample, locked_batch
from review.services.score import score_episodes

# Episodes that are gathered together: of a queue half a million may be ready.
AT_ONCE = 1000


@transaction.atomic
def create_batch(
    *,
    actor: User,
    project: Project,
    name: str = "",
    limit: int | None = None,
    wanted: Ready | None = None,
    choice: Choice | None = None,
) -> Batch:
    """A batch of the project's finished episodes, at most ``limit``, scored at once.

    With a ``choice`` of plan a sample is drawn and stored with it, else every episode is reviewed.
    Raises NothingReady, BatchNameTaken, SamplingRefused, NotFound, RoleMissing.
    """
    require_role(actor, project, Role.REVIEWER)
    # Two batches made at once would want the same episodes: they take turns.
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    ready = ready_episodes(project, wanted)[:limit]
    if not ready.exists():
        raise NothingReady(
            "No episode is finished by all its annotators and waits for a batch.",
            remedy=f"Each needs {project.overlap} annotators who have handed it in.",
        )
    title = name.strip() or _next_name(project)
    if Batch.objects.filter(project=project, name=title).exists():
        raise BatchNameTaken(
            f"There is a batch “{title}” already.", remedy="Choose another name.", name=title
        )
    batch = Batch.objects.create(
        project=project,
        name=title,
        mode=Batch.Mode.SAMPLE if choice else Batch.Mode.ALL,
        created_by=actor,
    )
    gathered = _gather(batch, ready)
    audit.record(
        actor=actor, action="batch.created", project=project, subject=batch, episodes=gathered
    )
    if choice is not None:
        draw_sample(actor=actor, batch=batch, choice=choice)
    return batch


def _gather(batch: Batch, ready: QuerySet[ProjectEpisode]) -> int:
    """Part by part, as the cursor found them before the first was taken. Returns how many."""
    gathered = 0
    places = ready.values_list("pk", flat=True).iterator(chunk_size=AT_ONCE)
    while part := list(islice(places, AT_ONCE)):
        BatchItem.objects.bulk_create(BatchItem(batch=batch, project_episode_id=pk) for pk in part)
        note_review(part, ProjectEpisode.Review.OPEN)
        score_episodes(part)
        gathered += len(part)
    return gathered


@transaction.atomic
def approve_batch(*, actor: User, batch_id: int, remark: str = "") -> Batch:
    """Sign a batch off: all its episodes are approved, or its sample has passed.

    Of a batch whose sample passed, what nobody looked at is approved with it, each episode with
    the set that was proposed for it. A second click changes nothing. Raises BatchNotApprovable,
    OwnWork, NotFound, RoleMissing.
    """
    batch = _read(batch_id, actor)
    if batch.state == Batch.State.APPROVED:
        return batch
    batch = locked_batch(batch_id, actor)
    # Read again: somebody may have signed it off while this waited for the lock.
    if batch.state == Batch.State.APPROVED:
        return batch
    items = list(batch.items.select_related("project_episode__episode").order_by("pk"))
    waiting = [item for item in items if item.state != BatchItem.State.APPROVED]
    sample = last_sample(batch)
    found = sample_standing(sample) if sample is not None else None
    if waiting or not items:
        _refuse_unfinished(batch, items, waiting, found)
        _approve_unseen(waiting)
    if found is not None:
        close(found, actor)
    batch.state, batch.approved_by = Batch.State.APPROVED, actor
    batch.approved_at, batch.remark = timezone.now(), remark.strip()
    batch.save(update_fields=["state", "approved_by", "approved_at", "remark"])
    audit.record(
        actor=actor,
        action="batch.approved",
        project=batch.project,
        subject=batch,
        episodes=len(items),
        looked_at=len(items) - len(waiting),
        comment=batch.remark,
    )
    notify(
        [batch.created_by_id, *managers_of(batch.project)],
        kind=Notification.Kind.BATCH,
        project=batch.project,
        text=f"{person_name(actor)} approved {batch.name} with {len(items)} episodes.",
        url=reverse("batch-detail", args=[batch.pk]),
        besides=actor,
    )
    return batch


def _read(batch_id: int, actor: User) -> Batch:
    batch = Batch.objects.select_related("project").filter(pk=batch_id).first()
    if batch is None:
        raise NotFound("There is no such batch.", remedy="Check the address.")
    require_role(actor, batch.project, Role.REVIEWER)
    return batch


def _refuse_unfinished(
    batch: Batch,
    items: list[BatchItem],
    waiting: list[BatchItem],
    found: SampleStanding | None,
) -> None:
    """Unapproved episodes are allowed only where a sample has passed that speaks for them."""
    keys = [item.project_episode.episode.key for item in waiting]
    if found is None or found.sample.follow_up == Sample.FollowUp.FULL or not items:
        raise BatchNotApprovable(
            f"{len(waiting)} of {len(items)} episodes of {batch.name} are not approved yet.",
            remedy="Give each a verdict first.",
            episodes=keys,
        )
    counted = found.progress
    if not found.accepted:
        went = (
            f"failed: {counted.bad} episodes did not conform, {found.sample.c} were allowed"
            if found.rejected
            else f"is not finished: {counted.more} more episodes are to be looked at"
        )
        raise BatchNotApprovable(
            f"The sample of {batch.name} {went}.",
            remedy="Decide what follows." if found.rejected else "Review the rest of it first.",
            episodes=keys,
        )
    back = max(found.unapproved, waiting_after_return(found.sample))
    if back:
        raise BatchNotApprovable(
            f"The sample of {batch.name} passed, but {back} episodes that were sent back are not "
            "approved yet.",
            remedy="Approve them once they are handed in again.",
            episodes=keys,
        )


def _approve_unseen(waiting: list[BatchItem]) -> None:
    """What a passed sample speaks for: each episode with the set that is delivered unreviewed."""
    proposed = delivered_sets(item.project_episode_id for item in waiting)
    for item in waiting:
        item.state = BatchItem.State.APPROVED
        item.accepted_set = proposed[item.project_episode_id]
        item.version += 1
    BatchItem.objects.bulk_update(waiting, ["state", "accepted_set", "version"], batch_size=1000)
    places = [item.project_episode_id for item in waiting]
    note_review(places, ProjectEpisode.Review.APPROVED)
    ProjectEpisode.objects.bulk_update(
        [
            ProjectEpisode(pk=item.project_episode_id, accepted_set=item.accepted_set)
            for item in waiting
        ],
        ["accepted_set"],
        batch_size=1000,
    )
    note_progress(places)


def _next_name(project: Project) -> str:
    number = project.batches.count() + 1
    taken = set(project.batches.values_list("name", flat=True))
    while f"Batch {number}" in taken:
        number += 1
    return f"Batch {number}"
