"""A recording imported by an earlier version is known again, however its contents were hashed."""

import hashlib
import struct
from pathlib import Path
from typing import Any

import av
import pytest

from episodes.formats import open_dataset
from episodes.models import Episode, ImportItem
from episodes.records import EpisodeRecord
from episodes.services.imports_placing import RECIPE
from tests.episodes.test_import import bring_in, states

pytestmark = pytest.mark.django_db


def first_recipe(episode: EpisodeRecord) -> str:
    """As the first version hashed: every packet as the demultiplexer gives it, in the v2 layout."""
    total = hashlib.sha256(f"{episode.frames} {episode.rate.num}/{episode.rate.den}\n".encode())
    for signal in sorted(episode.signals, key=lambda one: one.name):
        bare = signal.t_ns.astype("<i8").tobytes() + signal.values.astype("<f8").tobytes()
        total.update(f"signal {signal.name} {hashlib.sha256(bare).hexdigest()}\n".encode())
    for stream in sorted(episode.streams, key=lambda one: one.source_key):
        total.update(f"stream {stream.source_key} {first_pictures(stream)}\n".encode())
    return total.hexdigest()


def first_pictures(stream: Any) -> str:
    with av.open(str(stream.path)) as container:
        video = container.streams.video[0]
        avcc = video.codec_context.extradata or b""
        said = f"avc1.{avcc[1:4].hex()} {video.width}x{video.height}"
        digest = hashlib.sha256(said.encode())
        for packet in container.demux(video):
            if packet.size:
                assert packet.pts is not None
                assert packet.time_base is not None
                at_ns = round(packet.pts * packet.time_base * 10**9)
                digest.update(struct.pack("<qq", at_ns, packet.size) + bytes(packet))
    return digest.hexdigest()


def test_the_recipe_is_written_down(v21: Path) -> None:
    bring_in(v21)
    assert set(Episode.objects.values_list("content_recipe", flat=True)) == {RECIPE}


@pytest.mark.parametrize("written_down", [True, False])
def test_an_episode_hashed_by_the_first_recipe_is_the_same_one(
    v21: Path, written_down: bool
) -> None:
    bring_in(v21)
    reader = open_dataset(v21)
    for episode in Episode.objects.all():
        record = reader.episode(episode.key)
        assert isinstance(record, EpisodeRecord)
        episode.content_sha256 = first_recipe(record)
        episode.content_recipe = int(written_down)
        episode.save()
    assert set(states(bring_in(v21))) == {"skipped"}


def test_one_of_unknown_recipe_that_was_hashed_by_todays_is_the_same_too(v21: Path) -> None:
    bring_in(v21)
    Episode.objects.update(content_recipe=0)
    assert set(states(bring_in(v21))) == {"skipped"}


@pytest.mark.parametrize("recipe", [0, 1, 2])
def test_what_did_change_is_told_by_every_recipe(v21: Path, recipe: int) -> None:
    bring_in(v21)
    Episode.objects.update(content_sha256="0" * 64, content_recipe=recipe)
    run = bring_in(v21)
    assert {item.reason_code for item in run.items.all()} == {"content_changed"}
    assert {item.state for item in run.items.all()} == {ImportItem.State.QUARANTINED}
