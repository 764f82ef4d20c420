"""Dawid and Skene's suggestion of an outcome, from what a project's annotators handed in."""

import uuid

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from annotation.models import AnnotationSet, Assignment, Label, Membership, Project
from annotation.selectors.labels import labels_of
from review.models import Adjudication, Batch, BatchItem
from review.selectors.adjudications import outcome_model, outcome_weights
from review.services.adjudication import begin_adjudication, drop_consensus
from review.services.review_policy import set_review_policy
from tests.annotation.scene import Team, make_asset, make_dataset, make_episodes, queue_up
from tests.review.gold_scene import more_people

pytestmark = pytest.mark.django_db

S, F = "outcome_success", "outcome_failure"
EPISODES = 210


def said(place: int, rater: int) -> str:
    """Half of the episodes fail. Ada and Abe each call two failures in five a success, of each
    other's errors independently; Bo is never wrong."""
    truth = F if place % 2 else S
    errs = (place % 10 in (1, 3), place // 10 % 5 in (0, 1), False)[rater]
    return S if truth == F and errs else truth


# Ada and Abe both say success of a failure; all three say failure.
BOTH_WRONG, CLEAR = 1, 25


@pytest.fixture
def project(team: Team, data_dir: object, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Three people's outcomes of 210 episodes, written as rows: handing in is tested elsewhere."""
    folder = tmp_path_factory.mktemp("outcomes")
    people = [team.ada, team.abe, *more_people(team, ["bo"])]
    made = Project.objects.create(name="Outcomes", schema=team.project.schema, overlap=3)
    Membership.objects.create(project=made, user=team.ravi, role=Membership.Role.REVIEWER)
    asset = make_asset(folder, "outcomes")
    places = queue_up(made, make_episodes(make_dataset("Outcomes", team.mei), EPISODES, asset))
    now = timezone.now()
    held = Assignment.objects.bulk_create(
        Assignment(
            project_episode=place, annotator=who, state=Assignment.State.SUBMITTED,
            lease_expires_at=now, submitted_at=now,
        )
        for place in places
        for who in people
    )  # fmt: skip
    sets = AnnotationSet.objects.bulk_create(
        AnnotationSet(
            project_episode_id=one.project_episode_id, assignment=one, schema=made.schema,
            state=AnnotationSet.State.SUBMITTED, submitted_at=now,
        )
        for one in held
    )  # fmt: skip
    Label.objects.bulk_create(
        Label(
            id=uuid.uuid4(), annotation_set=one, kind=Label.Kind.OUTCOME,
            label_class=said(at // 3, at % 3),
        )
        for at, one in enumerate(sets)
    )  # fmt: skip
    return made


def manager_of(team: Team, project: Project) -> User:
    Membership.objects.create(project=project, user=team.mei, role=Membership.Role.MANAGER)
    return team.mei


def item_of(team: Team, project: Project, place: int) -> BatchItem:
    batch, _ = Batch.objects.get_or_create(project=project, name="One", created_by=team.ravi)
    found = project.project_episodes.get(position=place)
    return BatchItem.objects.create(batch=batch, project_episode=found)


def test_the_model_is_fitted_to_the_rows_of_the_project(team: Team, project: Project) -> None:
    found = outcome_model(item_of(team, project, 0))
    assert found.reason is None
    assert len(found.suggestions) == EPISODES
    assert found.values == (F, S)
    assert found.confusion is not None
    assert set(found.confusion) == {
        str(pk) for pk in Membership.objects.filter(
            project=team.project, role="annotator"
        ).values_list("user", flat=True)
    }  # fmt: skip


def test_one_who_errs_seldom_outweighs_two_who_err_often(team: Team, project: Project) -> None:
    ((value, probability),) = outcome_weights(item_of(team, project, BOTH_WRONG)).items()
    assert value == F
    assert 0.5 < probability < 1
    clear = outcome_weights(item_of(team, project, CLEAR))
    assert list(clear) == [F]
    assert clear[F] > probability


def test_the_suggestion_comes_into_a_draft_as_a_proposal(team: Team, project: Project) -> None:
    item = item_of(team, project, BOTH_WRONG)
    made = begin_adjudication(
        actor=team.ravi,
        item_id=item.pk,
        method=Adjudication.Method.SUGGESTED,
        version=0,
        request_id=uuid.uuid4(),
    )
    (outcome,) = labels_of(made.annotation_set)
    # Most named success; a quorum of two in three did, and a quorum comes before a suggestion.
    assert (outcome.label_class, outcome.source) == (S, "human")
    set_review_policy(
        actor=manager_of(team, project), project=project, blind=False, repeat_percent=0,
        quorum_percent=70,
    )  # fmt: skip
    drop_consensus(actor=team.ravi, adjudication_id=made.pk)
    again = begin_adjudication(
        actor=team.ravi,
        item_id=item.pk,
        method=Adjudication.Method.SUGGESTED,
        version=0,
        request_id=uuid.uuid4(),
    )
    (outcome,) = labels_of(again.annotation_set)
    assert (outcome.label_class, outcome.source) == (F, "proposal")


def test_a_second_vote_of_a_set_and_an_earlier_round_do_not_count(
    team: Team, project: Project
) -> None:
    item = item_of(team, project, 0)
    before = outcome_model(item).log_likelihood
    last = AnnotationSet.objects.filter(
        project_episode=item.project_episode, assignment__annotator=team.ada
    ).get()
    Label.objects.create(
        id=uuid.uuid4(), annotation_set=last, kind=Label.Kind.OUTCOME, label_class=F
    )
    assert outcome_model(item).log_likelihood == pytest.approx(before)
    AnnotationSet.objects.filter(pk=last.pk).update(round=2)
    earlier = AnnotationSet.objects.create(
        project_episode=item.project_episode, assignment=last.assignment, round=1,
        schema=project.schema, state=AnnotationSet.State.SUBMITTED, submitted_at=timezone.now(),
    )  # fmt: skip
    Label.objects.create(
        id=uuid.uuid4(), annotation_set=earlier, kind=Label.Kind.OUTCOME, label_class=F
    )
    assert outcome_model(item).log_likelihood == pytest.approx(before)


def test_too_few_episodes_suggest_nothing(team: Team, project: Project) -> None:
    item = item_of(team, project, BOTH_WRONG)
    late = AnnotationSet.objects.filter(project_episode__position__gte=100)
    late.update(state=AnnotationSet.State.DRAFT, submitted_at=None)
    assert outcome_weights(item) == {}
