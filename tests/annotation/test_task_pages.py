"""Pages of tasks: who reads them, how a manager describes one, and what the editor then asks."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from annotation.models import AuditEntry
from annotation.selectors.editor import episode_part
from episodes.models import Episode, Task
from episodes.task_forms import new_id
from tests.annotation.pages import queries, text
from tests.annotation.scene import Team

Browser = Callable[[User], Client]
LIST = reverse("task-list")


@pytest.fixture
def task(team: Team) -> Task:
    return Task.objects.get()


def change(task: Task) -> str:
    return reverse("task-change", args=[task.pk])


def sent(*goals: tuple[str, str], removed: str = "", **words: str) -> dict[str, Any]:
    """What the browser sends; goals as (id, text), those without an id are new."""
    known = sum(bool(name) for name, _ in goals)
    form: dict[str, Any] = {"goals-TOTAL_FORMS": len(goals), "goals-INITIAL_FORMS": known}
    for place, (name, goal) in enumerate(goals):
        form |= {f"goals-{place}-id": name, f"goals-{place}-text": goal}
        form[f"goals-{place}-ORDER"] = place + 1 if goal else ""
        if name and name == removed:
            form[f"goals-{place}-DELETE"] = "on"
    return form | words


def test_members_read_and_only_managers_describe(task: Task, team: Team, as_user: Browser) -> None:
    for who in (team.ada, team.ravi):
        page = text(as_user(who).get(LIST))
        assert task.text in page
        detail = text(as_user(who).get(reverse("task-detail", args=[task.pk])))
        assert "None is said" in detail
        assert change(task) not in detail
        assert as_user(who).get(change(task)).status_code == 403
        assert as_user(who).post(change(task), sent()).status_code == 403
    assert change(task) in text(as_user(team.mei).get(reverse("task-detail", args=[task.pk])))


def test_outsiders_see_none(task: Task, team: Team, as_user: Browser) -> None:
    assert "No task yet" in text(as_user(team.otto).get(LIST))
    for name in ("task-detail", "task-change"):
        assert as_user(team.otto).get(reverse(name, args=[task.pk])).status_code == 404


def test_a_description_reaches_the_editor(task: Task, team: Team, as_user: Browser) -> None:
    form = sent(
        ("", "The block lies in the bin."),
        ("", "the gripper is open"),
        ("", ""),
        things="block\r\n\r\n bin \r\n",
        phrases="grasp the {0}\r\nlower the {0} into the {1}",
    )
    answer = as_user(team.mei).post(change(task), form, follow=True)
    assert "Saved." in text(answer)
    task.refresh_from_db()
    assert [goal["id"] for goal in task.goals] == [
        "the_block_lies_in_the_bin",
        "the_gripper_is_open",
    ]
    assert (task.things, len(task.phrases)) == (["block", "bin"], 2)
    part = episode_part(Episode.objects.first())  # type: ignore[arg-type]
    assert [goal["text"] for goal in part["goals"]] == [
        "The block lies in the bin.",
        "the gripper is open",
    ]
    assert part["phrases"] == ["grasp the {0}", "lower the {0} into the {1}"]
    assert AuditEntry.objects.get(action="task.described").actor == team.mei


def test_a_changed_goal_keeps_its_id_and_a_removed_one_goes(
    task: Task, team: Team, as_user: Browser
) -> None:
    mei = as_user(team.mei)
    mei.post(change(task), sent(("", "in the bin"), ("", "open")))
    form = sent(("in_the_bin", "wholly in the bin"), ("open", "open"), removed="open")
    form["goals-0-ORDER"], form["goals-TOTAL_FORMS"] = 2, 3
    form |= {"goals-2-id": "", "goals-2-text": "in the bin", "goals-2-ORDER": 1}
    mei.post(change(task), form)
    task.refresh_from_db()
    # Its old words make the new goal no heir of the old one's answers.
    assert task.goals == [
        {"id": "in_the_bin_2", "text": "in the bin"},
        {"id": "in_the_bin", "text": "wholly in the bin"},
    ]


@pytest.mark.parametrize(
    ("form", "said"),
    [
        (sent(("", "x" * 201)), "at most 200 characters"),
        (sent(phrases="lift the {1}", things="cup"), "{1}"),
        (sent(*((("", f"goal {n}")) for n in range(21))), "at most 20"),
        (sent(things="x" * 201), "more than 200 characters"),
    ],
)
def test_what_is_wrong_comes_back_named(
    task: Task, team: Team, as_user: Browser, form: dict[str, Any], said: str
) -> None:
    answer = as_user(team.mei).post(change(task), form)
    assert answer.status_code == 422
    assert said in text(answer)
    task.refresh_from_db()
    assert (task.goals, task.things, task.phrases) == ([], [], [])


def test_an_id_that_is_not_of_this_task_is_not_taken_over(
    task: Task, team: Team, as_user: Browser
) -> None:
    as_user(team.mei).post(change(task), sent(("made_up", "the lid is shut")))
    task.refresh_from_db()
    assert [goal["id"] for goal in task.goals] == ["the_lid_is_shut"]


@pytest.mark.parametrize(
    ("words", "taken", "made"),
    [
        ("Lid: shut!", set(), "lid_shut"),
        ("盖子关上了", set(), "goal"),
        ("盖子关上了", {"goal"}, "goal_2"),
        ("lid shut", {"lid_shut", "lid_shut_2"}, "lid_shut_3"),
    ],
)
def test_ids_are_made_of_words(words: str, taken: set[str], made: str) -> None:
    assert new_id(words, taken) == made


def test_the_list_is_searched_and_asks_as_often_for_many(
    task: Task, team: Team, as_user: Browser
) -> None:
    mei = as_user(team.mei)
    assert "No task has these words" in text(mei.get(LIST, {"q": "saxophone"}))
    assert task.text in text(mei.get(LIST, {"q": "BLOCK"}))
    with queries() as few:
        mei.get(LIST)
    for number, episode in enumerate(Episode.objects.all()):
        episode.task = Task.objects.create(text=f"task {number}")
        episode.save()
    with queries() as many:
        page = text(mei.get(LIST))
    assert len(many) == len(few)
    assert "task 2" in page
    assert task.text not in page
