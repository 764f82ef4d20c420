"""A real server in a thread, on the test's PostgreSQL, and people with tokens."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from annotation.models import ApiToken, Membership, Project
from annotation.services.register_schema import core_label_schema
from annotation.services.tokens import create_token
from config.celery import app
from tests.annotation.scene import Team, make_asset, make_dataset, make_episodes, queue_up
from touchline_client import Touchline
from touchline_client.retries import Retries

SOON = Retries(most=3, first_s=0.01, longest_s=0.05)


@pytest.fixture(autouse=True)
def tasks_run_at_once(settings: Settings) -> Iterator[None]:
    """There is no worker beside the test's server."""
    app.conf.task_always_eager = True
    yield
    app.conf.task_always_eager = False


@pytest.fixture
def team(transactional_db: None, data_dir: Path) -> Team:
    """Three episodes, one annotator each."""
    names = ("ada", "abe", "ravi", "mei", "otto")
    people = {name: User.objects.create_user(name, first_name=name.capitalize()) for name in names}
    root = User.objects.create_superuser("root")
    project = Project.objects.create(name="Blocks", schema=core_label_schema(), overlap=1)
    roles = Membership.Role
    for name, role in (
        ("ada", roles.ANNOTATOR),
        ("abe", roles.ANNOTATOR),
        ("ravi", roles.REVIEWER),
        ("mei", roles.MANAGER),
    ):
        Membership.objects.create(project=project, user=people[name], role=role)
    dataset = make_dataset("so101", owner=people["mei"])
    queue_up(project, make_episodes(dataset, 3, make_asset(data_dir, "a")))
    return Team(project=project, dataset=dataset, root=root, **people)


@pytest.fixture
def connect(live_server: LiveServer) -> Iterator[Callable[..., Touchline]]:
    """A client that acts for somebody, with all scopes unless told otherwise."""
    with ExitStack() as opened:

        def as_person(user: User, *scopes: ApiToken.Scope) -> Touchline:
            _, text = create_token(
                actor=user,
                name=f"client {user.api_tokens.count()}",
                scopes=scopes or tuple(ApiToken.Scope),
                expires_at=None,
            )
            return opened.enter_context(Touchline(live_server.url, text, retries=SOON))

        yield as_person
