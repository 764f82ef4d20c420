"""What the filters suggest: values of episodes that the person sees, and of no others."""

import pytest

from episodes.models import Episode
from episodes.selectors import suggestions as selectors
from episodes.selectors.suggestions import suggestions
from tests.annotation.pages import queries
from tests.episodes.browse.conftest import Shelf

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(shelf: Shelf) -> Shelf:
    mine = Episode.objects.filter(dataset=shelf.dataset)
    mine.update(scene="kitchen", things=["cup", "pot"], tags=["night"], operator="o7")
    mine.filter(index=1).update(scene="desk", things=["cup"], session="s1", tags=[])
    Episode.objects.filter(pk=shelf.other.pk).update(scene="secret lab", tags=["rival"])
    return shelf


def test_values_are_those_of_what_one_sees(told: Shelf) -> None:
    for name in ("ada", "mei"):
        assert suggestions(told.people[name]) == {
            "tag": ["night"],
            "scene": ["desk", "kitchen"],
            "thing": ["cup", "pot"],
            "operator": ["o7"],
            "session": ["s1"],
        }
    assert suggestions(told.people["nora"])["scene"] == ["secret lab"]
    assert suggestions(told.people["otto"])["scene"] == []
    assert suggestions(told.people["root"])["scene"] == ["desk", "kitchen", "secret lab"]
    assert suggestions(told.people["root"], str(told.dataset.pk))["tag"] == ["night"]


def test_of_many_the_most_frequent_are_suggested(
    told: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selectors, "MOST", 1)
    assert suggestions(told.people["mei"])["scene"] == ["kitchen"]
    monkeypatch.setattr(selectors, "LATEST", 0)
    assert suggestions(told.people["mei"])["scene"] == []


def test_the_fields_of_the_list_name_them(told: Shelf) -> None:
    ada = told.browser("ada")
    page = ada.get("/episodes/").content.decode()
    with queries() as asked:
        part = ada.get("/episodes/suggestions/").content.decode()
    assert len(asked) <= 6
    for name in ("tag", "scene", "thing", "operator", "session"):
        assert f'list="known-{name}"' in page
        assert f'<datalist id="known-{name}">' in part
    assert '<option value="kitchen">' in part
    assert "secret" not in part
