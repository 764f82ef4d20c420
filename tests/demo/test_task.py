"""What the seeded tasks say is what the truth answers, in the words that the truth uses."""

from annotation.labels.phrases import generalised
from demo.scenarios import EPISODES, GOALS, INSTRUCTIONS
from demo.truth import outcome_facts
from review.services import demo as seeded


def test_the_goals_are_those_that_the_truth_answers() -> None:
    assert seeded.GOALS == GOALS
    assert set(outcome_facts("outcome_partial")) == {f"goal.{name}" for name in GOALS}


def test_the_usual_steps_are_said_as_the_truth_says_them() -> None:
    for colour in {scenario.colour for scenario in EPISODES}:
        things = (f"{colour} block", seeded.SQUARE)
        said = {generalised(text.format(colour=colour), things) for text in INSTRUCTIONS.values()}
        assert set(seeded.PHRASES) <= said
