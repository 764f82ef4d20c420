"""What is believed of people by kind of label, with simulated annotators of known accuracy."""

import numpy as np

from review.measures.calibration.picture import H, pictures, plan_around
from review.measures.calibration.standing import Standing
from review.measures.calibration.trials import Trials
from review.measures.simulation import correct_labels


def worked(accuracy: float, episodes: int, seed: int) -> list[Trials]:
    rng = np.random.default_rng(seed)
    labels = np.full(episodes, 10)
    return [Trials(float(x), 10) for x in correct_labels(accuracy, 0.0, labels, rng)]


def test_the_good_stand_and_the_bad_are_paused() -> None:
    found = pictures(
        {"good": worked(0.985, 60, 1), "bad": worked(0.85, 60, 2), "new": worked(0.98, 1, 3)}
    )
    assert {name: one.state for name, one in found.items()} == {
        "good": Standing.GOOD,
        "bad": Standing.PAUSE,
        "new": Standing.INSUFFICIENT,
    }
    assert found["bad"].alarm
    assert found["bad"].belief.upper < 0.95
    assert found["good"].episodes == 60


def test_a_fall_is_found_and_its_beginning_named() -> None:
    results = [Trials(10, 10)] * 30 + worked(0.7, 12, 4)
    found = pictures({"one": results, "other": worked(0.98, 60, 5)})["one"]
    assert found.state is Standing.PAUSE
    assert found.alarm
    assert found.doubtful_from is not None
    assert 30 <= found.doubtful_from < 36
    assert found.chart.path[29] == 0


def test_before_an_alarm_doubt_begins_after_the_last_zero() -> None:
    results = [Trials(10, 10), Trials(8, 10), Trials(5, 5)]
    found = pictures({"one": results})["one"]
    assert not found.alarm
    assert 0 < found.cusum < H
    assert found.doubtful_from == 1
    assert pictures({"one": results[:1]})["one"].doubtful_from is None


def test_who_was_not_measured_on_a_kind_has_no_picture_of_it() -> None:
    assert pictures({"one": [Trials(0, 0)], "other": [Trials(5, 5)]}).keys() == {"other"}
    assert pictures({}) == {}


def test_the_chart_moves_with_the_bar() -> None:
    plan = plan_around(0.95)
    assert (round(plan.p_in, 6), round(plan.p_bad, 6), plan.h) == (0.96, 0.88, 3.0)
    assert plan_around(0.999).p_in == 0.995
    assert plan_around(0.05).p_bad < plan_around(0.05).p_in
