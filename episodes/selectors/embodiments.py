"""The registry of embodiments, what suits a dataset, and what its values were found to be."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import (
    Count,
    F,
    Max,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Sum,
    prefetch_related_objects,
)

from episodes.access import Viewer
from episodes.embodiments import TEMPLATES, Control, DimensionSpec, Kind, Quantity, Use, match
from episodes.embodiments import Embodiment as Spec
from episodes.embodiments.matching import name_words
from episodes.findings import Finding, Severity, worst
from episodes.models import (
    ActionDimension,
    Dataset,
    DimensionStatistics,
    Embodiment,
    Episode,
    Signal,
)
from episodes.sync_errors import EmbodimentUnknown

# Fewer than half of the names alike is no suggestion, unless the robot's name fits.
LEAST_SCORE = 0.3
MOST_SUGGESTED = 3
LEFT_OUT = "samples_left_out"
# About what a worker gets through between two sweeps.
SWEEP_SIZE = 20


def embodiment_rows(user: Viewer) -> QuerySet[Embodiment]:
    """All of the registry, each with the datasets that ``user`` may see."""
    seen = Prefetch("datasets", Dataset.objects.visible_to(user).only("name", "embodiment"))
    return Embodiment.objects.prefetch_related(seen).annotate(
        states=Count("dimensions", filter=Q(dimensions__space="state")),
        actions=Count("dimensions", filter=Q(dimensions__space="action")),
    )


def embodiment_for(user: Viewer, embodiment_id: int) -> Embodiment:
    """With its dimensions. Raises EmbodimentUnknown."""
    found = embodiment_rows(user).prefetch_related("dimensions").filter(pk=embodiment_id).first()
    if found is None:
        raise EmbodimentUnknown(
            "There is no such embodiment.", remedy="Choose one from the registry."
        )
    return found


def template_for(template_id: str) -> Spec:
    """Raises EmbodimentUnknown."""
    found = next((one for one in TEMPLATES if one.id == template_id), None)
    if found is None:
        raise EmbodimentUnknown(
            f"There is no template “{template_id}”.", remedy="Choose one from the list."
        )
    return found


def specs_of(embodiment: Embodiment, space: str) -> tuple[DimensionSpec, ...]:
    """The dimensions of its state or its action, in column order."""
    rows = [row for row in embodiment.dimensions.all() if row.space == space]
    return tuple(_spec(row) for row in sorted(rows, key=lambda row: row.position))


def _spec(row: ActionDimension) -> DimensionSpec:
    return DimensionSpec(
        name=row.name,
        quantity=Quantity(row.quantity),
        unit=row.unit,
        frame=row.frame,
        lower=row.lower,
        upper=row.upper,
        positive=row.positive,
    )


def spaces_of(embodiment: Embodiment) -> list[tuple[str, list[ActionDimension]]]:
    """The name of each space that it has, with its dimensions in column order."""
    rows = sorted(embodiment.dimensions.all(), key=lambda row: row.position)
    found = [
        (space.label, [row for row in rows if row.space == space])
        for space in ActionDimension.Space
    ]
    return [(label, dimensions) for label, dimensions in found if dimensions]


def space_signal(
    signals: Sequence[Signal], space: str, specs: Sequence[DimensionSpec]
) -> Signal | None:
    """The signal that a space describes: of its kind and length, most names alike, first by name.

    None where there is none of that length.
    """
    fitting = [one for one in signals if one.kind == space and len(one.dimensions) == len(specs)]

    def alike(signal: Signal) -> int:
        names = zip(signal.dimensions, specs, strict=True)
        return sum(name_words(one["name"]) == name_words(spec.name) for one, spec in names)

    return min(fitting, key=lambda one: (-alike(one), one.name), default=None)


def spec_columns(
    signals: Sequence[Signal], embodiment: Embodiment | None
) -> dict[str, tuple[DimensionSpec, ...]]:
    """What the embodiment says of a signal's columns, by the signal's name."""
    if embodiment is None:
        return {}
    prefetch_related_objects([embodiment], "dimensions")
    found = {}
    for space in ActionDimension.Space.values:
        specs = specs_of(embodiment, space)
        signal = space_signal(signals, space, specs) if specs else None
        if signal is not None:
            found[signal.name] = specs
    return found


def described_dimensions(
    signals: Sequence[Signal], embodiment: Embodiment | None
) -> dict[str, list[dict[str, Any]]]:
    """Dimensions by signal name; what the import left empty is the embodiment's to say."""
    found = {signal.name: list(signal.dimensions) for signal in signals}
    for name, specs in spec_columns(signals, embodiment).items():
        found[name] = [
            {**one, "name": one["name"] or spec.name, "unit": one["unit"] or spec.unit}
            for one, spec in zip(found[name], specs, strict=True)
        ]
    return found


def lane_dimensions(
    signals: Sequence[Signal], embodiment: Embodiment | None
) -> dict[str, list[dict[str, Any]]]:
    """``described_dimensions`` with what each one measures, and what a growing value means.

    What was answered for the dataset itself comes before what its embodiment says.
    """
    found = described_dimensions(signals, embodiment)
    for name, specs in spec_columns(signals, embodiment).items():
        found[name] = [
            {"quantity": spec.quantity.value, "positive": spec.positive, **one}
            for one, spec in zip(found[name], specs, strict=True)
        ]
    return found


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An embodiment of the registry, or a template to make one from, with what speaks for it."""

    title: str
    reasons: tuple[str, ...]
    score: float
    embodiment: int | None = None
    template: str = ""


def suggestions(dataset: Dataset) -> list[Suggestion]:
    """What the dataset's first episode looks like; a person decides.

    One line for each candidate, its state and its action judged together.
    """
    first = dataset.episodes.order_by("index").first()
    signals = list(first.signals.order_by("name")) if first else []
    registered = [_registered(one) for one in Embodiment.objects.prefetch_related("dimensions")]
    specs = [spec for pair in registered for spec in pair]
    found: dict[str, Suggestion] = {}
    for use in Use:
        signal = next((one for one in signals if one.kind == use.value), None)
        if signal is None:
            continue
        names = [one["name"] for one in signal.dimensions]
        for one in match(names, len(names), dataset.robot_type, use, [*specs, *TEMPLATES]):
            if one.score < LEAST_SCORE:
                continue
            reasons = tuple(f"{use.value}: {reason}" for reason in one.reasons)
            known = found.get(one.embodiment.id)
            found[one.embodiment.id] = _suggestion(one.embodiment, one.score, reasons, known)
    ranked = sorted(found.values(), key=lambda one: (-one.score, one.embodiment is None))
    used = {name for name in Embodiment.objects.values_list("template", flat=True) if name}
    return [one for one in ranked if one.template not in used][:MOST_SUGGESTED]


def _registered(row: Embodiment) -> list[Spec]:
    """An embodiment as candidates, one for each space that it describes."""
    known = next((one.robot_types for one in TEMPLATES if one.id == row.template), ())
    return [
        Spec(
            id=str(row.pk),
            title=row.name,
            kind=Kind(row.kind),
            control=Control.ABSOLUTE,
            uses=(Use(space),),
            dimensions=specs_of(row, space),
            robot_types=known,
        )
        for space in ActionDimension.Space.values
        if specs_of(row, space)
    ]


def _suggestion(
    spec: Spec, score: float, reasons: tuple[str, ...], known: Suggestion | None
) -> Suggestion:
    registered = spec.id.isdecimal()
    return Suggestion(
        title=spec.title,
        reasons=(*known.reasons, *reasons) if known else reasons,
        score=score + known.score if known else score,
        embodiment=int(spec.id) if registered else None,
        template="" if registered else spec.id,
    )


@dataclass(frozen=True, slots=True)
class SignalValues:
    """The values of one signal over a dataset: rows in column order, what was found, worst first.

    ``specs`` stand beside ``rows``; ``missing`` says why there are none.
    """

    space: str
    signal: str
    rows: tuple[tuple[DimensionSpec, DimensionStatistics], ...]
    findings: tuple[Finding, ...]
    missing: str = ""

    @property
    def verdict(self) -> Severity:
        return worst(finding.severity for finding in self.findings)


def dataset_values(dataset: Dataset) -> list[SignalValues]:
    """What was measured against the dataset's embodiment, a record a space; none without one."""
    if dataset.embodiment is None:
        return []
    prefetch_related_objects([dataset.embodiment], "dimensions")
    first = dataset.episodes.order_by("index").first()
    signals = list(first.signals.all()) if first else []
    stored: dict[str, list[DimensionStatistics]] = {}
    for row in DimensionStatistics.objects.filter(dataset=dataset):
        stored.setdefault(row.signal, []).append(row)
    found = []
    for space in ActionDimension.Space.values:
        specs = specs_of(dataset.embodiment, space)
        if specs:
            found.append(_values(space, specs, signals, stored))
    return found


def _values(
    space: str,
    specs: tuple[DimensionSpec, ...],
    signals: Sequence[Signal],
    stored: dict[str, list[DimensionStatistics]],
) -> SignalValues:
    signal = space_signal(signals, space, specs)
    if signal is None:
        lengths = [str(len(one.dimensions)) for one in signals if one.kind == space]
        has = f"has {' and '.join(lengths)}" if lengths else f"has no {space}"
        finding = Finding(
            "dimensions_differ",
            Severity.RED,
            f"The embodiment's {space} has {len(specs)} dimensions, the recording {has}.",
            "Assign another embodiment, or correct this one.",
        )
        return SignalValues(space, "", (), (finding,), finding.message)
    rows = stored.get(signal.name, [])
    if len(rows) != len(specs):
        return SignalValues(space, signal.name, (), (), "Not measured yet.")
    findings = [Finding.from_json(one) for row in rows for one in row.findings]
    findings += _turned(signal, specs)
    order = list(Severity)
    findings.sort(key=lambda one: -order.index(one.severity))
    return SignalValues(space, signal.name, tuple(zip(specs, rows, strict=True)), tuple(findings))


def _turned(signal: Signal, specs: Sequence[DimensionSpec]) -> list[Finding]:
    """Grippers that were answered to go the other way than the embodiment says."""
    pairs = zip(signal.dimensions, specs, strict=True)
    turned = [
        spec
        for one, spec in pairs
        if one.get("positive") and spec.positive and one["positive"] != spec.positive
    ]
    return [
        Finding(
            "direction_differs",
            Severity.AMBER,
            f"A growing {spec.name} {spec.positive} by the embodiment; for this dataset the"
            " opposite was answered, and that is used.",
            "Correct the embodiment, or import once more with the other answer.",
            {"dimensions": [spec.name]},
        )
        for spec in turned
    ]


def answered_specs(
    signals: Sequence[Signal], space: str, specs: Sequence[DimensionSpec]
) -> tuple[DimensionSpec, ...]:
    """The dimensions with the directions that were answered for the recording they describe."""
    signal = space_signal(signals, space, specs)
    if signal is None:
        return tuple(specs)
    return tuple(
        replace(spec, positive=one.get("positive") or spec.positive)
        if spec.quantity is Quantity.GRIPPER_APERTURE
        else spec
        for one, spec in zip(signal.dimensions, specs, strict=True)
    )


def datasets_to_measure() -> list[int]:
    """Datasets with an embodiment whose statistics do not count what is stored now."""
    measured = (
        DimensionStatistics.objects.filter(
            dataset=OuterRef("episode__dataset"), signal=OuterRef("name")
        )
        .order_by()
        .values("signal")
        .annotate(rows=Max("count"))
        .values("rows")
    )
    stale = (
        Signal.objects.filter(
            episode__state=Episode.State.READY,
            episode__dataset__embodiment__isnull=False,
            kind__in=ActionDimension.Space.values,
        )
        .order_by()
        .values("episode__dataset", "name", "kind")
        .annotate(rows=Sum("samples"), measured=Subquery(measured))
        .filter(Q(measured__isnull=False) & ~Q(measured=F("rows")))
    )
    never = (
        Dataset.objects.filter(embodiment__isnull=False, episodes__state=Episode.State.READY)
        .exclude(pk__in=DimensionStatistics.objects.values("dataset"))
        .values_list("pk", flat=True)
        .distinct()
    )
    changed = [
        row["episode__dataset"]
        for row in stale[:SWEEP_SIZE]
        if row["measured"] + _left_out(row["episode__dataset"], row["name"]) != row["rows"]
    ]
    return list(dict.fromkeys([*never[:SWEEP_SIZE], *changed]))


def _left_out(dataset_id: int, signal: str) -> int:
    """Rows that were tried and could not be read: no reason to measure again."""
    row = DimensionStatistics.objects.get(dataset=dataset_id, signal=signal, position=0)
    return sum(one["facts"]["rows"] for one in row.findings if one["code"] == LEFT_OUT)
