"""Fields of a JSON object, asked for by name and checked; a mistake is named by its place."""

import math
from collections.abc import Callable, Mapping
from typing import Any

from episodes.timebase import Rate, seconds_to_ns

# An episode of a hundred hours is none.
MAX_SECONDS = 360_000.0
MAX_NAME, MAX_TEXT, MAX_PARTS = 120, 500, 1000


class Wrong(Exception):
    """A mistake in the manifest, by place; becomes DatasetBroken or EpisodeBroken."""


class Fields:
    """The fields of one object; what nobody asked for by ``close`` is a mistake, not a wish."""

    def __init__(self, raw: Any, place: str) -> None:
        if not isinstance(raw, Mapping):
            raise Wrong(f"{place} has to be an object")
        self.place, self._raw, self._asked = place, raw, set[str]()

    def __contains__(self, name: str) -> bool:
        return name in self._raw

    def take(self, name: str, check: Callable[[Any, str], Any]) -> Any:
        self._asked.add(name)
        where = f"{self.place}.{name}" if self.place else name
        if name not in self._raw:
            raise Wrong(f"{where} is missing")
        return check(self._raw[name], where)

    def maybe(self, name: str, check: Callable[[Any, str], Any], default: Any) -> Any:
        self._asked.add(name)
        return self.take(name, check) if self._raw.get(name) is not None else default

    def each(self, name: str, make: Callable[[Any, str], Any]) -> tuple[Any, ...]:
        self._asked.add(name)
        listed = self.maybe(name, a_list, [])
        if len(listed) > MAX_PARTS and name != "labels":
            raise Wrong(f"{self.place}.{name} lists {len(listed):,}; at most {MAX_PARTS:,}")
        return tuple(make(raw, f"{self.place}.{name}[{n}]") for n, raw in enumerate(listed))

    def close(self) -> None:
        unknown = sorted(str(name) for name in self._raw.keys() - self._asked)
        if unknown:
            known = ", ".join(sorted(self._asked))
            raise Wrong(
                f"{self.place or 'the file'} has the unknown field “{unknown[0][:MAX_NAME]}”;"
                f" its fields are {known}"
            )


def an_object(value: Any, place: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise Wrong(f"{place} has to be an object")
    return value


def a_list(value: Any, place: str) -> list[Any]:
    if not isinstance(value, list):
        raise Wrong(f"{place} has to be a list")
    return value


def a_text(value: Any, place: str) -> str:
    if not isinstance(value, str) or len(value) > MAX_TEXT:
        raise Wrong(f"{place} has to be a text of at most {MAX_TEXT} characters")
    return value


def a_name(value: Any, place: str) -> str:
    if not isinstance(value, str) or not 0 < len(value.strip()) <= MAX_NAME:
        raise Wrong(f"{place} has to be a text of 1 to {MAX_NAME} characters")
    return value.strip()


def a_whole(value: Any, place: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise Wrong(f"{place} has to be a whole number")
    return value


def a_number(value: Any, place: str) -> float | int:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise Wrong(f"{place} has to be a number")
    return value


def above_zero(value: Any, place: str) -> float:
    found = float(a_number(value, place))
    if found <= 0:
        raise Wrong(f"{place} has to be above 0")
    return found


def a_flag(value: Any, place: str) -> bool:
    if not isinstance(value, bool):
        raise Wrong(f"{place} has to be true or false")
    return value


def a_rate(value: Any, place: str) -> Rate:
    try:
        return Rate.from_number(a_number(value, place))
    except ValueError:
        raise Wrong(f"{place} has to be a rate in Hz above 0 and at most 10,000") from None


def an_offset(value: Any, place: str) -> int:
    found = float(a_number(value, place))
    if not 0 <= found <= MAX_SECONDS:
        raise Wrong(f"{place} has to be seconds from the episode's start, 0 to {MAX_SECONDS:,.0f}")
    return seconds_to_ns(found)


def one_of(choices: tuple[str, ...]) -> Callable[[Any, str], str]:
    def check(value: Any, place: str) -> str:
        if value not in choices:
            raise Wrong(f"{place} has to be one of {', '.join(map(str, choices))}")
        return str(value)

    return check
