"""Counting agreement: by the sweep and directly, once, and again when somebody hands in anew."""

import pytest
from pytest_django import DjangoAssertNumQueries

from annotation.labels.records import Label
from review.measures.counts import Measure
from review.models import PairCounts, ScoredPair
from review.selectors.scores import project_offsets, project_sums, unscored_episodes
from review.services.batches import create_batch
from review.services.gold import set_gold
from review.services.score import score_episodes, score_pending
from tests.annotation.scene import DURATION_NS, Team, grasp, instruction, outcome
from tests.review.scene import MS, hand_in, hand_in_by_both, items_of, send_back

pytestmark = pytest.mark.django_db


def pooled_event(**where: object) -> PairCounts:
    return PairCounts.objects.get(measure=Measure.EVENT, label_class="", current=True, **where)


def gold_labels() -> list[Label]:
    return [Label.from_json(label) for label in (grasp(), instruction(), outcome())]


def test_the_sweep_scores_what_two_annotators_handed_in(team: Team) -> None:
    hand_in_by_both(team, 1, abe=[grasp(1_700 * MS), instruction(), outcome("outcome_failure")])
    assert score_pending() == 1
    found = pooled_event()
    assert (found.matched, found.n_first, found.n_second) == (1, 1, 1)
    assert found.first.assignment is not None
    # Ada's id is the lower one, so the offset says that Abe marked 20 ms later.
    assert found.first.assignment.annotator == team.ada
    assert found.offsets_ns == [20 * MS]
    outcomes = PairCounts.objects.get(measure=Measure.OUTCOME, label_class="")
    assert (outcomes.matched, outcomes.n_first) == (0, 1)


def test_a_single_answer_is_not_compared(team: Team) -> None:
    hand_in(team.ada, team.project)
    assert score_pending() == 0
    assert not PairCounts.objects.exists()


def test_a_second_sweep_finds_nothing_and_changes_nothing(team: Team) -> None:
    hand_in_by_both(team, 2)
    assert score_pending() == 2
    before = list(PairCounts.objects.order_by("pk").values())
    assert score_pending() == 0
    score_episodes(team.project.project_episodes.values_list("pk", flat=True))
    assert list(PairCounts.objects.order_by("pk").values()) == before


def test_the_sweep_goes_on_where_its_limit_ended(team: Team) -> None:
    hand_in_by_both(team, 3)
    assert [score_pending(limit=2), score_pending(limit=2), score_pending(limit=2)] == [2, 1, 0]


def test_each_annotator_is_compared_with_gold(team: Team) -> None:
    hand_in_by_both(team, 1, abe=[grasp(1_650 * MS), instruction(), outcome()])
    episode = team.project.project_episodes.first()
    assert episode is not None
    set_gold(actor=team.mei, project_episode=episode, labels=gold_labels(), origin="physics")
    against = {
        row.second.assignment.annotator.username: row.offsets_ns
        for row in PairCounts.objects.filter(
            against_gold=True, measure=Measure.EVENT, label_class=""
        ).select_related("second__assignment__annotator")
        if row.second.assignment
    }
    assert against == {"ada": [0], "abe": [-30 * MS]}


def test_gold_is_recorded_once_and_corrected_by_a_next_version(team: Team) -> None:
    hand_in_by_both(team, 1)
    episode = team.project.project_episodes.first()
    assert episode is not None
    labels = gold_labels()
    first = set_gold(actor=team.mei, project_episode=episode, labels=labels, origin="physics")
    again = set_gold(actor=team.mei, project_episode=episode, labels=labels, origin="physics")
    assert again == first
    second = set_gold(
        actor=team.mei, project_episode=episode, labels=gold_labels(), origin="experts"
    )
    assert second.version == 2
    current = PairCounts.objects.filter(against_gold=True, current=True)
    assert set(current.values_list("first", flat=True)) == {second.annotation_set_id}


def test_a_new_round_takes_the_place_of_the_returned_one(team: Team) -> None:
    hand_in_by_both(team, 1, abe=[grasp(5_000 * MS), instruction(), outcome()])
    (item,) = items_of(create_batch(actor=team.ravi, project=team.project))
    assert pooled_event().matched == 0
    send_back(team.ravi, item)
    hand_in(team.ada, team.project, grasp(5_010 * MS), instruction(), outcome())
    assert unscored_episodes(10) == [item.project_episode_id]
    score_pending()
    assert pooled_event().matched == 1
    assert PairCounts.objects.filter(measure=Measure.EVENT, current=False).exists()


def test_sums_of_a_project_take_the_episode_as_unit(team: Team) -> None:
    hand_in_by_both(team, 2)
    hand_in_by_both(team, 1, abe=[grasp(5_000 * MS), instruction(), outcome()])
    score_pending()
    found = project_sums(team.project.pk, against_gold=False)[(Measure.EVENT, "")]
    assert (found.moments.episodes, found.moments.x, found.moments.n) == (3, 2, 6)
    assert (found.compared, found.exact) == (3, 2)
    assert project_offsets(team.project.pk, against_gold=False)["grasp_closed"] == [0, 0]
    assert project_sums(team.project.pk, against_gold=True) == {}


def test_scoring_asks_the_database_a_fixed_number_of_times(
    team: Team, django_assert_num_queries: object
) -> None:
    hand_in_by_both(team, 3)
    with django_assert_num_queries(16):  # type: ignore[operator]
        score_pending()


def test_a_pair_keeps_time_phases_and_both_outcomes(team: Team) -> None:
    hand_in_by_both(team, 1, abe=[grasp(5_000 * MS), instruction(), outcome("outcome_failure")])
    score_pending()
    pair = ScoredPair.objects.get()
    assert (pair.first_annotator, pair.second_annotator) == (team.ada, team.abe)
    assert (pair.first_outcome, pair.second_outcome) == ("outcome_success", "outcome_failure")
    # Both say the same of all 8.5 s; nanoseconds of minutes need more than 32 bits.
    assert pair.durations == [["segments", "instruction: move", "instruction: move", DURATION_NS]]
    # 1.68 s is in the second tenth of 8.5 s, 5.0 s in the sixth.
    assert pair.phases["event"][1] == [0, 1, 0]
    assert pair.phases["event"][5] == [0, 0, 1]
    assert pair.counts.filter(measure=Measure.EVENT_DOUBLE, label_class="").exists()
    assert not pair.two_schemas


def test_a_replaced_round_says_when_it_stopped_to_count(team: Team) -> None:
    hand_in_by_both(team, 1)
    (item,) = items_of(create_batch(actor=team.ravi, project=team.project))
    send_back(team.ravi, item)
    hand_in(team.ada, team.project, grasp(5_010 * MS), instruction(), outcome())
    score_pending()
    old, new = ScoredPair.objects.order_by("scored_at")
    assert (old.retired, new.retired) == (ScoredPair.Retired.ROUND, "")
    assert old.retired_at is not None
    assert old.scored_at < old.retired_at <= new.scored_at


def test_corrected_gold_retires_what_was_compared_with_it(team: Team) -> None:
    hand_in_by_both(team, 1)
    episode = team.project.project_episodes.first()
    assert episode is not None
    for origin, at in (("physics", 1_680), ("experts", 1_690)):
        labels = [Label.from_json(one) for one in (grasp(at * MS), instruction(), outcome())]
        set_gold(actor=team.mei, project_episode=episode, labels=labels, origin=origin)
    retired = ScoredPair.objects.filter(against_gold=True).values_list("retired", flat=True)
    assert sorted(retired) == ["", "", ScoredPair.Retired.GOLD, ScoredPair.Retired.GOLD]


def test_counts_from_before_pairs_were_kept_are_counted_anew(team: Team) -> None:
    hand_in_by_both(team, 1)
    score_pending()
    before = PairCounts.objects.count()
    PairCounts.objects.update(pair=None)
    ScoredPair.objects.all().delete()
    assert score_pending() == 1
    assert ScoredPair.objects.count() == 1
    assert PairCounts.objects.filter(pair__isnull=False).count() == before
    assert score_pending() == 0


def test_scoring_an_episode_asks_a_fixed_number_of_times(
    team: Team, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    """Two annotators and gold, three comparisons; `tests.bench.bench_score` tells their cost."""
    hand_in_by_both(team, 1)
    episode = team.project.project_episodes.first()
    assert episode is not None
    set_gold(actor=team.mei, project_episode=episode, labels=gold_labels(), origin="physics")
    ScoredPair.objects.all().delete()
    with django_assert_max_num_queries(16):
        score_episodes([episode.pk])
    assert ScoredPair.objects.count() == 3
