"""A person's own picture: sums over whole portions of work, and what is no secret any more."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User

from annotation.models import AnnotationSet, Assignment, Membership, Project, ProjectEpisode
from annotation.selectors.offers import COUNTED
from review.measures.bounds import Estimate, estimate
from review.measures.calibration.delay import MEASURED, OTHERS, shown_until
from review.measures.events import TimingBias, timing_bias
from review.selectors.calibration_pages import class_names
from review.selectors.calibration_sums import offsets_of
from review.selectors.gold_results import TYPES, GoldResult, gold_results
from review.selectors.onboarding import Learning, learning
from review.selectors.training import feedback_sets

Standing, Purpose = Membership.Standing, ProjectEpisode.Purpose
_STAGES = {Standing.TRAINING: Purpose.TRAINING, Standing.QUALIFYING: Purpose.QUALIFICATION}


@dataclass(frozen=True, slots=True)
class OwnFigure:
    """A kind of labels: the share that is right, its interval and n."""

    name: str
    measured: Estimate


@dataclass(frozen=True, slots=True)
class OwnTiming:
    name: str
    bias: TimingBias


@dataclass(frozen=True)
class OwnProject:
    """One project as its annotator may see it. ``until``: what was handed in later is not in it.

    ``training`` are sets with feedback, ``retired`` those on gold that is out of use.
    """

    project: Project
    membership: Membership
    stage: Learning | None
    until: datetime | None
    figures: tuple[OwnFigure, ...]
    timings: tuple[OwnTiming, ...]
    training: tuple[AnnotationSet, ...]
    retired: tuple[AnnotationSet, ...]

    @property
    def says(self) -> str:
        standing = self.membership.standing
        if standing == Standing.PAUSED:
            return "You get no new work for now. A manager talks it over with you and resumes it."
        if standing == Standing.FAILED:
            return "The qualification was not passed. Ask a manager how to go on."
        if self.stage is not None:
            word = "training" if standing == Standing.TRAINING else "qualification"
            return f"{self.stage.handed_in} of {self.stage.episodes} {word} episodes handed in."
        if self.until is None:
            return (
                f"Figures appear on a Monday, once {MEASURED} of your episodes were measured and "
                f"{OTHERS} others are handed in."
            )
        timing = [one for one in self.timings if abs(one.bias.median_ns) >= 50_000_000]
        if timing:
            names = ", ".join(one.name.lower() for one in timing)
            return f"Look at the guideline's clips of {names}: you mark it off by 50 ms or more."
        return "Nothing stands out. Look at the kinds with the widest intervals first."


def own_projects(user: User, now: datetime) -> list[OwnProject]:
    """Projects that the person labels in, by name."""
    members = Membership.objects.filter(user=user, role=Membership.Role.ANNOTATOR)
    rows = members.select_related("project__schema").order_by("project__name")
    open_sets = _with_feedback(user)
    return [_own(row, now, open_sets[row.project_id]) for row in rows]


def _own(member: Membership, now: datetime, sets: Sequence[AnnotationSet]) -> OwnProject:
    project = member.project
    purpose = _STAGES.get(Standing(member.standing))
    results = gold_results(project, annotator=member.user_id)
    until = shown_until([one.submitted_at for one in results], _others(member, results), now)
    shown = [one for one in results if until is not None and one.submitted_at <= until]
    names = class_names(project)
    trained = [one for one in sets if one.project_episode.purpose == Purpose.TRAINING]
    return OwnProject(
        project=project,
        membership=member,
        stage=learning(member, purpose) if purpose else None,
        until=until,
        figures=tuple(
            OwnFigure(str(one.label), estimate(row.tally(one) for row in shown)) for one in TYPES
        )
        if shown
        else (),
        timings=tuple(
            OwnTiming(names.get(name, name), bias)
            for name, values in sorted(offsets_of(shown).items())
            if (bias := timing_bias(values)) is not None
        ),
        training=tuple(trained),
        retired=tuple(one for one in sets if one.project_episode.purpose in COUNTED),
    )


def _others(member: Membership, results: Sequence[GoldResult]) -> list[datetime]:
    """When the person handed in what was not measured."""
    done = (
        Assignment.objects.of_annotators()
        .filter(
            annotator=member.user_id,
            project_episode__project=member.project_id,
            project_episode__purpose__in=COUNTED,
            state=Assignment.State.SUBMITTED,
            submitted_at__isnull=False,
        )
        .exclude(project_episode__in=[one.place for one in results])
    )
    return [at for at in done.order_by().values_list("submitted_at", flat=True) if at is not None]


def _with_feedback(user: User) -> dict[int, list[AnnotationSet]]:
    """The person's last rounds that may be compared with gold, by project, the newest first."""
    found: dict[int, list[AnnotationSet]] = defaultdict(list)
    for one in feedback_sets(user).order_by("-submitted_at", "pk"):
        found[one.project_episode.project_id].append(one)
    return found
