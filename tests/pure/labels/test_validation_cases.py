"""The cases that the server and the editor must answer alike."""

import json
from pathlib import Path
from typing import Any

import pytest

from annotation.labels.findings import RULES_PATH
from annotation.labels.records import parse_labels
from annotation.labels.schema import LabelSchema, core_path
from annotation.labels.task import TaskFacts
from annotation.labels.validation import validate_save, validate_submit

CASES_PATH = Path(__file__).parents[2] / "shared" / "validation_cases.json"
CASES: list[dict[str, Any]] = json.loads(CASES_PATH.read_text(encoding="utf-8"))["cases"]
RULES: list[dict[str, str]] = json.loads(RULES_PATH.read_text(encoding="utf-8"))["rules"]


def case_schema(given: str | dict[str, Any]) -> LabelSchema:
    changes: dict[str, Any] = {"base": given} if isinstance(given, str) else dict(given)
    version = {"core": 1, "core-2": 2}[changes.pop("base", "core")]
    definition = json.loads(core_path(version).read_text(encoding="utf-8"))
    rules = {**definition["rules"], **changes.get("rules", {})}
    return LabelSchema.from_json({**definition, **changes, "rules": rules})


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_case(case: dict[str, Any]) -> None:
    parsed = parse_labels(case["labels"])
    schema, duration_ns = case_schema(case["schema"]), case["duration_ns"]
    if case["stage"] == "save":
        findings = validate_save(parsed.labels, schema, duration_ns, fractional=parsed.fractional)
    else:
        task = TaskFacts.of(**case["task"]) if "task" in case else TaskFacts()
        findings = validate_submit(
            parsed.labels, schema, duration_ns, fractional=parsed.fractional, task=task
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
