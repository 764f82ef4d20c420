"""Gold that most people fail: disputed, decided with reasons, corrected; worn gold retires."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from annotation.errors import RoleMissing
from annotation.models import Assignment, ProjectEpisode
from review.errors import GoldRefused
from review.measures.simulation import MS, Annotator
from review.models import GoldDispute, GoldItem
from review.seeding import GoldSeeding
from review.selectors.gold_item import gold_page
from review.selectors.gold_pages import disputes_of, gold_overview
from review.selectors.gold_results import gold_results
from review.services.gold_disputes import correct_gold, decide_dispute, sweep_gold
from tests.annotation.scene import Team
from tests.review.gold_scene import (
    BEGINNING,
    GOOD,
    Golden,
    answered,
    entries,
    golden_episodes,
    handed_in,
    more_people,
    scored,
)

pytestmark = pytest.mark.django_db
Decision = GoldDispute.Decision
LATE = Annotator("late", accuracy=1.0, bias_ns={"placed": 300 * MS}, jitter_ns=5 * MS)


@pytest.fixture
def wrong(team: Team, data_dir: Path) -> Golden:
    """Everybody marks its placing 300 ms after gold: the gold is likely wrong."""
    (golden,) = golden_episodes(team, data_dir, 1)
    for number, user in enumerate(more_people(team, ["p1", "p2", "p3", "p4", "p5"])):
        begin = BEGINNING + timedelta(hours=number)
        answered(user, [golden], LATE, seed=number, begin=begin, score=False)
    scored()
    return golden


def dispute_of(golden: Golden) -> GoldDispute:
    return GoldDispute.objects.get(item=golden.item, decision="")


def test_five_failures_open_one_dispute(team: Team, wrong: Golden) -> None:
    assert [sweep_gold(team.project), sweep_gold(team.project)] == [1, 0]
    found = dispute_of(wrong)
    assert (found.passed, found.attempts) == (0, 5)
    assert list(disputes_of(team.project)) == [found]


def test_four_do_not(team: Team, wrong: Golden) -> None:
    Assignment.objects.filter(annotator__username="p5").delete()
    assert sweep_gold(team.project) == 0


def test_while_it_is_open_it_is_neither_handed_out_nor_counted(team: Team, wrong: Golden) -> None:
    ProjectEpisode.objects.filter(pk=wrong.place.pk).update(has_slot=False)
    assert GoldSeeding().pool([team.project], team.ada).exists()
    assert len(gold_results(team.project)) == 5
    sweep_gold(team.project)
    assert not GoldSeeding().pool([team.project], team.ada).exists()
    assert gold_results(team.project) == []
    (row,) = gold_overview(team.project, timezone.now()).rows
    assert row.state == ("danger", "Disputed")


def test_what_is_kept_is_disputed_again_by_later_answers_only(team: Team, wrong: Golden) -> None:
    sweep_gold(team.project)
    decide_dispute(
        actor=team.ravi,
        dispute_id=dispute_of(wrong).pk,
        decision=Decision.KEPT,
        reason="Five people read the old guideline.",
    )
    assert sweep_gold(team.project) == 0
    assert len(gold_results(team.project)) == 5
    later = timezone.now() + timedelta(hours=1)
    for number, user in enumerate(more_people(team, ["q1", "q2", "q3", "q4", "q5"])):
        answered(user, [wrong], LATE, seed=number, begin=later)
    assert sweep_gold(team.project) == 1
    assert dispute_of(wrong).attempts == 5
    (entry,) = entries("gold.dispute_decided")
    assert (entry["actor"], entry["facts"]["decision"]) == (team.ravi.pk, "kept")


@pytest.mark.parametrize("decision", [Decision.RETIRED, Decision.AMBIGUOUS])
def test_a_dispute_may_end_its_use(team: Team, wrong: Golden, decision: str) -> None:
    sweep_gold(team.project)
    pk = dispute_of(wrong).pk
    decide_dispute(actor=team.mei, dispute_id=pk, decision=decision, reason="Not to be seen.")
    wrong.item.refresh_from_db()
    assert wrong.item.state == decision
    with pytest.raises(GoldRefused, match="decided meanwhile"):
        decide_dispute(actor=team.ravi, dispute_id=pk, decision=Decision.KEPT, reason="Fine.")
    assert len(gold_results(team.project)) == (5 if decision == Decision.RETIRED else 0)


def test_a_decision_says_why_and_is_a_reviewers(team: Team, wrong: Golden) -> None:
    sweep_gold(team.project)
    pk = dispute_of(wrong).pk
    with pytest.raises(GoldRefused, match="Say why"):
        decide_dispute(actor=team.ravi, dispute_id=pk, decision=Decision.KEPT, reason=" ")
    with pytest.raises(RoleMissing):
        decide_dispute(actor=team.ada, dispute_id=pk, decision=Decision.KEPT, reason="Mine.")
    assert dispute_of(wrong).pk == pk


def test_a_label_is_moved_to_where_most_mark_it(team: Team, wrong: Golden) -> None:
    sweep_gold(team.project)
    page = gold_page(wrong.place)
    assert page is not None
    (row,) = [one for one in page.rows if one.missed_by_most]
    assert (row.label.label_class, row.found, row.of) == ("placed", 0, 5)
    assert row.off_ns == pytest.approx(300 * MS, abs=10 * MS)
    made = correct_gold(
        actor=team.mei,
        item_id=wrong.item.pk,
        reason="Placed is when it stands by itself.",
        actions={row.label.id: "move"},
    )
    assert (made.version, made.reason) == (2, "Placed is when it stands by itself.")
    assert not disputes_of(team.project).exists()
    assert wrong.item.disputes.get().decision == Decision.CORRECTED
    results = gold_results(team.project)
    assert [one.passed for one in results] == [True] * 5
    assert {one.item for one in results} == {made.pk}


def test_a_label_is_taken_away_or_made_optional(team: Team, wrong: Golden) -> None:
    page = gold_page(wrong.place)
    assert page is not None
    (row,) = [one for one in page.rows if one.label.label_class == "placed"]
    made = correct_gold(
        actor=team.mei, item_id=wrong.item.pk, reason="Unsure.", actions={row.label.id: "optional"}
    )
    assert [str(one) for one in made.optional] == [row.label.id]
    again = correct_gold(
        actor=team.mei, item_id=made.pk, reason="Never seen.", actions={row.label.id: "remove"}
    )
    assert (again.version, again.optional) == (3, [])
    assert not again.annotation_set.labels.filter(label_class="placed").exists()


def test_another_answer_takes_the_place_of_the_gold(team: Team, wrong: Golden) -> None:
    page = gold_page(wrong.place)
    assert page is not None
    made = correct_gold(
        actor=team.mei, item_id=wrong.item.pk, reason="Theirs is right.", answer=page.answers[0]
    )
    assert list(made.sources.all()) == [page.answers[0]]
    # Whose answer it is now is not measured by it.
    assert len(gold_results(team.project)) == 4


def test_what_changes_nothing_is_refused_and_so_is_an_old_version(
    team: Team, wrong: Golden
) -> None:
    with pytest.raises(GoldRefused, match="Nothing would change"):
        correct_gold(actor=team.mei, item_id=wrong.item.pk, reason="Look.", actions={})
    with pytest.raises(RoleMissing):
        correct_gold(
            actor=team.ravi,
            item_id=wrong.item.pk,
            reason="Look.",
            actions={str(wrong.item.annotation_set.labels.all()[0].id): "remove"},
        )
    page = gold_page(wrong.place)
    assert page is not None
    correct_gold(actor=team.mei, item_id=wrong.item.pk, reason="Theirs.", answer=page.answers[0])
    with pytest.raises(GoldRefused, match="newer version"):
        correct_gold(actor=team.mei, item_id=wrong.item.pk, reason="Mine.", answer=page.answers[1])


def test_thirty_exposures_are_enough(team: Team, data_dir: Path) -> None:
    (golden, other) = golden_episodes(team, data_dir, 2)
    users = more_people(team, [f"c{number}" for number in range(30)])
    for number, user in enumerate(users):
        at = BEGINNING + timedelta(hours=number)
        handed_in(user, golden.place, golden.truth, at)
        if number < 29:
            handed_in(user, other.place, other.truth, at)
    scored()
    assert [sweep_gold(team.project), sweep_gold(team.project)] == [1, 0]
    states = dict(GoldItem.objects.values_list("pk", "state"))
    assert (states[golden.item.pk], states[other.item.pk]) == ("retired", "active")


def test_gold_that_has_become_known_retires(team: Team, data_dir: Path) -> None:
    """The first eight fail, the next sixteen pass."""
    (golden,) = golden_episodes(team, data_dir, 1)
    for number, user in enumerate(more_people(team, [f"k{n}" for n in range(24)])):
        at = BEGINNING + timedelta(hours=number)
        if number < 8:
            answered(user, [golden], LATE, seed=number, begin=at, score=False)
        else:
            answered(
                user, [golden], Annotator("k", accuracy=1.0), seed=number, begin=at, score=False
            )
    scored()
    sweep_gold(team.project)
    golden.item.refresh_from_db()
    assert golden.item.state == GoldItem.State.RETIRED
    assert "known" in golden.item.state_reason


def test_good_gold_stays(team: Team, data_dir: Path) -> None:
    golden = golden_episodes(team, data_dir, 3)
    for number, user in enumerate(more_people(team, ["p1", "p2", "p3", "p4", "p5", "p6"])):
        answered(user, golden, GOOD, seed=number, score=False)
    scored()
    assert sweep_gold(team.project) == 0
