"""The annotation scene, with work handed in on top of it."""

import pytest

from review.models import Batch
from tests.annotation.conftest import team as team
from tests.annotation.scene import Team
from tests.review.scene import batch_of


@pytest.fixture
def batch(team: Team) -> Batch:
    """Three episodes that Ada and Abe handed in alike, in one batch of Ravi's."""
    return batch_of(team)
