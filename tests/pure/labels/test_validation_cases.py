"""The cases that the server and the editor must answer alike."""

import json
from pathlib import Path
from typing import Any

import pytest

from annotation.labels.records import parse_labels
from annotation.labels.schema import CORE_PATH, LabelSchema
from annotation.labels.validation import RULES_PATH, validate_save, validate_submit

CASES_PATH = Path(__file__).parents[2] / "shared" / "validation_cases.json"
CASES: list[dict[str, Any]] = json.loads(CASES_PATH.read_text(encoding="utf-8"))["cases"]
RULES: list[dict[str, str]] = json.loads(RULES_PATH.read_text(encoding="utf-8"))["rules"]


def case_schema(given: str | dict[str, Any]) -> LabelSchema:
    definition = json.loads(CORE_PATH.read_text(encoding="utf-8"))
    if isinstance(given, dict):
        rules = {**definition["rules"], **given.get("rules", {})}
        definition = {**definition, **given, "rules": rules}
    return LabelSchema.from_json(definition)


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_case(case: dict[str, Any]) -> None:
    parsed = parse_labels(case["labels"])
    validate = validate_save if case["stage"] == "save" else validate_submit
    findings = validate(
        parsed.labels,
        case_schema(case["schema"]),
        case["duration_ns"],
        fractional=parsed.fractional,
    )
    assert [finding.to_json() for finding in findings] == case["findings"]


def test_every_rule_has_a_case() -> None:
    shown = {finding["code"] for case in CASES for finding in case["findings"]}
    assert shown == {rule["code"] for rule in RULES}


def test_cases_agree_with_the_stages() -> None:
    stage = {rule["code"]: rule["stage"] for rule in RULES}
    for case in CASES:
        if case["stage"] == "save":
            assert all(stage[finding["code"]] == "save" for finding in case["findings"])
