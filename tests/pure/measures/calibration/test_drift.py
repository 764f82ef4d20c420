"""CUSUM, EWMA and p-chart."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.measures.calibration.drift import (
    LATELY,
    CusumPlan,
    cusum,
    ewma,
    ewma_by_type,
    p_chart,
    scale_of,
)
from review.measures.calibration.trials import Trials
from review.measures.refused import InputRefused, Reason

RIGHT, WRONG = Trials(1, 1), Trials(0, 1)


def test_three_errors_close_together_raise_the_alarm() -> None:
    """Each error adds ln 3 = 1.0986, each right label takes 0.087: 3 errors pass h = 3."""
    found = cusum([RIGHT] * 5 + [WRONG, WRONG, WRONG] + [RIGHT] * 4)
    assert (found.alarm, found.since) == (7, 5)
    assert found.path[7] == pytest.approx(3 * math.log(3))
    assert cusum([WRONG, WRONG, *[RIGHT] * 9, WRONG]).alarm is None


def test_it_never_falls_below_zero_and_forgets() -> None:
    assert cusum([RIGHT] * 100).path == (0.0,) * 100
    assert cusum([WRONG, *[RIGHT] * 30, WRONG, WRONG]).alarm is None


def test_labels_that_cluster_count_less() -> None:
    assert cusum([WRONG] * 4, CusumPlan(deff=2)).alarm is None
    assert cusum([WRONG] * 6, CusumPlan(deff=2)).alarm == 5


@given(st.lists(st.booleans(), max_size=60), st.integers(0, 60))
def test_it_goes_on_where_it_stopped(right: list[bool], cut: int) -> None:
    rows = [RIGHT if one else WRONG for one in right]
    first = cusum(rows[:cut])
    start = first.path[-1] if first.path else 0.0
    second = cusum(rows[cut:], start=start)
    assert (*first.path, *second.path) == pytest.approx(cusum(rows).path)


def test_ewma_limits_are_those_of_the_formula_and_catch_a_lasting_bias() -> None:
    quiet = ewma([0.0] * 10, sigma_ns=10)
    assert quiet.alarm is None
    assert quiet.points[0].high_ns == pytest.approx(3 * 10 * 0.2)
    last = 3 * 10 * math.sqrt(0.2 / 1.8 * (1 - 0.8**20))
    assert quiet.points[9].high_ns == pytest.approx(last)
    shifted = ewma([0.0] * 5 + [20.0] * 10, sigma_ns=10)
    assert shifted.alarm is not None
    assert 5 < shifted.alarm < 10
    assert ewma([25.0], sigma_ns=10).alarm is None


def test_a_drift_is_not_over_with_the_first_mark_within_the_limits() -> None:
    back = [0.0] * 5 + [40.0] * 10 + [-60.0, -60.0]
    found = ewma(back, sigma_ns=10)
    assert not found.points[-1].out
    assert found.out_lately
    assert not ewma([*back, *[0.0] * LATELY], sigma_ns=10).out_lately
    assert not ewma([], sigma_ns=10).out_lately


def test_ewma_is_the_weighted_mean() -> None:
    rng = np.random.default_rng(1)
    values = rng.normal(0, 5, 20)
    found = ewma(values.tolist(), sigma_ns=5, centre_ns=2).points[-1].value_ns
    weights = 0.2 * 0.8 ** np.arange(19, -1, -1)
    assert found == pytest.approx(float(weights @ values + 0.8**20 * 2))


def test_each_event_type_has_its_chart_with_the_teams_scale() -> None:
    team = {"release": [-20.0, 0.0, 20.0, 40.0], "slip": [5.0, 5.0]}
    found = ewma_by_type({"release": [10.0], "slip": [5.0]}, team)
    assert scale_of(team["release"]) == pytest.approx((10, 1.4826 * 20))
    assert found["release"].points[0].value_ns == 10
    assert found["slip"].reason is Reason.NO_SPREAD
    assert scale_of([]) == (0, 0)


def test_p_chart_limits_widen_where_little_was_judged() -> None:
    centre, points = p_chart([("w1", 95, 100), ("w2", 18, 25), ("w3", 0, 0), ("w4", 97, 100)])
    assert centre is not None
    assert centre == pytest.approx(210 / 225)
    half = 3 * math.sqrt(centre * (1 - centre) / 25)
    assert points[1].low == pytest.approx(centre - half)
    assert [point.out for point in points] == [False, True, False, False]
    assert points[2].rate is None
    assert p_chart([])[0] is None
    # With a design effect the same week is within its limits.
    assert not p_chart([("w1", 95, 100), ("w2", 18, 25)], deff=6)[1][1].out


@pytest.mark.parametrize("offsets", [[float("nan")], [float("inf")]])
def test_what_is_no_number_is_refused(offsets: list[float]) -> None:
    with pytest.raises(InputRefused):
        ewma(offsets, sigma_ns=1)
    with pytest.raises(InputRefused):
        p_chart([("w1", 3, 2)])
    with pytest.raises(InputRefused):
        CusumPlan(p_in=0.8)
