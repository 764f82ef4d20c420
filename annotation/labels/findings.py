"""What a check answers, in the order and the words of rules.json."""

import json
import math
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

RULES_PATH = Path(__file__).parent / "rules.json"
DOCUMENT: dict[str, Any] = json.loads(RULES_PATH.read_text(encoding="utf-8"))
_RULES: dict[str, dict[str, str]] = {rule["code"]: rule for rule in DOCUMENT["rules"]}
_RANK = {code: rank for rank, code in enumerate(_RULES)}


@dataclass(frozen=True, slots=True)
class Finding:
    """One broken rule. ``label_id`` and ``at_ns`` say where, None when about the whole set."""

    code: str
    severity: str
    label_id: str | None
    at_ns: int | None
    message: str

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def is_error(self) -> bool:
        return self.severity == "error"


def finding(code: str, label_id: str | None, at_ns: int | None, **values: object) -> Finding:
    rule = _RULES[code]
    return Finding(code, rule["severity"], label_id, at_ns, _fill(rule["message"], values))


def errors(findings: Iterable[Finding]) -> list[Finding]:
    return [one for one in findings if one.is_error]


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    return sorted(
        findings,
        key=lambda one: (
            math.inf if one.at_ns is None else one.at_ns,
            _RANK[one.code],
            one.label_id or "",
            one.message,
        ),
    )


def seconds(time_ns: int) -> str:
    """Seconds with three decimals, milliseconds rounded half up: 1679500000 gives "1.680"."""
    milliseconds = (time_ns + 500_000) // 1_000_000
    sign = "-" if milliseconds < 0 else ""
    return f"{sign}{abs(milliseconds) // 1000}.{abs(milliseconds) % 1000:03d}"


def _fill(template: str, values: dict[str, object]) -> str:
    """Placeholders in one pass, so that a value holding braces is left alone."""
    return re.sub(r"\{(\w+)\}", lambda match: str(values[match[1]]), template)
