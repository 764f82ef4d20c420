"""Posterior of an annotator, and what follows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from review.measures.calibration.standing import Standing, posterior, posteriors, standing
from review.measures.refused import InputRefused


def test_posterior_is_scipys_beta() -> None:
    found = posterior(45, 50, team_mean=0.96)
    belief = stats.beta(20 * 0.96 + 45, 20 * 0.04 + 5)
    assert found.mean == pytest.approx(belief.mean())
    assert (found.lower, found.upper) == pytest.approx(tuple(belief.ppf([0.05, 0.95])))
    jeffreys = stats.beta(45.5, 5.5).ppf([0.05, 0.95])
    assert (found.jeffreys_lower, found.jeffreys_upper) == pytest.approx(tuple(jeffreys))


def test_a_beginner_is_taken_for_the_team_and_shown_as_insufficient() -> None:
    found = posterior(0, 0, team_mean=0.97)
    assert found.mean == pytest.approx(0.97)
    assert (found.raw, found.enough) == (None, False)
    assert standing(found) is Standing.INSUFFICIENT


@pytest.mark.parametrize(
    ("right", "total", "expected"),
    [
        (198, 200, Standing.GOOD),
        (186, 200, Standing.WARN),
        (150, 200, Standing.PAUSE),
        (5, 15, Standing.INSUFFICIENT),
    ],
)
def test_standing(right: int, total: int, expected: Standing) -> None:
    assert standing(posterior(right, total, team_mean=0.96)) is expected


def test_an_alarm_pauses_whoever_it_is() -> None:
    assert standing(posterior(199, 200, team_mean=0.97), alarm=True) is Standing.PAUSE
    assert standing(posterior(3, 3, team_mean=0.97), alarm=True) is Standing.PAUSE


def test_nobody_is_in_their_own_prior() -> None:
    found = posteriors({"ada": (90, 100), "abe": (99, 100), "bo": (97, 100)})
    alone = posterior(90, 100, team_mean=196 / 200)
    assert found["ada"] == alone
    assert posteriors({"ada": (9, 10)})["ada"] == posterior(9, 10, team_mean=None)


@given(st.integers(0, 80), st.integers(0, 80), st.floats(0, 1), st.floats(1, 5))
def test_bounds_hold_the_mean_and_a_design_effect_widens_them(
    right: int, wrong: int, team: float, deff: float
) -> None:
    total = right + wrong
    found = posterior(right, total, team_mean=team, deff=deff)
    assert 0 <= found.lower < found.mean < found.upper <= 1
    plain = posterior(right, total, team_mean=team)
    assert found.n_effective <= plain.n_effective


def test_impossible_counts_are_refused() -> None:
    for right, total in ((3, 2), (float("nan"), 2)):
        with pytest.raises(InputRefused):
            posterior(right, total, team_mean=0.9)
    with pytest.raises(InputRefused):
        posterior(1, 2, team_mean=1.5)
