"""A robot's recording through the whole import: pictures, signals and task come in."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from episodes.models import Episode
from tests.pure.formats.mcap_sets import write_robot

pytestmark = pytest.mark.django_db


def test_an_mcap_recording_comes_in_with_cameras_depth_signals_and_task(tmp_path: Path) -> None:
    folder = tmp_path / "runs"
    folder.mkdir()
    write_robot(folder / "run_1.mcap")
    write_robot(folder / "run_2.mcap", frames=20)
    (folder / "run_3.mcap").write_bytes(b"nothing")
    out = StringIO()
    call_command("import_episodes", str(folder), stdout=out, no_color=True)
    assert "2 imported, 0 already imported, 1 quarantined." in out.getvalue()
    first, second = Episode.objects.order_by("key")
    assert (first.key, second.key) == ("run_1", "run_2")
    assert {stream.camera for stream in second.streams.all()} == {"depth", "side", "wrist_cam"}
    assert {signal.name for signal in second.signals.all()} == {
        "joint_states.position",
        "ft_sensor.wrench",
    }
    again = StringIO()
    call_command("import_episodes", str(folder), stdout=again, no_color=True)
    assert "0 imported, 2 already imported" in again.getvalue()
