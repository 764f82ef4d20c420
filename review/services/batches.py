"""Gather finished episodes into a batch, and approve it once every one of them is approved."""

from django.contrib.auth.models import User
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from annotation.errors import NotFound
from annotation.models import Notification, Project, ProjectEpisode
from annotation.roles import Role, require_role
from annotation.selectors.editor import person_name
from annotation.services import audit
from annotation.services.notify import managers_of, notify
from annotation.services.progress import note_review
from review.errors import BatchNameTaken, BatchNotApprovable, NothingReady, OwnWork
from review.models import Batch, BatchItem
from review.selectors.batches import annotated_by, ready_episodes
from review.services.score import score_episodes


@transaction.atomic
def create_batch(
    *, actor: User, project: Project, name: str = "", limit: int | None = None
) -> Batch:
    """A batch of the project's finished episodes, at most ``limit``, scored at once.

    Raises NothingReady, BatchNameTaken, NotFound, RoleMissing.
    """
    require_role(actor, project, Role.REVIEWER)
    # Two batches made at once would want the same episodes: they take turns.
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    ready = list(ready_episodes(project)[:limit])
    if not ready:
        raise NothingReady(
            "No episode is finished by all its annotators and waits for a batch.",
            remedy=f"Each needs {project.overlap} annotators who have handed it in.",
        )
    title = name.strip() or _next_name(project)
    if Batch.objects.filter(project=project, name=title).exists():
        raise BatchNameTaken(
            f"There is a batch “{title}” already.", remedy="Choose another name.", name=title
        )
    batch = Batch.objects.create(project=project, name=title, created_by=actor)
    BatchItem.objects.bulk_create(
        [BatchItem(batch=batch, project_episode=episode) for episode in ready]
    )
    note_review([episode.pk for episode in ready], ProjectEpisode.Review.OPEN)
    score_episodes([episode.pk for episode in ready])
    audit.record(
        actor=actor, action="batch.created", project=project, subject=batch, episodes=len(ready)
    )
    return batch


@transaction.atomic
def approve_batch(*, actor: User, batch_id: int) -> Batch:
    """Close a batch whose episodes are all approved. A second click changes nothing.

    Raises BatchNotApprovable, OwnWork, NotFound, RoleMissing.
    """
    # The items' locks hold back a verdict that is being given at this moment.
    items = list(
        BatchItem.objects.select_for_update(no_key=True, of=("self",))
        .filter(batch=batch_id)
        .select_related("project_episode__episode")
        .order_by("pk")
    )
    batch = Batch.objects.select_related("project").filter(pk=batch_id).first()
    if batch is None:
        raise NotFound("There is no such batch.", remedy="Check the address.")
    require_role(actor, batch.project, Role.REVIEWER)
    if batch.state == Batch.State.APPROVED:
        return batch
    if annotated_by(actor, [item.project_episode_id for item in items]):
        raise OwnWork(
            "You annotated episodes of this batch yourself.",
            remedy="Ask another reviewer or manager to approve it.",
        )
    waiting = [item for item in items if item.state != BatchItem.State.APPROVED]
    if waiting or not items:
        raise BatchNotApprovable(
            f"{len(waiting)} of {len(items)} episodes of {batch.name} are not approved yet.",
            remedy="Give each a verdict first.",
            episodes=[item.project_episode.episode.key for item in waiting],
        )
    batch.state, batch.approved_by = Batch.State.APPROVED, actor
    batch.approved_at = timezone.now()
    batch.save(update_fields=["state", "approved_by", "approved_at"])
    audit.record(
        actor=actor,
        action="batch.approved",
        project=batch.project,
        subject=batch,
        episodes=len(items),
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


def _next_name(project: Project) -> str:
    number = project.batches.count() + 1
    taken = set(project.batches.values_list("name", flat=True))
    while f"Batch {number}" in taken:
        number += 1
    return f"Batch {number}"
