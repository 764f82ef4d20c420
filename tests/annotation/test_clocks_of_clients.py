"""Clients whose clocks are wrong by hours: nothing that is stored or promised depends on them."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from annotation.activity_time import LONGEST_MS, OLDEST_MS
from annotation.models import ActivitySpan, AnnotationSet, Assignment, SetRevision
from tests.annotation.scene import Team, claimed, draft_of, grasp, instruction, outcome

JSON = "application/json"
SOON = timedelta(seconds=30)


@pytest.fixture(params=[-9, 9], ids=["nine hours slow", "nine hours fast"])
def wrong_clock(request: pytest.FixtureRequest) -> str:
    """The Date that such a client would send."""
    return format_datetime(datetime.now(UTC) + timedelta(hours=request.param), usegmt=True)


@pytest.fixture
def draft(team: Team) -> AnnotationSet:
    """Claimed two days ago: what is older than a claim is no work on it."""
    assignment = claimed(team.ada, team.project)
    Assignment.objects.update(claimed_at=timezone.now() - timedelta(days=2))
    return draft_of(assignment)


@pytest.fixture
def ada(
    team: Team, as_user: Callable[[User], Client], wrong_clock: str
) -> Callable[[str, str, Any], Any]:
    client = as_user(team.ada)

    def send(method: str, address: str, body: Any) -> Any:
        return getattr(client, method)(
            address, body, content_type=JSON, headers={"Date": wrong_clock}
        )

    return send


def test_labels_are_saved_and_handed_in_at_the_servers_time(
    team: Team, draft: AnnotationSet, ada: Callable[..., Any]
) -> None:
    change = {
        "base_revision": 0,
        "request_id": str(uuid.uuid4()),
        "put": [grasp(), instruction(), outcome()],
    }
    saved = ada("patch", reverse("api-set-labels", args=[draft.pk]), change).json()
    assert abs(datetime.fromisoformat(saved["saved_at"]) - timezone.now()) < SOON
    submit = {"base_revision": 1, "request_id": str(uuid.uuid4())}
    assert ada("post", reverse("api-set-submit", args=[draft.pk]), submit).status_code == 200
    draft.refresh_from_db()
    assert draft.submitted_at is not None
    assert abs(draft.submitted_at - timezone.now()) < SOON
    assert abs(SetRevision.objects.get().created_at - timezone.now()) < SOON


def test_a_lease_is_told_as_a_length(
    team: Team, draft: AnnotationSet, ada: Callable[..., Any]
) -> None:
    """A client counts from when the answer came: its own clock says nothing to that."""
    answer = ada("post", reverse("api-assignment-heartbeat", args=[draft.assignment_id]), {})
    lease = answer.json()
    assert 890 <= lease["seconds"] <= 900
    left = datetime.fromisoformat(lease["expires_at"]) - timezone.now()
    assert abs(left.total_seconds() - lease["seconds"]) < 5


def test_active_time_is_told_by_its_age(
    team: Team, draft: AnnotationSet, ada: Callable[..., Any]
) -> None:
    span = {"id": str(uuid.uuid4()), "ago_ms": 60_000, "length_ms": 50_000}
    address = reverse("api-assignment-activity", args=[draft.assignment_id])
    assert ada("post", address, {"spans": [span]}).json() == {"new": 1}
    kept = ActivitySpan.objects.get()
    assert abs(kept.started_at - (timezone.now() - timedelta(minutes=1))) < SOON


def test_a_clock_that_jumps_makes_no_day_of_work(
    team: Team, draft: AnnotationSet, ada: Callable[..., Any]
) -> None:
    """Set forward by a month between two reports, it claims a stretch that never was."""
    month_ms = 30 * 24 * 3_600_000
    span = {"id": str(uuid.uuid4()), "ago_ms": month_ms, "length_ms": month_ms}
    ada("post", reverse("api-assignment-activity", args=[draft.assignment_id]), {"spans": [span]})
    kept = ActivitySpan.objects.get()
    assert kept.started_at >= timezone.now() - timedelta(milliseconds=OLDEST_MS) - SOON
    assert kept.ended_at <= timezone.now() + SOON
    assert kept.active_ms <= LONGEST_MS
