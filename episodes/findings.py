"""What a check found: how bad it is, what it is about, and what to do. No Django."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self


class Severity(StrEnum):
    """Traffic light of a check. ``UNKNOWN`` is a light of its own: not measured, hence no pass."""

    GREEN = "green"
    UNKNOWN = "unknown"
    AMBER = "amber"
    RED = "red"


_ORDER = tuple(Severity)


def worst(severities: Iterable[Severity]) -> Severity:
    """Red before amber before unknown before green; nothing checked at all is unknown."""
    return max(severities, key=_ORDER.index, default=Severity.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Finding:
    """One fact for a person: ``code`` is stable and for machines, ``facts`` are JSON-ready."""

    code: str
    severity: Severity
    message: str
    remedy: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "severity": self.severity.value,
            "message": self.message,
            "remedy": self.remedy,
            "facts": dict(self.facts),
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """Read back what ``to_json`` made; raises KeyError or ValueError for anything else."""
        return cls(
            code=document["code"],
            severity=Severity(document["severity"]),
            message=document["message"],
            remedy=document["remedy"],
            facts=dict(document["facts"]),
        )
