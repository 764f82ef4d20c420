"""The four checks over a dataset, an episode at a time: what is kept of one is small.

``DatasetChecks.add`` reduces an episode, ``outcome`` pools. The same episodes in the same order
give the same outcome, digit by digit. Measured by tests/bench/bench_checks.py.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from review.measures.bounds import Z_ONE_SIDED, wilson
from review.measures.checks.alignment import (
    ActionSegment,
    JudgedSegment,
    ProxyTotals,
    RuleOutcome,
    SignalRules,
    human_alignment,
    proxy_quality,
)
from review.measures.checks.coverage import (
    ActionSpace,
    Coverage,
    Dimension,
    ReachTotals,
    episode_reach,
)
from review.measures.checks.edge_cases import (
    HIGH_FORCE,
    NEAR_LIMIT,
    EdgeCases,
    TaggedEpisode,
    edge_cases,
    high_force_episodes,
    is_near_limit,
)
from review.measures.checks.plan import CheckPlan
from review.measures.checks.reading import (
    AcceptedEpisode,
    action_segments,
    recovered,
    segmented,
    tags_of,
)
from review.measures.checks.result import CheckResult, Offences, Offending, Rated
from review.measures.checks.segmentation import (
    InvariantTotals,
    SequenceConsistency,
    SequenceTotals,
)
from review.measures.refused import EXPLAINED

# Written into every result: another number, and results of older runs are not to be compared.
CODE_VERSION = 2
TITLES: Mapping[str, str] = {
    Rated.ALIGNMENT_HUMAN: "Language–action alignment, judged by people",
    Rated.ALIGNMENT_PROXY: "Language–action alignment, by rules on signals",
    Rated.SEGMENTATION_INVARIANTS: "Episode segmentation, nothing broken",
    Rated.SEGMENTATION_SIMILARITY: "Episode segmentation, alike within a task",
    Rated.COVERAGE: "Action-space coverage, the least part",
    Rated.EDGE_CASES: "Edge cases required",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to look at. ``episode`` "" is the dataset itself; ``subject`` names what is meant,
    ``label`` the segment, ``at_ns`` where to look."""

    figure: str
    code: str
    why: str
    episode: str = ""
    label: str = ""
    at_ns: int = 0
    subject: str = ""


@dataclass(frozen=True, slots=True)
class ChecksOutcome:
    """``figures`` by name, ``details`` what stands behind them, ready for JSON."""

    figures: Mapping[str, CheckResult]
    details: Mapping[str, Any]
    findings: tuple[Finding, ...]

    def figures_json(self) -> list[dict[str, Any]]:
        return [figure_json(one) for one in self.figures.values()]


def figure_json(result: CheckResult) -> dict[str, Any]:
    return {
        "name": str(result.name),
        "title": TITLES[result.name],
        "value": _plain(result.value),
        "lower": _plain(result.lower),
        "upper": _plain(result.upper),
        "n": result.n,
        "unit": result.unit,
        "threshold": result.threshold,
        "status": result.gate.value if result.threshold is not None else "reported",
        "more": result.more,
        "offending": len(result.offending) + result.unlisted,
        "reason": result.reason.value if result.reason else "",
        "explained": EXPLAINED[result.reason] if result.reason else "",
    }


class DatasetChecks:
    """Add episodes one by one, then ask for the outcome.

    ``spaces``: declared limits by robot. ``judged``: segments that people judged; of all others
    only sums are kept.
    """

    def __init__(
        self,
        plan: CheckPlan,
        spaces: Mapping[str, Sequence[Dimension]],
        judged: Sequence[JudgedSegment] = (),
    ) -> None:
        self.plan = plan
        self._judged = judged
        self._wanted = {one.id for one in judged}
        cells = frozenset(plan.required_cells)
        self._spaces = {
            name: ActionSpace(tuple(dimensions), plan.workspace, cells)
            for name, dimensions in spaces.items()
        }
        self._proxy = ProxyTotals()
        self._of_judged: list[RuleOutcome] = []
        self._verbs: dict[str, _Verb] = defaultdict(_Verb)
        self._invariants = InvariantTotals(plan.segment_rules)
        self._sequences = SequenceTotals()
        self._reaches: dict[str, ReachTotals] = {}
        self._tags: dict[str, frozenset[str]] = {}
        self._known_tags: dict[frozenset[str], frozenset[str]] = {}
        self._peaks: dict[str, dict[str, float]] = defaultdict(dict)
        self._failures = [0, 0]
        # Where violations are: of as many segments as are listed.
        self._places: dict[str, ActionSegment] = {}

    def add(self, episode: AcceptedEpisode) -> None:
        cells = self._align(episode)
        cut = segmented(episode)
        self._invariants.add(cut)
        self._sequences.add(cut)
        space = self._spaces.get(episode.space, ActionSpace(()))
        actions = episode.signals.actions
        if actions is not None and actions.shape[1] != len(space.dimensions):
            actions = None
        reach = episode_reach(
            episode.id, space, actions=actions, positions=episode.signals.positions, cells=cells
        )
        self._reaches.setdefault(episode.space, ReachTotals(space)).add(reach)
        tags = tags_of(episode, self.plan.recovery_within_ns)
        if actions is not None and is_near_limit(actions, space):
            tags |= {NEAR_LIMIT}
        self._tags[episode.id] = self._known_tags.setdefault(tags, tags)
        peak = episode.signals.peak_force
        if peak is not None:
            self._peaks[episode.task][episode.id] = peak
        followed, failures = recovered(episode, self.plan.recovery_within_ns)
        self._failures[0] += followed
        self._failures[1] += failures

    def _align(self, episode: AcceptedEpisode) -> set[tuple[str, str]]:
        """Ask the rules; the (verb, object) cells that the episode shows."""
        asked: dict[str, SignalRules] = {}
        cells = set()
        for segment, slots, effector in action_segments(episode, self.plan.vocabulary):
            if effector not in asked:
                signals = episode.signals.of(effector)
                asked[effector] = SignalRules(signals, self.plan.rule_settings)
            outcome = asked[effector].check(segment)
            self._proxy.add(outcome)
            self._verbs[segment.verb].add(outcome)
            if outcome.violated and len(self._places) < Offences.MOST:
                self._places[segment.id] = segment
            if segment.id in self._wanted:
                self._of_judged.append(outcome)
            if slots.verb and slots.object:
                cells.add((slots.verb, slots.object))
        return cells

    def outcome(self) -> ChecksOutcome:
        alignment, alignment_details, findings = self._alignment()
        invariants = self._invariants.result(self.plan.segmentation_bar)
        alike = self._sequences.result(threshold=self.plan.similarity_bar)
        coverage, coverage_details = self._coverage()
        edges = self._edges()
        listed = (*alignment, invariants, alike.result, coverage, edges.result)
        findings += [
            Finding(str(result.name), one.code, _without_id(one), episode=one.id)
            for result in (invariants, alike.result)
            for one in result.offending
        ]
        findings += [
            Finding(str(result.name), one.code, one.why, subject=one.id)
            for result in (coverage, edges.result)
            for one in result.offending
        ]
        return ChecksOutcome(
            figures={str(one.name): one for one in listed},
            details={
                "alignment": alignment_details,
                "segmentation": _segmentation_json(self._invariants.by_code, alike),
                "coverage": coverage_details,
                "edge_cases": self._edges_json(edges),
            },
            findings=tuple(findings),
        )

    def _alignment(
        self,
    ) -> tuple[tuple[CheckResult, CheckResult], dict[str, Any], list[Finding]]:
        human = human_alignment(self._judged, self.plan.alignment_bar)
        proxy = self._proxy.result(self.plan.proxy_bar)
        quality = proxy_quality(self._of_judged, self._judged)
        at = self._places | {one.segment.id: one.segment for one in self._of_judged}
        findings = [
            Finding(
                str(result.name),
                one.code,
                one.why,
                episode=at[one.id].episode,
                label=one.id,
                at_ns=at[one.id].start_ns,
            )
            for result in (human.result, proxy.result)
            for one in result.offending
            if one.id in at
        ]
        details = {
            "segments": self._proxy.segments,
            "applicable": _plain(proxy.applicable),
            "not_visible": _plain(human.not_visible),
            "by_verb": _by_verb(self._verbs, human.by_verb),
            "wrong_by_slot": dict(sorted(human.wrong_by_slot.items())),
            "by_rule": {rule.value: list(found) for rule, found in sorted(proxy.by_rule.items())},
            "proxy_quality": {
                "both": quality.both,
                "violated": quality.violated,
                "wrong": quality.wrong,
                "wrong_and_violated": quality.wrong_and_violated,
                "precision": _share(quality.wrong_and_violated, quality.violated),
                "recall": _share(quality.wrong_and_violated, quality.wrong),
            },
        }
        return (human.result, proxy.result), details, findings

    def _coverage(self) -> tuple[CheckResult, list[dict[str, Any]]]:
        """Each robot by itself; the figure is that of the one that covers least."""
        bar = self.plan.coverage_bar
        found = {name: own.coverage(bar) for name, own in sorted(self._reaches.items())}
        if not found:
            return ReachTotals(ActionSpace(())).coverage(bar).result, []
        measured = [one.result for one in found.values() if one.result.value is not None]
        least = min(
            measured, key=lambda one: one.value or 0.0, default=next(iter(found.values())).result
        )
        several = len(found) > 1
        offending = tuple(
            replace(one, id=f"{name}: {one.id}") if several else one
            for name, coverage in found.items()
            for one in coverage.result.offending
        )
        episodes = sum(own.episodes for own in self._reaches.values())
        details = [_coverage_json(name, coverage) for name, coverage in found.items()]
        return replace(least, n=episodes, offending=offending), details

    def _edges(self) -> EdgeCases:
        forceful = high_force_episodes(self._peaks)
        tagged = [
            TaggedEpisode(id_, tags | ({HIGH_FORCE} if id_ in forceful else set()))
            for id_, tags in self._tags.items()
        ]
        return edge_cases(tagged, self.plan.required_tags, self.plan.edge_bar)

    def _edges_json(self, edges: EdgeCases) -> dict[str, Any]:
        return {
            "episodes": len(self._tags),
            "tags": [
                {
                    "name": one.name,
                    "episodes": one.episodes,
                    "target": one.target,
                    "share": _plain(one.share),
                    "lower": _plain(one.lower),
                    "upper": _plain(one.upper),
                    "status": one.status.value,
                    "examples": list(one.examples),
                }
                for one in edges.tags
            ],
            "others": dict(sorted(edges.others.items(), key=lambda one: (-one[1], one[0]))),
            "failures": self._failures[1],
            "recovered": _share(*self._failures),
        }


def _without_id(one: Offending) -> str:
    """A person has no use for the medoid's id."""
    if one.code != "sequence_apart":
        return one.why
    return f"{one.why.partition(' to ')[0]} to the sequence that is typical of its task"


@dataclass(slots=True)
class _Verb:
    """Segments of a verb, those a rule could be asked about, those of them that agree."""

    segments: int = 0
    asked: int = 0
    held: int = 0

    def add(self, outcome: RuleOutcome) -> None:
        self.segments += 1
        self.asked += bool(outcome.held)
        self.held += bool(outcome.held) and not outcome.violated


def _by_verb(
    found: Mapping[str, _Verb], human: Mapping[str, tuple[int, int]]
) -> list[dict[str, Any]]:
    """Per verb: segments, those a rule could be asked about and that agree, those judged right."""
    return [
        {
            "verb": verb,
            "segments": one.segments,
            "asked": one.asked,
            "held": one.held,
            "right": human.get(verb, (0, 0))[0],
            "judged": human.get(verb, (0, 0))[1],
        }
        for verb, one in sorted(found.items(), key=lambda row: (-row[1].segments, row[0]))
    ]


def _segmentation_json(broken: Mapping[str, int], alike: SequenceConsistency) -> dict[str, Any]:
    return {
        "broken": dict(sorted(broken.items())),
        "tasks": [
            {
                "task": one.task,
                "episodes": one.episodes,
                "medoid": one.medoid,
                "similarity": _plain(one.similarity),
                "apart": len(one.apart),
                "long_or_short": len(one.long_or_short),
            }
            for one in alike.tasks
        ],
        "left_out": list(alike.left_out),
    }


def _coverage_json(name: str, coverage: Coverage) -> dict[str, Any]:
    position, skills = coverage.position, coverage.skills
    return {
        "robot": name,
        "least": _plain(coverage.result.value),
        "mean": _plain(coverage.mean),
        "dimensions": [
            {
                "name": one.name,
                "share": _plain(one.share),
                "episodes": list(one.episodes),
                "out_of_range": _plain(one.out_of_range),
                "explained": EXPLAINED[one.reason] if one.reason else "",
            }
            for one in coverage.dimensions
        ],
        "position": {
            "share": _plain(position.share),
            "evenness": _plain(position.evenness),
            "voxels": position.voxels,
            "occupied": position.occupied,
            "out_of_workspace": _plain(position.out_of_workspace),
            "explained": EXPLAINED[position.reason] if position.reason else "",
        },
        "skills": {
            "share": _plain(skills.share),
            "missing": [[*cell, n] for cell, n in skills.missing],
            "good_turing": _plain(skills.good_turing),
            "seen_once": skills.seen_once,
        },
    }


def _share(x: int, n: int) -> dict[str, Any]:
    """x of n with one-sided 95 % Wilson bounds; null without any."""
    if not n:
        return {"value": None, "lower": None, "upper": None, "n": 0}
    low, high = wilson(x, n, Z_ONE_SIDED)
    return {"value": _plain(x / n), "lower": _plain(low), "upper": _plain(high), "n": n}


def _plain(value: float | None) -> float | None:
    """Six significant places: as exact as anyone reads, and equal on every machine."""
    return None if value is None else float(f"{value:.6g}")
