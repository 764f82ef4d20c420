"""Outcome agreement: worked examples, properties, published values and krippendorff."""

import krippendorff
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from review.measures.categorical import (
    cohen_kappa,
    counts_of,
    fleiss_kappa,
    gwet_ac1,
    krippendorff_alpha,
    pairwise_agreement,
)
from review.measures.refused import InputRefused, Reason

# Fleiss 1971: 30 subjects, 6 raters, 5 diagnoses.
FLEISS_1971 = [
    [0, 0, 0, 6, 0], [0, 3, 0, 0, 3], [0, 1, 4, 0, 1], [0, 0, 0, 0, 6], [0, 3, 0, 3, 0],
    [2, 0, 4, 0, 0], [0, 0, 4, 0, 2], [2, 0, 3, 1, 0], [2, 0, 0, 4, 0], [0, 0, 0, 0, 6],
    [1, 0, 0, 5, 0], [1, 1, 0, 4, 0], [0, 3, 3, 0, 0], [1, 0, 0, 5, 0], [0, 2, 0, 3, 1],
    [0, 0, 5, 0, 1], [3, 0, 0, 1, 2], [5, 1, 0, 0, 0], [0, 2, 0, 4, 0], [1, 0, 2, 0, 3],
    [0, 0, 0, 0, 6], [0, 1, 0, 5, 0], [0, 2, 0, 1, 3], [2, 0, 0, 4, 0], [1, 0, 0, 4, 1],
    [0, 5, 0, 1, 0], [4, 0, 0, 0, 2], [0, 2, 0, 4, 0], [1, 0, 5, 0, 0], [0, 0, 0, 0, 6],
]  # fmt: skip
# Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability", page 8.
KRIPPENDORFF_2011 = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
    [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
]


def counts_of_raters(rows: list[list[int | None]], categories: int = 5) -> np.ndarray:
    return np.array(
        [[sum(said == c + 1 for said in unit) for c in range(categories)]
         for unit in zip(*rows, strict=True)]
    )  # fmt: skip


def counts_of_table(table: list[list[int]]) -> np.ndarray:
    eye = np.eye(len(table))
    rows = [
        eye[a] + eye[b]
        for a in range(len(table))
        for b in range(len(table))
        for _ in range(table[a][b])
    ]
    return np.array(rows)


def test_fleiss_kappa_as_published() -> None:
    assert fleiss_kappa(FLEISS_1971).value == pytest.approx(0.4302445, abs=1e-7)
    # Randolph's online calculator, as in the tests of statsmodels.
    assert fleiss_kappa([[7, 1], [3, 5]]).value == pytest.approx(0.161905, abs=1e-6)


def test_alpha_as_published() -> None:
    counts = counts_of_raters(KRIPPENDORFF_2011)
    assert krippendorff_alpha(counts).value == pytest.approx(0.743, abs=5e-4)
    assert krippendorff_alpha(counts, "ordinal").value == pytest.approx(0.815, abs=5e-4)


def test_ac1_as_irrcac_gives_it() -> None:
    """Constants: irrCAC 0.4.4 on the handbook's 4 raters and on the skewed table."""
    found = gwet_ac1(counts_of_raters(KRIPPENDORFF_2011))
    assert found.value == pytest.approx(0.77544, abs=1e-5)
    assert (found.observed, found.chance) == pytest.approx((0.81818, 0.19032), abs=1e-5)
    assert gwet_ac1(counts_of_table([[118, 5], [2, 0]])).value == pytest.approx(0.94078, abs=1e-5)
    abstractors = [[13, 0, 0], [0, 20, 7], [0, 4, 56]]
    assert gwet_ac1(counts_of_table(abstractors)).value == pytest.approx(0.84933, abs=1e-5)


def test_cohens_kappa_as_published() -> None:
    # Artstein and Poesio 2008, table 4; SAS FREQ's printout for the other.
    assert cohen_kappa([[46, 6, 0], [0, 32, 0], [0, 6, 10]]).value == pytest.approx(
        0.8013, abs=1e-4
    )
    assert cohen_kappa([[0, 4, 1], [0, 8, 0], [0, 1, 5]]).value == pytest.approx(0.4842, abs=1e-4)


@pytest.mark.parametrize(
    ("weights", "expected"),
    [(None, 0.5094339622641509), ("linear", 0.5912408759124088), ("quadratic", 0.6783919597989949)],
)
def test_weighted_kappa_as_scikit_learn_gives_it(weights: str | None, expected: float) -> None:
    """Constants: scikit-learn 1.9.1's cohen_kappa_score of the same table."""
    table = [[11, 3, 1], [2, 9, 4], [0, 3, 7]]
    found = cohen_kappa(table, weights)  # type: ignore[arg-type]
    assert found.value == pytest.approx(expected, abs=1e-12)


def test_the_prevalence_paradox() -> None:
    """94.4% raw agreement, and no coefficient but AC1 says so: none of them is the gate."""
    table = [[118, 5], [2, 0]]
    counts = counts_of_table(table)
    assert pairwise_agreement(counts).value == 0.944
    assert cohen_kappa(table).value == pytest.approx(-0.023, abs=1e-3)
    assert krippendorff_alpha(counts).value == pytest.approx(-0.025, abs=1e-3)
    gwet = gwet_ac1(counts).value
    assert gwet is not None
    assert gwet > 0.94


ratings = st.lists(
    st.lists(st.sampled_from((None, 1, 2, 3)), min_size=4, max_size=4), min_size=1, max_size=12
)


@pytest.mark.parametrize("metric", ["nominal", "ordinal"])
@given(rows=ratings)
def test_alpha_equals_krippendorffs_package(metric: str, rows: list[list[int | None]]) -> None:
    values = np.array([[np.nan if x is None else x for x in row] for row in rows], dtype=float)
    pairable = [row for row in rows if sum(x is not None for x in row) > 1]
    assume(len({x for row in pairable for x in row if x is not None}) > 1)
    expected = krippendorff.alpha(values.T, level_of_measurement=metric)  # type: ignore[arg-type]
    counts = np.array([[row.count(c) for c in (1, 2, 3)] for row in rows])
    found = krippendorff_alpha(counts, metric)  # type: ignore[arg-type]
    assert found.value == pytest.approx(expected, abs=1e-9)


@given(ratings)
def test_bounded_and_one_for_full_agreement(rows: list[list[int | None]]) -> None:
    counts = np.array([[row.count(c) for c in (1, 2, 3)] for row in rows])
    for found in (gwet_ac1(counts), krippendorff_alpha(counts)):
        assert found.value is None or -1 <= found.value <= 1
        assert (found.value is None) == (found.reason is not None)
    same = np.array([[4, 0, 0], [0, 4, 0]] * len(rows))
    assert gwet_ac1(same).value == krippendorff_alpha(same).value == fleiss_kappa(same).value == 1


@given(ratings, st.permutations(range(3)))
def test_names_of_categories_do_not_matter(rows: list[list[int | None]], order: list[int]) -> None:
    counts = np.array([[row.count(c) for c in (1, 2, 3)] for row in rows])
    for measure in (gwet_ac1, krippendorff_alpha, pairwise_agreement):
        there, here = measure(counts).value, measure(counts[:, order]).value
        assert there == pytest.approx(here, abs=1e-9) if there is not None else here is None


def test_what_is_undefined_says_why() -> None:
    for measure in (krippendorff_alpha, gwet_ac1, pairwise_agreement, fleiss_kappa):
        assert measure(np.empty((0, 3))).reason is Reason.NOTHING
        assert measure([[1, 0], [0, 1]]).reason is Reason.NOTHING
    everybody = [[3, 0], [3, 0]]
    assert krippendorff_alpha(everybody).reason is Reason.ONE_CATEGORY
    assert gwet_ac1(everybody).reason is Reason.ONE_CATEGORY
    assert gwet_ac1(everybody).observed == pairwise_agreement(everybody).value == 1
    assert fleiss_kappa([[2, 0], [2, 1]]).reason is Reason.UNEQUAL_RATERS
    assert cohen_kappa([[5, 0], [0, 0]]).reason is Reason.ONE_CATEGORY


def test_counts_of_answers_and_unknown_categories() -> None:
    answers: list[dict[str, str | None]] = [
        {"ada": "success", "abe": None},
        {"ada": "failure", "abe": "success"},
    ]
    assert counts_of(answers, ("failure", "success")).tolist() == [[0, 1], [1, 1]]
    with pytest.raises(InputRefused, match="no category"):
        counts_of([{"ada": "maybe"}], ("failure", "success"))


@pytest.mark.parametrize("counts", [[[float("nan"), 1.0]], [[-1, 2]]])
def test_impossible_counts_are_refused(counts: list[list[float]]) -> None:
    with pytest.raises(InputRefused):
        gwet_ac1(counts)
