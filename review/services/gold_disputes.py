"""Gold that most people fail is looked at again; gold that is worn out leaves the pool."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from statistics import median_low

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from annotation.labels.records import Label
from annotation.models import AnnotationSet, Project
from annotation.roles import Role, require_role
from annotation.selectors.labels import labels_of
from annotation.services import audit
from review.errors import GoldRefused
from review.measures.calibration.gold import RETIRE_AT, late_exposure, pass_rate
from review.models import GoldDispute, GoldItem
from review.selectors.exposures import exposures, worn_out
from review.selectors.gold_item import label_rows
from review.selectors.gold_results import GoldResult, gold_results
from review.services.gold import change_gold_state, locked_gold, renamed, set_gold

Decision = GoldDispute.Decision
KEEP, OPTIONAL, REMOVE, MOVE = "keep", "optional", "remove", "move"
ACTIONS = (
    (KEEP, "Keep"),
    (MOVE, "Move to where most mark it"),
    (OPTIONAL, "Optional: counts for nothing"),
    (REMOVE, "Take away"),
)


def sweep_gold(project: Project) -> int:
    """Open disputes and retire what is worn out; how many items changed. Idempotent.

    Retired after 30 exposures, or when late answers are right more often than early ones.
    """
    items = list(GoldItem.objects.in_use().filter(project_episode__project=project))
    if not items:
        return 0
    attempts: dict[int, list[GoldResult]] = defaultdict(list)
    for one in gold_results(project, counted=False, by_class=False):
        attempts[one.item].append(one)
    decided = _decided(project)
    shown = exposures([item.project_episode_id for item in items])
    changed = 0
    for item in items:
        results = attempts[item.pk]
        since = [one for one in results if _after(one, decided.get(item.pk))]
        rate = pass_rate(sum(one.passed for one in since), len(since))
        if rate.disputed:
            _, new = GoldDispute.objects.get_or_create(
                item=item,
                decision=Decision.OPEN,
                defaults={"passed": rate.passed, "attempts": rate.attempts},
            )
            changed += new
            continue
        late = late_exposure([one.passed for one in results])
        worn = worn_out(shown[item.project_episode_id])
        if late.retire or worn:
            reason = (
                f"Shown {RETIRE_AT} times."
                if worn or len(results) >= RETIRE_AT
                else "Right more often of late than at first: it seems to be known."
            )
            change_gold_state(
                actor=None, item_id=item.pk, state=GoldItem.State.RETIRED, reason=reason
            )
            changed += 1
    return changed


@transaction.atomic
def decide_dispute(*, actor: User, dispute_id: int, decision: str, reason: str) -> GoldDispute:
    """Keep the gold, retire it, or call it ambiguous; corrections go by ``correct_gold``.

    Reviewers and managers. Raises GoldRefused without a reason or when it was decided meanwhile,
    NotFound, RoleMissing.
    """
    dispute = _open_dispute(actor, dispute_id)
    if decision not in (Decision.KEPT, Decision.RETIRED, Decision.AMBIGUOUS):
        raise GoldRefused("Keep it, retire it or call it ambiguous.")
    _close(actor, dispute, decision, reason)
    states = {
        Decision.RETIRED: GoldItem.State.RETIRED,
        Decision.AMBIGUOUS: GoldItem.State.AMBIGUOUS,
    }
    state = states.get(Decision(decision))
    if state is not None:
        change_gold_state(actor=actor, item_id=dispute.item_id, state=state, reason=reason)
    return dispute


@transaction.atomic
def correct_gold(
    *,
    actor: User,
    item_id: int,
    reason: str,
    actions: Mapping[str, str] | None = None,
    answer: AnnotationSet | None = None,
    alternatives: Sequence[AnnotationSet] = (),
) -> GoldItem:
    """The next version: ``answer`` in place of the present labels, or these with ``actions`` by
    label id; ``alternatives`` are whole answers that count too.

    An open dispute is closed by it. Scores of the old version stay under it and are made anew
    under the new one. Raises GoldRefused when nothing would change, and what ``set_gold`` raises.
    """
    item = locked_gold(actor, item_id)
    said = reason.strip()
    if not said:
        raise GoldRefused("Say what was wrong.", remedy="The reason is kept with the version.")
    if answer is not None:
        labels, optional = renamed(labels_of(answer)), set[str]()
    else:
        labels, optional = _edited(item, actions or {})
    sources = list(item.sources.all())
    if answer is not None:
        sources = list({one.pk: one for one in (*sources, answer)}.values())
    made = set_gold(
        actor=actor,
        project_episode=item.project_episode,
        labels=labels,
        origin="corrected by experts",
        reason=said,
        sources=sources,
        alternatives=alternatives,
        optional=optional,
    )
    if made.pk == item.pk:
        raise GoldRefused(
            "Nothing would change.", remedy="Choose what to do with at least one label."
        )
    for dispute in GoldDispute.objects.filter(item=item, decision=Decision.OPEN):
        _close(actor, dispute, Decision.CORRECTED, said)
    audit.record(
        actor=actor,
        action="gold.corrected",
        project=item.project_episode.project,
        subject=made,
        version=made.version,
        reason=said,
    )
    return made


def _edited(item: GoldItem, actions: Mapping[str, str]) -> tuple[list[Label], set[str]]:
    labels: list[Label] = []
    optional: set[str] = set()
    for row in label_rows(item):
        action = actions.get(row.label.id, OPTIONAL if row.optional else KEEP)
        if action == REMOVE:
            continue
        if action == OPTIONAL:
            optional.add(row.label.id)
        label = row.label
        if action == MOVE:
            label = row.moved(median_low(row.times_ns)) if row.times_ns else label
        labels.append(label)
    return labels, optional


def _open_dispute(actor: User, dispute_id: int) -> GoldDispute:
    dispute = (
        GoldDispute.objects.select_for_update(of=("self",), no_key=True)
        .select_related("item__project_episode__project")
        .get(pk=dispute_id)
    )
    require_role(actor, dispute.item.project_episode.project, Role.REVIEWER)
    if dispute.decision != Decision.OPEN:
        raise GoldRefused(
            f"{dispute.get_decision_display()}: somebody decided meanwhile.",
            remedy="Look at the item again.",
        )
    return dispute


def _close(actor: User, dispute: GoldDispute, decision: str, reason: str) -> None:
    said = reason.strip()
    if not said:
        raise GoldRefused("Say why.", remedy="A sentence is enough; it is kept with the dispute.")
    dispute.decision, dispute.reason = decision, said
    dispute.decided_by, dispute.decided_at = actor, timezone.now()
    dispute.save(update_fields=["decision", "reason", "decided_by", "decided_at"])
    audit.record(
        actor=actor,
        action="gold.dispute_decided",
        project=dispute.item.project_episode.project,
        subject=dispute.item,
        decision=str(decision),
        passed=dispute.passed,
        attempts=dispute.attempts,
        reason=said,
    )


def _decided(project: Project) -> dict[int, datetime]:
    """When each version's last dispute was decided."""
    rows = GoldDispute.objects.filter(item__project_episode__project=project).exclude(
        decision=Decision.OPEN
    )
    found: dict[int, datetime] = {}
    for item, at in rows.order_by("decided_at").values_list("item", "decided_at"):
        if at is not None:
            found[item] = at
    return found


def _after(one: GoldResult, moment: datetime | None) -> bool:
    return moment is None or one.submitted_at > moment
