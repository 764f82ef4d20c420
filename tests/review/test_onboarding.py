"""From training over qualification to work that counts, and what decides."""

from pathlib import Path

import pytest

from annotation.errors import WorkWithheld
from annotation.models import AuditEntry, Membership, ProjectEpisode
from annotation.selectors.queue import claimable_episodes
from annotation.services.claim_next import claim_next
from annotation.services.standing import set_standing
from review.selectors.onboarding import learners, qualification_of, undecided
from review.services.gold import set_gold
from review.services.onboarding import sweep_onboarding
from review.services.score import score_pending
from tests.annotation.scene import (
    Team,
    grasp,
    instruction,
    make_asset,
    make_dataset,
    make_episodes,
    outcome,
    queue_up,
)  # fmt: skip
from tests.review.scene import hand_in
from tests.review.test_score import gold_labels

pytestmark = pytest.mark.django_db
Purpose, Standing = ProjectEpisode.Purpose, Membership.Standing


@pytest.fixture
def school(team: Team, data_dir: Path) -> Team:
    """One training episode, 24 for qualification with gold, the rest for work; ada begins."""
    ProjectEpisode.objects.all().delete()
    asset = make_asset(data_dir, "s")
    rows = queue_up(team.project, make_episodes(make_dataset("school", team.mei), 28, asset))
    ProjectEpisode.objects.filter(pk=rows[0].pk).update(purpose=Purpose.TRAINING)
    for row in rows[1:25]:
        set_gold(actor=team.mei, project_episode=row, labels=gold_labels(), origin="experts")
        ProjectEpisode.objects.filter(pk=row.pk).update(purpose=Purpose.QUALIFICATION)
    team.project.training_required = team.project.qualification_required = True
    team.project.save()
    Membership.objects.filter(user=team.ada).update(standing=Standing.TRAINING)
    return team


def ada(team: Team) -> Membership:
    return Membership.objects.get(user=team.ada)


def wrong() -> list[dict[str, object]]:
    return [grasp(4_000_000_000), instruction(), outcome("outcome_failure")]


def swept() -> int:
    score_pending()
    return sweep_onboarding()


def test_training_ends_when_all_of_it_is_handed_in(school: Team) -> None:
    assert swept() == 0
    hand_in(school.ada, school.project)
    assert [swept(), swept()] == [1, 0]
    assert ada(school).standing == Standing.QUALIFYING
    assert "1 training episodes" in ada(school).standing_reason


def test_good_work_qualifies_and_then_counts(school: Team) -> None:
    Membership.objects.filter(user=school.ada).update(standing=Standing.QUALIFYING)
    for _ in range(24):
        if swept():
            break
        hand_in(school.ada, school.project)
    assert ada(school).standing == Standing.QUALIFIED
    claim = claim_next(actor=school.ada, project=school.project)
    assert claim is not None
    assert claim.assignment.project_episode.purpose == Purpose.PRODUCTION
    entry = AuditEntry.objects.filter(action="membership.standing_changed").latest("pk")
    assert (entry.actor, entry.facts["after"]) == (None, "qualified")


def test_bad_work_does_not_and_is_told_so(school: Team) -> None:
    Membership.objects.filter(user=school.ada).update(standing=Standing.QUALIFYING)
    for number in range(8):
        assert swept() == 0, number
        hand_in(school.ada, school.project, *wrong())
    assert swept() == 1
    assert ada(school).standing == Standing.FAILED
    with pytest.raises(WorkWithheld, match="Not qualified by the test on 8 episodes"):
        claim_next(actor=school.ada, project=school.project)


def test_a_manager_decides_where_the_test_does_not(school: Team) -> None:
    Membership.objects.filter(user=school.ada).update(standing=Standing.QUALIFYING)
    few = ProjectEpisode.objects.filter(purpose=Purpose.QUALIFICATION, position__gt=2)
    few.update(purpose=Purpose.EVALUATION)
    for _ in range(2):
        hand_in(school.ada, school.project)
    assert swept() == 0
    (learner,) = learners()
    assert undecided(qualification_of(learner), learner)
    set_standing(
        actor=school.mei,
        project=school.project,
        user=school.ada,
        standing=Standing.QUALIFIED,
        reason="Two are enough here.",
    )
    assert claimable_episodes([school.project], school.ada).count() == 25


def test_nothing_is_decided_before_everything_is_scored(school: Team) -> None:
    Membership.objects.filter(user=school.ada).update(standing=Standing.QUALIFYING)
    for _ in range(9):
        hand_in(school.ada, school.project, *wrong())
    assert sweep_onboarding() == 0
    assert swept() == 1


def test_the_sweep_leaves_alone_whom_a_manager_moved(school: Team) -> None:
    found = set_standing(
        actor=None,
        project=school.project,
        user=school.ada,
        standing=Standing.QUALIFIED,
        reason="Late.",
        only_from=Standing.QUALIFYING,
    )
    assert found.standing == Standing.TRAINING
