"""Tolerances from experts' spread: proposed, applied with the guideline, scored by."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from annotation.errors import RoleMissing
from annotation.models import AnnotationSet, ProjectEpisode, TaskPolicy
from annotation.services.guidelines import publish_guideline
from review.errors import CalibrationRefused, ToleranceFrozen
from review.measures.simulation import MS, Annotator, annotate, true_answer
from review.models import ClassTolerance, PairCounts
from review.selectors.compare import rules_of, tolerances_between
from review.selectors.tolerances import BOUNDARY, ToleranceRow, tolerance_rows
from review.services.gold import gold_of_set
from review.services.tolerances import apply_tolerances, forget_stale_counts
from tests.annotation.scene import Team, grasp, instruction, outcome
from tests.once import once
from tests.review.gold_scene import BEGINNING, PLAN, golden_episodes, handed_in, scored
from tests.review.scene import hand_in_by_both

pytestmark = pytest.mark.django_db
EXPERT = Annotator("expert", accuracy=1.0, jitter_ns=10 * MS, boundary_jitter_ns=40 * MS)


@pytest.fixture
def spread(team: Team, data_dir: Path) -> Team:
    """Ravi and Mei each label thirty episodes as experts, and gold is made of Ravi's."""
    once("two experts on thirty episodes", lambda: label_as_experts(team, data_dir))
    return team


def label_as_experts(team: Team, data_dir: Path) -> None:
    places = golden_episodes(team, data_dir, 30)
    rng = np.random.default_rng(4)
    for one in places:
        one.item.delete()
        sets = []
        for user in (team.ravi, team.mei):
            answer = annotate(one.truth, EXPERT, PLAN, rng)
            sets.append(handed_in(user, one.place, answer, BEGINNING))
        gold_of_set(actor=team.mei, annotation_set=sets[0], origin="experts", experts=sets)


def row_of(team: Team, label_class: str) -> ToleranceRow:
    return next(row for row in tolerance_rows(team.project) if row.label_class == label_class)


def event_rows(**where: Any) -> list[tuple[int, int]]:
    found = PairCounts.objects.filter(
        measure="event", label_class="grasp_closed", current=True, **where
    )
    return list(found.order_by("project_episode").values_list("matched", "tolerance_ns"))


def test_the_least_frames_that_hold_the_experts(spread: Team) -> None:
    """|difference of two normals of 10 ms|: 95 % within 28 ms, two frames at 50 Hz."""
    row = row_of(spread, "grasp_closed")
    assert row.offsets == 30
    assert (row.found.frames, row.found.tolerance_ns) == (2, 40 * MS)
    assert (row.proposed, row.source) == (True, "the schema")
    assert row_of(spread, BOUNDARY).offsets >= 60
    none = row_of(spread, "slip")
    assert (none.offsets, none.proposed) == (0, False)
    assert "No two experts" in none.says


def test_few_distances_are_shown_and_not_proposed(team: Team, data_dir: Path) -> None:
    hand_in_by_both(team, 1)
    ada, abe = AnnotationSet.objects.filter(kind="annotator")
    gold_of_set(actor=team.mei, annotation_set=ada, origin="experts", experts=[ada, abe])
    row = row_of(team, "grasp_closed")
    assert (row.offsets, row.proposed) == (1, False)
    with pytest.raises(CalibrationRefused, match="19 more"):
        apply_tolerances(actor=team.mei, project=team.project, classes=["grasp_closed"])


def test_what_is_applied_is_scored_by_and_frozen(spread: Team) -> None:
    publish_guideline(actor=spread.mei, project=spread.project, text="One.")
    # 80 ms apart: within the schema's 100 ms, not within the experts' 40 ms.
    hand_in_by_both(spread, 1, abe=[grasp(1_760 * MS), instruction(), outcome()])
    scored()
    assert event_rows(project_episode__position=0) == [(1, 100 * MS)]
    (made,) = apply_tolerances(actor=spread.mei, project=spread.project, classes=["grasp_closed"])
    assert (made.tolerance_ns, made.frames, made.offsets) == (40 * MS, 2, 30)
    assert made.guideline is not None
    scored()
    assert event_rows(project_episode__position=0) == [(0, 40 * MS)]
    row = row_of(spread, "grasp_closed")
    assert (row.present_ns, row.source, row.proposed) == (
        40 * MS,
        "the guideline, version 1",
        False,
    )
    ClassTolerance.objects.update(tolerance_ns=60 * MS)
    with pytest.raises(ToleranceFrozen, match="Version 1"):
        apply_tolerances(actor=spread.mei, project=spread.project, classes=["grasp_closed"])


def test_what_was_handed_in_before_the_guideline_keeps_its_tolerance(spread: Team) -> None:
    """The experts' own sets lie before it, and are compared by the schema's."""
    publish_guideline(actor=spread.mei, project=spread.project, text="One.")
    apply_tolerances(actor=spread.mei, project=spread.project, classes=["grasp_closed", BOUNDARY])
    old = list(AnnotationSet.objects.filter(kind="annotator").order_by("pk")[:2])
    assert tolerances_between(old[0], old[1]).of("grasp_closed") == 100 * MS
    hand_in_by_both(spread, 1)
    new = list(AnnotationSet.objects.filter(kind="annotator").order_by("-submitted_at")[:2])
    found = tolerances_between(new[0], new[1])
    assert found.of("grasp_closed") == 40 * MS
    assert found.boundary_ns == row_of(spread, BOUNDARY).present_ns
    # A later version goes on with what the earlier one froze.
    publish_guideline(actor=spread.mei, project=spread.project, text="Two.")
    assert not row_of(spread, "grasp_closed").frozen
    assert row_of(spread, "grasp_closed").present_ns == 40 * MS


def test_the_tasks_policy_comes_before_all(team: Team) -> None:
    hand_in_by_both(team, 1)
    first, second = AnnotationSet.objects.filter(kind="annotator")
    place = ProjectEpisode.objects.get(pk=first.project_episode_id)
    assert place.episode.task is not None
    ClassTolerance.objects.create(
        project=team.project,
        label_class="grasp_closed",
        tolerance_ns=60 * MS,
        offsets=20,
        set_by=team.mei,
    )
    assert tolerances_between(first, second).of("grasp_closed") == 60 * MS
    TaskPolicy.objects.create(
        project=team.project,
        task=place.episode.task,
        tolerance_ns=10 * MS,
        boundary_tolerance_ns=20 * MS,
    )
    found = tolerances_between(first, second, rules_of([place.pk]))
    assert (found.of("grasp_closed"), found.of("release"), found.boundary_ns) == (
        10 * MS,
        10 * MS,
        20 * MS,
    )


def test_counts_follow_when_a_tasks_policy_changes(team: Team) -> None:
    hand_in_by_both(team, 1, abe=[grasp(1_720 * MS), instruction(), outcome()])
    scored()
    assert event_rows() == [(1, 100 * MS)]
    assert forget_stale_counts(team.project) == 0
    task = ProjectEpisode.objects.filter(project=team.project)[0].episode.task
    assert task is not None
    policy = TaskPolicy.objects.create(project=team.project, task=task, tolerance_ns=20 * MS)
    assert [forget_stale_counts(team.project), forget_stale_counts(team.project)] == [1, 0]
    scored()
    assert event_rows() == [(0, 20 * MS)]
    policy.delete()
    assert forget_stale_counts(team.project) == 1
    scored()
    assert event_rows() == [(1, 100 * MS)]


def test_managers_only(spread: Team) -> None:
    with pytest.raises(RoleMissing):
        apply_tolerances(actor=spread.ravi, project=spread.project, classes=["grasp_closed"])
    with pytest.raises(CalibrationRefused, match="No class"):
        apply_tolerances(actor=spread.mei, project=spread.project, classes=[])
    assert not ClassTolerance.objects.exists()


def test_the_truth_of_the_scene_is_what_it_says() -> None:
    truth = true_answer(PLAN, np.random.default_rng(1))
    assert [one.type for one in truth.instants][1] == "grasp_closed"
