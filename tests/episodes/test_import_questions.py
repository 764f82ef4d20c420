"""What a dataset does not say is asked, remembered, corrected; never guessed."""

from io import StringIO
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from episodes.errors import AnswersNeeded
from episodes.models import Dataset, Episode, ImportItem, ImportRun, Stream
from episodes.services.imports import already_whole, plan_import
from tests.episodes.test_import import bring_in, states
from tests.pure.formats.hdf5_sets import write_aloha
from tests.pure.formats.sets import Plan, write_v21

pytestmark = pytest.mark.django_db
UNIT = "unit.observation.state"


@pytest.fixture
def at_mei(mei: User) -> Client:
    client = Client()
    client.force_login(mei)
    return client


@pytest.fixture
def unsaid(tmp_path: Path) -> Path:
    """A camera whose name does not tell where it stands."""
    return write_v21(tmp_path / "unsaid", Plan(cameras=("cam_1",)))


def command(*words: Any) -> str:
    out = StringIO()
    call_command("import_episodes", *map(str, words), stdout=out, no_color=True)
    return out.getvalue()


def start(client: Client, path: Path, **facts: str) -> Any:
    with patch("episodes.tasks.start_import.delay"):
        return client.post(reverse("import-start"), {"path": str(path), **facts})


def test_an_open_question_leaves_the_fact_unknown(unsaid: Path) -> None:
    bring_in(unsaid)
    assert set(Stream.objects.values_list("role", flat=True)) == {"unknown"}
    signal = Episode.objects.all()[0].signals.get(name="observation.state")
    assert {d["unit"] for d in signal.dimensions} == {""}


def test_an_answer_is_remembered_and_used(unsaid: Path) -> None:
    command(unsaid, "--answer", "role.cam_1=wrist", "--answer", f"{UNIT}=deg")
    assert set(Stream.objects.values_list("role", flat=True)) == {"wrist"}
    assert Dataset.objects.get().answers == {"role.cam_1": "wrist", UNIT: "deg"}
    write_v21(unsaid, Plan(cameras=("cam_1",), lengths=(6, 9, 5, 4)))
    command(unsaid)
    assert set(Stream.objects.values_list("role", flat=True)) == {"wrist"}
    assert Episode.objects.count() == 4


def test_a_changed_answer_corrects_what_is_in(unsaid: Path) -> None:
    command(unsaid, "--answer", "role.cam_1=wrist")
    before = set(Episode.objects.values_list("pk", flat=True))
    assert already_whole(path=unsaid, answers={"role.cam_1": "wrist"}) == 3
    said = command(unsaid, "--answer", "role.cam_1=external", "--answer", f"{UNIT}=rad")
    assert "Answered otherwise than before: Where is the camera “cam_1”?" in said
    assert "Now: external; before: wrist." in said
    assert "Corrected: camera “cam_1”, signal “observation.state”." in said
    assert set(Stream.objects.values_list("role", flat=True)) == {"external"}
    assert set(Episode.objects.values_list("pk", flat=True)) == before
    assert set(ImportRun.objects.all()[0].items.values_list("state", flat=True)) == {"skipped"}


def test_an_answer_is_taken_back_with_an_empty_one(unsaid: Path) -> None:
    command(unsaid, "--answer", "role.cam_1=wrist")
    command(unsaid, "--answer", "role.cam_1=")
    assert Dataset.objects.get().answers == {}
    assert set(Stream.objects.values_list("role", flat=True)) == {"unknown"}


def test_a_remembered_answer_that_is_no_longer_asked_is_let_go(unsaid: Path) -> None:
    command(unsaid, "--answer", "role.cam_1=wrist")
    Dataset.objects.update(answers={"role.cam_1": "wrist", "role.gone": "wrist"})
    (unsaid / "notes.txt").write_text("touched")
    assert states(bring_in(unsaid)) == [ImportItem.State.SKIPPED] * 3
    assert Dataset.objects.get().answers == {"role.cam_1": "wrist"}


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("role.cam_1=ceiling", "Give one of external, wrist, egocentric, unknown"),
        ("role.cam_9=wrist", "does not ask “role.cam_9”"),
        ("wrist", "Write --answer id=value"),
        ("=wrist", "Write --answer id=value"),
    ],
)
def test_answers_that_are_none(unsaid: Path, answer: str, said: str) -> None:
    with pytest.raises(CommandError, match=said):
        command(unsaid, "--answer", answer)
    assert not Dataset.objects.exists()


def test_the_command_prints_what_is_asked(unsaid: Path) -> None:
    said = command(unsaid, "--questions")
    assert "role.cam_1: Where is the camera “cam_1”? [external | wrist" in said
    assert "answered: not yet" in said
    assert not ImportRun.objects.exists()
    command(unsaid, "--answer", "role.cam_1=wrist")
    assert "answered: wrist" in command(unsaid, "--questions")


def test_a_required_question_keeps_the_dataset_closed(tmp_path: Path, mei: User) -> None:
    root = write_aloha(tmp_path / "aloha")
    with pytest.raises(AnswersNeeded, match="steps a second"):
        plan_import(path=root, requested_by=mei)
    assert not ImportRun.objects.exists()
    with pytest.raises(CommandError, match="--answer rate="):
        command(root)
    command(root, "--answer", "rate=50")
    assert Episode.objects.all()[0].rate_num == 50


def test_the_page_asks_first(unsaid: Path, at_mei: Client) -> None:
    answer = start(at_mei, unsaid)
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "Where is the camera “cam_1”?" in text
    assert "Leave unknown" in text
    assert not ImportRun.objects.exists()
    answer = start(at_mei, unsaid, answered="1", **{"answer.role.cam_1": "wrist"})
    assert answer.status_code == 302
    assert ImportRun.objects.get().answers == {"role.cam_1": "wrist"}
    page = at_mei.get(answer["Location"]).content.decode()
    assert "Answered: role.cam_1" in page


def test_the_page_is_filled_with_what_was_answered(unsaid: Path, mei: User, at_mei: Client) -> None:
    plan_import(path=unsaid, answers={"role.cam_1": "wrist"}, requested_by=mei)
    text = start(at_mei, unsaid).content.decode()
    assert '<option value="wrist" selected>' in text


def test_an_error_stands_at_its_question(tmp_path: Path, at_mei: Client) -> None:
    root = write_aloha(tmp_path / "aloha")
    asked = start(at_mei, root).content.decode()
    assert 'name="answer.rate"' in asked
    assert 'aria-required="true"' in asked
    for value, said in (("", "Nothing can be imported without it"), ("fast", "a number above 0")):
        answer = start(at_mei, root, answered="1", **{"answer.rate": value})
        assert answer.status_code == 422
        text = answer.content.decode()
        assert said in text
        assert 'aria-invalid="true"' in text
    assert not ImportRun.objects.exists()


def test_a_dataset_outside_the_roots_is_not_even_asked_about(
    unsaid: Path, tmp_path: Path, at_mei: Client, settings: Any
) -> None:
    settings.TOUCHLINE_IMPORT_ROOTS = [tmp_path / "elsewhere"]
    answer = start(at_mei, unsaid)
    assert answer.status_code == 422
    assert "cam_1" not in answer.content.decode()
