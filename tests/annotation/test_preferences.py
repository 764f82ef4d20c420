"""One's own language and keys: kept, refused when they make no sense, nobody else's business."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client

from annotation.models import Preferences
from tests.annotation.scene import Team

URL = "/api/v1/preferences"
VALUES = {
    "language": "de",
    "layout": "qwertz",
    "single_keys": False,
    "keys": {"play.toggle": ["F13", "Pad1"], "mark.outcome_success": ["O S"], "zoom.in": []},
    "arrangements": {
        "cameras.so101.front+wrist": {"at": 1_764_000_000, "of": {"mode": "grid", "order": []}},
        "lanes.unitree g1": {"at": 1_764_000_001, "of": {"hidden": ["joints"], "own": []}},
    },
}

Browser = Callable[[User], Client]


def put(client: Client, values: Any, base_version: Any = 0) -> Any:
    body = {"base_version": base_version, "values": values}
    return client.put(URL, body, content_type="application/json")


def test_nothing_is_chosen_at_first(team: Team, as_user: Browser) -> None:
    assert as_user(team.ada).get(URL).json() == {"version": 0, "values": {}}
    assert not Preferences.objects.exists()


def test_what_was_put_is_there_again(team: Team, as_user: Browser) -> None:
    saved = put(as_user(team.ada), VALUES)
    assert (saved.status_code, saved.json()) == (200, {"version": 1, "values": VALUES})
    assert as_user(team.ada).get(URL).json() == saved.json()


def test_they_are_one_persons_own(team: Team, as_user: Browser) -> None:
    put(as_user(team.ada), VALUES)
    assert as_user(team.otto).get(URL).json() == {"version": 0, "values": {}}
    assert put(as_user(team.mei), {"language": "en"}).status_code == 200
    assert Preferences.objects.get(user=team.ada).values == VALUES


def test_strangers_have_none(team: Team) -> None:
    assert Client().get(URL).status_code == 401
    assert put(Client(), VALUES).status_code == 401
    assert not Preferences.objects.exists()


def test_an_older_window_is_told_what_stands_now(team: Team, as_user: Browser) -> None:
    put(as_user(team.ada), VALUES)
    stale = put(as_user(team.ada), {"language": "en"})
    assert stale.status_code == 409
    problem = stale.json()
    assert problem["code"] == "stale_preferences"
    assert (problem["version"], problem["values"]) == (1, VALUES)
    assert put(as_user(team.ada), {"language": "en"}, base_version=1).json()["version"] == 2


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"language": "tlh"}, "tlh"),
        ({"layout": "dvorak"}, "dvorak"),
        ({"single_keys": "perhaps"}, "single_keys"),
        ({"colour": "red"}, "No such preference"),
        ({"keys": {"play.toggle": "F13"}}, "Expected a list"),
        ({"keys": {"play.toggle": ["Ctrl+"]}}, "Ctrl+, for"),
        ({"keys": {"play.toggle": ["a b c"]}}, "a b c"),
        ({"keys": {"play.toggle": [""]}}, "blank"),
        ({"keys": {"Play!": ["F13"]}}, "Play!"),
        ({"keys": {"play.toggle": [f"F{n}" for n in range(7)]}}, "6"),
        ({"keys": {f"mark.c{n}": [] for n in range(501)}}, "500"),
        ({"arrangements": {"lanes.so101": {"of": {}}}}, "required"),
        ({"arrangements": {"lanes.so101": {"at": 1, "of": [1]}}}, "Expected a dictionary"),
        ({"arrangements": {"windows.so101": {"at": 1, "of": {}}}}, "windows.so101"),
        ({"arrangements": {f"lanes.{n}": {"at": n, "of": {}} for n in range(25)}}, "24"),
        ({"arrangements": {"lanes.a": {"at": 1, "of": {"a": "x" * 100_000}}}}, "100000 bytes"),
        ("no object", "dictionary"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(
    team: Team, as_user: Browser, values: Any, said: str
) -> None:
    answer = put(as_user(team.ada), values)
    assert answer.status_code == 400
    assert said in answer.content.decode().replace("“", "").replace("”", "")
    assert not Preferences.objects.exists()


def test_other_methods_are_not_allowed(team: Team, as_user: Browser) -> None:
    assert as_user(team.ada).post(URL).status_code == 405
    assert as_user(team.ada).delete(URL).status_code == 405


def test_the_languages_are_those_of_the_editors_catalogues() -> None:
    words = Path(settings.BASE_DIR, "frontend", "timeline", "src", "words")
    catalogues = {path.stem for path in words.glob("??.json")}
    assert {code for code, _ in settings.LANGUAGES} == catalogues | {"en"}


def test_pages_say_in_which_language_they_are(team: Team, as_user: Browser) -> None:
    assert '<html lang="en">' in as_user(team.ada).get("/queue/").content.decode()
