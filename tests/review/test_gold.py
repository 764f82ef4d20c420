"""Making gold: from experts' sets, in versions, with several right answers; whom it measures."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from annotation.errors import LabelsInvalid, RoleMissing
from annotation.models import AnnotationSet, ProjectEpisode
from review.errors import GoldRefused
from review.measures.counts import Measure
from review.models import GoldItem, PairCounts
from review.seeding import GoldSeeding
from review.selectors.gold_item import gold_page
from review.selectors.gold_pages import gold_candidates, gold_overview
from review.selectors.gold_results import gold_results
from review.services.batches import approve_batch, create_batch
from review.services.gold import change_gold_state, gold_of_set, renamed, set_gold
from review.services.score import score_pending
from tests.annotation.scene import Team, grasp, instruction, outcome
from tests.review.gold_scene import GOOD, answered, golden_episodes
from tests.review.scene import MS, approve, hand_in, hand_in_by_both, items_of
from tests.review.test_score import gold_labels

pytestmark = pytest.mark.django_db
State = GoldItem.State


def first_place(team: Team) -> ProjectEpisode:
    found = team.project.project_episodes.order_by("position").first()
    assert found is not None
    return found


def set_of(name: str) -> AnnotationSet:
    return AnnotationSet.objects.get(assignment__annotator__username=name)


def against_gold(name: str) -> PairCounts:
    return PairCounts.objects.get(
        against_gold=True,
        current=True,
        measure=Measure.EVENT,
        label_class="",
        second__assignment__annotator__username=name,
    )


@pytest.fixture
def both(team: Team) -> Team:
    """Ada marks the grasp at 1.68 s, Abe at 2.5 s and calls it a failure."""
    hand_in_by_both(team, 1, abe=[grasp(2_500 * MS), instruction(), outcome("outcome_failure")])
    return team


def test_gold_of_a_set_measures_everybody_but_its_makers(both: Team) -> None:
    ada, abe = set_of("ada"), set_of("abe")
    item = gold_of_set(actor=both.mei, annotation_set=ada, origin="experts", reason="Looked twice.")
    assert (item.made_by, item.reason, list(item.sources.all())) == (
        both.mei,
        "Looked twice.",
        [ada],
    )
    assert [one.annotator for one in gold_results(both.project)] == [both.abe.pk]
    assert not gold_results(both.project)[0].passed
    # The labels are gold's own: neither side's ids are the other's.
    assert not set(item.annotation_set.labels.values_list("id")) & set(ada.labels.values_list("id"))
    again = gold_of_set(actor=both.mei, annotation_set=ada, origin="experts")
    assert again == item
    gold_of_set(actor=both.mei, annotation_set=ada, origin="experts", experts=[ada, abe])
    assert GoldItem.objects.count() == 1


def test_experts_spread_is_kept_beyond_the_tolerance(both: Team) -> None:
    ada, abe = set_of("ada"), set_of("abe")
    item = gold_of_set(actor=both.mei, annotation_set=ada, origin="experts", experts=[ada, abe])
    assert item.spread["grasp_closed"]["offsets_ns"] == [820 * MS]
    assert gold_results(both.project) == []


def test_another_whole_answer_is_right_too(both: Team) -> None:
    place = first_place(both)
    set_gold(actor=both.mei, project_episode=place, labels=gold_labels(), origin="experts")
    assert against_gold("abe").matched == 0
    second = set_gold(
        actor=both.mei,
        project_episode=place,
        labels=gold_labels(),
        origin="experts",
        alternatives=[set_of("abe")],
    )
    assert second.version == 2
    assert (against_gold("abe").matched, against_gold("ada").matched) == (1, 1)
    outcomes = PairCounts.objects.filter(measure="outcome", label_class="", current=True)
    against = outcomes.filter(against_gold=True)
    assert [one.matched for one in against] == [1, 1]


def test_an_optional_label_counts_for_nothing(both: Team) -> None:
    place = first_place(both)
    labels = gold_labels()
    item = set_gold(
        actor=both.mei,
        project_episode=place,
        labels=labels,
        origin="experts",
        optional=[labels[0].id],
    )
    assert [str(one) for one in item.optional] == [labels[0].id]
    ada, abe = against_gold("ada"), against_gold("abe")
    assert (ada.matched, ada.n_first, ada.n_second) == (0, 0, 0)
    # Abe's mark lies elsewhere: it stays one too many.
    assert (abe.matched, abe.n_first, abe.n_second) == (0, 0, 1)


def test_instructions_and_outcomes_are_not_optional(both: Team) -> None:
    labels = gold_labels()
    for one in labels[1:]:
        with pytest.raises(GoldRefused, match="cannot be optional"):
            set_gold(
                actor=both.mei,
                project_episode=first_place(both),
                labels=labels,
                origin="experts",
                optional=[one.id],
            )
    assert not GoldItem.objects.exists()


def test_gold_that_is_edited_after_scoring_is_counted_anew(both: Team) -> None:
    place = first_place(both)
    first = set_gold(actor=both.mei, project_episode=place, labels=gold_labels(), origin="experts")
    moved = renamed(gold_labels())
    moved[0] = replace(moved[0], start_ns=2_500 * MS)
    second = set_gold(
        actor=both.mei, project_episode=place, labels=moved, origin="experts", reason="Too early."
    )
    assert (against_gold("ada").matched, against_gold("abe").matched) == (0, 1)
    old = PairCounts.objects.filter(first=first.annotation_set, measure="event", label_class="")
    assert {(one.current, one.first_id) for one in old} == {(False, first.annotation_set_id)}
    page = gold_page(place)
    assert page is not None
    assert page.item == second
    assert [(one.item.version, one.scores) for one in page.versions] == [(2, 2), (1, 2)]
    assert page.earlier_scores == 2


def test_what_is_ambiguous_measures_nobody_and_comes_back(both: Team) -> None:
    place = first_place(both)
    item = set_gold(actor=both.mei, project_episode=place, labels=gold_labels(), origin="experts")
    change_gold_state(
        actor=both.ravi, item_id=item.pk, state=State.AMBIGUOUS, reason="A hand hides it."
    )
    assert gold_results(both.project) == []
    assert not PairCounts.objects.filter(against_gold=True, current=True).exists()
    assert score_pending() == 0
    change_gold_state(actor=both.mei, item_id=item.pk, state=State.ACTIVE, reason="A second look.")
    score_pending()
    assert [one.annotator for one in gold_results(both.project)] == [both.ada.pk, both.abe.pk]


def test_retired_gold_is_not_handed_out_and_keeps_its_scores(team: Team, data_dir: Path) -> None:
    golden = golden_episodes(team, data_dir, 2)
    ProjectEpisode.objects.filter(pk__in=[one.place.pk for one in golden]).update(has_slot=False)
    answered(team.ada, golden, GOOD, seed=3)
    assert GoldSeeding().pool([team.project], team.abe).count() == 2
    change_gold_state(
        actor=team.ravi, item_id=golden[0].item.pk, state=State.RETIRED, reason="Known by now."
    )
    assert list(GoldSeeding().pool([team.project], team.abe)) == [golden[1].place]
    assert len(gold_results(team.project)) == 2


def test_who_may_make_gold_and_from_what(both: Team) -> None:
    ada = set_of("ada")
    with pytest.raises(RoleMissing):
        gold_of_set(actor=both.ravi, annotation_set=ada, origin="experts")
    other = hand_in(both.ada, both.project)
    with pytest.raises(GoldRefused, match="its own episode"):
        gold_of_set(actor=both.mei, annotation_set=ada, origin="experts", experts=[other])
    with pytest.raises(LabelsInvalid):
        set_gold(
            actor=both.mei,
            project_episode=first_place(both),
            labels=gold_labels()[:1],
            origin="experts",
        )
    item = gold_of_set(actor=both.mei, annotation_set=ada, origin="experts")
    with pytest.raises(GoldRefused, match="Say why"):
        change_gold_state(actor=both.mei, item_id=item.pk, state=State.RETIRED, reason=" ")
    with pytest.raises(RoleMissing):
        change_gold_state(actor=both.ada, item_id=item.pk, state=State.RETIRED, reason="No.")


def test_the_pool_is_held_against_what_a_month_needs(team: Team, data_dir: Path) -> None:
    golden = golden_episodes(team, data_dir, 4)
    now = timezone.now()
    answered(team.ada, golden[:2], GOOD, seed=3, begin=now - timedelta(days=3), score=False)
    found = gold_overview(team.project, now)
    assert (found.pool.usable, found.pool.most, found.pool.needed) == (4, 2, 6)
    assert "Make 2 more." in found.pool.says
    assert [row.exposures for row in found.rows] == [1, 1, 0, 0]
    assert found.difficulty.reason is not None


def test_what_was_settled_is_suggested(team: Team) -> None:
    hand_in_by_both(team, 2)
    batch = create_batch(actor=team.ravi, project=team.project, limit=1)
    (item,) = items_of(batch)
    assert not gold_candidates(team.mei, team.project)
    approve(team.ravi, item)
    approve_batch(actor=team.ravi, batch_id=batch.pk)
    assert gold_candidates(team.mei, team.project) == [item.project_episode]
    set_gold(
        actor=team.mei,
        project_episode=item.project_episode,
        labels=gold_labels(),
        origin="experts",
    )
    assert not gold_candidates(team.mei, team.project)
