"""The API's description: whole, without warnings, and nothing in it that a view does not keep."""

import re
from typing import Any

import pytest
from django.core.management import call_command
from drf_spectacular.generators import SchemaGenerator

from config.openapi_examples import EXAMPLES

Json = dict[str, Any]
Operation = tuple[str, str, Json]
PROBLEM = "application/problem+json"
# POSTs without an Idempotency-Key, and why one may be sent again all the same.
REPEATABLE = {
    "annotation_sets_submit_create": "request_id",
    "assignments_activity_create": "the spans' own ids",
    "assignments_ahead_create": "changes nothing",
    "assignments_heartbeat_create": "a lease renewed twice is renewed",
    "assignments_release_create": "given back is given back",
    "assignments_skip_create": "skipping twice is one skip",
    "assignments_take_back_create": "taken back is taken back",
    "projects_episodes_comments_create": "the comment's own id",
    "adjudications_accept_create": "request_id",
    "batch_items_label_verdicts_create": "request_id",
    "batch_items_verdicts_create": "request_id",
    "imports_create": "the same import again adds nothing",
    "imports_pause_create": "paused is paused",
    "imports_resume_create": "going on twice is going on",
    "imports_retry_create": "what waits already is not put in the queue twice",
    "notifications_read_create": "read is read",
    "saved_filters_create": "one of the same name is replaced",
    "uploads_create": "an announcement nobody follows is swept away",
    "uploads_complete_create": "complete is complete",
    "uploads_answers_create": "the same answers lead to the same import",
}

# What is said of one episode or of one batch is a handful, and comes whole.
SHORT = {"adjudications_list", "episode_verdicts_list", "label_verdicts_list", "samples_list"}


@pytest.fixture(scope="module")
def document() -> Json:
    generator: Any = SchemaGenerator
    described: Json = generator().get_schema(request=None, public=True)
    return described


def operations(document: Json) -> list[Operation]:
    return [
        (method, path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def test_nothing_is_guessed(tmp_path: Any) -> None:
    call_command("spectacular", fail_on_warn=True, validate=True, file=str(tmp_path / "a.yaml"))
    assert (tmp_path / "a.yaml").stat().st_size > 50_000


def test_every_operation_says_what_it_is(document: Json) -> None:
    for method, path, operation in operations(document):
        named = f"{method} {path}"
        assert 5 <= len(operation["summary"]) <= 90, (named, operation["summary"])
        assert operation["tags"] != ["Else"], named
        assert "``" not in operation["description"], named
        assert operation["operationId"].isidentifier(), (named, operation["operationId"])


def test_every_operation_tells_its_refusals(document: Json) -> None:
    for method, path, operation in operations(document):
        named, answers = f"{method} {path}", operation["responses"]
        assert "401" in answers, named
        assert ("404" in answers) >= ("{" in path), named
        refusals = {code: answers[code] for code in answers if code >= "400"}
        for code, answer in refusals.items():
            assert list(answer["content"]) == [PROBLEM], (named, code)
            assert answer["content"][PROBLEM]["example"]["status"] == int(code), named


def test_every_operation_tells_its_scope(document: Json) -> None:
    for method, path, operation in operations(document):
        if path.startswith(("/api/v1/signals", "/api/v1/streams")):
            assert "x-token-scope" not in operation
            continue
        scope = operation["x-token-scope"]
        assert (scope == "read") == (method == "get"), (method, path)
        assert f"Scope of a token: `{scope}`." in operation["description"]


def test_every_post_can_be_sent_again(document: Json) -> None:
    keyed = {
        operation["operationId"]
        for _, _, operation in operations(document)
        if any(one["name"] == "Idempotency-Key" for one in operation.get("parameters", []))
    }
    posts = {
        operation["operationId"]
        for method, _, operation in operations(document)
        if method == "post"
    }
    assert keyed <= posts
    assert posts - keyed == set(REPEATABLE)


def test_lists_come_in_cursor_pages(document: Json) -> None:
    for _, path, operation in operations(document):
        if not operation["operationId"].endswith("_list") or operation["operationId"] in SHORT:
            continue
        names = {one["name"] for one in operation["parameters"]}
        assert {"cursor", "page_size"} <= names, path
        content = operation["responses"]["200"]["content"]["application/json"]
        assert content["schema"]["$ref"].startswith("#/components/schemas/Paginated"), path


class TestExamples:
    def test_they_are_of_operations_that_there_are(self, document: Json) -> None:
        known = {operation["operationId"] for _, _, operation in operations(document)}
        assert set(EXAMPLES) <= known

    def test_every_body_has_one(self, document: Json) -> None:
        """But bytes, and what is a field or two."""
        for method, path, operation in operations(document):
            body = operation.get("requestBody", {}).get("content", {}).get("application/json")
            if body is None:
                continue
            shape = resolved(document, body["schema"])
            if len(shape.get("properties", {})) > 2:
                assert "examples" in body, f"{method} {path} ({operation['operationId']})"

    def test_they_have_the_shapes_that_are_described(self, document: Json) -> None:
        for _, _, operation in operations(document):
            made = EXAMPLES.get(operation["operationId"], {})
            if "request" in made:
                body = operation["requestBody"]["content"]["application/json"]
                check(document, made["request"], body["schema"], operation["operationId"])
            if "answer" in made:
                done = next(c for c in ("200", "201", "202") if c in operation["responses"])
                shape = operation["responses"][done]["content"]["application/json"]["schema"]
                check(document, made["answer"], shape, operation["operationId"])


def resolved(document: Json, schema: Json) -> Json:
    while "$ref" in schema or "allOf" in schema:
        schema = schema["allOf"][0] if "allOf" in schema else schema
        if "$ref" in schema:
            schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    return schema


TYPES: dict[str, Any] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "array": list,
    "object": dict,
}


def check(document: Json, value: Any, schema: Json, where: str) -> None:
    """As much of JSON Schema as the description uses."""
    nullable = schema.get("nullable")
    schema = resolved(document, schema)
    if value is None:
        assert nullable or schema.get("nullable") or "oneOf" in schema, f"{where} is null"
        return
    if "oneOf" in schema:
        return
    kind = schema.get("type")
    if kind is None:
        return
    assert isinstance(value, TYPES[kind]), (where, value, kind)
    if "enum" in schema:
        assert value in schema["enum"], (where, value)
    if "pattern" in schema:
        assert re.search(schema["pattern"], value), (where, value)
    if kind == "array":
        for number, one in enumerate(value):
            check(document, one, schema["items"], f"{where}[{number}]")
    if kind == "object" and "properties" in schema:
        unknown = set(value) - set(schema["properties"])
        assert not unknown, (where, unknown)
        missing = set(schema.get("required", ())) - set(value)
        assert not missing, (where, missing)
        for name, one in value.items():
            check(document, one, schema["properties"][name], f"{where}.{name}")
