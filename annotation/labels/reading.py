"""Reads a schema's definition, field by field, so that an error names the place."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from episodes.errors import TouchlineError


class SchemaMalformed(TouchlineError):
    """A label schema definition is wrong. ``field`` names where."""

    code = "schemamalformed"
    status = 400


_Member = TypeVar("_Member", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Node:
    """An object of the definition and the path to it, so that an error can name the place."""

    value: object
    where: str

    def get(self, name: str, default: object = None) -> object:
        if not isinstance(self.value, dict):
            raise malformed(self.where, "an object")
        return self.value.get(name, default)

    def text(self, name: str, default: str | None = None) -> str:
        value = self.get(name, default)
        if not isinstance(value, str) or (not value and default is None):
            raise malformed(f"{self.where}.{name}", "a string")
        return value

    def integer(self, name: str, default: int | None = None) -> int:
        value = self.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise malformed(f"{self.where}.{name}", "a whole number, 0 or more")
        return value

    def number(self, name: str) -> float | None:
        value = self.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float | None):
            raise malformed(f"{self.where}.{name}", "a number or null")
        return value

    def words(self, name: str) -> tuple[str, ...]:
        value = self.get(name, [])
        if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
            raise malformed(f"{self.where}.{name}", "a list of words")
        return tuple(value)

    def boolean(self, name: str, default: bool) -> bool:
        value = self.get(name, default)
        if not isinstance(value, bool):
            raise malformed(f"{self.where}.{name}", "true or false")
        return value

    def member(self, name: str, members: type[_Member], default: str | None = None) -> _Member:
        value = self.get(name, default)
        for member in members:
            if member.value == value:
                return member
        raise malformed(
            f"{self.where}.{name}", "one of " + ", ".join(member.value for member in members)
        )

    def items(self, name: str) -> list["Node"]:
        value = self.get(name, [])
        if not isinstance(value, list):
            raise malformed(f"{self.where}.{name}", "a list")
        return [Node(item, f"{self.where}.{name}[{i}]") for i, item in enumerate(value)]

    def child(self, name: str) -> "Node":
        return Node(self.get(name, {}), f"{self.where}.{name}")


def check_unique(where: str, ids: list[str]) -> None:
    for position, value in enumerate(ids):
        if value in ids[:position]:
            raise malformed(where, f"without repeats: {value} appears twice")


def malformed(where: str, expected: str) -> SchemaMalformed:
    return SchemaMalformed(
        f"{where} must be {expected}.",
        remedy="Correct the schema definition and try again.",
        field=where,
    )
