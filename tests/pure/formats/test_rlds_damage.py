"""Whatever happens to a TFDS folder, the answer is an episode, a reason, or an error by name."""

import random
import tracemalloc
from pathlib import Path

import pytest

from episodes.errors import TouchlineError
from episodes.formats import open_dataset
from episodes.records import BrokenEpisode, EpisodeRecord, PictureStreamRecord
from tests.pure.formats.rlds_sets import (
    FLAGS,
    flags,
    group,
    image,
    jpegs,
    steps_of,
    tensor,
    write_droid,
    write_rlds,
)
from tests.pure.formats.test_damage import damage

ROUNDS = 80


def remedies(root: Path) -> list[str]:
    """What is advised for each thing that could not be read, pictures included."""
    try:
        found = list(open_dataset(root, {"rate": "15"}).episodes())
        for episode in found:
            for stream in episode.streams if isinstance(episode, EpisodeRecord) else ():
                if isinstance(stream, PictureStreamRecord):
                    assert len(list(stream.pictures())) == stream.frames
    except TouchlineError as error:
        return [error.remedy]
    return [episode.remedy for episode in found if isinstance(episode, BrokenEpisode)]


@pytest.mark.parametrize("seed", range(3))
def test_damaged_folders(tmp_path: Path, seed: int) -> None:
    root, dice = write_droid(tmp_path / "set"), random.Random(seed)
    files = sorted(root.iterdir())
    for _ in range(ROUNDS):
        victim = dice.choice(files)
        whole = victim.read_bytes()
        damage(victim, dice)
        assert all(remedies(root))
        victim.write_bytes(whole)
    assert remedies(root) == []


def test_a_long_record_is_not_held(tmp_path: Path) -> None:
    """A record of more than 8 MB: a picture of it, or a block, is in memory at a time."""
    count = 4000
    episode = flags(count) | {"steps/observation/front": jpegs(40) * 100}
    described = group(
        steps=steps_of(**FLAGS, reward=tensor("float32"), observation=group(front=image()))
    )
    root = write_rlds(tmp_path / "set", described, [[episode]])
    assert sum(path.stat().st_size for path in root.iterdir()) > 8 * 2**20
    reader = open_dataset(root, {"rate": "15"})
    tracemalloc.start()
    found = reader.episode("train_000000")
    assert isinstance(found, EpisodeRecord)
    stream = found.streams[0]
    assert isinstance(stream, PictureStreamRecord)
    assert sum(1 for _ in stream.pictures()) == count
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5 * 2**20
