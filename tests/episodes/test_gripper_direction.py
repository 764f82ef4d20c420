"""Which way a gripper's numbers go is answered once, and then candidates and checks go by it."""

from pathlib import Path

import pytest
from django.contrib.auth.models import User

from episodes.embodiments import Quantity
from episodes.models import Dataset, Embodiment, Episode
from episodes.selectors.embodiments import dataset_values, lane_dimensions
from episodes.selectors.imports import open_items
from episodes.services.embodiments import assign_embodiment, assign_template, create_embodiment
from episodes.services.imports import plan_import
from episodes.services.imports_items import import_item
from episodes.services.statistics import measure_values
from tests.episodes.sync_scene import small_arm
from tests.pure.formats.sets import Plan, write_v21

pytestmark = pytest.mark.django_db
ASKED = "gripper.observation.state"


def imported(path: Path, by: User, answer: str) -> Dataset:
    if not path.exists():
        write_v21(path, Plan(lengths=(6,)))
    run = plan_import(path=path, requested_by=by, answers={ASKED: answer})
    for item_id in open_items(run):
        import_item(item_id=item_id)
    return Dataset.objects.get()


def gripper(dataset: Dataset, name: str = "observation.state") -> dict[str, str]:
    """As the editor gets it."""
    signals = list(Episode.objects.get().signals.all())
    return lane_dimensions(signals, dataset.embodiment)[name][2]


@pytest.mark.parametrize(("answer", "positive"), [("open", "opens"), ("closed", "closes")])
def test_the_answer_is_in_the_gripper_and_in_nothing_else(
    tmp_path: Path, mei: User, answer: str, positive: str
) -> None:
    dataset = imported(tmp_path / "set", mei, answer)
    found = gripper(dataset)
    assert (found["quantity"], found["positive"]) == ("gripper_aperture", positive)
    signal = Episode.objects.get().signals.get(name="observation.state")
    assert ["positive" in one for one in signal.dimensions] == [False, False, True]


def test_unknown_stays_unknown(tmp_path: Path, mei: User) -> None:
    dataset = imported(tmp_path / "set", mei, "unknown")
    assert "positive" not in gripper(dataset)


def test_another_answer_corrects_it(tmp_path: Path, mei: User) -> None:
    imported(tmp_path / "set", mei, "open")
    dataset = imported(tmp_path / "set", mei, "closed")
    assert gripper(dataset)["positive"] == "closes"


def grasping_arm(by: User, positive: str) -> Embodiment:
    """The tests' small arm with a last dimension that is a gripper."""
    row = small_arm(by)
    row.dimensions.filter(position=2).update(
        quantity=Quantity.GRIPPER_APERTURE.value, positive=positive
    )
    return row


@pytest.mark.parametrize(
    ("embodiment", "findings"), [("closes", []), ("opens", ["direction_differs"])]
)
def test_an_embodiment_that_says_otherwise_is_flagged(
    tmp_path: Path, mei: User, embodiment: str, findings: list[str]
) -> None:
    dataset = imported(tmp_path / "set", mei, "closed")
    arm = grasping_arm(mei, embodiment)
    assign_embodiment(actor=mei, dataset_id=dataset.pk, embodiment_id=arm.pk)
    measure_values(dataset_id=dataset.pk)
    dataset.refresh_from_db()
    state = next(one for one in dataset_values(dataset) if one.space == "state")
    assert [one.code for one in state.findings if one.code == "direction_differs"] == findings
    assert gripper(dataset)["positive"] == "closes"


def test_a_template_is_taken_over_with_the_answered_direction(mei: User, tmp_path: Path) -> None:
    dataset = imported(tmp_path / "set", mei, "closed")
    signal = Episode.objects.get().signals.get(name="observation.state")
    six = [{"name": f"joint_{n}", "unit": "", "group": ""} for n in range(5)]
    signal.dimensions = [*six, gripper(dataset)]
    signal.save()
    shared = create_embodiment(actor=mei, name="Shared", state="so101_deg_6")
    Embodiment.objects.filter(pk=shared.pk).update(template="so101_deg_6")
    for _ in range(2):
        assign_template(actor=mei, dataset_id=dataset.pk, template_id="so101_deg_6")
    dataset.refresh_from_db()
    assert dataset.embodiment is not None
    assert dataset.embodiment != shared
    assert dataset.embodiment.dimensions.get(space="state", position=5).positive == "closes"
    assert shared.dimensions.get(space="state", position=5).positive == "opens"
    assert Embodiment.objects.count() == 2
