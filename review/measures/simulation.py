"""Simulated annotators of known accuracy, bias and confusion.

Figures computed from their answers can be checked against the truth: tests, ``make simulate`` and
the demo do. Errors of one episode go together: each answer draws an episode's own error rate from a
beta distribution of mean ``1 - accuracy`` and intra-class correlation ``icc``, so that labels of
one episode correlate by icc. Everything is drawn from a NumPy generator the caller seeds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from review.measures.records import Answer, Instant, Interval
from review.measures.refused import InputRefused, share

SECOND = 1_000_000_000
MS = 1_000_000
EVENT_TYPES = ("first_contact", "grasp_closed", "lift_off", "placed", "release")
STEPS = (
    "reach for the red block",
    "grasp the red block",
    "lift the red block",
    "move the red block to the tray",
    "place the red block in the tray",
    "release the red block",
    "open the top drawer",
    "close the top drawer",
)
OTHER_WORDS = {"red": "blue", "top": "bottom", "tray": "box", "grasp": "push", "open": "close"}
OUTCOMES = ("outcome_failure", "outcome_partial", "outcome_success")


@dataclass(frozen=True, slots=True)
class EpisodePlan:
    """How simulated episodes look: ``events`` instants and ``segments`` back to back.

    Events keep ``apart_ns`` from each other, segments are at least a quarter of the mean long.
    """

    duration_ns: int = 20 * SECOND
    events: int = 10
    segments: int = 8
    apart_ns: int = 500 * MS
    types: tuple[str, ...] = EVENT_TYPES
    track: str = "right"
    success: float = 0.9

    def __post_init__(self) -> None:
        if self.events * self.apart_ns >= self.duration_ns or self.segments < 1:
            raise InputRefused("out_of_range", "The events do not fit into the episode.")


def true_answer(plan: EpisodePlan, rng: np.random.Generator, name: str = "") -> Answer:
    """What really happened in one episode; label ids begin with ``name``."""
    room = plan.duration_ns - plan.events * plan.apart_ns
    at = np.sort(rng.integers(0, room, plan.events)) + np.arange(plan.events) * plan.apart_ns
    instants = tuple(
        Instant(plan.types[i % len(plan.types)], plan.track, t, f"{name}i{i}")
        for i, t in enumerate(at.tolist())
    )
    lengths = rng.dirichlet(np.full(plan.segments, 8.0)) * 0.75 + 0.25 / plan.segments
    edges = np.rint(np.cumsum(lengths) * plan.duration_ns).astype(np.int64).tolist()
    edges = [0, *edges[:-1], plan.duration_ns]
    intervals = tuple(
        Interval("instruction", plan.track, edges[i], edges[i + 1], STEPS[i % len(STEPS)], True,
                 f"{name}s{i}")
        for i in range(plan.segments)
    )  # fmt: skip
    outcome = "outcome_success" if rng.random() < plan.success else "outcome_failure"
    return Answer(instants, intervals, outcome, f"{name}o")


@dataclass(frozen=True)
class Annotator:
    """``accuracy`` is the chance that a label is right, the same for every kind of label.

    A wrong instant is left out (share ``missed``), of another type (``confused``), or out of
    tolerance; ``extra`` is the chance of an instant too many, an event. Right ones scatter by
    ``jitter_ns`` around ``bias_ns``, boundaries by ``boundary_jitter_ns``. ``confusion`` maps a
    type to what it is taken for; others are confused at random.
    """

    name: str
    accuracy: float = 0.97
    icc: float = 0.0
    bias_ns: Mapping[str, int] = field(default_factory=dict)
    jitter_ns: int = 20 * MS
    boundary_jitter_ns: int = 80 * MS
    missed: float = 0.4
    confused: float = 0.3
    extra: float = 0.0
    far_ns: int = 400 * MS
    confusion: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("accuracy", "icc", "missed", "confused", "extra"):
            share(getattr(self, name), name)
        if self.missed + self.confused > 1 or self.icc >= 1:
            raise InputRefused("out_of_range", "Shares of errors add to 1 at most, icc is below 1.")


def error_rates(accuracy: float, icc: float, episodes: int, rng: np.random.Generator) -> np.ndarray:
    """(episodes,) chances that a label of an episode is wrong; beta with the wanted correlation."""
    wrong = 1 - accuracy
    if icc == 0 or wrong in (0, 1):
        return np.full(episodes, wrong)
    strength = 1 / icc - 1
    return rng.beta(wrong * strength, accuracy * strength, episodes)


def correct_labels(
    accuracy: float, icc: float, labels: Sequence[int] | np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """(episodes,) right labels of ``labels`` each: beta-binomial, the quickest simulation."""
    counts = np.asarray(labels)
    return rng.binomial(counts, 1 - error_rates(accuracy, icc, len(counts), rng))


def annotate(truth: Answer, who: Annotator, plan: EpisodePlan, rng: np.random.Generator) -> Answer:
    """One annotator's answer; label ids are the truth's with the name before them."""
    wrong = float(error_rates(who.accuracy, who.icc, 1, rng)[0])
    instants = _instants(truth, who, plan, wrong, rng)
    return Answer(
        tuple(sorted(instants, key=lambda mark: (mark.at_ns, mark.type, mark.id))),
        _intervals(truth, who, plan, wrong, rng),
        _outcome(truth.outcome, wrong, rng),
        f"{who.name}:{truth.outcome_id}",
    )


def _instants(
    truth: Answer, who: Annotator, plan: EpisodePlan, wrong: float, rng: np.random.Generator
) -> list[Instant]:
    n = len(truth.instants)
    draws, kinds = rng.random(n).tolist(), rng.random(n).tolist()
    scatter = np.rint(rng.normal(0, who.jitter_ns, n)).astype(np.int64).tolist()
    found = []
    for mark, draw, kind, moved in zip(truth.instants, draws, kinds, scatter, strict=True):
        at, type_ = mark.at_ns + who.bias_ns.get(mark.type, 0) + moved, mark.type
        if draw < wrong:
            if kind < who.missed:
                continue
            if kind < who.missed + who.confused:
                type_ = _taken_for(type_, who, plan, rng)
            else:
                at += who.far_ns if kind < (1 + who.missed + who.confused) / 2 else -who.far_ns
        at = min(max(at, 0), plan.duration_ns - 1)
        found.append(Instant(type_, mark.track, at, f"{who.name}:{mark.id}"))
    for k in range(int(rng.binomial(n, who.extra))):
        at = int(rng.integers(0, plan.duration_ns))
        type_ = plan.types[int(rng.integers(len(plan.types)))]
        found.append(Instant(type_, plan.track, at, f"{who.name}:x{k}"))
    return found


def _taken_for(type_: str, who: Annotator, plan: EpisodePlan, rng: np.random.Generator) -> str:
    if type_ in who.confusion:
        return who.confusion[type_]
    others = [other for other in plan.types if other != type_]
    return others[int(rng.integers(len(others)))]


def _intervals(
    truth: Answer, who: Annotator, plan: EpisodePlan, wrong: float, rng: np.random.Generator
) -> tuple[Interval, ...]:
    """Boundaries scatter; a wrong segment says something else, a wrong span is left out."""
    segments = [one for one in truth.intervals if one.exclusive]
    moved = np.rint(rng.normal(0, who.boundary_jitter_ns, len(segments))).astype(np.int64).tolist()
    edges = [0]
    for left, (segment, by) in enumerate(zip(segments[:-1], moved, strict=False), start=1):
        # Each segment after this edge keeps at least a nanosecond.
        last = plan.duration_ns - (len(segments) - left)
        edges.append(min(max(segment.end_ns + by, edges[-1] + 1), last))
    edges.append(plan.duration_ns)
    draws = rng.random(len(segments)).tolist()
    return tuple(
        Interval(
            segment.label,
            segment.track,
            edges[i],
            edges[i + 1],
            _reworded(segment.text) if draws[i] < wrong else segment.text,
            segment.exclusive,
            f"{who.name}:{segment.id}",
        )
        for i, segment in enumerate(segments)
    ) + tuple(_spans(truth, who, plan, wrong, rng))


def _spans(
    truth: Answer, who: Annotator, plan: EpisodePlan, wrong: float, rng: np.random.Generator
) -> list[Interval]:
    """Failures and recoveries: they overlap and leave gaps, so each has two edges of its own."""
    found = []
    for span in truth.intervals:
        if span.exclusive or rng.random() < wrong:
            continue
        by = np.rint(rng.normal(0, who.boundary_jitter_ns, 2)).astype(np.int64).tolist()
        start = min(max(span.start_ns + by[0], 0), plan.duration_ns - 1)
        end = min(max(span.end_ns + by[1], start + 1), plan.duration_ns)
        found.append(
            Interval(span.label, span.track, start, end, span.text, False, f"{who.name}:{span.id}")
        )
    return found


def _reworded(text: str) -> str:
    """The same instruction with its first telling word exchanged."""
    words = text.split()
    at = next((i for i, word in enumerate(words) if word in OTHER_WORDS), None)
    if at is None:
        return f"{text} slowly"
    return " ".join((*words[:at], OTHER_WORDS[words[at]], *words[at + 1 :]))


def _outcome(outcome: str | None, wrong: float, rng: np.random.Generator) -> str | None:
    if outcome is None or rng.random() >= wrong:
        return outcome
    others = [other for other in OUTCOMES if other != outcome]
    return others[int(rng.integers(len(others)))]
