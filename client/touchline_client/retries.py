"""When a request is sent again, and after how long."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

# The server is starting, stopping, or has too much to do.
PASSING = frozenset({429, 502, 503, 504})
UNDER_WAY = "request_under_way"


@dataclass(frozen=True, slots=True)
class Retries:
    """At most ``most`` times after the first; the pause doubles from ``first_s`` to ``longest_s``.

    A pause is drawn between half of it and all of it, so that many clients do not come back at the
    same moment.
    """

    most: int = 4
    first_s: float = 0.5
    longest_s: float = 30.0

    def pause_s(self, attempt: int, headers: Mapping[str, str]) -> float:
        """Before attempt ``attempt`` + 1; what the server asks for comes first."""
        asked = retry_after_s(headers)
        if asked is not None:
            return min(asked, self.longest_s)
        whole = min(self.longest_s, self.first_s * 2.0**attempt)
        return random.uniform(whole / 2, whole)


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Seconds of a Retry-After, None without a readable one.

    A date is counted from the answer's own Date: this machine's clock may be wrong by hours.
    """
    said = headers.get("retry-after", "").strip()
    if said.isdecimal():
        return float(said)
    then, now = _date(said), _date(headers.get("date", ""))
    if then is None or now is None:
        return None
    return max(0.0, (then - now).total_seconds())


def _date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
