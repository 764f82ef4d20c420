"""When a backlog is done, from how the last days went.

Resampling: a future is a row of days, each drawn with replacement from the last ones with its
weekday kept apart (weekends are mostly empty), until the backlog is gone. The interval is that of
the futures. Nothing is assumed of how throughput is distributed; that the next weeks are like the
last ones is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

FUTURES = 500
MOST_DAYS = 3 * 366


@dataclass(frozen=True, slots=True)
class Forecast:
    """Days from ``today`` until nothing is left: median and 80 % interval; ``left`` is what is left
    by day as (low, middle, high). None in place of a date is later than three years, or never."""

    today: date
    middle: date | None
    low: date | None
    high: date | None
    left: tuple[tuple[float, float, float], ...]
    days_seen: int


def forecast(
    left: int, done_by_day: Mapping[date, int], today: date, *, seed: int = 1, days: int = 28
) -> Forecast | None:
    """None when nothing was done in the last ``days`` days: then nobody can say.

    ``done_by_day`` lacks days on which nothing was done; ``today`` itself is not over and does not
    count. With nothing left all dates are today.
    """
    if left <= 0:
        return Forecast(today, today, today, today, ((0, 0, 0),), days)
    seen = [today - timedelta(days=back) for back in range(1, days + 1)]
    history = {one: [done_by_day.get(d, 0) for d in seen if d.weekday() == one] for one in range(7)}
    if not any(any(done) for done in history.values()):
        return None
    rng = np.random.default_rng(seed)
    remaining = np.full(FUTURES, float(left))
    ends = np.full(FUTURES, MOST_DAYS + 1)
    courses = [(float(left),) * 3]
    for ahead in range(1, MOST_DAYS + 1):
        drawn = rng.choice(history[(today + timedelta(days=ahead)).weekday()], FUTURES)
        remaining = np.maximum(remaining - drawn, 0)
        ends = np.where((remaining == 0) & (ends > ahead), ahead, ends)
        low, middle, high = np.quantile(remaining, (0.1, 0.5, 0.9))
        courses.append((float(low), float(middle), float(high)))
        if high == 0:
            break
    low_day, middle_day, high_day = (
        _day(today, float(np.quantile(ends, at, method="higher"))) for at in (0.1, 0.5, 0.9)
    )
    return Forecast(today, middle_day, low_day, high_day, tuple(courses), days)


def _day(today: date, ahead: float) -> date | None:
    return None if ahead > MOST_DAYS else today + timedelta(days=int(ahead))
