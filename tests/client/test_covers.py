"""What the client asks for is in the API's description; what it does not cover is said here."""

import ast
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from drf_spectacular.generators import SchemaGenerator

CLIENT = Path(__file__).resolve().parents[2] / "client"
# By the last words of the path: why a program of one's own seldom wants it.
EDITOR = "for the editor, which is the only one to draw frames"
REVIEWER = "for the reviewer's workbench"
MANAGER = "settings that a manager changes on a page; reachable by http.ask"
NOT_COVERED = {
    r"streams/|signals/": EDITOR,
    r"assignments/.*/(ahead|activity)$": EDITOR,
    r"^preferences$": EDITOR,
    r"^adjudications/|batch-items/.*/(label-verdicts|adjudications)$": REVIEWER,
    r"^GET batch-items/.*/verdicts$": REVIEWER,
    r"gold|calibration|agreement-runs|samples|follow-up$": REVIEWER,
    r"check|quality|report|datasheet|sign$": REVIEWER,
    r"policies|standing$|skips$|reservations$|take-back$|readers$|digest$": MANAGER,
    r"^projects/.*/activity$": MANAGER,
    r"^(GET|PATCH) webhooks/[^/]*$": MANAGER,
}


def asked() -> set[tuple[str, str]]:
    """(method, path) of every request that the client's source makes, {} for what is filled in."""
    found = set()
    for file in (CLIENT / "touchline_client").glob("*.py"):
        for call in ast.walk(ast.parse(file.read_text())):
            if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)):
                continue
            if not (isinstance(call.func.value, ast.Attribute) and call.func.value.attr == "http"):
                continue
            if call.func.attr == "ask":
                method = ast.literal_eval(call.args[0])
                found.add((method, template(call.args[1])))
            elif call.func.attr in ("get", "pages", "stream"):
                found.add(("GET", template(call.args[0])))
    return found


def template(path: ast.expr) -> str:
    if isinstance(path, ast.Constant):
        return str(path.value)
    assert isinstance(path, ast.JoinedStr), ast.dump(path)
    return "".join(
        str(part.value) if isinstance(part, ast.Constant) else "{}" for part in path.values
    )


def described() -> set[tuple[str, str]]:
    generator: Any = SchemaGenerator
    document = generator().get_schema(request=None, public=True)
    return {
        (method.upper(), re.sub(r"\{[^}]*\}", "{}", path.removeprefix("/api/v1/")))
        for path, methods in document["paths"].items()
        for method in methods
    }


def test_all_that_it_asks_for_is_there() -> None:
    assert len(asked()) > 50
    assert asked() - described() == set()


def test_what_it_does_not_cover_is_listed() -> None:
    left = {
        f"{method} {path}"
        for method, path in described() - asked()
        if not any(
            re.search(pattern, path) or re.search(pattern, f"{method} {path}")
            for pattern in NOT_COVERED
        )
    }
    assert left == set()


def test_nothing_is_listed_in_vain() -> None:
    left = [(path, f"{method} {path}") for method, path in described() - asked()]
    for pattern in NOT_COVERED:
        assert any(re.search(pattern, name) for names in left for name in names), pattern


def test_it_needs_nothing_but_httpx() -> None:
    code = "import sys, touchline_client; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=CLIENT, capture_output=True, text=True, check=True
    )
    loaded = {name.split(".")[0] for name in done.stdout.split()}
    assert not loaded & {"django", "rest_framework", "annotation", "episodes", "review", "config"}
