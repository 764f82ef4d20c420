"""How far people are with their training and their qualification."""

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from annotation.models import AnnotationSet, Assignment, Membership, Project, ProjectEpisode
from episodes.models import Episode
from review.measures.calibration.sprt import Qualification, SprtPlan, SprtResult, sprt
from review.measures.calibration.trials import Trials
from review.measures.counts import Measure
from review.models import GoldItem, PairCounts

_PURPOSE, _STATE = ProjectEpisode.Purpose, Assignment.State
# One label each: a contact, an instruction, how it went. Boundaries are in the segments already.
_LABELS = (Measure.EVENT, Measure.SEGMENT_50, Measure.OUTCOME)


@dataclass(frozen=True, slots=True)
class Learning:
    """``handed_in`` of ``episodes`` of a person's present stage."""

    handed_in: int
    episodes: int

    @property
    def finished(self) -> bool:
        return 0 < self.episodes <= self.handed_in


def learning(membership: Membership, purpose: str) -> Learning:
    """Two queries. Episodes that cannot be handed out are not waited for."""
    places = ProjectEpisode.objects.filter(project=membership.project_id, purpose=purpose)
    work = Assignment.objects.of_annotators().filter(annotator=membership.user_id)
    done = work.filter(project_episode__in=places, state=_STATE.SUBMITTED).count()
    own = Assignment.objects.filter(
        annotator=membership.user_id, project_episode=OuterRef("pk"), state=_STATE.RELEASED
    )
    there = places.filter(episode__in=Episode.objects.to_hand_out()).exclude(Exists(own))
    return Learning(done, there.count())


def qualification_results(membership: Membership) -> list[Trials] | None:
    """Of each gold episode in the order of handing in; None while one of them is not scored."""
    done = list(
        AnnotationSet.objects.filter(
            assignment__annotator=membership.user_id,
            assignment__state=_STATE.SUBMITTED,
            kind=AnnotationSet.Kind.ANNOTATOR,
            project_episode__project=membership.project_id,
            project_episode__purpose=_PURPOSE.QUALIFICATION,
            project_episode__in=GoldItem.objects.values("project_episode"),
            state=AnnotationSet.State.SUBMITTED,
        )
        .order_by("assignment_id", "-round")
        .distinct("assignment_id")
        .values_list("pk", "submitted_at")
    )
    counted: dict[object, list[float]] = defaultdict(lambda: [0.0, 0.0])
    rows = PairCounts.objects.filter(
        second__in=[pk for pk, _ in done],
        against_gold=True,
        current=True,
        measure__in=[measure.value for measure in _LABELS],
        label_class="",
    )
    for second, matched, first, other in rows.order_by().values_list(
        "second", "matched", "n_first", "n_second"
    ):
        counted[second][0] += matched
        counted[second][1] += (first + other) / 2
    if len(counted) < len(done):
        return None
    in_time = sorted(done, key=lambda row: (row[1], row[0]))
    return [Trials(right=counted[pk][0], total=counted[pk][1]) for pk, _ in in_time]


def qualification_of(membership: Membership, plan: SprtPlan | None = None) -> SprtResult | None:
    """None while something is not scored. Out of episodes without a decision is undecided."""
    results = qualification_results(membership)
    return None if results is None else sprt(results, plan)


def out_of_episodes(membership: Membership) -> bool:
    return learning(membership, _PURPOSE.QUALIFICATION).finished


def learners() -> list[Membership]:
    """Everybody in training or qualification in a project that is at work."""
    standing = Membership.Standing
    found = Membership.objects.filter(
        standing__in=[standing.TRAINING, standing.QUALIFYING], project__state=Project.State.ACTIVE
    )
    return list(found.select_related("project", "user").order_by("pk"))


def undecided(result: SprtResult | None, membership: Membership) -> bool:
    """Whether a manager has to decide: the test reached its cap, or there is nothing left to do."""
    if result is None:
        return False
    if result.state is Qualification.UNDECIDED:
        return True
    return result.state is Qualification.CONTINUE and out_of_episodes(membership)
