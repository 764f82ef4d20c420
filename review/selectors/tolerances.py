"""Tolerances that experts' spread on gold suggests, beside those in force."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median

from django.db import connection

from annotation.labels.records import Kind
from annotation.labels.schema import LabelSchema
from annotation.models import Project
from annotation.selectors.guidelines import current_guideline
from review.measures.calibration.gold import CalibratedTolerance, calibrate_tolerance
from review.measures.calibration.spread import Spread, pooled
from review.measures.records import Tolerances, tolerances_of
from review.models import ClassTolerance, GoldItem
from review.selectors.compare import PlaceRules, class_tolerances
from review.selectors.gold_results import definition_of

BOUNDARY = ""
# Fewer distances than this are shown and not proposed: 95 % of a handful is its largest.
ENOUGH = 20


@dataclass(frozen=True, slots=True)
class ClocksError:
    """The camera that lags most behind the robot or ahead of it, by its median over the gold
    episodes on which its lag could be measured."""

    camera: str
    lag_ns: int
    episodes: int


@dataclass(frozen=True, slots=True)
class ToleranceRow:
    """``name`` of the class; ``found`` is what the experts' spread gives."""

    label_class: str
    name: str
    present_ns: int
    source: str
    found: CalibratedTolerance
    offsets: int
    frozen: bool

    @property
    def enough(self) -> bool:
        return self.offsets >= ENOUGH

    @property
    def proposed(self) -> bool:
        wanted = self.found.tolerance_ns
        return self.enough and wanted is not None and wanted != self.present_ns

    @property
    def says(self) -> str:
        if not self.offsets:
            return "No two experts marked one of these on gold yet."
        if not self.enough:
            return f"{ENOUGH - self.offsets} more distances between experts are needed."
        if self.found.conflict:
            return (
                "Events follow each other more closely than a frame and the clocks tell apart: the "
                "guideline has to say how."
            )
        if not self.proposed:
            return "The present tolerance is what the experts' spread gives."
        if self.frozen:
            return "Frozen with this version of the guideline: publish the next one to change it."
        return "Apply it, and what was handed in under this guideline is compared anew."


def tolerance_rows(project: Project) -> list[ToleranceRow]:
    """Contact classes in the order of the schema, then boundaries. A fixed number of queries."""
    items = GoldItem.objects.newest().filter(project_episode__project=project)
    items = items.exclude(state=GoldItem.State.AMBIGUOUS).exclude(spread={})
    rows = list(
        items.values_list(
            "spread", "project_episode__episode__rate_num", "project_episode__episode__rate_den"
        )
    )
    spreads = pooled(_spread(one) for one, _, _ in rows)
    clocks = clocks_error(project)
    # The coarsest camera: what one recording cannot show is asked of nobody.
    frame_ns = max((-(-den * 1_000_000_000 // num) for _, num, den in rows if num), default=0)
    schema = definition_of(project)
    plain, present = tolerances_of(schema), tolerances_in_force(project)
    sources, frozen = _sources(project)
    names = {one.id: one.name for one in schema.classes_of(Kind.INSTANT)}
    names[BOUNDARY] = "Boundaries of instructions"
    return [
        ToleranceRow(
            label_class=pk,
            name=name,
            present_ns=_of(present, pk),
            source=sources.get(pk, "the schema"),
            found=calibrate_tolerance(
                spreads.get(pk, Spread()).offsets_ns,
                spreads.get(pk, Spread()).gaps_ns,
                frame_ns=frame_ns or _of(plain, pk) or 1,
                # Who marks by a camera and who marks by the robot's signals lie so far apart.
                sync_error_ns=abs(clocks.lag_ns) if clocks else 0,
            ),
            offsets=len(spreads.get(pk, Spread()).offsets_ns),
            frozen=pk in frozen,
        )
        for pk, name in names.items()
    ]


# Lags of cameras on the episodes of the newest gold, where the sync doctor could tell one.
_LAGS = """
SELECT camera->>'name', (camera->'lag'->>'lag_ns')::bigint
FROM (SELECT DISTINCT pe.episode_id FROM review_golditem g
      JOIN annotation_projectepisode pe ON pe.id = g.project_episode_id
      WHERE pe.project_id = %(project)s AND g.state <> 'ambiguous') gold
JOIN episodes_syncreport r ON r.episode_id = gold.episode_id
CROSS JOIN LATERAL jsonb_array_elements(r.report->'cameras') camera
WHERE camera->'lag'->>'lag_ns' IS NOT NULL AND camera->'lag'->>'verdict' <> 'unknown'
"""


def clocks_error(project: Project) -> ClocksError | None:
    """None where no camera's lag was measured on gold. One query."""
    lags: dict[str, list[int]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_LAGS, {"project": project.pk})
        for camera, lag_ns in cursor.fetchall():
            lags[camera].append(lag_ns)
    found = [ClocksError(one, round(median(own)), len(own)) for one, own in sorted(lags.items())]
    return max(found, key=lambda one: abs(one.lag_ns), default=None)


def tolerances_in_force(project: Project) -> Tolerances:
    """Of what is handed in now, tasks with a policy of their own left aside."""
    classes = class_tolerances([project.pk])[project.pk]
    return PlaceRules(classes=classes).over(definition_of(project), None)


def class_name(schema: LabelSchema, label_class: str) -> str:
    known = schema.class_by_id.get(label_class)
    if not label_class:
        return "Boundaries of instructions"
    return known.name if known else label_class


def _of(tolerances: Tolerances, label_class: str) -> int:
    return tolerances.of(label_class) if label_class else tolerances.boundary_ns


def _sources(project: Project) -> tuple[dict[str, str], set[str]]:
    """Where each class's tolerance comes from, and which the present version has frozen."""
    current = current_guideline(project)
    rows = ClassTolerance.objects.filter(project=project).select_related("guideline")
    found: dict[str, str] = {}
    frozen: set[str] = set()
    for row in sorted(rows, key=lambda one: one.guideline.number if one.guideline else 0):
        version = f"version {row.guideline.number}" if row.guideline else "no version"
        found[row.label_class] = f"the guideline, {version}"
        if row.guideline_id == (current.pk if current else None):
            frozen.add(row.label_class)
    return found, frozen


def _spread(stored: Mapping[str, Mapping[str, list[int]]]) -> dict[str, Spread]:
    return {
        name: Spread(tuple(one["offsets_ns"]), tuple(one["gaps_ns"]))
        for name, one in stored.items()
    }
