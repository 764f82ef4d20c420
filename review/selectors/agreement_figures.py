"""Agreement figures in words: each rate with its interval, its bar and how far it is from it."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from annotation.acceptance import policy_for
from annotation.labels.schema import LabelSchema
from annotation.models import AcceptancePolicy, Project, ProjectEpisode
from review.measures.bounds import (
    CONFIDENCE,
    Estimate,
    Gate,
    Moments,
    episodes_to_pass,
    estimate_of,
    gate,
)
from review.measures.counts import POOLED, Measure
from review.measures.events import timing_bias
from review.measures.refused import EXPLAINED
from review.measures.slots import SLOTS
from review.selectors.agreement_wanted import Wanted
from review.selectors.scores import OffsetsBy, Sums, SumsBy

BAR = 0.95
PPM = 1_000_000
_TYPE = AcceptancePolicy.LabelType


@dataclass(frozen=True, slots=True)
class Spec:
    """How a measure is called, what it means, what it counts, of which kind of label it is."""

    measure: Measure
    name: str
    meaning: str
    unit: str
    label_type: str


_SAME = "same class and effector, one to one, within"
_IOU = "same class, intersection over union of at least"
_EDGE = "interior boundaries within"
CONTACTS = Spec(
    Measure.EVENT, "Contacts, F", f"{_SAME} the class's tolerance", "contacts", _TYPE.CONTACT
)
SPECS = (
    CONTACTS,
    Spec(Measure.EVENT_HALF, "Contacts, F at half the tolerance", f"{_SAME} half the tolerance",
         "contacts", _TYPE.CONTACT),
    Spec(Measure.EVENT_DOUBLE, "Contacts, F at twice the tolerance", f"{_SAME} twice the tolerance",
         "contacts", _TYPE.CONTACT),
    Spec(Measure.SEGMENT_50, "Segments, F1@0.5", f"{_IOU} 0.5", "segments", _TYPE.INSTRUCTION),
    Spec(Measure.SEGMENT_25, "Segments, F1@0.25", f"{_IOU} 0.25", "segments", _TYPE.INSTRUCTION),
    Spec(Measure.SEGMENT_75, "Segments, F1@0.75", f"{_IOU} 0.75", "segments", _TYPE.INSTRUCTION),
    Spec(Measure.BOUNDARY, "Instruction boundaries, F",
         f"{_EDGE} the tolerance of the instruction class", "boundaries", _TYPE.INSTRUCTION),
    Spec(Measure.BOUNDARY_HALF, "Instruction boundaries, F at half the tolerance",
         f"{_EDGE} half of it", "boundaries", _TYPE.INSTRUCTION),
    Spec(Measure.BOUNDARY_DOUBLE, "Instruction boundaries, F at twice the tolerance",
         f"{_EDGE} twice of it", "boundaries", _TYPE.INSTRUCTION),
    Spec(Measure.SLOT, "Instruction slots, all equal",
         "of matched segments: verb, object, target, side and modifier", "texts",
         _TYPE.INSTRUCTION),
    Spec(Measure.TEXT, "Instruction text, equal",
         "of matched segments, after case and punctuation are dropped", "texts",
         _TYPE.INSTRUCTION),
    Spec(Measure.EDIT, "Order of segments", "what an edit of one sequence into the other leaves",
         "segments", _TYPE.INSTRUCTION),
    Spec(Measure.ONSET, "Starts of failures and recoveries, F",
         f"{_SAME} the class's tolerance", "starts", _TYPE.FAILURE),
    Spec(Measure.OUTCOME, "Outcome", "same outcome", "outcomes", _TYPE.OUTCOME),
)  # fmt: skip
SPEC_OF = {one.measure: one for one in SPECS}
# Class by class beside the pooled figure.
BY_CLASS = (Measure.EVENT, Measure.SEGMENT_50, Measure.SLOT, Measure.ONSET)
EXACT = "exact"


@dataclass(frozen=True, slots=True)
class Figure:
    """A rate with everything a reader wants to know of it; undefined is None and has a ``reason``.

    ``measure`` and ``label_class`` say what was counted, "" being all classes. ``n`` is the mean of
    what both sides marked. ``more`` episodes would make it pass at this rate; None: none would.
    """

    measure: str
    label_class: str
    name: str
    meaning: str
    unit: str
    label_type: str
    rate: float | None
    low: float | None
    high: float | None
    lower: float | None
    upper: float | None
    n: float
    episodes: int
    n_effective: float | None
    deff: float | None
    gate: str
    bar: float
    confidence: float
    more: int | None
    reason: str
    precision: float | None = None
    recall: float | None = None
    median_ns: float | None = None
    mad_ns: float | None = None
    p95_abs_ns: float | None = None

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        return cls(**stored)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def key(self) -> str:
        return f"{self.measure}:{self.label_class}"

    @property
    def trials(self) -> float:
        return self.n


@dataclass(frozen=True, slots=True)
class Bar:
    rate: float = BAR
    confidence: float = CONFIDENCE


def bars_of(project: Project, wanted: Wanted) -> dict[str, Bar]:
    """The bar of each kind of label by the project's policies, for the task and purpose wanted."""
    rows = list(AcceptancePolicy.objects.filter(project=project))
    evaluation = wanted.purpose == ProjectEpisode.Purpose.EVALUATION
    found = {}
    for kind in _TYPE.values:
        row = policy_for(rows, task_id=wanted.task, label_type=kind, evaluation=evaluation)
        found[kind] = Bar(row.bar_ppm / PPM, row.confidence_ppm / PPM) if row else Bar()
    return found


class Figures:
    """Sums turned into figures, under the names of a schema."""

    def __init__(
        self, sums: SumsBy, offsets: OffsetsBy, schema: LabelSchema, bars: Mapping[str, Bar]
    ) -> None:
        self.sums, self.offsets, self.schema, self.bars = sums, offsets, schema, bars

    def pooled(self, label_type: str = "") -> list[Figure]:
        """All classes together, of every kind of label or of one."""
        wanted = [one for one in SPECS if label_type in ("", one.label_type)]
        found = [self.figure(one) for one in wanted]
        if CONTACTS in wanted:
            found.insert(1, self.exact())
        return found

    def by_class(self, label_type: str = "") -> list[Figure]:
        return [
            self.figure(SPEC_OF[measure], name)
            for measure in BY_CLASS
            if label_type in ("", SPEC_OF[measure].label_type)
            for name in self.classes(measure)
        ]

    def figure(self, spec: Spec, label_class: str = POOLED) -> Figure:
        found = self.sums.get((spec.measure, label_class), Sums())
        return self._figure(
            spec,
            estimate_of(found.moments),
            label_class=label_class,
            precision=found.tally.precision,
            recall=found.tally.recall,
            **self._timing(spec.measure, label_class),
        )

    def exact(self) -> Figure:
        """Each episode is one trial of both sides: x of n with n doubled, as Moments counts."""
        found = self.sums.get((Measure.EVENT, POOLED), Sums())
        x, n = found.exact, found.compared
        measured = estimate_of(Moments(n, x, 2 * n, x, 2 * x, 4 * n, n - x))
        spec = Spec(
            Measure.EVENT,
            "Contacts, whole episode",
            "every contact has its partner, or nobody marked one",
            "episodes",
            _TYPE.CONTACT,
        )
        return self._figure(spec, measured, measure=EXACT)

    def _figure(self, spec: Spec, measured: Estimate, **more: Any) -> Figure:
        bar = self.bars.get(str(spec.label_type), Bar())
        label_class = more.get("label_class", POOLED)
        return Figure(
            **{
                "measure": spec.measure.value,
                "label_class": label_class,
                "name": self.class_name(label_class) if label_class else spec.name,
                "meaning": spec.meaning,
                "unit": spec.unit,
                "label_type": str(spec.label_type),
                "rate": measured.rate,
                "low": measured.low,
                "high": measured.high,
                "lower": measured.lower,
                "upper": measured.upper,
                "n": measured.trials,
                "episodes": measured.episodes,
                "n_effective": measured.n_effective,
                "deff": measured.deff,
                "gate": gate(measured, bar.rate, bar.confidence).value,
                "bar": bar.rate,
                "confidence": bar.confidence,
                "more": episodes_to_pass(measured, bar.rate, bar.confidence),
                "reason": EXPLAINED[measured.reason] if measured.reason else "",
                **more,
            }
        )

    def _timing(self, measure: Measure, label_class: str) -> dict[str, float | None]:
        bias = timing_bias(self.offsets.get(label_class, [])) if measure is Measure.EVENT else None
        if bias is None:
            return {}
        return {
            "median_ns": bias.median_ns,
            "mad_ns": bias.mad_ns,
            "p95_abs_ns": bias.p95_abs_ns,
        }

    def classes(self, measure: Measure) -> list[str]:
        """In the order of the schema; classes it no longer has come last, slots in theirs."""
        known = [*(item.id for item in self.schema.classes), *SLOTS]
        found = {name for kind, name in self.sums if kind is measure and name != POOLED}
        return [name for name in known if name in found] + sorted(found - set(known))

    def class_name(self, label_class: str) -> str:
        known = self.schema.class_by_id.get(label_class)
        return known.name if known else label_class.capitalize()


def below(figures: Iterable[Figure]) -> list[Figure]:
    """Those that fail, the furthest first."""
    found = [one for one in figures if one.gate == Gate.FAIL.value and one.rate is not None]
    return sorted(found, key=lambda one: (one.rate or 0) - one.bar)
