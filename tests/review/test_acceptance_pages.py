"""Samples on pages and by the API."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from annotation.models import Project
from review.models import Batch, Sample
from review.services.batches import create_batch
from tests.annotation.scene import Team
from tests.review.acceptance_scene import ONE_ALLOWED, conform, refuse
from tests.review.acceptance_scene import project as project
from tests.review.test_pages import text

pytestmark = pytest.mark.django_db


def test_the_pages_lead_from_the_plan_to_the_decision(
    team: Team, project: Project, client: Client
) -> None:
    client.force_login(team.ravi)
    address = reverse("batch-new", args=[project.pk])
    page = text(client.get(address))
    assert "40 finished episodes go in" in page
    assert "Every episode. A reviewer looks at each" in page
    assert "This is what the policy asks for." in page
    assert "Operating characteristic" in page
    bad = client.post(address, {"plan": "nonsense"})
    assert bad.status_code == 400
    made = client.post(f"{address}?limit=40", {"plan": "hypergeometric-1", "name": "May"})
    batch = Batch.objects.get()
    assert made["Location"] == reverse("batch-detail", args=[batch.pk])
    assert (batch.items.count(), batch.mode) == (40, Batch.Mode.SAMPLE)
    sample = batch.samples.get()
    page = text(client.get(made["Location"]))
    assert f"0 of {sample.n} reviewed, 0 errors of 1 allowed, {sample.n} more needed" in page
    assert sample.seed in page
    drawn = list(sample.items.order_by("order"))
    for one in drawn[:2]:
        refuse(team, one)
    page = text(client.get(made["Location"]))
    assert "More errors than allowed decide" in page
    assert "The sample failed: what follows" in page
    follow = reverse("batch-follow-up", args=[batch.pk])
    client.post(follow, {"follow_up": "rework", "reason": ""})
    assert not Sample.objects.exclude(follow_up="").exists()
    client.post(follow, {"follow_up": "rework", "reason": "Late."})
    assert "decided by Ravi" in text(client.get(made["Location"]))
    csv = b"".join(client.get(reverse("batch-sample-table", args=[batch.pk, "csv"]))).decode()
    assert csv.count("sent back") == 2
    rows = client.get(reverse("batch-sample-table", args=[batch.pk, "json"])).json()["rows"]
    assert [row["conforms"] for row in rows[:3]] == [False, False, None]


def test_an_empty_project_says_what_to_wait_for(team: Team, client: Client) -> None:
    client.force_login(team.ravi)
    page = client.get(reverse("batch-new", args=[team.project.pk]))
    assert "No finished episode waits" in text(page)
    answer = client.post(reverse("batch-new", args=[team.project.pk]), {"plan": "all"})
    assert answer.status_code == 400


def test_samples_by_the_api(team: Team, project: Project, client: Client) -> None:
    client.force_login(team.ravi)
    made = client.post(
        reverse("api-batches", args=[project.pk]),
        {"plan": "hypergeometric", "allowed": 1, "name": "By program"},
        "application/json",
    )
    assert (made.status_code, made.json()["mode"]) == (201, "sample")
    batch = Batch.objects.get()
    samples = reverse("api-samples", args=[batch.pk])
    (found,) = client.get(samples).json()
    assert (found["progress"], found["looked_at"], found["more"]) == ("open", 0, found["n"])
    assert len(found["episodes"]) == found["n"]
    assert client.post(samples).status_code == 409
    for one in batch.samples.get().items.order_by("order")[:2]:
        refuse(team, one)
    answer = client.post(
        reverse("api-follow-up", args=[batch.pk]),
        {"follow_up": "full", "reason": "Deadline."},
        "application/json",
    )
    assert (answer.status_code, answer.json()["state"]) == (200, "failed")


def test_the_batch_page_asks_a_fixed_number_of_times(
    team: Team, project: Project, client: Client
) -> None:
    client.force_login(team.ravi)
    small = create_batch(actor=team.ravi, project=project, choice=ONE_ALLOWED, limit=20)
    large = create_batch(actor=team.ravi, project=project, choice=ONE_ALLOWED)

    def asked(batch: Batch) -> int:
        for one in batch.samples.get().items.order_by("order")[:2]:
            conform(team, one)
        page = reverse("batch-detail", args=[batch.pk])
        client.get(page)
        with CaptureQueriesContext(connection) as context:
            client.get(page)
        return len(context)

    assert asked(small) == asked(large) <= 32
