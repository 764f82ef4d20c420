"""Outcome agreement of an episode."""

from review.measures.outcomes import outcome_agreement


def test_pooled_agreement_and_table() -> None:
    measured = outcome_agreement(
        [
            ("outcome_success", "outcome_success"),
            ("outcome_success", "outcome_partial"),
            ("outcome_failure", "outcome_failure"),
            (None, "outcome_failure"),
        ]
    )
    assert (measured.agreeing, measured.n) == (2, 3)
    assert measured.rate == 2 / 3
    assert measured.table[("outcome_success", "outcome_partial")] == 1


def test_without_a_pair_there_is_no_rate() -> None:
    assert outcome_agreement([]).rate is None
    assert outcome_agreement([(None, None)]).n == 0
