"""Batches judged by a sample: drawn, reviewed, passed, failed, reworked, sampled afresh."""

import random
import uuid

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from annotation.errors import NotFound, RoleMissing
from annotation.models import (
    AcceptancePolicy,
    AnnotationSet,
    Assignment,
    AuditEntry,
    Label,
    Project,
    ProjectEpisode,
)
from annotation.services.policies import set_acceptance
from review.errors import BatchNotApprovable, OwnWork, SamplingRefused
from review.measures.acceptance.plans import plan, too_many
from review.measures.counts import count_pair
from review.measures.records import Answer, Instant, Tolerances
from review.models import Batch, BatchItem, Sample, SampleItem, Verdict
from review.selectors.acceptance import SampleStanding, same, sample_standing
from review.selectors.acceptance_plans import Choice, default_choice, offers_for, terms_of
from review.selectors.batches import Ready, next_to_review, ready_episodes
from review.selectors.release_content import release_content
from review.services.acceptance import (
    decide_failed,
    draw_fresh,
    rejected_samples,
    return_rejected,
)
from review.services.batches import approve_batch, create_batch
from review.services.releases import request_release
from review.services.simulate_annotators import Person, simulate_annotators
from review.services.verdicts import approve_episode, return_episode
from tests.annotation.scene import Team
from tests.review.test_pages import text

pytestmark = pytest.mark.django_db

ONE_ALLOWED = Choice("hypergeometric", c=1)
LOT = 40


@pytest.fixture
def project(team: Team) -> Project:
    """Forty episodes, handed in by two simulated annotators each; ravi reviews, mei manages."""
    roles = [(team.mei, "manager"), (team.ravi, "reviewer"), (team.ada, "annotator")]
    return simulate_annotators(
        name="Lots", template=team.dataset, people=[Person(0.95), Person(0.95)], episodes=LOT,
        gold=False, managers=roles,
    )  # fmt: skip


def sampled(team: Team, project: Project, choice: Choice = ONE_ALLOWED) -> Batch:
    return create_batch(actor=team.ravi, project=project, choice=choice)


def standing(batch: Batch) -> SampleStanding:
    return sample_standing(batch.samples.order_by("number").last() or Sample())


def conform(team: Team, one: SampleItem) -> None:
    item = BatchItem.objects.get(pk=one.item_id)
    approve_episode(
        actor=team.ravi, item_id=item.pk, annotation_set_id=one.proposed_set_id,
        version=item.version, request_id=uuid.uuid4(),
    )  # fmt: skip


def refuse(team: Team, one: SampleItem) -> None:
    item = BatchItem.objects.get(pk=one.item_id)
    return_episode(
        actor=team.ravi, item_id=item.pk, annotation_set_ids=[one.proposed_set_id],
        comment="The contact is late.", version=item.version, request_id=uuid.uuid4(),
    )  # fmt: skip


def hand_in_again(project: Project) -> None:
    """Everybody who has work back hands it in as it is; simulated people have no session."""
    places = {"project_episode__project": project}
    AnnotationSet.objects.filter(**places, state=AnnotationSet.State.DRAFT).update(
        state=AnnotationSet.State.SUBMITTED, submitted_at=timezone.now()
    )
    Assignment.objects.filter(**places).update(state=Assignment.State.SUBMITTED)


def say_the_same(other: AnnotationSet, said: AnnotationSet) -> None:
    """The other set's labels become a copy of what was said."""
    other.labels.all().delete()
    for label in said.labels.all():
        label.pk, label.annotation_set = None, other
        label.save()


def test_the_sample_is_stored_before_anybody_reviews(team: Team, project: Project) -> None:
    batch = sampled(team, project)
    sample = batch.samples.get()
    wanted = plan(1, lot=LOT)
    assert wanted is not None
    assert (sample.n, sample.c, sample.lot) == (wanted.n, 1, LOT)
    assert sample.items.count() == wanted.n
    assert sample.seed
    assert sample.policy["bad_share"] == 0.05
    assert set(sample.items.values_list("task", flat=True)) == {
        "put the block on the goal position"
    }
    assert "Annotator 1 (simulated), Annotator 2 (simulated)" in set(
        sample.items.values_list("annotators", flat=True)
    )
    assert AuditEntry.objects.filter(action="sample.drawn").count() == 1
    assert not Verdict.objects.exists()


def test_progress_follows_the_verdicts_and_the_draw(team: Team, project: Project) -> None:
    batch = sampled(team, project)
    drawn = list(batch.samples.get().items.order_by("order"))
    for one in drawn[:3]:
        conform(team, one)
    refuse(team, drawn[3])
    counted = standing(batch).progress
    assert (counted.looked_at, counted.bad, counted.spare) == (4, 1, 0)
    assert counted.more == len(drawn) - 4
    following = next_to_review(BatchItem.objects.get(pk=drawn[3].item_id), team.ravi)
    assert following is not None
    assert following.pk == drawn[4].item_id
    with pytest.raises(BatchNotApprovable, match="more episodes are to be looked at"):
        approve_batch(actor=team.ravi, batch_id=batch.pk)


def test_a_passed_sample_signs_off_what_nobody_looked_at(team: Team, project: Project) -> None:
    batch = sampled(team, project)
    for one in batch.samples.get().items.all():
        conform(team, one)
    assert standing(batch).accepted
    approved = approve_batch(actor=team.mei, batch_id=batch.pk, remark="Good week.")
    assert (approved.approved_by, approved.remark) == (team.mei, "Good week.")
    sample = batch.samples.get()
    assert (sample.state, sample.errors) == (Sample.State.PASSED, 0)
    assert batch.items.filter(state=BatchItem.State.APPROVED).count() == LOT
    assert not batch.items.filter(accepted_set=None).exists()
    places = ProjectEpisode.objects.filter(project=project)
    assert set(places.values_list("progress", "review")) == {("approved", "approved")}
    assert not places.filter(accepted_set=None).exists()


def test_a_release_tells_what_was_reviewed_from_what_a_sample_spoke_for(
    team: Team, project: Project
) -> None:
    batch = sampled(team, project)
    for one in batch.samples.get().items.all():
        conform(team, one)
    approve_batch(actor=team.mei, batch_id=batch.pk)
    release = request_release(actor=team.mei, project=project, batches=[batch])
    content = release_content(release)
    said = [one.provenance["judged"] for dataset in content.datasets for one in dataset.episodes]
    assert said.count("reviewed") == batch.samples.get().n
    assert said.count("by a sample of its batch") == LOT - batch.samples.get().n


def test_what_was_sent_back_is_approved_before_the_batch(team: Team, project: Project) -> None:
    batch = sampled(team, project)
    first, *rest = batch.samples.get().items.all()
    refuse(team, first)
    for one in rest:
        conform(team, one)
    assert standing(batch).accepted
    with pytest.raises(BatchNotApprovable, match="sent back"):
        approve_batch(actor=team.ravi, batch_id=batch.pk)
    hand_in_again(project)
    item = BatchItem.objects.get(pk=first.item_id)
    newest = item.project_episode.annotation_sets.filter(state="submitted").latest("round")
    approve_episode(
        actor=team.ravi, item_id=item.pk, annotation_set_id=newest.pk, version=item.version,
        request_id=uuid.uuid4(),
    )  # fmt: skip
    # Put right since, it still counts as the error that it was.
    assert standing(batch).progress.bad == 1
    assert approve_batch(actor=team.ravi, batch_id=batch.pk).state == Batch.State.APPROVED


def failed(team: Team, project: Project) -> Batch:
    batch = sampled(team, project)
    for one in batch.samples.get().items.order_by("order")[:2]:
        refuse(team, one)
    return batch


def test_one_error_too_many_rejects_at_once(team: Team, project: Project) -> None:
    batch = failed(team, project)
    found = standing(batch)
    assert found.rejected
    assert found.undecided
    assert found.progress.looked_at == 2
    with pytest.raises(BatchNotApprovable, match="failed: 2 episodes did not conform"):
        approve_batch(actor=team.ravi, batch_id=batch.pk)


def test_rework_sends_everything_back_and_a_fresh_sample_follows(
    team: Team, project: Project
) -> None:
    batch = failed(team, project)
    with pytest.raises(SamplingRefused, match="not being reworked"):
        draw_fresh(actor=team.ravi, batch_id=batch.pk)
    sample = decide_failed(
        actor=team.ravi, batch_id=batch.pk, follow_up="rework", reason="Contacts are late."
    )
    assert (sample.state, sample.errors, sample.decided_by) == ("failed", 2, team.ravi)
    with pytest.raises(SamplingRefused, match="have not gone back"):
        draw_fresh(actor=team.ravi, batch_id=batch.pk)
    assert rejected_samples() == [sample.pk]
    assert return_rejected(sample_id=sample.pk, limit=10) == 10
    assert return_rejected(sample_id=sample.pk) == LOT - 12
    assert return_rejected(sample_id=sample.pk) == 0
    assert rejected_samples() == []
    verdict = Verdict.objects.order_by("-pk")[0]
    assert "Contacts are late." in verdict.comment
    with pytest.raises(SamplingRefused, match="still with their annotators"):
        draw_fresh(actor=team.ravi, batch_id=batch.pk)
    hand_in_again(project)
    fresh = draw_fresh(actor=team.ravi, batch_id=batch.pk)
    assert (fresh.number, fresh.n, fresh.c, fresh.lot) == (2, sample.n, 1, LOT)
    assert fresh.seed != sample.seed
    assert standing(batch).progress.looked_at == 0
    for one in fresh.items.all():
        conform(team, one)
    assert approve_batch(actor=team.mei, batch_id=batch.pk).state == Batch.State.APPROVED
    states = list(batch.samples.order_by("number").values_list("state", flat=True))
    assert states == ["failed", "passed"]


def test_full_review_asks_for_every_episode(team: Team, project: Project) -> None:
    batch = failed(team, project)
    decide_failed(actor=team.mei, batch_id=batch.pk, follow_up="full", reason="Deadline.")
    with pytest.raises(BatchNotApprovable, match="40 of 40 episodes"):
        approve_batch(actor=team.mei, batch_id=batch.pk)
    assert rejected_samples() == []


def test_a_failed_sample_is_decided_once_and_for_a_reason(team: Team, project: Project) -> None:
    batch = sampled(team, project)
    with pytest.raises(SamplingRefused, match="has not failed"):
        decide_failed(actor=team.ravi, batch_id=batch.pk, follow_up="full", reason="Because.")
    for one in batch.samples.get().items.order_by("order")[:2]:
        refuse(team, one)
    with pytest.raises(SamplingRefused, match="for a reason"):
        decide_failed(actor=team.ravi, batch_id=batch.pk, follow_up="full", reason="  ")
    for _ in range(2):
        decide_failed(actor=team.ravi, batch_id=batch.pk, follow_up="full", reason="Because.")
    with pytest.raises(SamplingRefused, match="decided already"):
        decide_failed(actor=team.mei, batch_id=batch.pk, follow_up="rework", reason="No.")
    assert AuditEntry.objects.filter(action="sample.followed_up").count() == 1


@pytest.mark.parametrize(("who", "error"), [("ada", RoleMissing), ("otto", NotFound)])
def test_who_may_not_judge(team: Team, project: Project, who: str, error: type[Exception]) -> None:
    batch = failed(team, project)
    actor = getattr(team, who)
    with pytest.raises(error):
        decide_failed(actor=actor, batch_id=batch.pk, follow_up="full", reason="Because.")
    with pytest.raises(error):
        draw_fresh(actor=actor, batch_id=batch.pk)
    with pytest.raises(error):
        create_batch(actor=actor, project=project, choice=ONE_ALLOWED)


def test_nobody_decides_on_own_work(team: Team, project: Project) -> None:
    batch = failed(team, project)
    item = batch.items.first()
    assert item is not None
    item.project_episode.assignments.create(
        annotator=team.mei, state="submitted", lease_expires_at=batch.created_at
    )
    with pytest.raises(OwnWork):
        decide_failed(actor=team.mei, batch_id=batch.pk, follow_up="full", reason="Because.")


def test_an_episode_conforms_by_what_would_have_been_delivered(
    team: Team, project: Project
) -> None:
    """Approving the other annotator's set conforms only where both say the same."""
    batch = sampled(team, project)
    wanted = {}
    for one in batch.samples.get().items.select_related("item")[:12]:
        other = (
            AnnotationSet.objects.filter(project_episode=one.item.project_episode_id)
            .exclude(pk=one.proposed_set_id)
            .get()
        )
        wanted[one.item_id] = one.order % 2 == 0
        say_the_same(other, one.proposed_set)
        if not wanted[one.item_id]:
            other.labels.filter(kind=Label.Kind.INSTANT)[:1].get().delete()
        approve_episode(
            actor=team.ravi, item_id=one.item_id, annotation_set_id=other.pk, version=0,
            request_id=uuid.uuid4(),
        )  # fmt: skip
    told = {row.item.pk: row.conforms for row in standing(batch).rows if row.conforms is not None}
    assert told == wanted
    assert set(told.values()) == {True, False}
    assert {row.why for row in standing(batch).rows if row.conforms is False} == {
        "other labels stand"
    }


def test_batches_of_known_quality_pass_and_fail_as_planned(team: Team, project: Project) -> None:
    """As many bad ones as are just too many: who reviews them says the truth."""
    batch = sampled(team, project)
    sample = batch.samples.get()
    accepted = 0
    rng = random.Random(4)
    places = list(batch.items.values_list("pk", flat=True))
    drawn = set(sample.items.values_list("item", flat=True))
    runs = 400
    for _ in range(runs):
        bad = set(rng.sample(places, too_many(LOT)))
        accepted += len(bad & drawn) <= sample.c
    # A plan at 95 % lets them pass in 5 % of cases at most.
    assert accepted / runs < 0.05 + 3 * (0.05 * 0.95 / runs) ** 0.5
    assert [one.conforms for one in standing(batch).rows] == [None] * sample.n


def test_the_strictest_policy_holds_for_a_batch_with_evaluation(
    team: Team, project: Project
) -> None:
    plans = AcceptancePolicy.Plan
    for evaluation, bar, kind in ((False, 900_000, plans.BOUND), (True, 980_000, plans.Z14)):
        set_acceptance(
            actor=team.mei, project=project, task=None, label_type="", evaluation=evaluation,
            bar_ppm=bar, plan=kind,
        )  # fmt: skip
    ready = list(ready_episodes(project).select_related("episode"))
    terms = terms_of(project, ready)
    assert (terms.bad_share, terms.evaluation) == (0.1, False)
    ready[0].purpose = ProjectEpisode.Purpose.EVALUATION
    strict = terms_of(project, ready)
    assert (strict.bad_share, strict.evaluation) == (0.02, True)
    assert "evaluation episodes" in strict.source
    assert default_choice(LOT, strict) == Choice("z14", aql=1.5)


def test_offers_say_what_they_do(team: Team, project: Project) -> None:
    ready = list(ready_episodes(project).select_related("episode"))
    offers = offers_for(300, terms_of(project, ready))
    assert sum(one.recommended for one in offers) == 1
    assert {one.choice.kind for one in offers} == {"hypergeometric", "binomial", "z14"}
    for one in offers:
        assert Choice.from_key(one.choice.key) == one.choice
        assert str(one.plan.n) in one.says
        if one.choice.kind != "z14":
            assert one.accepts_bad <= 0.05
    assert offers_for(1, terms_of(project, [])) == []
    few = offers_for(10, terms_of(project, []))
    assert not any(one.recommended or one.plan.n >= 10 for one in few)


@pytest.mark.parametrize("choice", [Choice("hypergeometric", c=9), Choice("binomial", c=2)])
def test_a_batch_too_small_for_its_plan_is_refused(
    team: Team, project: Project, choice: Choice
) -> None:
    with pytest.raises(SamplingRefused, match="40 episodes are too few"):
        create_batch(actor=team.ravi, project=project, choice=choice)
    assert not Batch.objects.exists()


def test_what_is_not_delivered_never_comes_into_a_batch(team: Team, project: Project) -> None:
    purposes = ProjectEpisode.Purpose
    one, two, three = ready_episodes(project)[:3]
    for place, purpose in ((one, purposes.TRAINING), (two, purposes.QUALIFICATION)):
        ProjectEpisode.objects.filter(pk=place.pk).update(purpose=purpose)
    # A hold beyond the overlap, gold mixed in for instance, does not finish an episode.
    three.assignments.filter(annotator__first_name="Annotator 2").update(beyond_overlap=True)
    assert ready_episodes(project).count() == LOT - 3
    ProjectEpisode.objects.filter(pk=three.pk).update(purpose=purposes.EVALUATION)
    three.assignments.update(beyond_overlap=False)
    assert list(ready_episodes(project, Ready(purpose="evaluation"))) == [three]


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
    assert "One error too many decides" in page
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


def test_equal_sets_are_the_same_and_a_moved_contact_is_not() -> None:
    def answer(at_ms: int, outcome: str = "outcome_success") -> Answer:
        return Answer((Instant("release", "right", at_ms * 1_000_000),), (), outcome)

    def judged(a: Answer, b: Answer) -> bool:
        return same(count_pair(a, b, duration_ns=10**10, tolerances=Tolerances()))

    assert judged(answer(1_000), answer(1_100))
    assert not judged(answer(1_000), answer(1_101))
    assert not judged(answer(1_000), answer(1_000, "outcome_failure"))
