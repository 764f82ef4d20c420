"""Gold with several right answers: the best counts, optional labels count for nothing."""

import pytest

from review.measures.accepted import Accepted, count_against, labels_right
from review.measures.counts import POOLED, Measure
from review.measures.records import Answer, Instant, Interval, Tolerances
from review.measures.refused import InputRefused

MS, SECOND = 1_000_000, 1_000_000_000
TOLERANCES = Tolerances(default_ns=50 * MS)


def mark(at_ms: int, type_: str = "grasp", id_: str = "") -> Instant:
    return Instant(type_, "right", at_ms * MS, id_ or f"{type_}{at_ms}")


def counted(gold: Accepted, answer: Answer) -> tuple[int, int, int]:
    counts = count_against(gold, answer, duration_ns=10 * SECOND, tolerances=TOLERANCES)
    tally = counts[Measure.EVENT, POOLED].tally
    return tally.matched, tally.n_a, tally.n_b


def test_the_closest_answer_counts_and_the_main_one_where_both_are_as_close() -> None:
    main = Answer((mark(1000), mark(2000)), outcome="success")
    other = Answer((mark(1000), mark(3000), mark(4000)), outcome="partial")
    gold = Accepted((main, other))
    assert counted(gold, Answer((mark(1000), mark(2000)), outcome="success")) == (2, 2, 2)
    given = Answer((mark(1010), mark(3000), mark(4000)), outcome="partial")
    assert counted(gold, given) == (3, 3, 3)
    # Nothing in common with either: the main answer's labels are those that were missed.
    assert counted(gold, Answer((mark(9000),))) == (0, 2, 1)


def test_an_optional_label_counts_neither_marked_nor_unmarked() -> None:
    main = Answer((mark(1000), mark(2000, "slip", "slip")), outcome="success")
    gold = Accepted((main,), frozenset({"slip"}))
    without = Answer((mark(1000),), outcome="success")
    assert counted(gold, without) == (1, 1, 1)
    assert counted(gold, Answer((mark(1000), mark(2010, "slip")), outcome="success")) == (1, 1, 1)
    # Too far from it, it is a mark too many.
    assert counted(gold, Answer((mark(1000), mark(5000, "slip")), outcome="success")) == (1, 1, 2)


def test_an_optional_span_counts_for_nothing_and_an_instruction_cannot_be_optional() -> None:
    span = Interval("failure", "right", SECOND, 2 * SECOND, id="span")
    text = Interval("instruction", "", 0, 10 * SECOND, "lift it", True, "text")
    gold = Accepted((Answer((), (span, text)),), frozenset({"span", "text"}))
    counts = count_against(
        gold, Answer((), (text,)), duration_ns=10 * SECOND, tolerances=TOLERANCES
    )
    assert labels_right(counts).matched == 1
    assert labels_right(counts).n_a == 1


def test_without_optional_labels_one_answer_is_the_plain_comparison() -> None:
    a, b = Answer((mark(1000),), outcome="success"), Answer((mark(1020),), outcome="failure")
    gold = count_against(Accepted((a,)), b, duration_ns=10 * SECOND, tolerances=TOLERANCES)
    assert gold[Measure.EVENT, POOLED].offsets_ns == (20 * MS,)
    assert (labels_right(gold).matched, labels_right(gold).n_a) == (1, 2)


def test_two_empty_answers_agree_and_gold_needs_one() -> None:
    assert counted(Accepted((Answer(), Answer((mark(1),)))), Answer()) == (0, 0, 0)
    with pytest.raises(InputRefused, match="at least one"):
        Accepted(())
