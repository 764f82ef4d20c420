"""Every change of labels with who, when, before and after; compared, looked at, brought back."""

import uuid
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from annotation.errors import NotFound, NotReturnable, RoleMissing, SetFrozen, StaleRevision
from annotation.models import AnnotationSet, AuditEntry, Notification
from annotation.selectors.labels import labels_of
from annotation.selectors.revisions import compared, history_set, labels_at_revision
from annotation.services.restore import restore_for_rework, restore_revision
from annotation.services.return_for_rework import return_for_rework
from annotation.services.submit import submit
from tests.annotation.scene import Team, claimed, draft_of, grasp, instruction, outcome, save
from tests.review.scene import hand_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(team: Team) -> AnnotationSet:
    """Three revisions of Ada's: a grasp and an outcome; the grasp moved; the outcome gone."""
    draft = draft_of(claimed(team.ada, team.project))
    mark, end = grasp(1_000_000_000), outcome()
    save(team.ada, draft, [mark, end])
    save(team.ada, draft, [{**mark, "start_ns": 2_000_000_000}])
    save(team.ada, draft, [], remove=[end["id"]])
    draft.refresh_from_db()
    return draft


def test_what_was_at_each_revision(draft: AnnotationSet) -> None:
    held = [
        [(one.label_class, one.start_ns) for one in labels_at_revision(draft, number)]
        for number in range(4)
    ]
    first, second = ("grasp_closed", 1_000_000_000), ("grasp_closed", 2_000_000_000)
    assert held[0] == []
    assert sorted(held[1], key=str) == sorted([first, ("outcome_success", None)], key=str)
    assert sorted(held[2], key=str) == sorted([second, ("outcome_success", None)], key=str)
    assert held[3] == [second]
    with pytest.raises(NotFound, match="no revision 4"):
        labels_at_revision(draft, 4)


def test_any_two_are_compared(draft: AnnotationSet) -> None:
    found = compared(draft, 1, 3).changes
    assert sorted(one.what for one in found) == ["changed", "removed"]
    (changed,) = [one for one in found if one.what == "changed"]
    assert changed.fields == (("start_ns", 1_000_000_000, 2_000_000_000),)
    assert [one.what for one in compared(draft, 3, 1).changes if one.before is None] == ["added"]
    assert compared(draft, 2, 2).changes == ()


def test_restoring_is_a_new_revision(team: Team, draft: AnnotationSet) -> None:
    for _ in range(2):
        saved = restore_revision(
            actor=team.ada, annotation_set_id=draft.pk, number=1, base_revision=3
        )
        assert saved.revision == 4
    draft.refresh_from_db()
    assert labels_of(draft) == labels_at_revision(draft, 1)
    assert labels_at_revision(draft, 3) != labels_of(draft)
    newest = draft.revisions.get(number=4)
    assert (newest.author, newest.client_id, len(newest.before)) == (team.ada, "restore", 1)
    assert AuditEntry.objects.filter(action="annotation_set.restored").first() is not None
    with pytest.raises(StaleRevision):
        restore_revision(actor=team.ada, annotation_set_id=draft.pk, number=2, base_revision=3)


def test_the_second_round_begins_with_the_first_ones_labels(team: Team) -> None:
    frozen = hand_in(team.ada, team.project)
    again = return_for_rework(actor=team.ravi, annotation_set_id=frozen.pk, comment="Once more")
    claimed(team.ada, team.project)
    save(team.ada, again, [grasp(3_000_000_000)])
    again.refresh_from_db()
    assert labels_at_revision(again, 0) == labels_of(frozen)
    with pytest.raises(SetFrozen):
        restore_revision(
            actor=team.ada,
            annotation_set_id=frozen.pk,
            number=0,
            base_revision=frozen.revision,
        )


def test_who_looks_and_who_restores(
    team: Team, draft: AnnotationSet, as_user: Callable[[User], Client]
) -> None:
    page = reverse("set-history", args=[draft.pk])
    view, restore = reverse("set-view", args=[draft.pk]), reverse("set-restore", args=[draft.pk])
    for person, status in (
        (team.ada, 200), (team.ravi, 200), (team.mei, 200), (team.abe, 404), (team.otto, 404),
    ):  # fmt: skip
        assert as_user(person).get(page).status_code == status
        assert as_user(person).get(view).status_code == status
    wanted = {"number": 1, "base_revision": 3}
    assert as_user(team.ravi).post(restore, wanted).status_code == 403
    assert as_user(team.abe).post(restore, wanted).status_code == 404
    with pytest.raises(RoleMissing):
        restore_revision(actor=team.mei, annotation_set_id=draft.pk, number=1, base_revision=3)
    assert as_user(team.ada).post(restore, wanted).status_code == 302
    assert "Restore revision 1" not in as_user(team.ravi).get(page).content.decode()


def test_a_reviewer_who_labels_the_episode_does_not_look(team: Team, draft: AnnotationSet) -> None:
    assert history_set(team.ravi, draft.pk) == draft
    claimed(team.ravi, team.project)
    with pytest.raises(NotFound):
        history_set(team.ravi, draft.pk)


def test_the_page_compares_and_says_what_is_wrong(
    team: Team, draft: AnnotationSet, as_user: Callable[[User], Client]
) -> None:
    page, ada = reverse("set-history", args=[draft.pk]), as_user(team.ada)
    said = ada.get(page, {"first": 1, "second": 2}).content.decode()
    assert "start_ns: 1000000000" in said
    assert "start_ns: 2000000000" in said
    assert ada.get(page, {"first": "x", "second": "2"}).status_code == 400
    assert ada.get(page, {"first": 1, "second": 9}).status_code == 404
    assert '"mode": "view"' in ada.get(reverse("set-view", args=[draft.pk])).content.decode()


def test_the_list_costs_the_same_however_long(
    team: Team,
    draft: AnnotationSet,
    as_user: Callable[[User], Client],
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(12):
        save(team.ada, draft, [grasp()])
    ada = as_user(team.ada)
    with django_assert_num_queries(8):
        ada.get(reverse("set-history", args=[draft.pk]))


def test_a_reviewer_brings_a_revision_back_into_work_sent_back(
    team: Team, draft: AnnotationSet, as_user: Callable[[User], Client]
) -> None:
    save(team.ada, draft, [instruction(), outcome()])
    draft.refresh_from_db()
    frozen = submit(
        actor=team.ada,
        annotation_set_id=draft.pk,
        base_revision=draft.revision,
        request_id=uuid.uuid4(),
    )
    page = reverse("set-history", args=[frozen.pk])
    assert "for the annotator" not in as_user(team.ravi).get(page).content.decode()
    rework = return_for_rework(actor=team.ravi, annotation_set_id=frozen.pk, comment="Look again.")
    assert "Restore 1 for the annotator" in as_user(team.ravi).get(page).content.decode()
    assert "for the annotator" not in as_user(team.ada).get(page).content.decode()
    post = reverse("set-restore", args=[frozen.pk])
    wanted = {"number": 1, "base_revision": 0}
    for _ in range(2):
        assert as_user(team.ravi).post(post, wanted).status_code == 302
    rework.refresh_from_db()
    assert rework.revision == 1
    newest = rework.revisions.get()
    assert (newest.author, newest.client_id) == (team.ravi, "restore")
    assert labels_of(rework) == labels_at_revision(frozen, 1)
    assert "brought labels of round 1 back" in Notification.objects.latest("id").text
    assert as_user(team.otto).post(post, wanted).status_code == 404
    assert as_user(team.ravi).post(post, {"number": 2, "base_revision": 0}).status_code == 409
    claimed(team.ada, team.project)
    with pytest.raises(NotReturnable):
        restore_for_rework(actor=team.ravi, annotation_set_id=frozen.pk, number=2, base_revision=1)
