"""Whatever happens to a file, the answer is an episode, a reason, or an error by name."""

import random
import shutil
from pathlib import Path

import pytest

from episodes.errors import TouchlineError
from episodes.formats import open_dataset
from episodes.records import BrokenEpisode

ROUNDS = 60


def damage(path: Path, dice: random.Random) -> None:
    content = bytearray(path.read_bytes())
    way = dice.choice(("cut", "flip", "flip", "insert"))
    at = dice.randrange(len(content))
    if way == "cut":
        del content[at:]
    elif way == "insert":
        content[at:at] = dice.randbytes(dice.randint(1, 8))
    else:
        for _ in range(dice.choice((1, 3, 20))):
            content[dice.randrange(len(content))] = dice.choice((0, 255, dice.randrange(256)))
    path.write_bytes(content)


def remedies(root: Path) -> list[str]:
    """What the reader advises for each thing it could not read."""
    try:
        found = list(open_dataset(root).episodes())
    except TouchlineError as error:
        return [error.remedy]
    return [episode.remedy for episode in found if isinstance(episode, BrokenEpisode)]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("version", ["good_v21", "good_v30"])
def test_damaged_metadata_and_rows(
    request: pytest.FixtureRequest, tmp_path: Path, version: str, seed: int
) -> None:
    source: Path = request.getfixturevalue(version)
    root, dice = tmp_path / "set", random.Random(seed)
    shutil.copytree(source, root)
    files = sorted(p for p in root.rglob("*") if p.suffix in (".json", ".jsonl", ".parquet"))
    for _ in range(ROUNDS):
        victim = dice.choice(files)
        whole = victim.read_bytes()
        damage(victim, dice)
        assert all(remedies(root))
        victim.write_bytes(whole)
    assert not any(isinstance(e, BrokenEpisode) for e in open_dataset(root).episodes())
