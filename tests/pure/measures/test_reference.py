"""Against published examples and other libraries' results, read from ../shared where they are."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from review.measures.bounds import wilson
from review.measures.matching import match_times
from review.measures.records import Interval
from review.measures.segments import HALF, compare_boundaries, compare_intervals
from review.measures.text import edit_distance, word_similarity, words_of

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


def test_words_are_compared_normalised() -> None:
    assert words_of("Open, the drawer") == words_of("open the  DRAWER!")
