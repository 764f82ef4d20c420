"""Degrees for radians, limits left, dead and clipped dimensions: named, with numbers and units."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from episodes.embodiments import (
    DimensionSpec,
    Embodiment,
    Quantity,
    ValueStats,
    check_values,
)
from episodes.embodiments.templates import G1_INSPIRE, JOINT_8, MANO, SO101_DEG, SO101_RAD
from episodes.findings import Finding, Severity
from episodes.formats import open_dataset
from episodes.records import EpisodeRecord, SignalKind


def findings(embodiment: Embodiment, values: np.ndarray) -> dict[str, Finding]:
    stats = ValueStats(embodiment.dimensions)
    stats.add(values)
    return {finding.code: finding for finding in check_values(stats)}


def arm(embodiment: Embodiment, rows: int = 500, seed: int = 0) -> np.ndarray:
    """Smooth movement through nine tenths of each dimension's range."""
    rng = np.random.default_rng(seed)
    low = np.array([spec.lower or 0.0 for spec in embodiment.dimensions])
    high = np.array([spec.upper or 1.0 for spec in embodiment.dimensions])
    phase = rng.uniform(0, 6, len(low)) + np.outer(
        np.arange(rows) / 40, rng.uniform(1, 2, len(low))
    )
    return np.asarray((low + high) / 2 + 0.45 * (high - low) * np.sin(phase))


@pytest.mark.parametrize("embodiment", [SO101_RAD, SO101_DEG, JOINT_8, G1_INSPIRE, MANO[0]])
def test_good_values_are_green(embodiment: Embodiment) -> None:
    found = findings(embodiment, arm(embodiment))
    assert set(found) == {"values_fit"}
    assert found["values_fit"].severity is Severity.GREEN


def test_degrees_imported_as_radians_are_red() -> None:
    found = findings(SO101_RAD, np.degrees(arm(SO101_RAD)))
    wrong = found["degrees_as_radians"]
    assert wrong.severity is Severity.RED
    assert wrong.facts["dimensions"] == [spec.name for spec in SO101_RAD.dimensions]
    assert "shoulder_pan is declared in rad" in wrong.message
    assert "5 more dimensions alike" in wrong.message
    assert "beyond_limits" not in found


@given(st.integers(0, 5), st.integers(0, 1000))
def test_one_dimension_in_degrees_is_named(at: int, seed: int) -> None:
    values = arm(SO101_RAD, seed=seed)
    values[:, at] = np.degrees(values[:, at])
    found = findings(SO101_RAD, values)
    assert found["degrees_as_radians"].facts["dimensions"] == [SO101_RAD.dimensions[at].name]


def test_a_few_spikes_are_no_degrees() -> None:
    values = arm(SO101_RAD)
    values[100:103, 2] = 50.0
    found = findings(SO101_RAD, values)
    assert set(found) == {"beyond_limits"}


def test_radians_under_declared_degrees_are_amber() -> None:
    values = arm(SO101_DEG)
    values[:, :5] = np.radians(values[:, :5])
    assert findings(SO101_DEG, values)["radians_as_degrees"].severity is Severity.AMBER


def test_values_beyond_limits_say_where_and_by_how_much() -> None:
    values = arm(SO101_RAD)
    values[40:44, 1] = 2.1
    found = findings(SO101_RAD, values)["beyond_limits"]
    assert found.severity is Severity.AMBER
    assert found.message == (
        "shoulder_lift leaves its limits (-1.745 to 1.745 rad) in 0.8 % of rows, "
        "first in row 40, by up to 0.3547 rad."
    )
    assert found.remedy


def test_values_often_and_far_beyond_limits_are_red() -> None:
    values = arm(SO101_RAD)
    values[:100, 1] = 2.4
    assert findings(SO101_RAD, values)["beyond_limits"].severity is Severity.RED


def test_a_dead_dimension_is_amber() -> None:
    values = arm(SO101_RAD)
    values[:, 3] = 0.25
    found = findings(SO101_RAD, values)
    assert set(found) == {"dimension_dead"}
    assert found["dimension_dead"].message == "wrist_flex is 0.25 rad in all 500 rows."


def test_clipping_is_found_on_joints_and_allowed_on_grippers() -> None:
    values = arm(SO101_RAD)
    values[:, 0] = np.clip(values[:, 0] * 1.5, -1.91986, 1.91986)
    values[:, 5] = np.clip(values[:, 5] * 1.5, -0.17453, 1.74533)
    found = findings(SO101_RAD, values)
    assert set(found) == {"clipped_at_limit"}
    assert found["clipped_at_limit"].facts["dimensions"] == ["shoulder_pan"]


def test_a_coarse_dimension_is_amber() -> None:
    values = arm(SO101_RAD)
    values[:, 2] = np.round(values[:, 2] * 4) / 4
    found = findings(SO101_RAD, values)["dimension_coarse"]
    assert "elbow_flex" in found.message
    assert "0.25 rad apart" in found.message


def test_values_that_are_not_numbers_are_red() -> None:
    values = arm(SO101_RAD)
    values[7, 4] = np.nan
    found = findings(SO101_RAD, values)["values_not_finite"]
    assert found.severity is Severity.RED
    assert "1 of 500" in found.message


def test_limits_that_nobody_knows_are_unknown() -> None:
    spec = DimensionSpec("finger", Quantity.JOINT_POSITION, "rad")
    stats = ValueStats([spec])
    stats.add(np.linspace(0, 1, 100)[:, None])
    [found] = check_values(stats)
    assert (found.code, found.severity) == ("limits_unknown", Severity.UNKNOWN)


def test_no_values_are_unknown() -> None:
    [found] = check_values(ValueStats(SO101_RAD.dimensions))
    assert (found.code, found.severity) == ("values_too_few", Severity.UNKNOWN)


@pytest.mark.parametrize("kind", [SignalKind.STATE, SignalKind.ACTION])
def test_the_demo_dataset_rests_its_wrist_at_the_limit(base_dir: Path, kind: SignalKind) -> None:
    """The pilot points the gripper down as far as the wrist goes; all else fits."""
    stats = recorded(base_dir / "demo/so101_pick_place", kind, SO101_RAD)
    assert stats.rows == 5696
    [found] = check_values(stats)
    assert (found.code, found.severity) == ("clipped_at_limit", Severity.AMBER)
    assert found.message.startswith("wrist_flex rests at its limit of 1.658 rad in")


@pytest.mark.parametrize("kind", [SignalKind.STATE, SignalKind.ACTION])
def test_a_real_g1_has_no_red_dimension(shared_data: Path, kind: SignalKind) -> None:
    stats = recorded(shared_data / "unitree_g1_lerobot_v30", kind, G1_INSPIRE)
    assert Severity.RED not in {finding.severity for finding in check_values(stats)}


def recorded(root: Path, kind: SignalKind, embodiment: Embodiment) -> ValueStats:
    stats = ValueStats(embodiment.dimensions)
    for episode in open_dataset(root).episodes():
        assert isinstance(episode, EpisodeRecord)
        stats.add(next(signal for signal in episode.signals if signal.kind is kind).values)
    return stats
