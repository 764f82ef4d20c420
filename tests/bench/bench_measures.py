"""All agreement measures over many episodes, and event matching beside mir_eval's in the same run.

    python -m tests.bench.bench_measures [episodes ...]

Three simulated annotators an episode, ten instants and eight segments each (review.measures.
simulation). Making the data is not measured; counting it and computing every figure with its
interval is, in processor seconds. The peak is that of the whole process, simulated answers of a few
hundred episodes included. Event matching takes turns with mir_eval.util.match_events on the same
arrays, and each pair's matching is checked against SciPy's assignment. Written to
bench-results/measures.json.
"""

import json
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import mir_eval
import numpy as np
from scipy.optimize import linear_sum_assignment

from review.measures.batch import count_pairs
from review.measures.columns import Comparison
from review.measures.episodes import EpisodeAnswers, EpisodeCounter
from review.measures.figures import AgreementFigures, agreement_figures
from review.measures.matching import match_times
from review.measures.measure import POOLED, Measure
from review.measures.records import Answer, Tolerances
from review.measures.simulation import (
    OUTCOMES,
    Annotator,
    EpisodePlan,
    annotate,
    true_answer,
)
from review.measures.sparse import match_marks

RESULTS = Path(__file__).resolve().parents[2] / "bench-results" / "measures.json"
SIZES = (10_000, 100_000)
# Processor milliseconds an episode, megabytes, milliseconds, share of mir_eval's time.
CPU_MS, PEAK_MB, RESCORE_MS, RATIO = 1.0, 1_000, 20, 1
PLAN = EpisodePlan()
PEOPLE = (
    Annotator("ada", accuracy=0.98, icc=0.1),
    Annotator("abe", accuracy=0.95, icc=0.2, extra=0.01),
    Annotator("bo", accuracy=0.97, icc=0.1, bias_ns={"release": 20_000_000}),
)
TOLERANCES = Tolerances()
_BLOCK = 500
PAIRS = 6_000
ROUNDS = 5


def episodes(count: int, seed: int) -> Iterator[list[EpisodeAnswers]]:
    rng = np.random.default_rng(seed)
    for begin in range(0, count, _BLOCK):
        block = []
        for position in range(begin, min(begin + _BLOCK, count)):
            truth = true_answer(PLAN, rng)
            answers = {who.name: annotate(truth, who, PLAN, rng) for who in PEOPLE}
            block.append(EpisodeAnswers(f"e{position}", PLAN.duration_ns, answers, TOLERANCES))
        yield block


def all_measures(count: int) -> dict[str, Any]:
    """Processor seconds of counting and of the figures, and the process's peak."""
    counter, counting = EpisodeCounter(), 0.0
    for block in episodes(count, seed=count):
        began = time.process_time()
        counter.add(block)
        counting += time.process_time() - began
    began = time.process_time()
    figures = agreement_figures(counter.counts(), ordinal=OUTCOMES)
    figuring = time.process_time() - began
    return {
        "episodes": count,
        "comparisons": figures.comparisons,
        "counting_s": round(counting, 2),
        "figures_s": round(figuring, 2),
        "cpu_s": round(counting + figuring, 2),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "checks": _plausible(figures),
    }


def _plausible(figures: AgreementFigures) -> dict[str, float | None]:
    """A few of the figures, so that a fast run that computes nothing shows."""
    return {
        "events_f": figures.rates[Measure.EVENT, POOLED].rate,
        "segments_f50": figures.rates[Measure.SEGMENT_50, POOLED].rate,
        "segments_alpha": figures.segments_alpha.coefficient.value,
        "outcome_alpha": figures.outcome.alpha.coefficient.value,
        "above_chance": figures.above_chance.value,
    }


def rescoring(runs: int = 300) -> dict[str, float]:
    """One submission anew against two colleagues and the gold, all counts of all measures."""
    rng = np.random.default_rng(11)
    times = []
    for run in range(runs):
        truth = true_answer(PLAN, rng)
        own, *others = (annotate(truth, who, PLAN, rng) for who in PEOPLE)
        rows = [
            Comparison(a, b, PLAN.duration_ns, TOLERANCES, run)
            for a, b in ((truth, own), *((other, own) for other in others))
        ]
        began = time.process_time()
        count_pairs(rows).pairs()
        times.append(1e3 * (time.process_time() - began))
    ordered = sorted(times)
    return {
        "median_ms": round(statistics.median(times), 2),
        "p95_ms": round(ordered[int(0.95 * len(ordered))], 2),
        "max_ms": round(ordered[-1], 2),
    }


def matching() -> dict[str, Any]:
    """The same pairs of event lists, types aside, matched by both in turns."""
    pairs = _pairs_of_times(PAIRS)
    reach = TOLERANCES.default_ns
    sizes_a, sizes_b = ([len(pair[side]) for pair in pairs] for side in (0, 1))
    group_a, group_b = (np.repeat(np.arange(len(pairs)), sizes) for sizes in (sizes_a, sizes_b))
    at_a, at_b = (np.concatenate([pair[side] for pair in pairs]) for side in (0, 1))
    lists = [(a.tolist(), b.tolist()) for a, b in pairs]
    turns: dict[str, Callable[[], Any]] = {
        "columns": lambda: match_marks(group_a, at_a, group_b, at_b, np.full(len(pairs), reach)),
        "one_by_one": lambda: [match_times(a, b, reach) for a, b in lists],
        "mir_eval": lambda: [mir_eval.util.match_events(a, b, reach) for a, b in pairs],
    }
    times: dict[str, list[float]] = {name: [] for name in turns}
    for _ in range(ROUNDS):
        for name, work in turns.items():
            began = time.process_time()
            work()
            times[name].append(1e6 * (time.process_time() - began) / len(pairs))
    found: dict[str, Any] = {f"{k}_us": round(statistics.median(v), 2) for k, v in times.items()}
    found["ratio"] = round(
        statistics.median(o / t for o, t in zip(times["columns"], times["mir_eval"], strict=True)),
        3,
    )
    i, j = match_marks(group_a, at_a, group_b, at_b, np.full(len(pairs), reach))
    found |= _optimal(pairs, reach, np.bincount(group_a[i], minlength=len(pairs)),
                      np.bincount(group_a[i], np.abs(at_a[i] - at_b[j]), len(pairs)))  # fmt: skip
    return found


Times = np.ndarray


def _pairs_of_times(count: int) -> list[tuple[Times, Times]]:
    found: list[tuple[Times, Times]] = []
    for block in episodes(-(-count // 3), seed=29):
        for episode in block:
            sides = [_times(answer) for answer in episode.answers.values()]
            found += combinations(sides, 2)
    return found[:count]


def _times(answer: Answer) -> Times:
    return np.array([mark.at_ns for mark in answer.instants], dtype=np.int64)


def _optimal(
    pairs: list[tuple[Times, Times]], reach: int, matched: Times, apart: Times
) -> dict[str, int]:
    """How many pairs have fewer matches, or lie further apart, than in an optimal matching."""
    fewer = further = their_further = 0
    for position, (a, b) in enumerate(pairs):
        distance = np.abs(a[:, None] - b[None, :])
        weight = np.where(distance <= reach, float(reach) * (len(a) + 1) - distance, 0.0)
        rows, columns = linear_sum_assignment(weight, maximize=True)
        kept = weight[rows, columns] > 0
        best = int(distance[rows, columns][kept].sum())
        fewer += int(matched[position]) < int(kept.sum())
        further += int(apart[position]) > best
        theirs = mir_eval.util.match_events(a, b, reach)
        their_further += sum(int(distance[x, y]) for x, y in theirs) > best
    return {"fewer": fewer, "further": further, "mir_eval_further": their_further}


def main() -> int:
    sizes = [int(size) for size in sys.argv[1:]] or list(SIZES)
    results: dict[str, Any] = {"matching": matching(), "rescoring": rescoring()}
    results["all_measures"] = [all_measures(size) for size in sizes]
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=1))
    missed = 0

    def line(name: str, value: float, limit: float, unit: str) -> None:
        nonlocal missed
        missed += value > limit
        mark = "" if value <= limit else "   MISSED"
        print(f"{name:52}{value:>10} {unit:4} limit {limit:g}{mark}")

    for row in results["all_measures"]:
        limit = CPU_MS * row["episodes"] / 1_000
        line(f"{row['episodes']} episodes x 3: all measures", row["cpu_s"], limit, "s")
    line("peak memory", results["all_measures"][-1]["peak_mb"], PEAK_MB, "MB")
    line("one submission re-scored, p95", results["rescoring"]["p95_ms"], RESCORE_MS, "ms")
    found = results["matching"]
    line("event matching a pair, of mir_eval's time", found["ratio"], RATIO, "")
    line("pairs matched worse than optimal", found["fewer"] + found["further"], 0, "")
    print(
        f"  a pair: {found['columns_us']} µs in columns, {found['one_by_one_us']} µs one by one, "
        f"{found['mir_eval_us']} µs by mir_eval (further apart than need be in "
        f"{found['mir_eval_further']} of {PAIRS})"
    )
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
