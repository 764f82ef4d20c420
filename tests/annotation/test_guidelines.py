"""Guidelines are published in versions and acknowledged by their readers."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from annotation.errors import NotFound, RoleMissing, StaleProject
from annotation.models import AuditEntry, GuidelineVersion
from annotation.selectors.guidelines import current_guideline, guideline_text, unread_guidelines
from annotation.services.guidelines import acknowledge_guideline, publish_guideline
from tests.annotation.scene import Team


def publish(team: Team, text: str, *, must_acknowledge: bool = False) -> GuidelineVersion:
    return publish_guideline(
        actor=team.mei, project=team.project, text=text, must_acknowledge=must_acknowledge
    )


def test_each_text_is_a_version(team: Team) -> None:
    assert current_guideline(team.project) is None
    assert [publish(team, text).number for text in ("One", "One", "Two")] == [1, 1, 2]
    assert guideline_text(team.project) == "Two"
    trail = AuditEntry.objects.filter(action="guideline.published").order_by("id")
    assert [entry.facts["number"] for entry in trail] == [1, 2]


def test_a_colleagues_version_is_not_overwritten(team: Team) -> None:
    publish(team, "One")
    with pytest.raises(StaleProject, match="Version 1"):
        publish_guideline(actor=team.root, project=team.project, text="Mine", based_on=0)
    assert guideline_text(team.project) == "One"


def test_managers_only(team: Team) -> None:
    for user, error in ((team.ravi, RoleMissing), (team.ada, RoleMissing), (team.otto, NotFound)):
        with pytest.raises(error):
            publish_guideline(actor=user, project=team.project, text="Mine")


def test_the_newest_version_that_asks_is_to_be_read(team: Team) -> None:
    publish(team, "One", must_acknowledge=True)
    second = publish(team, "Two", must_acknowledge=True)
    publish(team, "Two, without a typo")
    assert list(unread_guidelines(team.ada)) == [second]
    assert list(unread_guidelines(team.otto)) == []
    for _ in range(2):
        acknowledge_guideline(actor=team.ada, version=second)
    assert list(unread_guidelines(team.ada)) == []
    assert list(unread_guidelines(team.abe)) == [second]


def test_outsiders_acknowledge_nothing(team: Team) -> None:
    with pytest.raises(NotFound):
        acknowledge_guideline(actor=team.otto, version=publish(team, "One"))


def test_a_stale_page_keeps_what_was_written(team: Team, as_user: Callable[[User], Client]) -> None:
    publish(team, "One")
    answer = as_user(team.mei).post(
        reverse("project-guideline-edit", args=[team.project.pk]), {"text": "Mine", "based_on": 0}
    )
    assert answer.status_code == 400
    assert "was published while you were writing" in answer.content.decode()
    assert ">\nMine</textarea>" in answer.content.decode()
