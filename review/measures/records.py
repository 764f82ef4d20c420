"""What the measures look at: labels reduced to class, track and integer time.

Times are integer nanoseconds on the episode clock, intervals half-open ``[start_ns, end_ns)``.
A track is an effector; labels of different tracks never match.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from operator import index

from annotation.labels.records import Kind, Label
from annotation.labels.schema import LabelSchema


@dataclass(frozen=True, slots=True)
class Instant:
    """A contact instant. ``id`` names the label it came from and takes no part in matching."""

    type: str
    track: str
    at_ns: int
    id: str = ""

    def __post_init__(self) -> None:
        index(self.at_ns)


@dataclass(frozen=True, slots=True)
class Interval:
    """A segment or span. ``label`` is its class; its text is compared apart from it.

    ``exclusive`` marks instruction segments: these have boundaries and a text worth comparing.
    """

    label: str
    track: str
    start_ns: int
    end_ns: int
    text: str = ""
    exclusive: bool = False
    id: str = ""

    def __post_init__(self) -> None:
        if index(self.end_ns) <= index(self.start_ns):
            raise ValueError(f"the interval {self.id or self.label} ends at or before its start")


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything one person said about one episode, as far as it is compared."""

    instants: tuple[Instant, ...] = ()
    intervals: tuple[Interval, ...] = ()
    outcome: str | None = None
    outcome_id: str = ""


@dataclass(frozen=True, slots=True)
class Tolerances:
    """Inclusive tolerances in ns: of instants by type, and of instruction boundaries."""

    default_ns: int = 100_000_000
    boundary_ns: int = 333_000_000
    by_type: Mapping[str, int] = field(default_factory=dict)

    def of(self, type_: str) -> int:
        return self.by_type.get(type_, self.default_ns)


def answer_of(labels: Iterable[Label], schema: LabelSchema) -> Answer:
    """Reduce a valid label set to what is compared. A second outcome, if any, is ignored."""
    instants: list[Instant] = []
    intervals: list[Interval] = []
    outcome: Label | None = None
    for label in labels:
        if label.kind is Kind.OUTCOME:
            outcome = outcome or label
        elif label.start_ns is not None and label.end_ns is None:
            instants.append(Instant(label.label_class, label.effector, label.start_ns, label.id))
        elif label.start_ns is not None and label.end_ns is not None:
            known = schema.class_by_id.get(label.label_class)
            intervals.append(
                Interval(
                    label=label.label_class,
                    track=label.effector,
                    start_ns=label.start_ns,
                    end_ns=label.end_ns,
                    text=label.text,
                    exclusive=known is not None and known.exclusive,
                    id=label.id,
                )
            )
    return Answer(
        instants=tuple(sorted(instants, key=lambda item: (item.at_ns, item.type, item.id))),
        intervals=tuple(sorted(intervals, key=lambda item: (item.start_ns, item.end_ns, item.id))),
        outcome=outcome.label_class if outcome else None,
        outcome_id=outcome.id if outcome else "",
    )


def tolerances_of(schema: LabelSchema) -> Tolerances:
    """The tolerances a schema version was frozen with."""
    exclusive = [item.tolerance_ns for item in schema.classes if item.exclusive]
    return Tolerances(
        boundary_ns=max(exclusive, default=Tolerances().boundary_ns),
        by_type={item.id: item.tolerance_ns for item in schema.classes_of(Kind.INSTANT)},
    )
