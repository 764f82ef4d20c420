"""What an expert answers for the gold is no annotator's work: not compared, not counted."""

from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.utils import timezone

from annotation.errors import NotReturnable
from annotation.models import AnnotationSet, Assignment, ProjectEpisode
from annotation.selectors.projects import member_rows, progress_of_project
from annotation.selectors.work_counts import work_by_project
from annotation.services.progress import note_progress
from annotation.services.return_for_rework import return_for_rework
from annotation.services.submit import submit
from annotation.services.take_as_expert import take_as_expert
from review.measures.calibration.gold import RETIRE_AT
from review.models import PairCounts, ScoredPair
from review.seeding import GoldSeeding
from review.selectors.daily import Wanted, daily_of
from review.selectors.dashboard import day_rows
from review.selectors.exposures import exposures
from review.selectors.gold_item import answers_of, gold_of
from review.selectors.gold_pages import gold_overview
from review.selectors.scores import unscored_episodes
from review.selectors.sets import current_sets, name_of
from review.services.daily_work import keep_daily_work, rebuild_daily_work
from review.services.gold import gold_of_set
from review.services.gold_disputes import sweep_gold
from review.services.progress import differing
from tests.annotation.scene import Team, draft_of, grasp, instruction, outcome, save
from tests.review.gold_scene import scored
from tests.review.scene import MS, fresh_ids, hand_in_by_both

pytestmark = pytest.mark.django_db


@pytest.fixture
def place(team: Team) -> ProjectEpisode:
    """Both annotators handed in its labels."""
    hand_in_by_both(team, 1)
    scored()
    places = team.project.project_episodes.select_related("episode", "project")
    return places.exclude(annotation_sets=None).get()


def expert_answer(team: Team, place: ProjectEpisode) -> AnnotationSet:
    """Ravi's, with the grasp half a second late and another outcome."""
    draft = draft_of(take_as_expert(actor=team.ravi, place=place))
    said = [grasp(2_180 * MS), instruction(), outcome("outcome_failure")]
    save(team.ravi, draft, fresh_ids(said))
    draft.refresh_from_db()
    return submit(
        actor=team.ravi,
        annotation_set_id=draft.pk,
        base_revision=draft.revision,
        request_id=uuid4(),
    )


def test_it_is_compared_with_nobody(team: Team, place: ProjectEpisode) -> None:
    before = set(ScoredPair.objects.values_list("pk", flat=True))
    answer = expert_answer(team, place)
    assert answer.kind == AnnotationSet.Kind.EXPERT
    assert unscored_episodes(10) == []
    scored()
    assert set(ScoredPair.objects.values_list("pk", flat=True)) == before
    # Nor is it a lane of the review, and so no side of a consensus and nothing to approve.
    assert {name_of(one) for one in current_sets([place.pk])} == {"Ada", "Abe"}
    with pytest.raises(NotReturnable, match="Only an annotator's work"):
        return_for_rework(actor=team.mei, annotation_set_id=answer.pk, comment="Once more.")


def test_gold_of_it_measures_the_annotators_alone(team: Team, place: ProjectEpisode) -> None:
    answer = expert_answer(team, place)
    assert answer in answers_of(place)
    gold_of_set(actor=team.mei, annotation_set=answer, origin="experts", experts=[answer])
    rows = PairCounts.objects.filter(against_gold=True, measure="event", label_class="")
    assert {name_of(one.second) for one in rows} == {"Ada", "Abe"}
    other = take_as_expert(actor=team.mei, place=place)
    Assignment.objects.filter(pk=other.pk).update(state="submitted", submitted_at=timezone.now())
    AnnotationSet.objects.filter(assignment=other).update(
        state="submitted", submitted_at=timezone.now()
    )
    # Another expert is asked about gold that there is: not measured by it either.
    assert unscored_episodes(10) == []
    assert len(gold_of(place).attempts) == 2
    assert gold_of(place).rows[0].of == 2


def test_it_is_no_exposure(team: Team, place: ProjectEpisode, person: Callable[..., User]) -> None:
    answer = expert_answer(team, place)
    gold_of_set(actor=team.mei, annotation_set=answer, origin="experts")
    now, seeding = timezone.now(), GoldSeeding()
    (row,) = gold_overview(team.project, now).rows
    assert (row.exposures, gold_of(place).exposures) == (2, 2)
    # Ada and Abe had it, 27 more did: the 30th may still have it, the expert does not count.
    Assignment.objects.bulk_create(
        Assignment(project_episode=place, annotator=person(f"p{number}"), lease_expires_at=now,
                   state="submitted", beyond_overlap=True)
        for number in range(RETIRE_AT - 3)
    )  # fmt: skip
    assert exposures([place.pk]) == {place.pk: RETIRE_AT - 1}
    assert sweep_gold(team.project) == 0
    assert seeding.has_room(place)
    assert place in seeding.pool([team.project], team.mei)
    # Who made it does not get it.
    assert place not in seeding.pool([team.project], team.ravi)
    take_as_expert(actor=team.mei, place=place)
    assert seeding.has_room(place)
    assert gold_overview(team.project, now + timedelta(days=1)).pool.monthly == RETIRE_AT - 1


def test_gold_that_only_its_expert_saw_is_handed_out(team: Team, place: ProjectEpisode) -> None:
    other = team.project.project_episodes.exclude(pk=place.pk).earliest("position")
    gold_of_set(actor=team.mei, annotation_set=expert_answer(team, other), origin="experts")
    ProjectEpisode.objects.filter(pk=other.pk).update(has_slot=False)
    assert exposures([other.pk]) == {}
    assert other in GoldSeeding().pool([team.project], team.ada)


def test_it_is_no_work_of_the_queue(team: Team, place: ProjectEpisode) -> None:
    expert_answer(team, place)
    place.refresh_from_db()
    assert place.outcomes == ["outcome_success"]
    assert {one.split(":")[1] for one in place.said_by} == {"outcome_success"}
    assert progress_of_project(team.project).handed_in == 2
    assert {one.user.username: one.handed_in for one in member_rows(team.project)} == {
        "ada": 1,
        "abe": 1,
        "ravi": 0,
        "mei": 0,
    }
    assert work_by_project([team.project.pk], team.ravi.pk) == {}
    assert submitted_today(team) == 2
    assert submitted_today(team, team.ravi.pk) == 0


def submitted_today(team: Team, who: int | None = None) -> int:
    today = timezone.localdate(timezone=team.project.zone)
    rows = day_rows(daily_of(team.project), Wanted(today, today, person=who))
    return sum(one.submitted for _, one in rows)


def test_what_was_kept_before_is_put_right(team: Team, place: ProjectEpisode) -> None:
    """As sets of experts were kept, compared and summed up before they had a kind of their own."""
    answer = expert_answer(team, place)
    AnnotationSet.objects.filter(pk=answer.pk).update(kind=AnnotationSet.Kind.ANNOTATOR)
    with transaction.atomic():
        note_progress([place.pk])
    scored()
    rebuild_daily_work(team.project)
    place.refresh_from_db()
    assert (submitted_today(team), len(place.outcomes)) == (3, 2)
    assert ScoredPair.objects.filter(retired="").count() == 3

    named = import_module("annotation.migrations.0024_name_sets_of_experts")
    sides = import_module("review.migrations.0014_experts_are_no_side")
    statements = (named.NAME, named.OUTCOMES, sides.RETIRE, sides.RETIRE_PAIRS, sides.COUNT_ANEW)
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    answer.refresh_from_db()
    assert answer.kind == AnnotationSet.Kind.EXPERT
    assert not differing(ProjectEpisode.objects.all()).exists()
    place.refresh_from_db()
    assert place.outcomes == ["outcome_success"]
    assert ScoredPair.objects.get(retired="").first_annotator in (team.ada, team.abe)
    pairs = PairCounts.objects.filter(current=True).values("first", "second").distinct()
    assert pairs.count() == 1
    assert keep_daily_work(team.project)
    assert submitted_today(team) == 2
