"""Duration-weighted alpha and frame accuracy, against krippendorff on every frame as an item."""

from itertools import pairwise

import krippendorff
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from review.measures.counts import Said, count_pair
from review.measures.measure import UNLABELLED
from review.measures.records import Answer, Interval, Tolerances
from review.measures.refused import Reason
from review.measures.timeline import SEGMENTS, duration_alpha, frame_accuracy

FRAMES = 60
TEXTS = ("reach", "grasp", "lift")


@st.composite
def timelines(draw: st.DrawFn) -> tuple[Interval, ...]:
    """Segments that do not overlap, with gaps."""
    edges = sorted(draw(st.sets(st.integers(0, FRAMES), max_size=8)))
    return tuple(
        Interval("instruction", "", a, b, draw(st.sampled_from(TEXTS)), exclusive=True)
        for a, b in pairwise(edges)
        if draw(st.booleans())
    )


def durations(a: tuple[Interval, ...], b: tuple[Interval, ...]) -> dict[Said, int]:
    found = count_pair(
        Answer(intervals=a), Answer(intervals=b), duration_ns=FRAMES, tolerances=Tolerances()
    )
    return dict(found.durations)


def frames(side: tuple[Interval, ...]) -> list[int]:
    said = [0] * FRAMES
    for one in side:
        said[one.start_ns : one.end_ns] = [1 + TEXTS.index(one.text)] * (one.end_ns - one.start_ns)
    return said


@given(timelines(), timelines())
def test_alpha_is_that_of_all_frames(a: tuple[Interval, ...], b: tuple[Interval, ...]) -> None:
    rows = np.array([frames(a), frames(b)])
    assume(len(np.unique(rows)) > 1)
    expected = krippendorff.alpha(rows, level_of_measurement="nominal")
    assert duration_alpha(durations(a, b)).value == pytest.approx(expected, abs=1e-12)


@given(timelines(), timelines())
def test_the_whole_episode_is_swept_once(a: tuple[Interval, ...], b: tuple[Interval, ...]) -> None:
    assume(a or b)
    assert sum(durations(a, b).values()) == FRAMES


def test_worked_example_with_an_unlabelled_stretch() -> None:
    a = (
        Interval("instruction", "", 0, 40, "reach", True),
        Interval("instruction", "", 40, 60, "lift", True),
    )
    b = (Interval("instruction", "", 0, 30, "reach", True),)
    assert durations(a, b) == {
        Said(SEGMENTS, "instruction: reach", "instruction: reach"): 30,
        Said(SEGMENTS, "instruction: reach", UNLABELLED): 10,
        Said(SEGMENTS, "instruction: lift", UNLABELLED): 20,
    }
    accuracy = frame_accuracy(durations(a, b))
    assert (accuracy.value, accuracy.n) == (0.5, 60)


def test_spans_are_a_layer_of_their_own() -> None:
    a = (Interval("failure", "", 10, 30),)
    b = (Interval("failure", "", 20, 30),)
    found = durations(a, b)
    assert found[Said("failure", "failure", "failure")] == 10
    assert found[Said("failure", UNLABELLED, UNLABELLED)] == 40
    assert duration_alpha(found).reason is Reason.NOTHING
    assert duration_alpha(found, "failure").value is not None


def test_one_category_is_undefined_but_its_agreement_is_told() -> None:
    whole = (Interval("instruction", "", 0, FRAMES, "reach", True),)
    alpha = duration_alpha(durations(whole, whole))
    assert (alpha.value, alpha.observed, alpha.reason) == (None, 1, Reason.ONE_CATEGORY)
