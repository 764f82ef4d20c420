"""Parts of a scene: work handed in by both annotators, a batch of it, verdicts in short."""

import uuid
from typing import Any

from django.contrib.auth.models import User

from annotation.models import AnnotationSet, Project
from annotation.services.submit import submit
from review.models import Batch, BatchItem
from review.services.batches import create_batch
from review.services.verdicts import approve_episode, return_episode
from tests.annotation.scene import Team, claimed, draft_of, grasp, instruction, outcome, save
from tests.once import once

MS = 1_000_000


def hand_in(user: User, project: Project, *labels: dict[str, Any]) -> AnnotationSet:
    """Claim the next episode, mark it and submit; without labels, an ordinary whole answer."""
    draft = draft_of(claimed(user, project))
    known = {str(pk) for pk in draft.labels.values_list("id", flat=True)}
    put = list(labels) or [grasp(), instruction(), outcome()]
    save(user, draft, put, remove=sorted(known - {label["id"] for label in put}))
    draft.refresh_from_db()
    return submit(
        actor=user,
        annotation_set_id=draft.pk,
        base_revision=draft.revision,
        request_id=uuid.uuid4(),
    )


def hand_in_by_both(
    team: Team, episodes: int = 3, *, abe: list[dict[str, Any]] | None = None
) -> None:
    """Ada marks a grasp at 1.68 s in every episode; Abe the same unless told otherwise."""

    def make() -> None:
        for _ in range(episodes):
            hand_in(team.ada, team.project)
            hand_in(team.abe, team.project, *fresh_ids(abe or []))

    said = [{**label, "id": ""} for label in abe or []]
    once(f"hand_in_by_both {team.project.pk} {episodes} {said}", make)


def fresh_ids(labels: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**label, "id": str(uuid.uuid4())} for label in labels]


def batch_of(team: Team, episodes: int = 3) -> Batch:
    """A batch of work that both annotators handed in."""

    def make() -> Batch:
        hand_in_by_both(team, episodes)
        return create_batch(actor=team.ravi, project=team.project)

    return once(f"batch_of {team.project.pk} {episodes}", make)


def items_of(batch: Batch) -> list[BatchItem]:
    return list(batch.items.order_by("project_episode__position"))


def sets_for(item: BatchItem) -> tuple[AnnotationSet, AnnotationSet]:
    """Ada's and Abe's last submitted rounds."""
    ada, abe = (
        item.project_episode.annotation_sets.filter(
            assignment__annotator__username=name, state=AnnotationSet.State.SUBMITTED
        ).latest("round")
        for name in ("ada", "abe")
    )
    return ada, abe


def approve(actor: User, item: BatchItem, **given: Any) -> BatchItem:
    """Approve Ada's labels as the item stands now, unless told otherwise."""
    item.refresh_from_db()
    options: dict[str, Any] = {"version": item.version, "request_id": uuid.uuid4(), **given}
    if "annotation_set_id" not in options:
        options["annotation_set_id"] = sets_for(item)[0].pk
    return approve_episode(actor=actor, item_id=item.pk, **options)


def send_back(actor: User, item: BatchItem, **given: Any) -> BatchItem:
    """Return Ada's labels, unless told otherwise."""
    item.refresh_from_db()
    options: dict[str, Any] = {
        "annotation_set_ids": [sets_for(item)[0].pk],
        "comment": "The grasp is two frames late.",
        "version": item.version,
        "request_id": uuid.uuid4(),
        **given,
    }
    return return_episode(actor=actor, item_id=item.pk, **options)
