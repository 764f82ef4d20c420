"""Against published examples and other libraries' results, read from ../shared where they are."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from review.measures.acceptance.plans import Plan, bad_share_bounds, plan
from review.measures.acceptance.standard import standard_plan
from review.measures.bounds import wilson
from review.measures.calibration.sprt import SprtPlan
from review.measures.categorical import (
    Coefficient,
    cohen_kappa,
    fleiss_kappa,
    gwet_ac1,
    krippendorff_alpha,
)
from review.measures.counts import POOLED, PPM, Measure, count_pair
from review.measures.matching import match_times
from review.measures.records import Answer, Interval, Tolerances
from review.measures.segments import HALF, compare_boundaries, compare_intervals
from review.measures.text import edit_distance, word_similarity, words_of
from review.measures.timeline import frame_accuracy

CASES = Path(__file__).resolve().parents[4] / "shared" / "reference" / "agreement_cases.json"
SECOND = 1_000_000_000


def cases(metric: str) -> list[Any]:
    if not CASES.is_file():
        reason = "needs ../shared/reference/agreement_cases.json"
        return [pytest.param(None, marks=pytest.mark.skip(reason=reason))]
    rows = [row for row in json.loads(CASES.read_text())["cases"] if row["metric"] == metric]
    assert rows, f"no reference case has the metric {metric}"
    return [pytest.param(row, id=row["id"]) for row in rows]


def ns(seconds: float) -> int:
    return round(seconds * SECOND)


@pytest.mark.parametrize("case", cases("onset_f_p_r window=0.05s"))
def test_event_f_precision_and_recall(case: dict[str, Any]) -> None:
    ref = [ns(t) for t in case["inputs"]["ref"]]
    est = [ns(t) for t in case["inputs"]["est"]]
    pairs = len(match_times(ref, est, 50_000_000))
    assert pairs / len(est) == pytest.approx(case["expected"][1], abs=case["tol"])
    assert pairs / len(ref) == pytest.approx(case["expected"][2], abs=case["tol"])
    assert 2 * pairs / (len(ref) + len(est)) == pytest.approx(case["expected"][0], abs=case["tol"])


@pytest.mark.parametrize("case", cases("max_matching_size_and_min_total_abs_offset"))
def test_matching_size_and_total_offset(case: dict[str, Any]) -> None:
    a, b = case["inputs"]["a_int"], case["inputs"]["b_int"]
    pairs = match_times(a, b, case["inputs"]["tol_inclusive"])
    assert len(pairs) == case["expected"]["tp"]
    assert sum(abs(a[i] - b[j]) for i, j in pairs) == case["expected"]["sum_abs_offset"]


SEGMENTATIONS = "mir_eval.segment.evaluate (trim=False, frame 0.1s for clustering metrics)"


@pytest.mark.parametrize("case", cases(SEGMENTATIONS))
@pytest.mark.parametrize("window", [0.5, 3.0])
def test_boundary_f(case: dict[str, Any], window: float) -> None:
    """The reference first stretches both to [0, end of ref]; with trim=False these ends count."""

    def edges(rows: list[list[float]]) -> set[int]:
        return {ns(time) for row in rows for time in row} | {0}

    ref, est = edges(case["inputs"]["ref_intervals"]), edges(case["inputs"]["est_intervals"])
    end = max(ref)
    est = {time for time in est if time < end} | {end}
    pairs = len(match_times(sorted(ref), sorted(est), ns(window)))
    measured = 2 * pairs / (len(ref) + len(est))
    assert measured == pytest.approx(case["expected"][f"F-measure@{window}"], abs=case["tol"])


def runs(text: str, background: list[str]) -> Iterator[Interval]:
    """'reach:20 grasp:10' as intervals; the background is no segment."""
    start = 0
    for word in text.split():
        label, length = word.split(":")
        if label not in background:
            yield Interval(label, "", start, start + int(length))
        start += int(length)


@pytest.mark.parametrize("case", cases("ms_tcn edit/F1@k"))
def test_segment_f1_at_one_half(case: dict[str, Any]) -> None:
    """Below one half the reference matches greedily, at one half greedy and optimal agree."""
    ref = list(runs(case["inputs"]["ref"], case["inputs"]["bg"]))
    hyp = list(runs(case["inputs"]["hyp"], case["inputs"]["bg"]))
    measured = compare_intervals(ref, hyp, HALF).total.f
    assert measured == pytest.approx(case["expected"]["f1@50"], abs=case["tol"])


def test_boundary_f_leaves_out_the_ends_of_the_episode() -> None:
    steps = [Interval("instruction", "", 0, 5, exclusive=True)]
    tally, _ = compare_boundaries(steps, steps, duration_ns=5, tolerance_ns=1)
    assert tally.empty


@pytest.mark.parametrize("case", cases("levenshtein_normalized_similarity(words)"))
def test_word_similarity(case: dict[str, Any]) -> None:
    assert word_similarity(*case["inputs"]) == pytest.approx(case["expected"], abs=case["tol"])


@pytest.mark.parametrize("case", cases("levenshtein"))
def test_edit_distance(case: dict[str, Any]) -> None:
    assert edit_distance(*case["inputs"]) == case["expected"]


@pytest.mark.parametrize("case", cases("wilson95"))
def test_wilson(case: dict[str, Any]) -> None:
    measured = wilson(case["inputs"]["x"], case["inputs"]["n"])
    assert measured == pytest.approx(tuple(case["expected"]), abs=case["tol"])


@pytest.mark.parametrize("case", cases("ms_tcn edit/F1@k"))
def test_edit_score_and_frame_accuracy(case: dict[str, Any]) -> None:
    """Labels as classes of exclusive segments; the reference counts frames of background too."""
    inputs = case["inputs"]
    sides = [
        Answer(
            intervals=tuple(
                replace(one, exclusive=True) for one in runs(inputs[side], inputs["bg"])
            )
        )
        for side in ("ref", "hyp")
    ]
    end = sum(int(word.split(":")[1]) for word in inputs["ref"].split())
    found = count_pair(*sides, duration_ns=end, tolerances=Tolerances())
    score = 100 * found[Measure.EDIT, POOLED].similarity_ppm / PPM
    assert score == pytest.approx(case["expected"]["edit"], abs=1e-4)
    same = sum(ns for said, ns in found.durations.items() if said.a == said.b)
    assert same / end == pytest.approx(case["expected"]["frame_accuracy"], abs=case["tol"])
    measured = frame_accuracy(found.durations).value
    assert measured is not None
    assert measured <= same / end


def raters(rows: list[list[Any]]) -> np.ndarray:
    """Items by raters to items by categories."""
    values = sorted({said for row in rows for said in row if said is not None})
    return np.array([[row.count(value) for value in values] for row in rows])


@pytest.mark.parametrize("metric", ["nominal", "ordinal"])
def test_krippendorff_alpha(metric: Any) -> None:
    for parameter in cases(f"krippendorff_alpha_{metric}"):
        case = parameter.values[0]
        if case is None:
            pytest.skip("needs ../shared/reference/agreement_cases.json")
        counts = raters(
            [list(unit) for unit in zip(*case["inputs"]["raters_x_units"], strict=True)]
        )
        found = krippendorff_alpha(counts, metric)
        assert found.value == pytest.approx(case["expected"], abs=case["tol"])


@pytest.mark.parametrize("case", cases("fleiss_kappa"))
def test_fleiss_kappa(case: dict[str, Any]) -> None:
    inputs = case["inputs"]
    counts = inputs.get("subjects_x_category_counts") or raters(inputs["subjects_x_raters"])
    assert fleiss_kappa(counts).value == pytest.approx(case["expected"], abs=case["tol"])


@pytest.mark.parametrize(
    ("metric", "measure"),
    [
        ("gwet_ac1_with_ci95", gwet_ac1),
        ("krippendorff_alpha_nominal_with_ci95", krippendorff_alpha),
        (
            "fleiss_kappa_gwet_missing_with_ci95",
            lambda counts: fleiss_kappa(counts, equal_raters=False),
        ),
    ],
)
def test_irrcac(metric: str, measure: Callable[[np.ndarray], Coefficient]) -> None:
    for parameter in cases(metric):
        case = parameter.values[0]
        if case is None:
            pytest.skip("needs ../shared/reference/agreement_cases.json")
        given = case["inputs"]["data(units_x_raters or table)"]
        rows = given if isinstance(given, list) else _unfolded(given["table"])
        expected = case["expected"]["estimate"]
        assert measure(raters(rows)).value == pytest.approx(expected, abs=case["tol"])


def _unfolded(table: list[list[int]]) -> list[list[int]]:
    return [[a, b] for a, row in enumerate(table) for b, n in enumerate(row) for _ in range(n)]


@pytest.mark.parametrize("case", cases("cohen_kappa"))
def test_cohen_kappa(case: dict[str, Any]) -> None:
    a, b = case["inputs"]["a"], case["inputs"]["b"]
    table = [[sum((x, y) == (i, j) for x, y in zip(a, b, strict=True)) for j in range(3)]
             for i in range(3)]  # fmt: skip
    assert cohen_kappa(table).value == pytest.approx(case["expected"], abs=case["tol"])


@pytest.mark.parametrize("case", cases("clopper_pearson95"))
def test_clopper_pearson(case: dict[str, Any]) -> None:
    found = bad_share_bounds(case["inputs"]["x"], case["inputs"]["n"], confidence=0.975)
    assert found == pytest.approx(tuple(case["expected"]), abs=case["tol"])


@pytest.mark.parametrize("case", cases("min n for 95%/95% demonstration with c errors"))
def test_smallest_demonstration(case: dict[str, Any]) -> None:
    found = plan(case["inputs"]["c"])
    assert found is not None
    assert found.n == case["expected"]


@pytest.mark.parametrize("case", cases("z1.4 plan"))
def test_z14(case: dict[str, Any]) -> None:
    found = standard_plan(case["inputs"]["lot"], case["inputs"]["aql_pct"])
    expected = case["expected"]
    assert (found.letter, found.plan.n, found.plan.c, found.rejects) == (
        expected["code"], expected["n"], expected["ac"], expected["re"],
    )  # fmt: skip


@pytest.mark.parametrize("case", cases("P(accept) binomial OC"))
def test_operating_characteristic(case: dict[str, Any]) -> None:
    inputs = case["inputs"]
    found = Plan(inputs["n"], inputs["c"]).accepts(inputs["p"])
    assert found == pytest.approx(case["expected"], abs=case["tol"])


@pytest.mark.parametrize("case", cases("sprt lines"))
def test_sprt_lines(case: dict[str, Any]) -> None:
    inputs = case["inputs"]
    plan_ = SprtPlan(1 - inputs["p1"], 1 - inputs["p2"], inputs["alpha"], inputs["beta"], deff=1.0)
    slope, passes, fails = plan_.lines
    expected = case["expected"]
    assert (passes, fails, slope) == pytest.approx(
        (expected["accept_intercept"], expected["reject_intercept"], expected["slope"]),
        abs=case["tol"],
    )


def test_words_are_compared_normalised() -> None:
    assert words_of("Open, the drawer") == words_of("open the  DRAWER!")
