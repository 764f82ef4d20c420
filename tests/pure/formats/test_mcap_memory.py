"""Two hours of recording need no more memory than its largest chunk and a few megabytes."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from mcap.writer import CompressionType

from tests.pure.formats.mcap_sets import ARM, Bag, compressed, joints, jpeg

HOURS_NS = 2 * 3600 * 10**9
PICTURES, JOINTS = 14_400, 72_000
PICTURE_BYTES = 24_000
MAX_GROWTH_BYTES = 64 * 2**20

READ = """
import json, resource, sys
from pathlib import Path
from episodes.formats.ros2_bag import Ros2Bag

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

small, large = map(Path, sys.argv[1:])
def read(path):
    (episode,) = Ros2Bag().read(path, {}).episodes()
    pictures = sum(1 for _ in episode.streams[0].pictures())
    return pictures, len(episode.signals[0].t_ns), episode.duration_ns
read(small)
before = peak()
found = read(large)
print(json.dumps({"found": found, "growth": peak() - before}))
"""


def record(path: Path, share: int) -> Path:
    """A ``share``-th of two hours; pictures padded behind their end, so that none compresses."""
    noise = np.random.default_rng(1).integers(0, 256, PICTURE_BYTES, np.uint8).tobytes()
    data = jpeg(0) + noise
    pictures, moves = PICTURES // share, JOINTS // share
    with Bag(path, compression=CompressionType.NONE) as bag:
        for number in range(moves):
            at = number * (HOURS_NS // JOINTS)
            bag.add("/joint_states", at, joints(at, ARM, (number, 0.5, 0.25)))
            if number % (moves // pictures) == 0:
                bag.add("/wrist/image/compressed", at, compressed(at, data))
    return path


@pytest.mark.slow
def test_memory_stays_bounded_however_long_the_recording(tmp_path: Path) -> None:
    small, large = record(tmp_path / "small.mcap", 100), record(tmp_path / "large.mcap", 1)
    assert large.stat().st_size > 5 * MAX_GROWTH_BYTES
    done = subprocess.run(
        [sys.executable, "-c", READ, str(small), str(large)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[3],
    )
    measured = json.loads(done.stdout)
    pictures, moves, duration_ns = measured["found"]
    assert (pictures, moves) == (PICTURES, JOINTS)
    assert abs(duration_ns - HOURS_NS) < 10**9
    assert measured["growth"] < MAX_GROWTH_BYTES, measured
    large.unlink()
