"""The gold of a project: a row an item, the pool against a month's need, and what could join."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Exists, F, OuterRef, QuerySet, Value

from annotation.models import AnnotationSet, Assignment, Project, ProjectEpisode
from annotation.selectors.known import taken_for_undecided
from annotation.selectors.offers import COUNTED
from episodes.access import Viewer
from review.measures.calibration.difficulty import Attempt, Difficulty, Placed, rasch
from review.measures.calibration.gold import PassRate, pass_rate, pool_needed
from review.models import GoldDispute, GoldItem
from review.selectors.exposures import exposures, showings, worn_out
from review.selectors.gold_item import Interval, pass_interval
from review.selectors.gold_results import GoldResult, disputed_items, gold_results, made_of

MONTH = timedelta(days=30)
# A tenth of the pool a month is replaced (agreement.md, section 2).
RENEWED = 0.1
CANDIDATES = 20
STATES = (
    ("", "All"),
    ("active", "In use"),
    ("disputed", "Disputed"),
    ("retired", "Retired"),
    ("ambiguous", "Ambiguous"),
)


@dataclass(frozen=True, slots=True)
class GoldRow:
    """One item under its newest version. ``difficulty`` is None until there is enough."""

    item: GoldItem
    exposures: int
    passes: PassRate
    disputed: bool
    difficulty: Placed | None
    experts: int

    @property
    def interval(self) -> Interval:
        return pass_interval(self.passes)

    @property
    def state(self) -> tuple[str, str]:
        """Tone and words."""
        if self.disputed:
            return "danger", "Disputed"
        tones = {"active": "ok", "retired": "", "ambiguous": "warn"}
        return tones[self.item.state], self.item.get_state_display()

    @property
    def worn(self) -> bool:
        return worn_out(self.exposures)


@dataclass(frozen=True, slots=True)
class Pool:
    """``usable`` items can still be handed out; ``most`` gold was given to one person in a month,
    so ``needed`` keeps three months without meeting one twice."""

    usable: int
    most: int
    monthly: int

    @property
    def needed(self) -> int:
        return pool_needed(self.most)

    @property
    def short(self) -> int:
        return max(0, self.needed - self.usable)

    @property
    def renew(self) -> int:
        """How many new ones a month the rotation asks for."""
        return max(self.short, round(RENEWED * self.usable))

    @property
    def says(self) -> str:
        if not self.usable:
            return "No gold can be handed out: make gold from episodes that experts agree on."
        if not self.most:
            return f"{self.usable} items can be handed out; nobody was given gold in 30 days."
        begin = (
            f"{self.usable} items can be handed out. In 30 days one person was given up to "
            f"{self.most}, so {self.needed} keep anybody from meeting one twice."
        )
        if self.short:
            return f"{begin} Make {self.short} more."
        return f"{begin} That is enough; renew about {self.renew} a month."


@dataclass(frozen=True, slots=True)
class GoldOverview:
    rows: tuple[GoldRow, ...]
    pool: Pool
    disputes: int
    difficulty: Difficulty


def gold_overview(project: Project, now: datetime) -> GoldOverview:
    """Every item of the project. A fixed number of queries."""
    items = list(
        GoldItem.objects.newest()
        .filter(project_episode__project=project)
        .select_related("project_episode__episode__task", "made_by")
        .annotate(experts=Count("sources"))
        .order_by("project_episode__position", "project_episode")
    )
    own = made_of(project)
    results: dict[int, list[GoldResult]] = defaultdict(list)
    for one in gold_results(project, counted=False, by_class=False):
        if (one.item, one.annotator) not in own:
            results[one.item].append(one)
    difficulty = _difficulty(results)
    placed = {one.name: one for one in difficulty.items}
    disputed = disputed_items(project)
    shown = exposures([item.project_episode_id for item in items])
    rows = tuple(
        GoldRow(
            item=item,
            exposures=shown[item.project_episode_id],
            passes=pass_rate(sum(one.passed for one in results[item.pk]), len(results[item.pk])),
            disputed=item.pk in disputed,
            difficulty=placed.get(str(item.pk)),
            experts=getattr(item, "experts", 0),
        )
        for item in items
    )
    return GoldOverview(rows, _pool(project, rows, now), len(disputed), difficulty)


def in_state(rows: tuple[GoldRow, ...], state: str) -> list[GoldRow]:
    if state == "disputed":
        return [row for row in rows if row.disputed]
    return [row for row in rows if not state or (row.item.state == state and not row.disputed)]


def disputes_of(project: Project) -> QuerySet[GoldDispute]:
    """The queue of disputes, the oldest first."""
    return (
        GoldDispute.objects.filter(decision="", item__project_episode__project=project)
        .select_related("item__project_episode__episode")
        .order_by("opened_at", "pk")
    )


def expert_answers(project: Project) -> QuerySet[Assignment]:
    """Experts' answers that no gold is made of yet, those handed in first, then the newest."""
    used = GoldItem.sources.through.objects.filter(annotationset__assignment=OuterRef("pk"))
    return (
        Assignment.objects.filter(~Exists(used), project_episode__project=project, expert=True)
        .exclude(state=Assignment.State.RELEASED)
        .select_related("annotator", "project_episode__episode__task")
        .order_by(F("submitted_at").desc(nulls_last=True), "-claimed_at")[:CANDIDATES]
    )


def gold_candidates(user: Viewer, project: Project) -> list[ProjectEpisode]:
    """Production episodes whose labels were settled: by a consensus, or by approval of work that
    several people handed in. The ones with a consensus first, each in the order of the queue, as
    many as are shown.

    Two queries that end at the last one shown: nearly all of a large project is approved.
    """
    # Sets without an assignment are few, and there is an index to them.
    settled = AnnotationSet.objects.filter(
        assignment=None,
        kind=AnnotationSet.Kind.CONSENSUS,
        state=AnnotationSet.State.SUBMITTED,
        project_episode__project=project,
    )
    has_gold = GoldItem.objects.filter(project_episode=OuterRef("pk"))
    answered = Assignment.objects.of_annotators().filter(
        project_episode=OuterRef("pk"), state=Assignment.State.SUBMITTED
    )
    places = (
        ProjectEpisode.objects.filter(
            ~Exists(has_gold),
            Exists(answered),
            project=project,
            purpose=ProjectEpisode.Purpose.PRODUCTION,
        )
        .exclude(pk__in=taken_for_undecided(user))
        .select_related("episode__task", "accepted_set__assignment__annotator")
        .order_by("position", "pk")
    )
    agreed = places.filter(pk__in=settled.values("project_episode"))
    approved = places.filter(accepted_set__isnull=False, slots_taken__gte=2).exclude(
        pk__in=settled.values("project_episode")
    )
    found = list(agreed.annotate(by_consensus=Value(True))[:CANDIDATES])
    return [*found, *approved.annotate(by_consensus=Value(False))[: CANDIDATES - len(found)]]


def _difficulty(results: Mapping[int, list[GoldResult]]) -> Difficulty:
    return rasch(
        Attempt(str(one.annotator), str(item), one.passed)
        for item, found in results.items()
        for one in found
    )


def _pool(project: Project, rows: tuple[GoldRow, ...], now: datetime) -> Pool:
    usable = [
        row
        for row in rows
        if row.item.state == GoldItem.State.ACTIVE
        and not row.disputed
        and not row.worn
        and row.item.project_episode.purpose in COUNTED
    ]
    places = [row.item.project_episode_id for row in rows]
    given = showings(places).filter(
        project_episode__purpose__in=COUNTED, claimed_at__gte=now - MONTH
    )
    a_person = dict(given.order_by().values_list("annotator").annotate(Count("pk")))
    return Pool(len(usable), max(a_person.values(), default=0), sum(a_person.values()))
