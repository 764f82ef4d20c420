"""Experts' spread on one episode: distances beyond any tolerance, gaps, boundaries."""

from itertools import pairwise

import numpy as np

from review.measures.calibration.gold import calibrate_tolerance
from review.measures.calibration.spread import Spread, expert_spread, pooled
from review.measures.records import Answer, Instant, Interval
from review.measures.simulation import Annotator, EpisodePlan, annotate, true_answer

MS, SECOND = 1_000_000, 1_000_000_000


def marks(*times_ms: int) -> Answer:
    return Answer(tuple(Instant("grasp", "right", one * MS) for one in times_ms))


def test_distances_and_gaps_of_two_experts() -> None:
    found = expert_spread([marks(1000, 3000), marks(1200, 2990)], duration_ns=10 * SECOND)
    assert found == {
        "grasp": Spread((200 * MS, -10 * MS), (2000 * MS, 1790 * MS)),
    }


def test_three_experts_give_every_pair_and_other_hands_are_not_compared() -> None:
    found = expert_spread([marks(1000), marks(1010), marks(1030)], duration_ns=10 * SECOND)
    assert sorted(found["grasp"].offsets_ns) == [10 * MS, 20 * MS, 30 * MS]
    left = Answer((Instant("grasp", "left", SECOND),))
    assert expert_spread([marks(1000), left], duration_ns=10 * SECOND) == {}


def test_boundaries_stand_under_no_class() -> None:
    def cut(at_ms: int) -> Answer:
        ends = (0, at_ms * MS, 10 * SECOND)
        return Answer(
            (),
            tuple(
                Interval("instruction", "", start, end, "go", True) for start, end in pairwise(ends)
            ),
        )

    assert expert_spread([cut(4000), cut(4300)], duration_ns=10 * SECOND)[""].offsets_ns == (
        300 * MS,
    )


def test_one_expert_says_nothing_of_spread() -> None:
    assert expert_spread([marks(1000)], duration_ns=SECOND) == {}
    assert pooled([]) == {}


def test_simulated_experts_give_back_their_jitter() -> None:
    """|difference of two normals of 20 ms| lies within 1.96 * 28.3 ms in 95 % of cases."""
    plan, rng = EpisodePlan(), np.random.default_rng(7)
    experts = [Annotator(name, accuracy=1.0, jitter_ns=20 * MS) for name in "ab"]
    spreads = []
    for number in range(200):
        truth = true_answer(plan, rng, f"e{number}")
        answers = [annotate(truth, who, plan, rng) for who in experts]
        spreads.append(expert_spread(answers, duration_ns=plan.duration_ns))
    found = pooled(spreads)["grasp_closed"]
    frame_ns = SECOND // 50
    tolerance = calibrate_tolerance(found.offsets_ns, found.gaps_ns, frame_ns=frame_ns)
    assert tolerance.frames == 3
    assert tolerance.tolerance_ns == 60 * MS
