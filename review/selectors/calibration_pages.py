"""How everybody stands against gold: a row a person, those who still learn, one person in full."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Case, Count, QuerySet, When

from annotation.errors import NotFound
from annotation.models import AnnotationSet, Assignment, Membership, Project, ProjectEpisode
from annotation.selectors.known import known_progress, known_to_be
from episodes.access import Viewer
from episodes.models import Episode
from review.measures.calibration.sprt import Qualification, SprtPlan, SprtResult, sprt
from review.models import Calibration, CalibrationDecision, GoldItem, LabelType
from review.selectors.calibration_sums import doubted_kinds
from review.selectors.gold_results import TYPES, GoldResult, definition_of, gold_results
from review.selectors.onboarding import Learning

Purpose, Standing = ProjectEpisode.Purpose, Membership.Standing
Kind = CalibrationDecision.Kind
LEARNING = {Standing.TRAINING: Purpose.TRAINING, Standing.QUALIFYING: Purpose.QUALIFICATION}
# Points of a small line: what fits into a cell.
RECENT = 30
TONES = {
    Standing.QUALIFIED: "ok",
    Standing.PAUSED: "danger",
    Standing.FAILED: "danger",
    Standing.TRAINING: "info",
    Standing.QUALIFYING: "info",
}
STATE_TONES = {
    Calibration.State.GOOD: "ok",
    Calibration.State.WARN: "warn",
    Calibration.State.PAUSE: "danger",
    Calibration.State.INSUFFICIENT: "",
}


@dataclass(frozen=True, slots=True)
class Cell:
    """A calibration in a table's cell; None of it before anything was measured."""

    row: Calibration | None

    @property
    def tone(self) -> str:
        return STATE_TONES[Calibration.State(self.row.state)] if self.row else ""

    @property
    def name(self) -> str:
        return self.row.get_state_display() if self.row else "Nothing measured"

    @property
    def bar(self) -> float | None:
        return self.row.bar_ppm / 1_000_000 if self.row else None


@dataclass(frozen=True, slots=True)
class Timing:
    """A person's offset on one class; ``out``: its EWMA has left the limits around the team's."""

    name: str
    n: int
    median_ns: float
    mad_ns: float
    out: bool


@dataclass(frozen=True, slots=True)
class PersonRow:
    """``cells`` in the order of TYPES; ``recent`` shares right, one a gold episode."""

    user: User
    membership: Membership
    cells: tuple[Cell, ...]
    timings: tuple[Timing, ...]
    recent: tuple[float, ...]
    doubted: frozenset[str] = frozenset()

    @property
    def tone(self) -> str:
        return TONES[Standing(self.membership.standing)]

    @property
    def all(self) -> Calibration | None:
        return self.cells[0].row

    @property
    def drifting(self) -> tuple[Timing, ...]:
        return tuple(one for one in self.timings if one.out)

    @property
    def advice(self) -> str:
        rows = [cell.row for cell in self.cells if cell.row]
        sure = [row for row in rows if row.label_type not in self.doubted]
        return advice(self.membership, sure, self.drifting)


@dataclass(frozen=True, slots=True)
class Kinds:
    """Kinds of labels that somebody was measured in: places in TYPES. Others are no column."""

    places: tuple[int, ...]

    @property
    def names(self) -> list[str]:
        return [str(TYPES[at].label) for at in self.places]

    def of(self, row: PersonRow) -> list[Cell]:
        return [row.cells[at] for at in self.places]


def measured_kinds(rows: Sequence[PersonRow]) -> Kinds:
    return Kinds(tuple(at for at in range(len(TYPES)) if any(row.cells[at].row for row in rows)))


def advice(membership: Membership, rows: Sequence[Calibration], drifting: Sequence[Timing]) -> str:
    """What to do next, in a sentence."""
    if membership.standing == Standing.PAUSED:
        return "Review the work since the last good point, talk it over, then resume or keep."
    if membership.standing == Standing.FAILED:
        return "Train anew, or take the person out of the project."
    if membership.standing in LEARNING:
        return "Wait: training and qualification come first."
    if not rows:
        return "Wait: nothing of theirs met gold yet."
    if any(one.state == Calibration.State.PAUSE for one in rows):
        return "Below the bar and still at work: look at the charts and decide."
    warned = [one for one in rows if one.state == Calibration.State.WARN]
    if warned:
        kinds = ", ".join(one.get_label_type_display().lower() for one in warned)
        return f"Below the bar on average: go through {kinds} with them."
    if drifting:
        names = ", ".join(one.name.lower() for one in drifting)
        return f"Timing drifts on {names}: show them the guideline's clip."
    if all(one.state == Calibration.State.INSUFFICIENT for one in rows):
        return "Wait: fewer than 20 effective labels say too little."
    return "Nothing: above the bar."


def people_rows(project: Project) -> list[PersonRow]:
    """Annotators of the project and whoever else met gold, by name. A fixed number of queries."""
    stored: dict[int, dict[str, Calibration]] = defaultdict(dict)
    for row in Calibration.objects.filter(project=project):
        stored[row.annotator_id][row.label_type] = row
    members = (
        Membership.objects.filter(project=project)
        .select_related("user")
        .order_by("user__first_name", "user__username")
    )
    results: dict[int, list[GoldResult]] = defaultdict(list)
    for one in gold_results(project, by_class=False):
        results[one.annotator].append(one)
    names = class_names(project)
    unsure = frozenset(doubted_kinds(row for own in stored.values() for row in own.values()))
    return [
        PersonRow(
            user=member.user,
            membership=member,
            cells=tuple(Cell(stored[member.user_id].get(one)) for one in TYPES),
            timings=timings_of(stored[member.user_id].get(LabelType.CONTACT), names),
            recent=recent_of(results[member.user_id]),
            doubted=unsure,
        )
        for member in members
        if member.role == Membership.Role.ANNOTATOR or stored[member.user_id]
    ]


def doubted(rows: Sequence[PersonRow]) -> list[str]:
    """Names of the kinds that most people fail at once."""
    found = {one for row in rows for one in row.doubted}
    return [str(one.label) for one in TYPES if one in found]


def class_names(project: Project) -> dict[str, str]:
    return {one.id: one.name for one in definition_of(project).classes}


def timings_of(row: Calibration | None, names: dict[str, str]) -> tuple[Timing, ...]:
    found: list[dict[str, Any]] = row.timing if row else []
    return tuple(
        Timing(
            names.get(one["class"], one["class"]),
            one["n"],
            one["median_ns"],
            one["mad_ns"],
            one["out"],
        )
        for one in found
    )


def recent_of(results: Sequence[GoldResult]) -> tuple[float, ...]:
    shares = [one.trials("") for one in results]
    return tuple(one.right / one.total for one in shares if one.total)[-RECENT:]


@dataclass(frozen=True, slots=True)
class LearnerRow:
    """Somebody in training or qualification; ``undecided``: a reviewer has to decide."""

    membership: Membership
    learning: Learning
    result: SprtResult | None
    waiting: bool

    @property
    def user(self) -> User:
        return self.membership.user

    @property
    def undecided(self) -> bool:
        if self.result is None or self.waiting:
            return False
        if self.result.state is Qualification.UNDECIDED:
            return True
        return self.result.state is Qualification.CONTINUE and self.learning.finished

    @property
    def says(self) -> str:
        if self.membership.standing == Standing.TRAINING:
            if not self.learning.episodes:
                return "There is no training episode: choose some on the project's episodes page."
            return "Goes on by itself when all are handed in."
        if not self.learning.episodes:
            return "There is no qualification episode with gold: choose some."
        if self.waiting:
            return "Being scored."
        if self.undecided:
            return "The test ended without a decision: decide."
        if self.result is None or not self.result.episodes:
            return "Nothing is handed in yet."
        plan = SprtPlan()
        if self.result.episodes < plan.min_episodes:
            return f"No decision before {plan.min_episodes} episodes."
        if self.result.labels_to_pass is None:
            return "Cannot pass any more before the cap without a reviewer."
        return f"{self.result.labels_to_pass} more labels without an error would qualify."


def learner_rows(project: Project) -> list[LearnerRow]:
    """In training or qualification, by name. A fixed number of queries; one where nobody is."""
    members = list(
        Membership.objects.filter(project=project, standing__in=LEARNING)
        .select_related("user", "project")
        .order_by("user__first_name", "user__username")
    )
    if not members:
        return []
    results: dict[int, list[GoldResult]] = defaultdict(list)
    for one in gold_results(
        project, purposes=[Purpose.QUALIFICATION], counted=False, by_class=False
    ):
        results[one.annotator].append(one)
    # Next to a large queue what is learnt on is little, and so is what learners have handed in.
    places = ProjectEpisode.objects.filter(project=project, purpose__in=LEARNING.values())
    there = places.filter(episode__in=Episode.objects.to_hand_out()).order_by()
    totals = dict(there.values_list("purpose").annotate(Count("pk")))
    golden = GoldItem.objects.filter(project_episode__in=places).values("project_episode")
    done = (
        Assignment.objects.of_annotators()
        .filter(
            annotator__in=[one.user_id for one in members],
            project_episode__project=project,
            state=Assignment.State.SUBMITTED,
        )
        .order_by()
    )
    by_purpose = {
        (user, purpose): count
        for user, purpose, count in done.values_list(
            "annotator", "project_episode__purpose"
        ).annotate(Count("pk"))
    }
    to_score = dict(
        done.filter(project_episode__purpose=Purpose.QUALIFICATION, project_episode__in=golden)
        .values_list("annotator")
        .annotate(Count("pk"))
    )
    found = []
    for member in members:
        purpose = LEARNING[Standing(member.standing)]
        handed_in = by_purpose.get((member.user_id, purpose), 0)
        own = results[member.user_id]
        testing = member.standing == Standing.QUALIFYING
        found.append(
            LearnerRow(
                membership=member,
                learning=Learning(handed_in, totals.get(purpose, 0)),
                result=sprt([one.trials("") for one in own]) if testing else None,
                waiting=testing and len(own) < to_score.get(member.user_id, 0),
            )
        )
    return found


def member_of(project: Project, user_id: int) -> Membership:
    """Raises NotFound for who is not in the project."""
    found = Membership.objects.filter(project=project, user=user_id).select_related("user")
    member = found.first()
    if member is None:
        raise NotFound("Nobody of that id is in this project.", remedy="Open the list of people.")
    return member


@dataclass(frozen=True)
class Since:
    """What a paused person handed in since the last good point, to be reviewed: ``open`` of
    ``total`` are of episodes that are not approved."""

    decision: CalibrationDecision
    sets: tuple[AnnotationSet, ...]
    open: int
    total: int


def work_since(viewer: Viewer, project: Project, user_id: int, most: int = 100) -> Since | None:
    """Of the last pause that no resumption followed. At most ``most`` sets are listed, those of
    approved episodes last, each with ``known_progress`` of its episode."""
    approved = known_to_be(viewer, ProjectEpisode.Progress.APPROVED, "project_episode__")
    last = decisions_of(project, user_id).first()
    if last is None or last.kind != Kind.PAUSED:
        return None
    sets = (
        AnnotationSet.objects.filter(
            project_episode__project=project,
            assignment__annotator=user_id,
            kind=AnnotationSet.Kind.ANNOTATOR,
            state=AnnotationSet.State.SUBMITTED,
        )
        .select_related("project_episode__episode__task", "project_episode__batch_item")
        .alias(approved=Case(When(approved, then=1), default=0))
        .annotate(known_progress=known_progress(viewer, "project_episode__"))
        .order_by("approved", "submitted_at", "pk")
    )
    if last.good_until is not None:
        sets = sets.filter(submitted_at__gt=last.good_until)
    total = sets.count()
    return Since(last, tuple(sets[:most]), total - sets.filter(approved).count(), total)


def decisions_of(project: Project, user_id: int) -> QuerySet[CalibrationDecision]:
    """Newest first."""
    found = CalibrationDecision.objects.filter(project=project, annotator=user_id)
    return found.select_related("actor").order_by("-pk")


def resumptions(project: Project, user_id: int) -> list[datetime]:
    rows = CalibrationDecision.objects.filter(project=project, annotator=user_id, kind=Kind.RESUMED)
    return list(rows.order_by("pk").values_list("created_at", flat=True))
