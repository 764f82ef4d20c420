"""The registry of embodiments, and values checked against it at import and over a dataset."""

from pathlib import Path

import pytest
from django.contrib.auth.models import User

from annotation.models import AuditEntry
from annotation.selectors.editor import signals_part
from episodes.embodiments import DimensionSpec, Quantity
from episodes.errors import ChangeNotAllowed
from episodes.models import Dataset, DimensionStatistics, Embodiment, Episode, ImportItem
from episodes.selectors.data_files import data_path
from episodes.selectors.embodiments import dataset_values, datasets_to_measure, suggestions
from episodes.services.embodiments import (
    assign_embodiment,
    assign_template,
    change_embodiment,
    create_embodiment,
)
from episodes.services.statistics import measure_values
from episodes.sync_errors import EmbodimentInvalid, EmbodimentUnknown
from episodes.tasks_sync import measure_waiting
from tests.episodes.sync_scene import scaled, small_arm
from tests.episodes.test_import import bring_in
from tests.pure.formats.sets import Plan, write_v30

pytestmark = pytest.mark.django_db


@pytest.fixture
def dataset(v30: Path, mei: User) -> Dataset:
    bring_in(v30, by=mei)
    return Dataset.objects.get()


def codes(dataset: Dataset, space: str) -> list[str]:
    dataset.refresh_from_db()
    (found,) = [one for one in dataset_values(dataset) if one.space == space]
    return [finding.code for finding in found.findings]


def test_made_of_a_template_for_state_and_action(mei: User) -> None:
    row = create_embodiment(actor=mei, name="Our  arm", state="so101_deg_6", action="eef_delta_7")
    assert (row.name, row.kind, row.template) == ("Our arm", "robot", "")
    assert row.dimensions.filter(space="state").count() == 6
    first = row.dimensions.get(space="action", position=0)
    assert (first.name, first.quantity, first.unit) == ("dx", "position", "m")
    assert first.positive == "+x of the base frame"
    assert AuditEntry.objects.get(action="embodiment.created").actor == mei


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"name": "Arm", "state": "eef_delta_7"}, EmbodimentInvalid),
        ({"name": "Arm"}, EmbodimentInvalid),
        ({"name": " ", "state": "so101_deg_6"}, EmbodimentInvalid),
        ({"name": "Taken", "state": "so101_deg_6"}, EmbodimentInvalid),
        ({"name": "Arm", "state": "so102"}, EmbodimentUnknown),
    ],
)
def test_what_makes_no_embodiment(mei: User, given: dict[str, str], error: type[Exception]) -> None:
    create_embodiment(actor=mei, name="Taken", state="so101_rad_6")
    with pytest.raises(error):
        create_embodiment(actor=mei, **given)
    assert Embodiment.objects.count() == 1


def test_managers_keep_the_registry_and_owners_assign(
    dataset: Dataset, cast: dict[str, User], mei: User
) -> None:
    arm = small_arm(mei)
    for who in ("ada", "ravi", "otto"):
        with pytest.raises(ChangeNotAllowed):
            create_embodiment(actor=cast[who], name="Mine", state="so101_deg_6")
        with pytest.raises(ChangeNotAllowed):
            assign_embodiment(actor=cast[who], dataset_id=dataset.pk, embodiment_id=arm.pk)
    dataset.refresh_from_db()
    assert dataset.embodiment is None


def test_two_dimensions_of_one_name_are_refused_whole(mei: User) -> None:
    arm = small_arm(mei)
    twice = [DimensionSpec("a", Quantity.FORCE, "N"), DimensionSpec("a", Quantity.FORCE, "N")]
    with pytest.raises(EmbodimentInvalid):
        change_embodiment(
            actor=mei, embodiment_id=arm.pk, name="X", notes="", spaces={"state": twice}
        )
    arm.refresh_from_db()
    assert (arm.name, arm.dimensions.count()) == ("Small arm", 6)


def test_suggestions_say_why_and_assign_nothing(dataset: Dataset, mei: User) -> None:
    assert suggestions(dataset) == []  # no template has three dimensions of these names
    arm = small_arm(mei)
    (best,) = suggestions(dataset)
    assert (best.embodiment, best.template) == (arm.pk, "")
    assert "state: 3 of 3 names agree" in best.reasons
    dataset.refresh_from_db()
    assert dataset.embodiment is None


def test_the_template_is_made_once(dataset: Dataset, mei: User) -> None:
    for _ in range(2):
        assign_template(actor=mei, dataset_id=dataset.pk, template_id="so101_rad_6")
    dataset.refresh_from_db()
    assert dataset.embodiment == Embodiment.objects.get()


def test_a_length_that_differs_is_said_not_guessed(dataset: Dataset, mei: User) -> None:
    assign_template(actor=mei, dataset_id=dataset.pk, template_id="so101_rad_6")
    measure_values(dataset_id=dataset.pk)
    assert codes(dataset, "state") == ["dimensions_differ"]
    assert not DimensionStatistics.objects.exists()


def test_values_are_measured_over_every_episode(dataset: Dataset, mei: User) -> None:
    assign_embodiment(actor=mei, dataset_id=dataset.pk, embodiment_id=small_arm(mei).pk)
    assert measure_values(dataset_id=dataset.pk) == 6
    row = DimensionStatistics.objects.get(signal="action", position=2)
    # sin(t / 7 + 2 + episode) + 0.25 over 6, 9 and 5 rows of three episodes.
    assert row.count == 20
    assert row.minimum == pytest.approx(-0.74, abs=0.01)
    assert row.maximum == pytest.approx(1.16, abs=0.01)
    assert row.minimum <= row.q01 <= row.q99 <= row.maximum
    assert codes(dataset, "state") == ["values_fit"]


def test_degrees_under_radians_are_red(v30: Path, mei: User) -> None:
    bring_in(scaled(v30, 57.3), by=mei)
    dataset = Dataset.objects.get()
    assign_embodiment(actor=mei, dataset_id=dataset.pk, embodiment_id=small_arm(mei).pk)
    measure_values(dataset_id=dataset.pk)
    assert codes(dataset, "state")[0] == "degrees_as_radians"
    assert codes(dataset, "action") == ["values_fit"]


def test_values_beyond_limits_and_dead_dimensions(v30: Path, mei: User) -> None:
    bring_in(scaled(v30, 0.0, "action"), by=mei)
    dataset = Dataset.objects.get()
    assign_embodiment(actor=mei, dataset_id=dataset.pk, embodiment_id=small_arm(mei, limit=0.8).pk)
    measure_values(dataset_id=dataset.pk)
    assert "beyond_limits" in codes(dataset, "state")
    assert codes(dataset, "action") == ["dimension_dead"] * 3


def test_an_import_into_a_known_embodiment_notes_what_is_wrong(
    tmp_path: Path, dataset: Dataset, mei: User
) -> None:
    assign_embodiment(actor=mei, dataset_id=dataset.pk, embodiment_id=small_arm(mei).pk)
    grown = write_v30(tmp_path / "more", Plan(lengths=(6, 9, 5, 40)))
    run = bring_in(scaled(grown, 57.3, "action"), dataset.name, by=mei)
    item = run.items.get(key="episode_000003")
    assert (item.state, item.reason_code) == (ImportItem.State.DONE, "degrees_as_radians")
    assert item.reason.startswith("action: shoulder_pan is declared in rad")


def test_the_sweep_measures_what_is_new(
    tmp_path: Path, dataset: Dataset, mei: User, eager: None
) -> None:
    assert datasets_to_measure() == []
    assign_embodiment(actor=mei, dataset_id=dataset.pk, embodiment_id=small_arm(mei).pk)
    assert datasets_to_measure() == [dataset.pk]
    measure_waiting()
    assert datasets_to_measure() == []
    bring_in(write_v30(tmp_path / "more", Plan(lengths=(6, 9, 5, 7))), dataset.name, by=mei)
    assert datasets_to_measure() == [dataset.pk]
    measure_waiting()
    assert DimensionStatistics.objects.get(signal="action", position=0).count == 27


def test_damaged_samples_are_left_out_said_and_not_tried_for_ever(
    dataset: Dataset, mei: User
) -> None:
    assign_embodiment(actor=mei, dataset_id=dataset.pk, embodiment_id=small_arm(mei).pk)
    signal = dataset.episodes.get(index=1).signals.get(name="action")
    data_path(signal.path).write_bytes(b"no arrow")
    measure_values(dataset_id=dataset.pk)
    assert DimensionStatistics.objects.get(signal="action", position=0).count == 11
    assert codes(dataset, "action")[0] == "samples_left_out"
    assert datasets_to_measure() == []


def test_changing_an_embodiment_forgets_what_was_measured(dataset: Dataset, mei: User) -> None:
    arm = small_arm(mei)
    assign_embodiment(actor=mei, dataset_id=dataset.pk, embodiment_id=arm.pk)
    measure_values(dataset_id=dataset.pk)
    Embodiment.objects.filter(pk=arm.pk).update(name="Old arm")
    small_arm(mei)
    assert DimensionStatistics.objects.count() == 6
    change_embodiment(
        actor=mei, embodiment_id=arm.pk, name="Old arm", notes="",
        spaces={"state": [DimensionSpec("a", Quantity.FORCE, "N")]},
    )  # fmt: skip
    assert DimensionStatistics.objects.count() == 0


def test_lanes_take_the_units_that_the_files_do_not_give(dataset: Dataset, mei: User) -> None:
    episode = Episode.objects.select_related("dataset").get(index=0)
    signal = episode.signals.get(name="observation.state")
    signal.dimensions[0]["unit"] = "deg"
    signal.save()
    assign_embodiment(actor=mei, dataset_id=dataset.pk, embodiment_id=small_arm(mei).pk)
    episode = Episode.objects.select_related("dataset").get(index=0)
    (lane,) = [one for one in signals_part(episode) if one["name"] == "observation.state"]
    assert [one["unit"] for one in lane["dimensions"]] == ["deg", "rad", "rad"]
    assert lane["dimensions"][0]["name"] == "shoulder_pan.pos"
    assert lane["dimensions"][0]["quantity"] == "joint_position"
    assert all("positive" in one for one in lane["dimensions"])
    signal.refresh_from_db()
    assert [one["unit"] for one in signal.dimensions] == ["deg", "", ""]
