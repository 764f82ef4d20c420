"""Acceptance plans: the published tables, their promise, their curves."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from review.measures.acceptance.plans import (
    Plan,
    accept_of_lot,
    bad_share_bounds,
    offered_plans,
    operating_characteristic,
    plan,
    recommended_plan,
    too_many,
)
from review.measures.acceptance.standard import AQLS, code_letter, standard_plan
from review.measures.refused import InputRefused


def test_the_success_run_table() -> None:
    """59, 93, 124, 153, 181 at 95% / 95%; a lot with 1% bad passes 55, 76, 87, ., 96%."""
    plans = [plan(c) for c in range(5)]
    assert [one.n for one in plans if one] == [59, 93, 124, 153, 181]
    passes = [one.accepts(0.01) for one in plans if one]
    assert passes == pytest.approx([0.55, 0.76, 0.87, 0.93, 0.96], abs=0.006)


@pytest.mark.parametrize(("lot", "expected"), [(100, [39, 58, 73]), (300, [50, 78, 102])])
def test_finite_lots(lot: int, expected: list[int]) -> None:
    found = [plan(c, lot=lot) for c in range(3)]
    assert [one.n for one in found if one] == expected


@pytest.mark.parametrize(
    ("n", "c", "p", "expected"),
    [(89, 2, 0.02, 0.7366), (89, 2, 0.05, 0.1721), (93, 1, 0.05, 0.04998)],
)
def test_montgomerys_operating_characteristic(n: int, c: int, p: float, expected: float) -> None:
    assert Plan(n, c).accepts(p) == pytest.approx(expected, abs=5e-5)


@given(st.integers(1, 200), st.data())
def test_acceptance_of_a_lot_is_scipys_hypergeometric(lot: int, data: st.DataObject) -> None:
    n, bad = data.draw(st.integers(1, lot)), data.draw(st.integers(0, lot))
    c = data.draw(st.integers(0, n))
    expected = stats.hypergeom(lot, bad, n).cdf(c)
    assert accept_of_lot(n, c, lot, bad) == pytest.approx(expected, abs=1e-9)


@given(
    st.integers(0, 3),
    st.one_of(st.none(), st.integers(10, 400)),
    st.sampled_from((0.02, 0.05, 0.1)),
)
def test_a_plan_keeps_its_promise_and_one_less_would_not(
    c: int, lot: int | None, bad_share: float
) -> None:
    found = plan(c, lot=lot, bad_share=bad_share)
    if found is None:
        assert lot is not None
        assert c >= too_many(lot, bad_share)
        return

    def passes(n: int) -> float:
        if lot is None:
            return Plan(n, c).accepts(bad_share)
        return accept_of_lot(n, c, lot, too_many(lot, bad_share))

    assert passes(found.n) <= 0.05 + 1e-12
    if found.n > c + 1:
        assert passes(found.n - 1) > 0.05


def test_more_than_five_percent_of_a_lot() -> None:
    assert [too_many(lot) for lot in (10, 19, 20, 100, 300)] == [1, 1, 2, 6, 16]


def test_what_is_offered_and_recommended() -> None:
    assert recommended_plan(None) == Plan(124, 2)
    assert recommended_plan(300) == Plan(102, 2, 300)
    assert recommended_plan(100) == Plan(58, 1, 100)
    assert recommended_plan(10) == Plan(10, 0, 10)
    offered = offered_plans(300)
    assert [one.plan.c for one in offered] == [0, 1, 2, 3, 4]
    assert all(one.accepts_too_bad <= 0.05 for one in offered)
    good = [one.accepts_at_1_percent for one in offered]
    assert good == sorted(good)


@given(st.integers(1, 400))
def test_any_lot_has_a_recommendation_that_keeps_the_promise(lot: int) -> None:
    found = recommended_plan(lot)
    bad = too_many(lot)
    if bad <= lot:
        assert accept_of_lot(found.n, found.c, lot, bad) <= 0.05 + 1e-12


@pytest.mark.parametrize("found", [Plan(124, 2), Plan(58, 1, 100), Plan(80, 5, 1_000)])
def test_the_curve_falls_from_one(found: Plan) -> None:
    points = operating_characteristic(found)
    assert points[0] == pytest.approx((0, 1))
    values = [value for _, value in points]
    assert all(a >= b - 1e-9 for a, b in pairwise(values))
    assert points[-1][0] >= 0.2
    assert operating_characteristic(found, [0.05])[0][1] == pytest.approx(found.accepts(0.05))


def test_exact_bounds_of_newcombe_1998() -> None:
    """Clopper and Pearson of 81 in 263 and 15 in 148, at 95% two-sided."""
    assert bad_share_bounds(81, 263, confidence=0.975) == pytest.approx((0.2527, 0.3676), abs=5e-5)
    assert bad_share_bounds(15, 148, confidence=0.975) == pytest.approx((0.0578, 0.1617), abs=5e-5)
    assert bad_share_bounds(0, 59)[1] == pytest.approx(0.05, abs=5e-4)
    assert bad_share_bounds(0, 0) == (0, 1)


@given(st.integers(2, 60), st.data())
def test_bounds_of_a_lot_are_the_counts_that_are_not_refuted(lot: int, data: st.DataObject) -> None:
    n = data.draw(st.integers(1, lot))
    bad = data.draw(st.integers(0, n))
    low, high = bad_share_bounds(bad, n, lot)
    likely = [
        total
        for total in range(bad, bad + lot - n + 1)
        if stats.hypergeom(lot, total, n).cdf(bad) > 0.05 + 1e-12
    ]
    assert high == pytest.approx(max(likely) / lot)
    assert low <= high
    if n == lot:
        assert low == high == bad / lot


def test_what_is_the_risk_exactly_is_refuted() -> None:
    # Of 25 with 2 bad ones a sample of 19 holds none in C(23, 19) / C(25, 19) = 1 of 20.
    assert bad_share_bounds(0, 19, 25)[1] == 1 / 25


@pytest.mark.parametrize(
    ("lot", "aql", "expected"),
    [
        (400, 2.5, ("H", 50, 3)),
        (1_000, 2.5, ("J", 80, 5)),
        (2_000, 2.5, ("K", 125, 7)),
        (2_000, 4.0, ("K", 125, 10)),
        (100, 4.0, ("F", 20, 2)),
        # Arrows: below the zero plan, and between zero and one.
        (30, 2.5, ("C", 5, 0)),
        (80, 2.5, ("F", 20, 1)),
        (10, 2.5, ("C", 5, 0)),
        (600_000, 2.5, ("N", 500, 21)),
    ],
)
def test_plans_of_z14(lot: int, aql: float, expected: tuple[str, int, int]) -> None:
    """ANSI/ASQ Z1.4, table II-A, normal inspection, level II."""
    found = standard_plan(lot, aql)
    assert (found.letter, found.plan.n, found.plan.c) == expected
    assert found.rejects == expected[2] + 1


def test_aql_is_no_promise_to_the_customer() -> None:
    """Lots with 5% bad pass the plan of 2.5% in four of five."""
    assert Plan(80, 5).accepts(0.05) == pytest.approx(0.79, abs=0.005)
    assert Plan(50, 3).accepts(0.05) == pytest.approx(0.76, abs=0.005)


def test_every_aql_and_lot_has_a_plan_within_the_lot() -> None:
    for lot in (2, 3, 9, 60, 800, 5_000, 200_000):
        for aql in AQLS:
            found = standard_plan(lot, aql).plan
            assert found.c < found.n <= lot
    assert code_letter(501) == "J"


def test_what_is_no_plan_is_refused() -> None:
    with pytest.raises(InputRefused, match="no AQL"):
        standard_plan(100, 3.0)
    for n, c, lot in ((0, 0, None), (5, 5, None), (6, 0, 5)):
        with pytest.raises(InputRefused):
            Plan(n, c, lot)
    for share in (0.0, 1.0, float("nan")):
        with pytest.raises(InputRefused):
            plan(0, bad_share=share)
    with pytest.raises(InputRefused):
        bad_share_bounds(3, 2)
