"""Batches of known quality, sampled and judged by the functions that judge real ones."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from review.measures.acceptance.plans import Plan, plan, too_many
from review.measures.acceptance.progress import Lot, progress
from review.measures.acceptance.sampling import Item, stratified_sample
from review.measures.acceptance.standard import standard_plan
from tests.simulate.promise import Promise, sampling_error


@dataclass(frozen=True, slots=True)
class KnownLot:
    """``bad`` of ``size`` episodes do not conform; ``one_annotator``: all of them of one person."""

    size: int
    bad: int
    one_annotator: bool = False


def accepted_share(lot: KnownLot, chosen: Plan, runs: int, seed: int) -> float:
    rng = np.random.default_rng(seed)
    accepted = 0
    for run in range(runs):
        order = np.arange(lot.size) if lot.one_annotator else rng.permutation(lot.size)
        bad = {str(i) for i in order[: lot.bad].tolist()}
        items = [Item(str(i), (str(i * 4 // lot.size), str(i % 3))) for i in range(lot.size)]
        drawn = stratified_sample(items, chosen.n, seed=f"{seed}/{run}")
        accepted += _judge(chosen, [one.item.id in bad for one in drawn]) is Lot.ACCEPTED
    return accepted / runs


def _judge(chosen: Plan, wrong: list[bool]) -> Lot:
    """Inspect in the drawn order until the lot is decided."""
    bad = 0
    for looked_at, one in enumerate(wrong, start=1):
        bad += one
        state = progress(chosen, looked_at=looked_at, bad=bad).state
        if state is not Lot.OPEN:
            return state
    return Lot.OPEN


def promises(runs: int) -> Iterator[Promise]:
    for size, c in ((100, 1), (300, 2)):
        chosen = plan(c, lot=size)
        assert chosen is not None
        for bad in (too_many(size), 2 * too_many(size), round(0.01 * size)):
            yield _as_planned(KnownLot(size, bad), chosen, runs)
        worst = too_many(size)
        found = accepted_share(KnownLot(size, worst, one_annotator=True), chosen, runs, seed=5)
        yield Promise(
            f"lot of {size}, n = {chosen.n}, c = {c}, {worst} bad, all of one person: accepted",
            found,
            0,
            0.05 + sampling_error(0.05, runs),
            "at most 0.05 and sampling error",
        )
    standard = standard_plan(1_000, 2.5).plan
    yield _as_planned(KnownLot(1_000, 50), standard, max(200, runs // 4))


def _as_planned(lot: KnownLot, chosen: Plan, runs: int) -> Promise:
    wanted = chosen.accepts(lot.bad / lot.size)
    reach = sampling_error(wanted, runs)
    # Strata take their exact share: the sample varies a little less than a plain one.
    slack = 0.03
    return Promise(
        f"lot of {lot.size}, n = {chosen.n}, c = {chosen.c}, {lot.bad} bad: accepted",
        accepted_share(lot, chosen, runs, seed=lot.bad),
        max(0.0, wanted - reach - slack),
        min(1.0, wanted + reach + slack),
        f"{wanted:.3f} ± {reach + slack:.3f}",
    )
