"""The stored sample, and where its inspection stands."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.measures.acceptance.plans import Plan
from review.measures.acceptance.progress import Lot, progress
from review.measures.acceptance.sampling import Item, stratified_sample
from review.measures.refused import InputRefused

BATCH = [Item(f"e{i:03}", (f"a{i % 4}", f"t{i % 3}")) for i in range(120)]


def ids(n: int, seed: str, batch: list[Item] = BATCH) -> list[str]:
    return [one.item.id for one in stratified_sample(batch, n, seed=seed)]


def test_the_same_seed_draws_the_same_sample_in_whatever_order_the_batch_comes() -> None:
    assert ids(24, "batch 7") == ids(24, "batch 7", BATCH[::-1])
    assert ids(24, "batch 7") != ids(24, "batch 7 again")
    # Pinned: a stored seed must draw the same episodes next year.
    assert ids(3, "batch 7") == ["e026", "e024", "e049"]


@given(st.integers(0, 120), st.text(max_size=8))
def test_every_stratum_gives_its_share(n: int, seed: str) -> None:
    drawn = stratified_sample(BATCH, n, seed=seed)
    assert len({one.item.id for one in drawn}) == len(drawn) == n
    assert [one.order for one in drawn] == list(range(n))
    sizes = Counter(one.item.stratum for one in drawn)
    for stratum, size in Counter(item.stratum for item in BATCH).items():
        assert abs(sizes[stratum] - n * size / 120) < 1


def test_every_episode_is_drawn_equally_often() -> None:
    """Strata of 30, 20, 10 and 1, a sample of 7, drawn 4,000 times."""
    sizes = {"ada": 30, "abe": 20, "bo": 10, "cy": 1}
    batch = [Item(f"{who}{i}", (who,)) for who, size in sizes.items() for i in range(size)]
    counts = Counter(id_ for k in range(4_000) for id_ in ids(7, str(k), batch))
    for who, size in sizes.items():
        own = np.array([counts[f"{who}{i}"] for i in range(size)]) / 4_000
        assert own.mean() == pytest.approx(7 / 61, rel=0.15 if size == 1 else 0.04)
        assert own.std() < 0.01


def test_an_episode_twice_or_too_many_are_refused() -> None:
    with pytest.raises(InputRefused, match="twice"):
        stratified_sample([*BATCH, BATCH[0]], 3, seed="x")
    with pytest.raises(InputRefused, match="121 of 120"):
        stratified_sample(BATCH, 121, seed="x")
    assert stratified_sample([], 0, seed="x") == []


def test_progress_says_how_many_more() -> None:
    plan = Plan(58, 1, 100)
    begun = progress(plan, looked_at=20, bad=1)
    assert (begun.state, begun.more, begun.spare, begun.upper) == (Lot.OPEN, 38, 0, None)
    done = progress(plan, looked_at=58, bad=1)
    assert (done.state, done.more) == (Lot.ACCEPTED, 0)
    assert done.upper is not None
    assert done.upper <= 0.05
    rejected = progress(plan, looked_at=21, bad=2)
    assert (rejected.state, rejected.more, rejected.spare) == (Lot.REJECTED, 0, 0)


def test_a_failed_sample_is_never_added_to() -> None:
    with pytest.raises(InputRefused, match="sample has 10") as refused:
        progress(Plan(10, 0), looked_at=11, bad=0)
    assert "fresh sample" in refused.value.remedy
    with pytest.raises(InputRefused):
        progress(Plan(10, 0), looked_at=3, bad=4)
