"""Calibrations from simulated annotators of known accuracy: swept, paused, resumed, decided."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from annotation.errors import RoleMissing, WorkWithheld
from annotation.models import AcceptancePolicy, Membership, Notification, ProjectEpisode
from annotation.services.claim_next import claim_next
from annotation.services.standing import set_standing
from review.errors import CalibrationRefused
from review.measures.simulation import MS, Annotator
from review.models import Calibration, CalibrationDecision, CalibrationMark, GoldDispute
from review.selectors.calibration_pages import learner_rows, work_since
from review.selectors.calibration_sums import doubted_kinds
from review.selectors.onboarding import undecided
from review.services.calibration import (
    decide_qualification,
    pause_annotator,
    resume_annotator,
    sweep_calibration,
)
from tests.annotation.scene import Team
from tests.review.gold_scene import (
    BAD,
    BEGINNING,
    GOOD,
    PLAN,
    Golden,
    answered,
    entries,
    golden_episodes,
    handed_in,
    more_people,
    scored,
    standing_of,
)

pytestmark = pytest.mark.django_db
Standing, Kind = Membership.Standing, CalibrationDecision.Kind
DAY = timedelta(days=1)


@pytest.fixture
def golden(team: Team, data_dir: Path) -> list[Golden]:
    return golden_episodes(team, data_dir, 30)


@pytest.fixture
def worked(team: Team, golden: list[Golden]) -> Team:
    """Ada is good, Abe is bad, both over 30 gold episodes."""
    answered(team.ada, golden, GOOD, seed=1, score=False)
    answered(team.abe, golden, BAD, seed=2)
    return team


def rows_of(team: Team, name: str) -> dict[str, Calibration]:
    found = Calibration.objects.filter(project=team.project, annotator__username=name)
    return {row.label_type: row for row in found}


def stored(team: Team) -> list[dict[str, Any]]:
    return [
        dict(row)
        for row in Calibration.objects.filter(project=team.project).order_by("pk").values()
    ]


def test_the_good_stand_and_the_bad_are_paused(worked: Team) -> None:
    assert sweep_calibration() == 1
    ada, abe = rows_of(worked, "ada"), rows_of(worked, "abe")
    assert set(ada) == set(abe) == {"", "instant", "segment", "outcome"}
    assert ada[""].state in (Calibration.State.GOOD, Calibration.State.WARN)
    assert abe["instant"].state == Calibration.State.PAUSE
    # The truth lies between the bounds; the gold's own labels are ten an episode.
    assert abe["instant"].lower < 0.75 < abe["instant"].upper + 0.05
    assert ada["instant"].episodes == 30
    assert standing_of(worked.project, worked.ada) == Standing.QUALIFIED
    assert standing_of(worked.project, worked.abe) == Standing.PAUSED
    with pytest.raises(WorkWithheld):
        claim_next(actor=worked.abe, project=worked.project)


def test_a_second_sweep_changes_nothing(worked: Team) -> None:
    sweep_calibration()
    before, decisions = stored(worked), list(CalibrationDecision.objects.values())
    assert sweep_calibration() == 0
    CalibrationMark.objects.update(seen="")
    assert sweep_calibration() == 1
    assert stored(worked) == before
    assert list(CalibrationDecision.objects.values()) == decisions


def test_nobody_is_judged_by_a_few_labels(team: Team, golden: list[Golden]) -> None:
    answered(team.ada, golden[:1], GOOD, seed=1)
    sweep_calibration()
    assert {row.state for row in rows_of(team, "ada").values()} == {"insufficient"}
    assert standing_of(team.project, team.ada) == Standing.QUALIFIED


def test_a_fall_pauses_and_names_the_last_good_point(team: Team, golden: list[Golden]) -> None:
    """Twenty flawless episodes, then a fall: the work since is listed, the earlier is not."""
    flawless = Annotator("flawless", accuracy=1.0, jitter_ns=5 * MS, boundary_jitter_ns=5 * MS)
    answered(team.ada, golden, GOOD, seed=9, score=False)
    before = answered(team.abe, golden[:20], flawless, seed=2, score=False)
    after = answered(team.abe, golden[20:], BAD, seed=3, begin=BEGINNING + 30 * DAY)
    sweep_calibration()
    decision = CalibrationDecision.objects.get(annotator=team.abe)
    assert (decision.kind, decision.actor) == (Kind.PAUSED, None)
    assert decision.good_until is not None
    assert decision.good_until >= before[-1].submitted_at  # type: ignore[operator]
    assert decision.good_until < after[4].submitted_at  # type: ignore[operator]
    found = work_since(team.mei, team.project, team.abe.pk)
    assert found is not None
    assert set(found.sets) <= set(after)
    assert found.total == found.open >= 5
    first = found.sets[0]
    ProjectEpisode.objects.filter(pk=first.project_episode_id).update(progress="approved")
    again = work_since(team.mei, team.project, team.abe.pk)
    assert again is not None
    assert (again.open, again.total, again.sets[-1]) == (found.total - 1, found.total, first)
    assert "labels" in decision.reason
    assert "gold" not in decision.reason.lower()
    told = Notification.objects.filter(user=team.mei).latest("pk")
    assert "is paused" in told.text


def test_a_resumption_begins_anew_with_its_reason(worked: Team) -> None:
    sweep_calibration()
    resume_annotator(
        actor=worked.mei, project=worked.project, user=worked.abe, reason="Trained again."
    )
    assert standing_of(worked.project, worked.abe) == Standing.QUALIFIED
    assert sweep_calibration() == 1
    # What came before decides no more, so nothing pauses at once again.
    assert rows_of(worked, "abe") == {}
    assert standing_of(worked.project, worked.abe) == Standing.QUALIFIED
    assert work_since(worked.mei, worked.project, worked.abe.pk) is None
    (entry,) = entries("calibration.resumed")
    assert (entry["actor"], entry["facts"]["reason"]) == (worked.mei.pk, "Trained again.")


def test_who_does_not_improve_is_paused_again(worked: Team, data_dir: Path) -> None:
    sweep_calibration()
    resume_annotator(actor=worked.mei, project=worked.project, user=worked.abe, reason="Again.")
    more = golden_episodes(worked, data_dir, 25, seed=5)
    answered(worked.abe, more, BAD, seed=7, begin=timezone.now() + DAY)
    sweep_calibration()
    assert standing_of(worked.project, worked.abe) == Standing.PAUSED
    assert rows_of(worked, "abe")["instant"].since is not None
    assert CalibrationDecision.objects.filter(kind=Kind.PAUSED).count() == 2


def test_a_manager_who_qualifies_by_other_means_is_not_overruled(worked: Team) -> None:
    sweep_calibration()
    set_standing(
        actor=worked.mei,
        project=worked.project,
        user=worked.abe,
        standing=Standing.QUALIFIED,
        reason="I know better.",
    )
    CalibrationMark.objects.update(seen="")
    sweep_calibration()
    assert standing_of(worked.project, worked.abe) == Standing.QUALIFIED


def test_the_bar_is_the_projects(worked: Team) -> None:
    AcceptancePolicy.objects.create(project=worked.project, bar_ppm=500_000)
    sweep_calibration()
    assert rows_of(worked, "abe")["instant"].bar_ppm == 500_000
    assert standing_of(worked.project, worked.abe) == Standing.QUALIFIED


def test_reviewers_and_paused_projects_are_left_alone(worked: Team) -> None:
    Membership.objects.filter(user=worked.abe).update(role="reviewer")
    sweep_calibration()
    assert standing_of(worked.project, worked.abe) == Standing.QUALIFIED
    assert rows_of(worked, "abe")["instant"].state == Calibration.State.PAUSE


def test_disputed_gold_counts_for_nobody(worked: Team, golden: list[Golden]) -> None:
    for one in golden[:29]:
        GoldDispute.objects.create(item=one.item, passed=0, attempts=5)
    sweep_calibration()
    assert rows_of(worked, "abe")["instant"].episodes == 1


def test_what_most_people_fail_at_once_pauses_nobody(team: Team, golden: list[Golden]) -> None:
    """Nobody cuts the episode as gold does: five are left at work, four would be paused."""
    users = [team.ada, team.abe, *more_people(team, ["p1", "p2", "p3"])]
    for user in users:
        for number, one in enumerate(golden):
            whole = replace(one.truth.intervals[0], end_ns=PLAN.duration_ns)
            answer = replace(one.truth, intervals=(whole,))
            handed_in(user, one.place, answer, BEGINNING + number * DAY)
    scored()
    sweep_calibration()
    rows = list(Calibration.objects.filter(project=team.project))
    assert {row.state for row in rows if row.label_type == "segment"} == {"pause"}
    assert "segment" in doubted_kinds(rows)
    assert not CalibrationDecision.objects.exists()
    four = [row for row in rows if row.annotator_id != team.ada.pk]
    assert doubted_kinds(four) == set()


def test_timing_drift_is_told_by_class(team: Team, golden: list[Golden]) -> None:
    late = Annotator("late", accuracy=1.0, bias_ns={"placed": 60 * MS}, jitter_ns=8 * MS)
    steady = Annotator("steady", accuracy=1.0, jitter_ns=8 * MS)
    answered(team.ada, golden, steady, seed=1, score=False)
    answered(team.ravi, golden, steady, seed=2, score=False)
    answered(team.abe, golden, late, seed=3)
    sweep_calibration()
    timing = {one["class"]: one for one in rows_of(team, "abe")["instant"].timing}
    assert timing["placed"]["out"]
    assert timing["placed"]["median_ns"] == pytest.approx(60 * MS, abs=10 * MS)
    assert not timing["release"]["out"]
    assert not any(one["out"] for one in rows_of(team, "ada")["instant"].timing)


def test_a_manager_pauses_by_judgement(team: Team) -> None:
    pause_annotator(actor=team.mei, project=team.project, user=team.ada, reason="On leave.")
    assert standing_of(team.project, team.ada) == Standing.PAUSED
    with pytest.raises(CalibrationRefused, match="paused"):
        pause_annotator(actor=team.mei, project=team.project, user=team.ada, reason="Again.")
    with pytest.raises(CalibrationRefused, match="not paused"):
        resume_annotator(actor=team.mei, project=team.project, user=team.abe, reason="Why not.")
    with pytest.raises(CalibrationRefused, match="Say why"):
        resume_annotator(actor=team.mei, project=team.project, user=team.ada, reason=" ")
    with pytest.raises(RoleMissing):
        resume_annotator(actor=team.ravi, project=team.project, user=team.ada, reason="Mine.")
    assert standing_of(team.project, team.ada) == Standing.PAUSED


def test_a_reviewer_decides_where_the_test_does_not(team: Team, data_dir: Path) -> None:
    golden = golden_episodes(team, data_dir, 2, purpose=ProjectEpisode.Purpose.QUALIFICATION)
    Membership.objects.filter(user=team.ada).update(standing=Standing.QUALIFYING)
    decide: dict[str, Any] = {
        "project": team.project,
        "user": team.ada,
        "qualified": True,
        "reason": "Enough.",
    }
    with pytest.raises(CalibrationRefused, match="not a reviewer's to decide"):
        decide_qualification(actor=team.ravi, **decide)
    answered(team.ada, golden, GOOD, seed=1)
    (row,) = learner_rows(team.project)
    assert (row.learning.handed_in, row.learning.episodes, row.undecided) == (2, 2, True)
    assert undecided(row.result, row.membership) == row.undecided
    with pytest.raises(RoleMissing):
        decide_qualification(actor=team.abe, **decide)
    decide_qualification(actor=team.ravi, **decide)
    assert standing_of(team.project, team.ada) == Standing.QUALIFIED
    (entry,) = entries("calibration.decided")
    assert (entry["actor"], entry["facts"]["decision"]) == (team.ravi.pk, "qualified")
