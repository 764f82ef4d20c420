"""Operating characteristics of the SPRT and the CUSUM, against the published design's numbers.

The design (../shared/agreement.md) was itself simulated, and rounded: a difference is judged by the
sampling error of both, taking 2,000 runs for the design's, and half a unit of its last digit.
"""

import math
from collections.abc import Iterator

import numpy as np

from review.measures.calibration.drift import CusumPlan, cusum
from review.measures.calibration.sprt import Qualification, SprtPlan, sprt
from review.measures.calibration.trials import Trials
from tests.simulate.promise import Promise, sampling_error

DESIGN_RUNS = 2_000
# accuracy: (share that passes, share that fails, mean labels); None where the design is silent.
SPRT_DESIGN = {
    0.99: (0.99, None, 36.0),
    0.97: (0.85, 0.03, None),
    0.93: (0.30, None, None),
    0.90: (0.10, None, None),
    0.85: (None, 0.97, 27.0),
}
# h: mean labels to an alarm at accuracy 0.96 (in control), 0.88, 0.80.
CUSUM_DESIGN = {3.0: {0.96: 670, 0.88: 44, 0.80: 20}, 3.5: {0.96: 1_116, 0.88: 56, 0.80: 25}}
ONE = (Trials(0, 1), Trials(1, 1))


def sprt_runs(
    accuracy: float, plan: SprtPlan, runs: int, rng: np.random.Generator
) -> tuple[float, float, np.ndarray]:
    """(share passed, share failed, labels of each run): independent labels, one at a time."""
    passed = failed = 0
    labels = np.empty(runs)
    for run in range(runs):
        right = rng.random(math.ceil(plan.cap)) < accuracy
        result = sprt([ONE[bool(one)] for one in right], plan)
        passed += result.state is Qualification.PASSED
        failed += result.state is Qualification.FAILED
        labels[run] = result.labels
    return passed / runs, failed / runs, labels


def sprt_promises(runs: int) -> Iterator[Promise]:
    rng = np.random.default_rng(1)
    plan = SprtPlan(deff=1.0, min_episodes=1)
    for accuracy, (passes, fails, mean) in SPRT_DESIGN.items():
        passed, failed, labels = sprt_runs(accuracy, plan, runs, rng)
        for name, wanted, found in (("passes", passes, passed), ("fails", fails, failed)):
            if wanted is not None:
                yield _near(f"SPRT, true {accuracy}: {name}", found, wanted, runs)
        if mean is not None:
            yield _mean_near(f"SPRT, true {accuracy}: mean labels", labels, mean)


def sprt_clustered_promises(runs: int) -> Iterator[Promise]:
    """Labels that cluster, judged with their design effect: good ones must not fail more often."""
    rng = np.random.default_rng(2)
    plan = SprtPlan(deff=2.0)
    icc, each = (plan.deff - 1) / 9, 10
    for accuracy, state, most in (
        (plan.p_good, Qualification.FAILED, plan.alpha),
        (plan.p_bad, Qualification.PASSED, plan.beta),
    ):
        wrong = 0
        strength = 1 / icc - 1
        for _ in range(runs):
            rates = rng.beta(accuracy * strength, (1 - accuracy) * strength, 16)
            results = [Trials(int(k), each) for k in rng.binomial(each, rates)]
            wrong += sprt(results, plan).state is state
        yield Promise(
            f"SPRT, true {accuracy}, labels cluster (deff 2): {state}",
            wrong / runs,
            0,
            most + sampling_error(most, runs),
            f"at most {most} and sampling error",
        )


def cusum_runs(accuracy: float, plan: CusumPlan, runs: int, rng: np.random.Generator) -> np.ndarray:
    """Labels to the alarm, of each run."""
    found = np.empty(runs)
    for run in range(runs):
        done, s = 0, 0.0
        while True:
            right = rng.random(200) < accuracy
            result = cusum([ONE[bool(one)] for one in right], plan, start=s)
            if result.alarm is not None:
                found[run] = done + result.alarm + 1
                break
            done, s = done + len(right), result.path[-1]
    return found


def cusum_promises(runs: int) -> Iterator[Promise]:
    rng = np.random.default_rng(3)
    for h, design in CUSUM_DESIGN.items():
        for accuracy, wanted in design.items():
            labels = cusum_runs(accuracy, CusumPlan(h=h), runs, rng)
            yield _mean_near(f"CUSUM, h = {h}, true {accuracy}: labels to alarm", labels, wanted)


def _near(name: str, found: float, wanted: float, runs: int) -> Promise:
    spread = max(wanted * (1 - wanted), 1 / runs)
    reach = 3 * math.sqrt(spread * (1 / runs + 1 / DESIGN_RUNS)) + 0.005
    return Promise(name, found, wanted - reach, wanted + reach, f"{wanted} ± {reach:.3f}")


def _mean_near(name: str, values: np.ndarray, wanted: float) -> Promise:
    error = float(values.std(ddof=1))
    reach = 3 * error * math.sqrt(1 / len(values) + 1 / DESIGN_RUNS) + 0.5
    mean = float(values.mean())
    return Promise(name, mean, wanted - reach, wanted + reach, f"{wanted} ± {reach:.1f}")
