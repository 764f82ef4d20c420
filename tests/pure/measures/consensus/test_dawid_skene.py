"""Dawid and Skene's model."""

import numpy as np
import pytest

from review.measures.consensus.dawid_skene import MIN_ITEMS, dawid_skene
from review.measures.consensus.votes import majority
from review.measures.refused import InputRefused, Reason

Votes = list[tuple[str, str, str]]
VALUES = ("failure", "partial", "success")


def simulated(items: int, rights: list[float], seed: int) -> tuple[Votes, dict[str, str]]:
    rng = np.random.default_rng(seed)
    truth = {f"e{i:04}": VALUES[int(rng.choice(3, p=(0.2, 0.3, 0.5)))] for i in range(items)}
    votes = [
        (item, f"r{j}", value if rng.random() < right else VALUES[int(rng.integers(3))])
        for item, value in truth.items()
        for j, right in enumerate(rights)
        if rng.random() < 0.9
    ]
    return votes, truth


def test_one_good_rater_outweighs_three_poor_ones() -> None:
    votes, truth = simulated(600, [0.97, 0.3, 0.3, 0.3], seed=1)
    found = dawid_skene(votes)
    suggested = sum(one.value == truth[one.item] for one in found.suggestions)
    by_item: dict[str, dict[str, str | None]] = {}
    for item, rater, value in votes:
        by_item.setdefault(item, {})[rater] = value
    voted = sum(majority(own).value == truth[item] for item, own in by_item.items())
    assert suggested > voted + 100
    assert found.confusion is not None
    assert np.diag(found.confusion["r0"]).min() > 0.8
    assert np.diag(found.confusion["r1"]).max() < 0.75


def test_known_rates_are_found_and_probabilities_mean_what_they_say() -> None:
    votes, truth = simulated(3_000, [0.9, 0.8, 0.7], seed=2)
    found = dawid_skene(votes)
    assert found.values == VALUES
    assert found.prevalence == pytest.approx((0.2, 0.3, 0.5), abs=0.04)
    assert found.confusion is not None
    for rater, right in (("r0", 0.9), ("r1", 0.8), ("r2", 0.7)):
        diagonal = np.diag(found.confusion[rater])
        assert diagonal == pytest.approx(right + (1 - right) / 3, abs=0.06)
    sure = [one for one in found.suggestions if one.probability > 0.9]
    share = sum(one.value == truth[one.item] for one in sure) / len(sure)
    assert share == pytest.approx(np.mean([one.probability for one in sure]), abs=0.03)


def test_em_is_at_a_fixed_point_of_the_written_out_model() -> None:
    """The posterior of each item computed again, vote by vote, from the fitted parameters."""
    votes, _ = simulated(250, [0.9, 0.7, 0.6], seed=3)
    found = dawid_skene(votes)
    assert found.confusion is not None
    likelihood = 0.0
    for one in found.suggestions[:50]:
        own = [(rater, value) for item, rater, value in votes if item == one.item]
        joint = [
            found.prevalence[k] * np.prod([found.confusion[r][k][VALUES.index(v)] for r, v in own])
            for k in range(3)
        ]
        likelihood += float(np.log(sum(joint)))
        assert one.value == VALUES[int(np.argmax(joint))]
        assert one.probability == pytest.approx(max(joint) / sum(joint), abs=1e-3)
        assert one.sources == tuple(sorted(r for r, v in own if v == one.value))
    assert found.log_likelihood is not None
    assert found.log_likelihood < likelihood < 0


def test_unanimous_votes_stay() -> None:
    votes = [(f"e{i}", rater, "ab"[i % 2]) for i in range(MIN_ITEMS) for rater in "xyz"]
    found = dawid_skene(votes)
    assert all(one.probability > 0.999 and len(one.sources) == 3 for one in found.suggestions)


def test_order_of_votes_does_not_matter() -> None:
    votes, _ = simulated(220, [0.9, 0.8, 0.7], seed=4)
    assert dawid_skene(votes) == dawid_skene(votes[::-1])


def test_too_little_is_no_suggestion() -> None:
    votes, _ = simulated(300, [0.9, 0.8, 0.7], seed=5)
    assert dawid_skene(v for v in votes if v[1] != "r2").reason is Reason.TOO_FEW_RATERS
    assert dawid_skene(v for v in votes if v[0] < "e0150").reason is Reason.TOO_FEW_ITEMS
    same = [(item, rater, "success") for item, rater, _ in votes]
    assert dawid_skene(same).reason is Reason.ONE_CATEGORY
    with pytest.raises(InputRefused, match="once"):
        dawid_skene([*votes, (*votes[0][:2], "other")])
