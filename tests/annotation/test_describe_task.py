"""Goals, things and phrases of a task: whom it is given to, and what is refused."""

import pytest
from django.core.management import CommandError, call_command

from episodes.errors import ChangeNotAllowed, TaskMalformed
from episodes.models import Task
from episodes.services.tasks import describe_task
from tests.annotation.scene import Team


@pytest.fixture
def task(db: None) -> Task:
    return Task.objects.create(text="put the cup into the box")


def test_a_manager_describes_it(team: Team, task: Task) -> None:
    done = describe_task(
        actor=team.mei,
        task=task,
        goals={"inside": " the cup is in the box "},
        things=["cup", "box"],
        phrases=["lift the {0}", "lower the {0} into the {1}"],
    )
    assert done.goals == [{"id": "inside", "text": "the cup is in the box"}]
    assert (done.things, len(done.phrases)) == (["cup", "box"], 2)


@pytest.mark.parametrize("name", ["ada", "ravi", "otto"])
def test_nobody_else_does(team: Team, task: Task, name: str) -> None:
    with pytest.raises(ChangeNotAllowed):
        describe_task(actor=getattr(team, name), task=task, goals={})
    task.refresh_from_db()
    assert task.goals == []


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"goals": {"In side": "x"}}, "In side"),
        ({"goals": {"inside": " "}}, "empty text"),
        ({"goals": {"inside": "x" * 201}}, "200 characters"),
        ({"goals": {f"g{n}": "x" for n in range(21)}}, "20 goals"),
        ({"goals": {}, "things": ["cup"], "phrases": ["lift the {1}"]}, "{1}"),
    ],
)
def test_what_is_wrong_is_named(
    team: Team, task: Task, given: dict[str, object], said: str
) -> None:
    with pytest.raises(TaskMalformed, match=said.replace("{", r"\{").replace("}", r"\}")):
        describe_task(actor=team.mei, task=task, **given)  # type: ignore[arg-type]


def test_the_command(team: Team, task: Task, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("describe_task", task.text, "--as", "mei", "--goal", "inside=the cup is in")
    call_command(*words, "--thing", "cup", "--phrase", "lift the {0}")
    assert "1 goals, 1 things, 1 phrases" in capsys.readouterr().out
    for wrong in (
        ("describe_task", "no such task", "--as", "mei"),
        ("describe_task", task.text, "--as", "nobody"),
        ("describe_task", task.text, "--as", "mei", "--goal", "no equals sign"),
        ("describe_task", task.text, "--as", "ada"),
    ):
        with pytest.raises(CommandError):
            call_command(*wrong)
