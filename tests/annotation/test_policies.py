"""Policies of a project: set, changed and taken away by its managers, with their trail."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from annotation.errors import NotFound, RoleMissing, StaleProject
from annotation.models import AcceptancePolicy, AuditEntry, Project, TaskPolicy
from annotation.services import policies
from episodes.models import Task
from tests.annotation.pages import text
from tests.annotation.scene import Team

Post = Callable[..., str]


@pytest.fixture
def post(team: Team, as_user: Callable[[User], Client]) -> Post:
    def send(name: str, **body: object) -> str:
        team.project.refresh_from_db()
        given = {"version": team.project.version, **body}
        return text(
            as_user(team.mei).post(reverse(name, args=[team.project.pk]), given, follow=True)
        )

    return send


def bar(**body: object) -> dict[str, object]:
    return {"bar": 97.5, "confidence": 95, "plan": "bound", "most_defects": 2, **body}


def test_a_bar_is_set_changed_and_taken_away(
    team: Team, post: Post, as_user: Callable[[User], Client]
) -> None:
    assert "No bar is set" in post("acceptance-set", bar=200)
    assert "97.5 %" in post("acceptance-set", **bar(label_type="instant", evaluation="on"))
    post("acceptance-set", **bar(label_type="instant", evaluation="on", bar=99))
    row = AcceptancePolicy.objects.get()
    assert (row.bar_ppm, row.label_type, row.evaluation, row.task) == (
        990_000,
        "instant",
        True,
        None,
    )
    mei = as_user(team.mei)
    history = text(mei.get(reverse("project-history", args=[team.project.pk])))
    assert "set the bar for contact instants, evaluation episodes" in history
    assert 'Bar: 97.5 % <span aria-hidden="true">→' in history
    mei.post(reverse("acceptance-remove", args=[team.project.pk, row.pk]))
    assert not AcceptancePolicy.objects.exists()


def test_a_task_has_values_of_its_own(team: Team, post: Post) -> None:
    task = Task.objects.get()
    page = post("task-policy-set", task=task.pk, priority=3, tolerance=40, deadline="2027-01-31")
    assert "40 ms" in page
    assert "2027-01-31" in page
    row = TaskPolicy.objects.get()
    assert (row.tolerance_ns, row.boundary_tolerance_ns) == (40_000_000, None)
    post("task-policy-set", task=task.pk, priority=3, tolerance=40, deadline="2027-01-31")
    assert AuditEntry.objects.filter(action="policy.changed").count() == 1
    assert "Select a valid choice" in post("task-policy-set", task=999_999, priority=0)


def test_who_sets_after_a_colleague_is_told(team: Team, post: Post) -> None:
    old = team.project.version
    post("acceptance-set", **bar())
    page = post("acceptance-set", **bar(bar=80), version=old)
    assert "was changed while you were editing its policies" in page
    assert 'value="80"' in page
    assert AcceptancePolicy.objects.get().bar_ppm == 975_000
    with pytest.raises(StaleProject):
        policies.set_task_policy(
            actor=team.mei, project=team.project, task=Task.objects.get(), version=old
        )


def test_managers_only(team: Team) -> None:
    for user, error in ((team.ada, RoleMissing), (team.ravi, RoleMissing), (team.otto, NotFound)):
        with pytest.raises(error):
            policies.set_task_policy(actor=user, project=team.project, task=Task.objects.get())
        with pytest.raises(error):
            policies.remove_acceptance(actor=user, project=team.project, policy_id=1)


def test_rows_of_other_projects_are_not_there(team: Team) -> None:
    other = Project.objects.create(name="Other", schema=team.project.schema)
    row = TaskPolicy.objects.create(project=other, task=Task.objects.get())
    with pytest.raises(NotFound):
        policies.remove_task_policy(actor=team.mei, project=team.project, policy_id=row.pk)
    assert TaskPolicy.objects.exists()
