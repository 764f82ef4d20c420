"""Rasch: skills and difficulties."""

from statistics import fmean

import numpy as np
import pytest
from scipy.optimize import minimize

from review.measures.calibration.difficulty import Attempt, Difficulty, rasch
from review.measures.refused import InputRefused, Reason


def attempts(people: int, items: int, seed: int, seen: float = 1.0) -> list[Attempt]:
    rng = np.random.default_rng(seed)
    skill, hard = rng.normal(0, 1, people), rng.normal(-2, 1.2, items)
    chance = 1 / (1 + np.exp(hard[None, :] - skill[:, None]))
    return [
        Attempt(f"p{j:02}", f"i{i:03}", bool(rng.random() < chance[j, i]))
        for j in range(people)
        for i in range(items)
        if rng.random() < seen
    ]


def values(found: Difficulty) -> tuple[dict[str, float], dict[str, float]]:
    return {one.name: one.value for one in found.skills}, {
        one.name: one.value for one in found.items
    }


def test_the_mode_is_the_one_scipy_finds() -> None:
    """The log posterior written out again and handed to BFGS."""
    rows = attempts(6, 30, seed=1, seen=0.8)
    skills, items = values(rasch(rows))
    people, things = sorted(skills), sorted(items)
    j = np.array([people.index(one.annotator) for one in rows])
    i = np.array([things.index(one.item) for one in rows])
    right = np.array([one.right for one in rows])

    def loss(x: np.ndarray) -> float:
        t, b, mu = x[:6], x[6:-1], x[-1]
        logit = t[j] - b[i]
        likelihood = np.where(right, -np.logaddexp(0, -logit), -np.logaddexp(0, logit)).sum()
        prior = -(t**2).sum() / 2 - ((b - mu) ** 2).sum() / (2 * 1.5**2) - mu**2 / 50
        return float(-(likelihood + prior))

    best = minimize(loss, np.zeros(6 + len(things) + 1), method="BFGS", options={"gtol": 1e-7}).x
    assert [skills[name] for name in people] == pytest.approx(best[:6].tolist(), abs=1e-3)
    assert [items[name] for name in things] == pytest.approx(best[6:-1].tolist(), abs=1e-3)


def test_it_ranks_people_and_items_as_they_are() -> None:
    rows = attempts(12, 80, seed=2)
    found = rasch(rows)
    share = {one.name: one.passed / one.attempts for one in found.skills}
    assert list(share.values()) == sorted(share.values(), reverse=True)
    hardest, easiest = found.items[0], found.items[-1]
    assert hardest.passed < easiest.passed
    assert all(one.se > 0 for one in (*found.skills, *found.items))


def test_standard_errors_shrink_with_attempts() -> None:
    """Of people; what is left is where the scale's zero lies, which more items do not tell."""
    few = rasch(attempts(6, 30, seed=3)).skills
    many = rasch(attempts(6, 120, seed=3)).skills
    assert fmean(one.se for one in many) < fmean(one.se for one in few)


def test_an_item_everybody_fails_stays_finite() -> None:
    rows = [Attempt(f"p{j}", f"i{i}", i > 0) for j in range(5) for i in range(30)]
    found = rasch(rows)
    assert found.items[0].name == "i0"
    assert abs(found.items[0].value) < 10


def test_too_little_says_so_and_a_second_attempt_is_refused() -> None:
    assert rasch(attempts(5, 29, 1)).reason is Reason.TOO_FEW_ITEMS
    assert rasch(attempts(4, 40, 1)).reason is Reason.TOO_FEW_RATERS
    with pytest.raises(InputRefused, match="twice"):
        rasch([*attempts(5, 30, 1), Attempt("p00", "i000", True)])
