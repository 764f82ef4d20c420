"""How often one-sided 95% bounds hold the true rate, by how labels of an episode cluster."""

from collections.abc import Iterator

import numpy as np

from review.measures.bootstrap import EpisodeBootstrap
from review.measures.bounds import Estimate, Moments, estimate_of, wilson
from review.measures.simulation import correct_labels
from tests.simulate.promise import Promise

REQUIRED = 0.93
ICCS = (0.0, 0.1, 0.2, 0.3)
EPISODES = (30, 50, 200)
Z_ONE_SIDED = 1.6448536


def bounds_of(right: np.ndarray, labels: np.ndarray) -> Estimate:
    """As a database sums them: x right of m labels an episode, n = 2 m."""
    x, m = right.astype(int), labels.astype(int)
    return estimate_of(
        Moments(
            episodes=len(m),
            x=int(x.sum()),
            n=int(2 * m.sum()),
            xx=int((x * x).sum()),
            xn=int((2 * x * m).sum()),
            nn=int((4 * m * m).sum()),
            imperfect=int((x < m).sum()),
        )
    )


def coverage(
    accuracy: float, icc: float, labels: np.ndarray, runs: int, rng: np.random.Generator
) -> tuple[float, float, float]:
    """(lower bound holds, upper bound holds, a naive lower bound holds): shares of the runs."""
    lower = upper = naive = 0
    for _ in range(runs):
        right = correct_labels(accuracy, icc, labels, rng)
        found = bounds_of(right, labels)
        assert found.lower is not None
        assert found.upper is not None
        lower += found.lower <= accuracy
        upper += found.upper >= accuracy
        naive += wilson(int(right.sum()), int(labels.sum()), Z_ONE_SIDED)[0] <= accuracy
    return lower / runs, upper / runs, naive / runs


def promises(runs: int, accuracies: tuple[float, ...] = (0.95, 0.98)) -> Iterator[Promise]:
    rng = np.random.default_rng(20_261_126)
    for accuracy in accuracies:
        for icc in ICCS:
            for episodes in EPISODES:
                for kind, labels in (
                    ("10 labels each", np.full(episodes, 10)),
                    ("2 to 18 labels", rng.integers(2, 19, episodes)),
                ):
                    lower, upper, naive = coverage(accuracy, icc, labels, runs, rng)
                    where = f"{accuracy}, ICC {icc}, {episodes} episodes, {kind}"
                    said = f"at least {REQUIRED}; labels taken as independent {naive:.3f}"
                    yield Promise(f"lower bound, {where}", lower, REQUIRED, 1, said)
                    yield Promise(
                        f"upper bound, {where}", upper, REQUIRED, 1, f"at least {REQUIRED}"
                    )


def bootstrap_coverage(
    accuracy: float, icc: float, episodes: int, runs: int, replicates: int = 500
) -> float:
    """How often the percentile bootstrap's lower bound holds; it is short, and never gates."""
    rng = np.random.default_rng(7)
    labels = np.full(episodes, 10)
    held = 0
    for run in range(runs):
        right = correct_labels(accuracy, icc, labels, rng)
        bootstrap = EpisodeBootstrap(episodes, replicates, seed=run)
        spread = bootstrap.spread(
            np.column_stack((right, labels)), lambda sums: sums[:, 0] / sums[:, 1]
        )
        held += spread is not None and spread.lower <= accuracy
    return held / runs
