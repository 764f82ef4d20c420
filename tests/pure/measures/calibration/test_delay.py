"""When one's own picture moves: on Mondays, in portions that hide single episodes."""

from datetime import UTC, datetime, timedelta

from review.measures.calibration.delay import MEASURED, OTHERS, shown_until

MONDAY = datetime(2026, 11, 2, tzinfo=UTC)
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)


def spaced(begin: datetime, count: int) -> list[datetime]:
    return [begin + n * HOUR for n in range(count)]


def test_nothing_before_a_whole_portion() -> None:
    assert shown_until([], spaced(MONDAY, 50), MONDAY + 9 * WEEK) is None
    few = spaced(MONDAY + DAY, MEASURED - 1)
    assert shown_until(few, spaced(MONDAY, 50), MONDAY + 9 * WEEK) is None


def test_it_moves_on_a_monday_and_not_on_the_day() -> None:
    measured, others = spaced(MONDAY + DAY, MEASURED), spaced(MONDAY + HOUR, OTHERS)
    assert shown_until(measured, others, MONDAY + WEEK - HOUR) is None
    assert shown_until(measured, others, MONDAY + WEEK) == MONDAY + WEEK


def test_a_portion_of_measured_work_alone_would_name_it() -> None:
    measured = spaced(MONDAY + DAY, 20)
    assert shown_until(measured, spaced(MONDAY, OTHERS - 1), MONDAY + 9 * WEEK) is None


def test_one_more_measured_episode_changes_nothing_until_the_next_portion() -> None:
    measured, others = spaced(MONDAY + DAY, MEASURED), spaced(MONDAY + HOUR, OTHERS)
    now = MONDAY + 2 * WEEK
    before = shown_until(measured, others, now)
    later = [*measured, MONDAY + WEEK + DAY]
    assert shown_until(later, [*others, *spaced(MONDAY + WEEK + HOUR, 30)], now) == before
    whole = [*measured, *spaced(MONDAY + WEEK + DAY, MEASURED)]
    assert shown_until(whole, [*others, *spaced(MONDAY + WEEK + HOUR, OTHERS)], now) == now
