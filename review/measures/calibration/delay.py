"""Up to when a person is shown their own results: late, and in portions that hide single episodes.

A picture that moved with every hand-in would tell which episode had known labels. So it moves on
Mondays only, and only once at least ``MEASURED`` further hand-ins were measured and at least
``OTHERS`` were not: whoever looks before and after learns a sum over all of them.
"""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime, timedelta

MEASURED = 5
OTHERS = 10
WEEK = timedelta(days=7)


def shown_until(
    measured: Sequence[datetime], others: Sequence[datetime], now: datetime
) -> datetime | None:
    """The end of the last whole portion; None before the first one is whole.

    Times are aware and of one zone; weeks begin in that zone.
    """
    if not measured:
        return None
    known, rest = sorted(measured), sorted(others)
    monday = _monday_after(min(known[0], rest[0] if rest else known[0]))
    shown: datetime | None = None
    seen = seen_others = 0
    while monday <= now:
        have, have_others = bisect_right(known, monday), bisect_right(rest, monday)
        if have - seen >= MEASURED and have_others - seen_others >= OTHERS:
            shown, seen, seen_others = monday, have, have_others
        monday += WEEK
    return shown


def _monday_after(moment: datetime) -> datetime:
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + timedelta(days=7 - midnight.weekday())
