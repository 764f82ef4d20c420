"""Which plan a batch gets, and that it does what it promises."""

import random
import re

import pytest

from annotation.models import AcceptancePolicy, Project, ProjectEpisode
from annotation.services.policies import set_acceptance
from annotation.services.progress import note_progress
from review.errors import SamplingRefused
from review.measures.acceptance.plans import too_many
from review.models import Batch
from review.selectors.acceptance_plans import Choice, default_choice, offers_for, terms_for
from review.selectors.batches import Ready, ready_episodes, ready_parts
from review.services.batches import create_batch
from tests.annotation.scene import Team
from tests.review.acceptance_scene import LOT, sampled, standing
from tests.review.acceptance_scene import project as project

pytestmark = pytest.mark.django_db


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
    terms = terms_for(project, ready_parts(project))
    assert (terms.bad_share, terms.evaluation) == (0.1, False)
    first = ready_episodes(project)[:1].values("pk")
    ProjectEpisode.objects.filter(pk__in=first).update(purpose=ProjectEpisode.Purpose.EVALUATION)
    strict = terms_for(project, ready_parts(project))
    assert (strict.bad_share, strict.evaluation) == (0.02, True)
    assert "evaluation episodes" in strict.source
    assert default_choice(LOT, strict) == Choice("z14", aql=1.5)


def test_offers_say_what_they_do(team: Team, project: Project) -> None:
    offers = offers_for(300, terms_for(project, ready_parts(project)))
    assert sum(one.recommended for one in offers) == 1
    assert {one.choice.kind for one in offers} == {"hypergeometric", "binomial", "z14"}
    for one in offers:
        assert Choice.from_key(one.choice.key) == one.choice
        assert str(one.plan.n) in one.says
        assert not re.search(r"\d%", one.says)
        if one.choice.kind != "z14":
            assert one.accepts_bad <= 0.05
    assert offers_for(1, terms_for(project, [])) == []
    few = offers_for(10, terms_for(project, []))
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
    note_progress([three.pk])
    assert ready_episodes(project).count() == LOT - 3
    ProjectEpisode.objects.filter(pk=three.pk).update(purpose=purposes.EVALUATION)
    three.assignments.update(beyond_overlap=False)
    note_progress([three.pk])
    assert list(ready_episodes(project, Ready(purpose="evaluation"))) == [three]
