"""A reviewer who is to decide an episode again finds no sign that they did before: every page and
every answer of the API is what it was while nobody had decided."""

import re
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.db.models import Q
from django.test import Client
from django.urls import reverse
from django_vite.core.asset_loader import (  # type: ignore[import-untyped]
    DjangoViteAssetLoader,
)
from pytest_django import Settings

from annotation.models import ProjectEpisode
from annotation.services.submit import submit
from episodes.models import Episode
from review.models import Adjudication, CheckFinding, ReviewRepeat, Verdict
from review.selectors.alignment import judging, next_item
from review.selectors.dataset_checks import findings_of
from review.selectors.episode_standing import labelled
from review.services.adjudication import accept_consensus, begin_adjudication
from review.services.alignment import draw_alignment_sample
from review.services.batches import approve_batch, create_batch
from tests.annotation.scene import label, save
from tests.config.addresses import ADDRESSES
from tests.config.test_every_address import TURNED_AWAY
from tests.config.whole_site import Site, build_site
from tests.once import once
from tests.review.scene import MS, approve, hand_in, items_of, sets_for

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

SUCCESS, FAILURE = "outcome_success", "outcome_failure"
# Made anew for every answer.
_EVERY_TIME = re.compile(
    r'name="(?:csrfmiddlewaretoken|request_id|id)" value="[^"]*"|"X-CSRFToken": "[^"]*"'
)


@pytest.fixture(autouse=True)
def pages_without_a_build(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.DJANGO_VITE = {"default": {"dev_mode": True}}
    monkeypatch.setattr(DjangoViteAssetLoader, "_instance", None)


@pytest.fixture
def site(db: None, tmp_path: Path) -> Site:
    """The second episode waits for Ravi: Ada and Abe do not say the same of it."""
    site = once("site", lambda: build_site(tmp_path))
    people, project = site.people, site.project
    draft = site.annotation_set
    lift = label("segment", "instruction", start_ns=0, end_ns=100 * MS, text="lift the block")
    save(people["ada"], draft, [lift])
    draft.refresh_from_db()
    submit(
        actor=people["ada"],
        annotation_set_id=draft.pk,
        base_revision=draft.revision,
        request_id=uuid.uuid4(),
    )
    hand_in(
        people["abe"],
        project,
        label("instant", "grasp_closed", start_ns=100 * MS, effector="right"),
        label("outcome", FAILURE),
    )
    batch = create_batch(actor=people["ravi"], project=project, name="Asked about twice")
    (item,) = items_of(batch)
    assert item.project_episode.episode_id == site.stream.episode_id
    return replace(site, batch=batch, item=item)


def outright(site: Site) -> None:
    approve(site.people["ravi"], site.item)


def by_consensus(site: Site) -> None:
    ravi = site.people["ravi"]
    made = begin_adjudication(
        actor=ravi,
        item_id=site.item.pk,
        method=Adjudication.Method.COPY,
        annotation_set_ids=[sets_for(site.item)[0].pk],
        version=0,
        request_id=uuid.uuid4(),
    )
    accept_consensus(
        actor=ravi,
        adjudication_id=made.pk,
        base_revision=made.annotation_set.revision,
        version=0,
        request_id=uuid.uuid4(),
    )


def asked_again(site: Site) -> ReviewRepeat:
    approve_batch(actor=site.people["mei"], batch_id=site.batch.pk)
    first = Verdict.objects.get(item=site.item)
    return ReviewRepeat.objects.create(item=site.item, reviewer=first.reviewer, first=first)


def addresses(site: Site) -> Iterator[str]:
    """Everything a reviewer may open, and the lists narrowed down to each state and outcome."""
    for name, address in ADDRESSES.items():
        if "GET" in address.methods and "ravi" not in TURNED_AWAY[address.least]:
            yield reverse(name, args=address.place(site))
    for own in sets_for(site.item):
        yield from (reverse(name, args=[own.pk]) for name in ("set-view", "set-history", "api-set"))
    place = [site.project.pk]
    for progress in ProjectEpisode.Progress.values:
        yield f"{reverse('project-episodes', args=place)}?progress={progress}"
        yield f"{reverse('api-queue', args=place)}?progress={progress}"
        for name in ("episode-list", "api-episodes"):
            yield f"{reverse(name)}?label={progress}"
    for outcome in (SUCCESS, FAILURE):
        for name in ("episode-list", "api-episodes"):
            yield f"{reverse(name)}?outcome={outcome}"
    for state in ("open", "approved"):
        yield f"{reverse('api-batches', args=place)}?state={state}"
    yield f"{reverse('project-skips', args=place)}?flagged=on"


def told(site: Site, who: str) -> dict[str, str]:
    """What each address answers, but for what is made anew for every answer."""
    client = Client()
    client.force_login(site.people[who])
    return {address: _said(client.get(address)) for address in addresses(site)}


def _said(answer: Any) -> str:
    body = b"".join(answer) if answer.streaming else answer.content
    return f"{answer.status_code} {answer.get('Location', '')} " + _EVERY_TIME.sub(
        "", body.decode(errors="replace")
    )


@pytest.mark.parametrize("decide", [outright, by_consensus])
def test_no_page_and_no_answer_tells(site: Site, decide: Callable[[Site], None]) -> None:
    before = told(site, "ravi")
    decide(site)
    repeat = asked_again(site)
    again = told(site, "ravi")
    assert {address for address in before if before[address] != again[address]} == set()
    ReviewRepeat.objects.filter(pk=repeat.pk).update(state=ReviewRepeat.State.VOID)
    after = told(site, "ravi")
    # Without the repeat the same pages say what was decided: the walk would have seen it.
    for name, place in (("review-episode", site.item.pk), ("project-episodes", site.project.pk)):
        assert before[reverse(name, args=[place])] != after[reverse(name, args=[place])]


def test_a_consensus_of_the_first_time_is_not_there(site: Site) -> None:
    by_consensus(site)
    made = Adjudication.objects.get(item=site.item)
    asked_again(site)
    client = Client()
    client.force_login(site.people["ravi"])
    for name in ("adjudication-detail", "api-adjudication", "api-adjudication-labels"):
        assert client.get(reverse(name, args=[made.pk])).status_code == 404
    assert client.get(reverse("api-set", args=[made.annotation_set_id])).status_code == 404
    client.force_login(site.people["mei"])
    assert client.get(reverse("adjudication-detail", args=[made.pk])).status_code == 200


def test_a_repeat_is_decided_on_the_version_that_it_shows(site: Site) -> None:
    outright(site)
    repeat = asked_again(site)
    approve(site.people["ravi"], site.item, version=0)
    repeat.refresh_from_db()
    assert repeat.state == ReviewRepeat.State.DECIDED


def test_what_is_drawn_or_found_among_accepted_labels_is_kept_back(site: Site) -> None:
    ravi, mei, project = site.people["ravi"], site.people["mei"], site.project
    outright(site)
    segments = draw_alignment_sample(actor=mei, project=project, segments=1).items
    (segment,) = segments.filter(annotation_set__project_episode=site.item.project_episode)
    place, run = site.item.project_episode, site.checks
    found = CheckFinding.objects.create(
        run=run, figure="segmentation", position=99, code="gap", why="", project_episode=place
    )
    drawn = judging(project, ravi).drawn
    asked_again(site)
    assert judging(project, ravi).drawn == drawn - 1
    assert next_item(project, ravi) != segment
    assert found not in findings_of(run, "", ravi)
    assert found in findings_of(run, "", mei)


def test_an_outcome_is_found_by_what_everybody_said(site: Site) -> None:
    """Once approved only Ada's would count, and tell whose labels stand."""
    outright(site)
    asked_again(site)
    found = {"ravi": {True: 0, False: 0}, "mei": {True: 0, False: 0}}
    for who in found:
        for failed in (True, False):
            said = Q(labelled(site.people[who], "", FAILURE if failed else SUCCESS))
            episode = Episode.objects.filter(said, pk=site.stream.episode_id)
            found[who][failed] = episode.count()
    assert found == {"ravi": {True: 1, False: 1}, "mei": {True: 0, False: 1}}
