"""The server is killed in the middle of saves, and so is the tab: every label arrives once.

Eight times here; `python -m tests.bench.bench_faults` does it fifty times.
"""

import pytest

from tests.e2e.faults import Faults
from tests.e2e.trials import Trial
from tests.stack import Stack

pytestmark = pytest.mark.browser


def test_every_label_arrives_once_however_the_server_dies(trial: Trial, stack: Stack) -> None:
    faults = Faults(trial, stack)
    faults.run(8)
    assert faults.killed == 8
    assert faults.marked + faults.unwritten == 8
    trial.person = faults.trial.person
