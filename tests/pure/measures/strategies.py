"""Random answers for property tests."""

from hypothesis import strategies as st

from review.measures.records import Answer, Instant, Interval

DURATION_NS = 2_000
TYPES = ("first_contact", "grasp_closed", "release")
TRACKS = ("left", "right")

instants = st.lists(
    st.builds(
        Instant,
        type=st.sampled_from(TYPES),
        track=st.sampled_from(TRACKS),
        at_ns=st.integers(0, DURATION_NS - 1),
    ),
    max_size=9,
).map(tuple)


@st.composite
def _interval(draw: st.DrawFn) -> Interval:
    start = draw(st.integers(0, DURATION_NS - 2))
    end = draw(st.integers(start + 1, DURATION_NS))
    label = draw(st.sampled_from(("instruction", "failure", "recovery")))
    text = draw(st.sampled_from(("", "lift it", "close the gripper", "close the jaw")))
    return Interval(
        label, draw(st.sampled_from(TRACKS)), start, end, text, exclusive=label == "instruction"
    )


intervals = st.lists(_interval(), max_size=7).map(tuple)
answers = st.builds(
    Answer,
    instants=instants,
    intervals=intervals,
    outcome=st.sampled_from((None, "outcome_success", "outcome_failure")),
)
