"""Hidden repeats: a share of what a reviewer decided comes again, and nothing follows of it.

Drawn by the ids of reviewer and decision, so that it can be reckoned again. Only what was approved
is drawn: what was sent back comes back changed.
"""

from hashlib import blake2b
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import F
from django.utils import timezone

from annotation.models import AnnotationSet
from review.models import BatchItem, ReviewRepeat, Verdict
from review.selectors.policies import review_policy

# Decisions between the first time and the second: nobody is to remember the episode.
BETWEEN = 5


def draw_repeat(item: BatchItem, reviewer: User) -> ReviewRepeat | None:
    """After a decision: perhaps one of this reviewer's earlier ones, to be made again."""
    project = item.batch.project
    percent = review_policy(project).repeat_percent
    if not percent:
        return None
    own = Verdict.objects.filter(reviewer=reviewer, item__batch__project=project)
    decided = own.order_by("-pk").values_list("pk", flat=True)
    number = len(decided)
    if _draw(reviewer.pk, project.pk, number) % 100 >= percent:
        return None
    if ReviewRepeat.objects.filter(
        reviewer=reviewer, state=ReviewRepeat.State.OPEN, item__batch__project=project
    ).exists():
        return None
    possible = list(
        own.filter(
            pk__in=list(decided[BETWEEN:]),
            decision=Verdict.Decision.APPROVED,
            repeat=None,
            item__state=BatchItem.State.APPROVED,
            item__accepted_set=F("annotation_set"),
        ).order_by("pk")
    )
    if not possible:
        return None
    first = possible[_draw(reviewer.pk, project.pk, -number) % len(possible)]
    return ReviewRepeat.objects.create(item_id=first.item_id, reviewer=reviewer, first=first)


def decide_repeat(
    repeat: ReviewRepeat,
    decision: Verdict.Decision,
    chosen: AnnotationSet | None,
    request_id: UUID,
) -> None:
    """Keep what was decided the second time. It is void when the first decision fell meanwhile."""
    repeat.refresh_from_db()
    item = BatchItem.objects.get(pk=repeat.item_id)
    stands = item.accepted_set_id == repeat.first.annotation_set_id
    repeat.state = ReviewRepeat.State.DECIDED if stands else ReviewRepeat.State.VOID
    repeat.decision, repeat.chosen_set = decision, chosen
    repeat.request_id = request_id
    repeat.decided_at = timezone.now() if stands else None
    repeat.save()


def _draw(reviewer: int, project: int, number: int) -> int:
    text = f"repeat:{project}:{reviewer}:{number}"
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest())
