"""A project's agreement figures: between annotators, and of annotators against gold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

from annotation.labels.schema import LabelSchema
from annotation.models import LabelSchema as StoredSchema
from annotation.models import Project
from review.measures.bootstrap import Spread
from review.measures.bounds import Gate
from review.measures.categorical import Coefficient
from review.measures.counts import POOLED, PPM, Measure
from review.measures.figures import AgreementFigures, Bounded, agreement_figures
from review.measures.refused import EXPLAINED
from review.models import ScoredPair
from review.selectors.agreement_cells import (
    Part,
    Phase,
    Table,
    by_pair,
    by_task,
    confusion,
    phases,
)
from review.selectors.agreement_figures import BAR, Bar, Figure, Figures, bars_of
from review.selectors.agreement_wanted import Wanted
from review.selectors.scores import Compared, compared, offsets, sums
from review.selectors.stored_counts import Stored, stored_counts

__all__ = ["BAR", "Agreement", "Bar", "Terms", "agreement", "coefficients", "computed"]

# Outcomes from worst to best, where a schema has these and no others.
ORDINAL = ("outcome_failure", "outcome_partial", "outcome_success")


@dataclass(frozen=True)
class Agreement:
    """What the page shows of the comparisons wanted; what is costly waits until it is asked for."""

    project: Project
    wanted: Wanted
    compared: Compared
    of: Figures
    terms: "Terms"

    @property
    def pooled(self) -> list[Figure]:
        return self.of.pooled(self.wanted.label_type)

    @property
    def by_class(self) -> list[Figure]:
        return self.of.by_class(self.wanted.label_type)

    @cached_property
    def tables(self) -> list[Table]:
        """Only those of kinds of labels that were compared."""
        kinds = {"": tuple(_TABLES), "span": ("segment",)}.get(
            self.wanted.label_type, (self.wanted.label_type,)
        )
        found = [
            confusion(self.of, _TABLES[kind], gold=self.wanted.gold)
            for kind in kinds
            if kind in _TABLES
        ]
        return [one for one in found if one.cells]

    @cached_property
    def phases(self) -> list[Phase]:
        return phases(self.wanted)

    @cached_property
    def tasks(self) -> list[Part]:
        return by_task(self.wanted, self.of)

    @cached_property
    def pairs(self) -> list[Part]:
        return by_pair(self.wanted, self.of)

    @property
    def gold_corrected(self) -> int:
        """Comparisons with versions of gold that were corrected since, or found ambiguous."""
        if not self.wanted.gold:
            return 0
        return ScoredPair.objects.filter(
            project_episode__project=self.project, retired=ScoredPair.Retired.GOLD
        ).count()

    @property
    def says(self) -> str:
        """What the figures come to, and what to do next, in a sentence or two."""
        told = [one for one in self.pooled if one.measure in _HEADLINES and one.rate is not None]
        below = [one for one in told if one.gate == Gate.FAIL]
        if below:
            return f"Below the bar: {_all_of(below)}. {self._begin_with()}"
        waiting = [one for one in told if one.gate == Gate.NEEDS_MORE]
        if waiting:
            return f"Not decided yet: {_all_of(waiting)}. {what_would_decide(waiting)}"
        if not told:
            return "Nothing that decides is measured here yet: the parts below have no figure."
        return f"These meet their bar: {_all_of(told)}. Keep measuring: people drift."

    def _begin_with(self) -> str:
        """The class that agrees least of those that are surely below."""
        sure = [one for one in self.by_class if one.gate == Gate.FAIL and one.upper is not None]
        least = min(sure, key=lambda one: one.upper or 0.0, default=None)
        if least is None:
            return "Look at the episodes that differ, and say in the guideline what counts."
        return (
            f"Begin with {_named(least)}, n {least.n:g}: open the episodes that differ, and say in "
            "the guideline what counts."
        )

    @property
    def text_similarity(self) -> float | None:
        found = self.of.sums.get((Measure.TEXT, POOLED))
        return found.similarity_ppm / PPM / found.tally.n_a if found and found.tally.n_a else None


# The first measure of each kind of label; others say more about these.
_HEADLINES = (
    *(Measure.EVENT, Measure.SEGMENT_50, Measure.BOUNDARY, Measure.SLOT, Measure.ONSET),
    Measure.OUTCOME,
)
_NO_MORE = "The rate itself does not exceed the bar, more of the same will not do."


def what_would_decide(waiting: Sequence[Figure]) -> str:
    """What more episodes would do for figures that are neither good enough nor too low."""
    more = max(one.more or 0 for one in waiting)
    if not more:
        return _NO_MORE
    said = f"About {more} more {'episode' if more == 1 else 'episodes'} at this rate would decide"
    stuck = [one for one in waiting if not one.more]
    return f"{said}, but not {_all_of(stuck)}: it does not exceed its bar." if stuck else f"{said}."


def _all_of(figures: Sequence[Figure]) -> str:
    *first, last = map(_named, figures)
    return f"{'; '.join(first)}; and {last}" if first else last


def _named(one: Figure) -> str:
    return f"{one.name} ({one.rate:.3f})"


_TABLES = {
    "instant": Measure.EVENT,
    "segment": Measure.SEGMENT_50,
    "outcome": Measure.OUTCOME,
}


@dataclass(frozen=True)
class Terms:
    """Names of classes, and the bar of each kind of label."""

    schema: LabelSchema
    bars: Mapping[str, Bar]

    @classmethod
    def now(cls, project: Project, wanted: Wanted) -> Self:
        return cls(schema_of(project), bars_of(project, wanted))

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        kept = stored["schema"]
        schema = StoredSchema.objects.get(name=kept["name"], version=kept["version"])
        bars = {name: Bar(*bar) for name, bar in stored["bars"].items()}
        return cls(LabelSchema.from_json(schema.definition), bars)

    def to_json(self) -> dict[str, Any]:
        return {
            "schema": {"name": self.schema.name, "version": self.schema.version},
            "bars": {name: [bar.rate, bar.confidence] for name, bar in self.bars.items()},
        }


def agreement(project: Project, wanted: Wanted, terms: Terms | None = None) -> Agreement:
    """Figures of the comparisons wanted, on the project's present terms unless told otherwise."""
    terms = terms or Terms.now(project, wanted)
    figures = Figures(sums(wanted), offsets(wanted), terms.schema, terms.bars)
    return Agreement(project, wanted, compared(wanted), figures, terms)


def schema_of(project: Project) -> LabelSchema:
    return LabelSchema.from_json(project.schema.definition)


def computed(
    project: Project, wanted: Wanted, terms: Terms | None = None
) -> tuple[dict[str, Any], Stored]:
    """Every figure as JSON, coefficients and their resampled intervals too, for a run to keep.

    The same comparisons give the same figures: what is drawn at random is drawn from fixed seeds.
    """
    found = agreement(project, wanted, terms)
    stored = stored_counts(wanted)
    frozen: dict[str, Any] = {
        "figures": [one.to_json() for one in found.pooled],
        "classes": [one.to_json() for one in found.by_class],
        "coefficients": [],
        "timing": [],
        "confusion": [_table_json(one) for one in found.tables],
        "phases": [_phase_json(one) for one in found.phases],
        "tasks": [_part_json(one) for one in found.tasks],
        "pairs": [_part_json(one) for one in found.pairs],
        "peculiar": {
            "two_schemas": found.compared.two_schemas,
            "clock_moved": found.compared.clock_moved,
        },
        **found.terms.to_json(),
    }
    if stored.pairs:
        names = [one.id for one in found.of.schema.classes if one.kind == "outcome"]
        ordinal = ORDINAL if set(names) == set(ORDINAL) else None
        whole = agreement_figures(stored.counts, ordinal=ordinal)
        frozen["coefficients"] = coefficients(whole, wanted)
        frozen["timing"] = _timing(whole, found.of)
    return frozen, stored


def coefficients(whole: AgreementFigures, wanted: Wanted) -> list[dict[str, Any]]:
    """Diagnostics, never the gate: what agreement by chance leaves, and averages of shares."""
    found: list[tuple[str, str, str, Bounded]] = [
        ("instant", "Contacts above chance", "contacts", Bounded(whole.above_chance, None)),
        ("segment", "Alpha over time", "seconds", _in_seconds(whole.segments_alpha)),
        ("segment", "Time agreed", "seconds", _in_seconds(Bounded(whole.frame_accuracy, None))),
        ("segment", "Edit score", "comparisons", _mean(whole.edit_score, whole.comparisons)),
        (
            "segment",
            "Words of instructions alike",
            "comparisons",
            _mean(whole.text_similarity, whole.comparisons),
        ),
        ("segment", "Instruction texts, alpha", "pairs", Bounded(whole.text_alpha, None)),
    ]
    if not wanted.gold:
        # Of several annotators each; against gold the share of equal outcomes says it all.
        outcome = whole.outcome
        found += [
            ("outcome", "Outcome, alpha", "ratings", outcome.alpha),
            ("outcome", "Outcome, Gwet's AC1", "episodes", outcome.ac1),
            ("outcome", "Outcome, Fleiss' kappa", "episodes", Bounded(outcome.fleiss, None)),
        ]
        if outcome.ordinal is not None:
            found.append(("outcome", "Outcome, ordinal alpha", "ratings", outcome.ordinal))
    return [
        _coefficient(name, unit, one)
        for label_type, name, unit, one in found
        if wanted.label_type in ("", label_type)
    ]


def _in_seconds(one: Bounded) -> Bounded:
    own = one.coefficient
    whole = Coefficient(own.value, own.observed, own.chance, round(own.n / 1e9), own.reason)
    return Bounded(whole, one.spread)


def _mean(value: float | None, n: int) -> Bounded:
    return Bounded(Coefficient(value, value, None, n), None)


def _coefficient(name: str, unit: str, one: Bounded) -> dict[str, Any]:
    own = one.coefficient
    reason = EXPLAINED[own.reason] if own.reason else ""
    if own.value is None and not reason:
        reason = "There is nothing to compare yet."
    return {
        "name": name,
        "value": own.value,
        "low": one.spread.low if one.spread else None,
        "high": one.spread.high if one.spread else None,
        "observed": own.observed,
        "chance": own.chance,
        "n": own.n,
        "unit": unit,
        "reason": reason,
    }


def _timing(whole: AgreementFigures, figures: Figures) -> list[dict[str, Any]]:
    return [
        {
            "label_class": name,
            "name": figures.class_name(name) if name else "All contacts",
            "n": one.bias.n,
            "median_ns": one.bias.median_ns,
            "mad_ns": one.bias.mad_ns,
            "p95_abs_ns": one.bias.p95_abs_ns,
            **_bounds("median", one.spread.median_ns if one.spread else None),
            **_bounds("mad", one.spread.mad_ns if one.spread else None),
            **_bounds("p95_abs", one.spread.p95_abs_ns if one.spread else None),
        }
        for name, one in whole.timing.items()
    ]


def _bounds(name: str, spread: Spread | None) -> Mapping[str, float | None]:
    return {
        f"{name}_low_ns": spread.low if spread else None,
        f"{name}_high_ns": spread.high if spread else None,
    }


def _table_json(table: Table) -> dict[str, Any]:
    cells = [{"first": one.first, "second": one.second, "count": one.count} for one in table.cells]
    return {"measure": table.measure.value, "names": list(table.names), "cells": cells}


def _phase_json(one: Phase) -> dict[str, Any]:
    found = one.measured
    return {
        "kind": one.kind,
        "phase": one.name,
        "rate": found.rate,
        "low": found.low,
        "high": found.high,
        "n": found.trials,
        "episodes": found.episodes,
        "reason": EXPLAINED[found.reason] if found.reason else "",
    }


def _part_json(one: Part) -> dict[str, Any]:
    return {
        "name": one.name,
        "episodes": one.compared,
        "figures": [figure.to_json() for figure in one.figures],
    }
