"""A project's agreement figures: between annotators, and of annotators against gold."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.models import User

from annotation.labels.schema import LabelSchema
from annotation.models import Project
from review.measures.bounds import Estimate, Gate, Moments, episodes_to_pass, estimate_of, gate
from review.measures.counts import POOLED, PPM, Measure
from review.measures.events import TimingBias, timing_bias
from review.selectors.scores import (
    OffsetsBy,
    Sums,
    SumsBy,
    offsets_by_annotator,
    project_offsets,
    project_sums,
    sums_by_annotator,
)

BAR = 0.95


@dataclass(frozen=True, slots=True)
class Figure:
    """A rate with its bounds. ``meaning`` explains it, ``unit`` is what ``trials`` counts."""

    name: str
    meaning: str
    unit: str
    measured: Estimate
    bias: TimingBias | None = None
    precision: float | None = None
    recall: float | None = None

    @property
    def gate(self) -> Gate:
        return gate(self.measured, BAR)

    @property
    def episodes_to_pass(self) -> int | None:
        return episodes_to_pass(self.measured, BAR)


@dataclass(frozen=True, slots=True)
class Confusion:
    """``count`` pairs that one side calls ``first`` and the other ``second``."""

    first: str
    second: str
    count: int


@dataclass(frozen=True, slots=True)
class Agreement:
    """All figures of one kind of comparison; ``compared`` episodes, 0 when there is none yet."""

    compared: int
    events: Figure
    events_by_class: tuple[Figure, ...]
    episode_exact: Figure
    segments: tuple[Figure, ...]
    segments_by_class: tuple[Figure, ...]
    boundaries: Figure
    text_equal: Figure
    text_similarity: float | None
    outcome: Figure
    confusions: tuple[Confusion, ...]
    outcome_confusions: tuple[Confusion, ...]

    @property
    def headline(self) -> tuple[Figure, ...]:
        return (
            self.events,
            self.episode_exact,
            *self.segments,
            self.boundaries,
            self.text_equal,
            self.outcome,
        )


def agreement(project: Project, *, against_gold: bool) -> Agreement:
    """Figures of the project's current comparisons, under its present schema's names."""
    sums = project_sums(project.pk, against_gold=against_gold)
    offsets = project_offsets(project.pk, against_gold=against_gold)
    return _Figures(sums, offsets, _schema_of(project)).all()


def agreement_by_annotator(project: Project) -> list[tuple[User, Agreement]]:
    """The figures against gold of each annotator who has any, by name. Three queries."""
    sums, offsets = sums_by_annotator(project.pk), offsets_by_annotator(project.pk)
    schema = _schema_of(project)
    ids = [pk for pk in sums if pk is not None]
    people = User.objects.filter(pk__in=ids).order_by("first_name", "username")
    return [(one, _Figures(sums[one.pk], offsets.get(one.pk, {}), schema).all()) for one in people]


def _schema_of(project: Project) -> LabelSchema:
    return LabelSchema.from_json(project.schema.definition)


class _Figures:
    def __init__(
        self,
        sums: SumsBy,
        offsets: OffsetsBy,
        schema: LabelSchema,
    ) -> None:
        self.sums, self.offsets, self.schema = sums, offsets, schema

    def all(self) -> Agreement:
        text = self.pooled(Measure.TEXT)
        return Agreement(
            compared=self.pooled(Measure.EVENT).compared,
            events=self.events("Contacts, F", POOLED),
            events_by_class=tuple(
                self.events(self.class_name(label_class), label_class)
                for label_class in self.classes(Measure.EVENT)
            ),
            episode_exact=self.exact_rate(),
            segments=tuple(self.segments()),
            segments_by_class=tuple(
                self.figure(
                    self.class_name(label_class),
                    "intersection over union of at least 0.5",
                    "segments",
                    Measure.SEGMENT_50,
                    label_class,
                )
                for label_class in self.classes(Measure.SEGMENT_50)
            ),
            boundaries=self.figure(
                "Instruction boundaries, F",
                "interior boundaries within the tolerance of the instruction class",
                "boundaries",
                Measure.BOUNDARY,
            ),
            text_equal=self.figure(
                "Instruction text, equal",
                "of matched segments, after case and punctuation are dropped",
                "texts",
                Measure.TEXT,
            ),
            text_similarity=text.similarity_ppm / PPM / text.tally.n_a if text.tally.n_a else None,
            outcome=self.figure("Outcome", "same outcome", "episodes", Measure.OUTCOME),
            confusions=self.confusions(Measure.EVENT_CONFUSION, Measure.SEGMENT_CONFUSION),
            outcome_confusions=self.confusions(Measure.OUTCOME),
        )

    def pooled(self, measure: Measure) -> Sums:
        return self.sums.get((measure, POOLED), Sums())

    def classes(self, measure: Measure) -> list[str]:
        """In the order of the schema; classes it no longer has come last."""
        known = [item.id for item in self.schema.classes]
        found = {name for kind, name in self.sums if kind is measure and name != POOLED}
        return [name for name in known if name in found] + sorted(found - set(known))

    def class_name(self, label_class: str) -> str:
        known = self.schema.class_by_id.get(label_class)
        return known.name if known else label_class

    def figure(
        self, name: str, meaning: str, unit: str, measure: Measure, label_class: str = POOLED
    ) -> Figure:
        found = self.sums.get((measure, label_class), Sums())
        return Figure(
            name,
            meaning,
            unit,
            estimate_of(found.moments),
            precision=found.tally.precision,
            recall=found.tally.recall,
        )

    def events(self, name: str, label_class: str) -> Figure:
        found = self.sums.get((Measure.EVENT, label_class), Sums())
        return Figure(
            name,
            "same class and effector, one to one, within the class's tolerance",
            "contacts",
            estimate_of(found.moments),
            bias=timing_bias(self.offsets.get(label_class, [])),
            precision=found.tally.precision,
            recall=found.tally.recall,
        )

    def exact_rate(self) -> Figure:
        found = self.pooled(Measure.EVENT)
        # Each episode is one trial of both sides: x of n with n doubled, as Moments counts items.
        exact, compared = found.exact, found.compared
        imperfect = compared - exact
        moments = Moments(compared, exact, 2 * compared, exact, 2 * exact, 4 * compared, imperfect)
        meaning = "every contact has its partner, or nobody marked one"
        return Figure("Contacts, whole episode", meaning, "episodes", estimate_of(moments))

    def segments(self) -> Iterable[Figure]:
        for measure, theta in (
            (Measure.SEGMENT_50, "0.5"),
            (Measure.SEGMENT_25, "0.25"),
            (Measure.SEGMENT_75, "0.75"),
        ):
            meaning = f"same class, intersection over union of at least {theta}"
            yield self.figure(f"Segments, F1@{theta}", meaning, "segments", measure)

    def confusions(self, *measures: Measure) -> tuple[Confusion, ...]:
        found = []
        for measure in measures:
            for label_class in self.classes(measure):
                first, second = (self.class_name(name) for name in label_class.split(">"))
                count = self.sums[(measure, label_class)].tally.n_a
                if first != second:
                    found.append(Confusion(first, second, count))
        return tuple(sorted(found, key=lambda one: (-one.count, one.first, one.second)))
