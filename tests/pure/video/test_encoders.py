"""Making test videos leaves the process as it was."""

import os
import sys
from pathlib import Path

import pytest

from tests.fixtures_video import AV1_G2, Recipe, encode


@pytest.mark.skipif(sys.platform != "linux", reason="scheduling is asked for as Linux tells it")
def test_the_av1_encoder_does_not_keep_its_priority(tmp_path: Path) -> None:
    """As root it takes real-time priority, which every later child would inherit."""
    before = os.sched_getscheduler(0)
    encode(tmp_path / "short.mp4", Recipe(**{**AV1_G2.__dict__, "frames": 4}))
    assert os.sched_getscheduler(0) == before
