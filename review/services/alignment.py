"""People judge whether instructions say what the robot does: draw segments, keep what is said."""

from collections.abc import Mapping

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Max

from annotation.models import Project
from annotation.roles import Role, require_role
from annotation.services import audit
from review.errors import JudgementMalformed, NothingToJudge, OwnWork
from review.measures.acceptance.sampling import Item, stratified_sample
from review.measures.checks.alignment import SlotVerdict
from review.models import AlignmentItem, AlignmentJudgement, AlignmentSample
from review.selectors.alignment import drawable_segments, is_own, sample_seed, stated
from review.selectors.dataset_checks import plans_of

MOST_SEGMENTS = 2000


@transaction.atomic
def draw_alignment_sample(*, actor: User, project: Project, segments: int) -> AlignmentSample:
    """Segments of accepted labels, at random and by verb in proportion, none drawn before.

    Raises NothingToJudge when none is left, NotFound, RoleMissing below reviewer.
    """
    require_role(actor, project, Role.REVIEWER)
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    found = drawable_segments(project, plans_of(project).checks)
    if not found:
        raise NothingToJudge(
            "No accepted instruction is left to draw.",
            remedy="Approve episodes first; each segment is judged once.",
        )
    number = (project.alignment_samples.aggregate(last=Max("number"))["last"] or 0) + 1
    seed = sample_seed(project, number, (one.id for one in found))
    sample = AlignmentSample.objects.create(
        project=project, number=number, seed=seed, segments=len(found), drawn_by=actor
    )
    by_id = {one.id: one for one in found}
    items = [Item(one.id, (one.slots.get("verb", ""),)) for one in found]
    drawn = stratified_sample(items, min(segments, MOST_SEGMENTS, len(items)), seed=seed)
    AlignmentItem.objects.bulk_create(
        (
            AlignmentItem(
                sample=sample,
                order=one.order,
                annotation_set_id=by_id[one.item.id].annotation_set,
                label=by_id[one.item.id].label,
                verb=by_id[one.item.id].slots.get("verb", "")[:80],
                text=by_id[one.item.id].text,
                slots=dict(by_id[one.item.id].slots),
                start_ns=by_id[one.item.id].start_ns,
                end_ns=by_id[one.item.id].end_ns,
            )
            for one in drawn
        ),
        batch_size=1000,
    )
    audit.record(
        actor=actor,
        action="alignment.drawn",
        project=project,
        subject=sample,
        segments=len(drawn),
        seed=seed,
    )
    return sample


@transaction.atomic
def judge_segment(
    *, actor: User, item: AlignmentItem, slots: Mapping[str, str]
) -> AlignmentJudgement:
    """Every slot is ok, wrong or not visible; judged again, the newer one counts.

    Raises JudgementMalformed, OwnWork, NotFound, RoleMissing below reviewer.
    """
    project = item.sample.project
    require_role(actor, project, Role.REVIEWER)
    if is_own(actor, item):
        raise OwnWork(
            "You labelled this episode yourself.", remedy="Leave the segment to somebody else."
        )
    wanted = {name for name, _ in stated(item)}
    if set(slots) != wanted or not set(slots.values()) <= set(SlotVerdict):
        raise JudgementMalformed(
            f"A judgement says of {', '.join(sorted(wanted))} each: ok, wrong or not_visible.",
            remedy="Answer every slot of the segment.",
            slots=sorted(wanted),
        )
    judged = AlignmentJudgement.objects.create(item=item, slots=dict(slots), reviewer=actor)
    audit.record(
        actor=actor, action="alignment.judged", project=project, subject=item, slots=dict(slots)
    )
    return judged
