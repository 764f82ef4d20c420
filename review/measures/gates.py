"""What a release must reach before somebody signs it, and where it stands.

A gate is met, not met, or undecided for want of data; undecided is not met. Accuracy is judged by
its one-sided 95 % lower bound, agreement between annotators by its point, its bound shown beside
it: two people who are each right in a share a agree in about a^2 (docs/measures.md).
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Self

from review.measures.bounds import Estimate, Gate, episodes_to_pass, gate
from review.measures.checks.result import Rated


class GateName(StrEnum):
    ACCURACY = "accuracy"
    PAIRWISE = "pairwise"
    BATCHES = "batches"
    SYNC = "sync"
    ALIGNMENT = "alignment"
    PROXY = "proxy"
    SEGMENTATION = "segmentation"
    SIMILARITY = "similarity"
    COVERAGE = "coverage"
    EDGE_CASES = "edge_cases"
    LICENCE = "licence"
    CONSENT = "consent"


TITLES: Mapping[GateName, str] = {
    GateName.ACCURACY: "Accuracy of the labels against gold",
    GateName.PAIRWISE: "Agreement between annotators",
    GateName.BATCHES: "All batches accepted",
    GateName.SYNC: "No recording out of step",
    GateName.ALIGNMENT: "Language–action alignment, judged by people",
    GateName.PROXY: "Language–action alignment, by rules",
    GateName.SEGMENTATION: "Episode segmentation, nothing broken",
    GateName.SIMILARITY: "Episode segmentation, alike within a task",
    GateName.COVERAGE: "Action-space coverage",
    GateName.EDGE_CASES: "Edge cases",
    GateName.LICENCE: "Licence stated",
    GateName.CONSENT: "Consent stated",
}
# Without a bar, or with nothing required, these say nothing; the others have a bar by themselves.
OPTIONAL = frozenset((GateName.PROXY, GateName.SIMILARITY, GateName.COVERAGE))
CHECKED: Mapping[GateName, Rated] = {
    GateName.ALIGNMENT: Rated.ALIGNMENT_HUMAN,
    GateName.PROXY: Rated.ALIGNMENT_PROXY,
    GateName.SEGMENTATION: Rated.SEGMENTATION_INVARIANTS,
    GateName.SIMILARITY: Rated.SEGMENTATION_SIMILARITY,
    GateName.COVERAGE: Rated.COVERAGE,
    GateName.EDGE_CASES: Rated.EDGE_CASES,
}


class GateState(StrEnum):
    MET = "met"
    UNMET = "unmet"
    NEEDS_MORE = "needs_more_samples"
    UNMEASURED = "unmeasured"
    OFF = "not_required"


@dataclass(frozen=True)
class GatePlan:
    """Which gates hold. ``accuracy_bar`` is for the lower bound, ``pairwise_bar`` for the point."""

    required: frozenset[GateName] = field(default_factory=lambda: frozenset(GateName) - OPTIONAL)
    accuracy_bar: float = 0.95
    pairwise_bar: float = 0.95

    def to_json(self) -> dict[str, Any]:
        return {
            "required": sorted(self.required),
            "accuracy_bar": self.accuracy_bar,
            "pairwise_bar": self.pairwise_bar,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        given = dict(value)
        if "required" in given:
            given["required"] = frozenset(GateName(one) for one in given["required"])
        return cls(**given)


@dataclass(frozen=True, slots=True)
class GateResult:
    """``says`` is one sentence: what was found and what to do next. ``more``: so many ``unit`` more
    would decide at this rate."""

    name: GateName
    title: str
    state: GateState
    says: str
    more: int | None = None
    unit: str = ""

    @property
    def blocks(self) -> bool:
        return self.state not in (GateState.MET, GateState.OFF)

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "name": self.name.value, "state": self.state.value}


@dataclass(frozen=True, slots=True)
class Checked:
    """A figure of a run of checks, as it was kept (checks.dataset.figure_json)."""

    value: float | None
    lower: float | None
    threshold: float | None
    status: str
    unit: str
    more: int | None
    offending: int

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        return cls(**{name: value[name] for name in cls.__dataclass_fields__})


@dataclass(frozen=True, slots=True)
class Standing:
    """What the gates look at. ``red`` recordings out of step that nobody released, ``silent``
    datasets without a licence, ``unsure`` datasets whose consent is unknown or withdrawn."""

    accuracy: Estimate
    pairwise: Estimate
    checks: Mapping[str, Checked]
    batches: int
    open_batches: Sequence[str]
    red: int
    unmeasured_sync: int
    episodes: int
    silent: Sequence[str]
    unsure: Sequence[str]
    required_tags: int


def gates(plan: GatePlan, standing: Standing) -> list[GateResult]:
    """Every gate in a fixed order; one that is not required is off, whatever was found."""
    found = [
        _accuracy(plan, standing),
        _pairwise(plan, standing),
        _batches(standing),
        _sync(standing),
        *(_check(name, standing) for name in CHECKED),
        _listed(GateName.LICENCE, standing.silent, "No licence is stated for"),
        _listed(GateName.CONSENT, standing.unsure, "Consent is unknown or withdrawn for"),
    ]
    return [
        one
        if one.name in plan.required
        else GateResult(one.name, one.title, GateState.OFF, f"Not required. {one.says}")
        for one in found
    ]


def _result(
    name: GateName, state: GateState, says: str, more: int | None = None, unit: str = ""
) -> GateResult:
    return GateResult(name, TITLES[name], state, says, more, unit)


def _accuracy(plan: GatePlan, standing: Standing) -> GateResult:
    name, found, bar = GateName.ACCURACY, standing.accuracy, plan.accuracy_bar
    if found.rate is None or found.lower is None:
        return _result(
            name,
            GateState.UNMEASURED,
            "No accepted labels are compared with gold in two or more episodes."
            " Make gold of some of its episodes.",
        )
    reached = f"Lower bound {_rate(found.lower)} of {_rate(found.rate)}, the bar is {_rate(bar)}"
    state = gate(found, bar)
    if state is Gate.PASS:
        return _result(name, GateState.MET, f"{reached}.")
    if state is Gate.FAIL:
        return _result(
            name, GateState.UNMET, f"{reached}: the labels are not that good. Review them anew."
        )
    more = episodes_to_pass(found, bar)
    if more is None:
        says = f"{reached}. The rate itself does not exceed the bar: more gold alone will not do."
        return _result(name, GateState.NEEDS_MORE, says)
    says = f"{reached}. About {_many(more, 'more gold episode')} at this rate would decide."
    return _result(name, GateState.NEEDS_MORE, says, more, "episodes")


def _pairwise(plan: GatePlan, standing: Standing) -> GateResult:
    name, found, bar = GateName.PAIRWISE, standing.pairwise, plan.pairwise_bar
    if found.rate is None:
        return _result(
            name,
            GateState.UNMEASURED,
            "No episode of it was labelled by two people. Raise the project's overlap.",
        )
    bound = "no bound" if found.lower is None else f"lower bound {_rate(found.lower)}"
    reached = f"{_rate(found.rate)} ({bound}), the bar is {_rate(bar)}"
    if found.rate >= bar:
        return _result(name, GateState.MET, f"{reached}.")
    return _result(
        name, GateState.UNMET, f"{reached}. The page of agreement shows where people disagree."
    )


def _batches(standing: Standing) -> GateResult:
    name, waiting = GateName.BATCHES, standing.open_batches
    if waiting:
        return _result(name, GateState.UNMET, f"Not accepted: {', '.join(waiting)}.")
    return _result(name, GateState.MET, f"{_many(standing.batches, 'batch', 'batches')} accepted.")


def _sync(standing: Standing) -> GateResult:
    name = GateName.SYNC
    if standing.red:
        return _result(
            name,
            GateState.UNMET,
            f"{_many(standing.red, 'episode')} of {standing.episodes} out of step."
            " Correct their clocks, or release them with a reason.",
        )
    if standing.unmeasured_sync == standing.episodes:
        return _result(name, GateState.UNMEASURED, "The clocks of no episode were measured.")
    rest = (
        f" The clocks of {standing.unmeasured_sync} could not be told."
        if standing.unmeasured_sync
        else ""
    )
    return _result(name, GateState.MET, f"No episode of {standing.episodes} is out of step.{rest}")


def _check(name: GateName, standing: Standing) -> GateResult:
    found = standing.checks.get(CHECKED[name])
    if name is GateName.EDGE_CASES and not standing.required_tags:
        return _result(name, GateState.MET, "No rare event is required by the project's plan.")
    if found is None or (found.value is None and found.more is None):
        return _result(name, GateState.UNMEASURED, "Not measured: nothing of it is recorded.")
    if found.threshold is None:
        value = "nothing" if found.value is None else _rate(found.value)
        return _result(name, GateState.UNMEASURED, f"It has no bar; found is {value}.")
    if found.value is None:
        says = (
            f"Nothing is judged yet; {_many(found.more or 0, found.unit[:-1])} all right would do."
        )
        return _result(name, GateState.UNMEASURED, says, found.more, found.unit)
    bound = "" if found.lower is None else f", lower bound {_rate(found.lower)}"
    reached = f"{_rate(found.value)}{bound}, the bar is {_rate(found.threshold)}"
    if found.status == Gate.PASS:
        return _result(name, GateState.MET, f"{reached}.")
    if found.status == Gate.FAIL:
        listed = f" {found.offending} to look at." if found.offending else ""
        return _result(name, GateState.UNMET, f"{reached}.{listed}")
    if found.more is None:
        return _result(
            name, GateState.NEEDS_MORE, f"{reached}. The rate itself does not exceed the bar."
        )
    more = _many(found.more, f"more {found.unit[:-1]}")
    says = f"{reached}. About {more} at this rate would decide."
    return _result(name, GateState.NEEDS_MORE, says, found.more, found.unit)


def _listed(name: GateName, missing: Sequence[str], what: str) -> GateResult:
    if missing:
        says = f"{what} {', '.join(missing)}. Say it on the dataset's page."
        return _result(name, GateState.UNMET, says)
    return _result(name, GateState.MET, "Stated for every dataset.")


def _rate(value: float) -> str:
    """A bound just under the bar must not be written as the bar."""
    shown = f"{value:.3f}"
    return f"{value:.5f}" if float(shown) != value and float(shown) in (0.95, 1.0) else shown


def _many(n: int, one: str, more: str = "") -> str:
    return f"{n} {one}" if n == 1 else f"{n} {more or one + 's'}"
