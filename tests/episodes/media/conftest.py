"""A stored recording in a project: ada works there, otto does not."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client

from annotation.models import LabelSchema, Membership, Project, ProjectEpisode
from config.celery import app
from episodes.models import Dataset, Episode, MediaAsset, Stream
from episodes.services.media import index_asset, store_asset
from episodes.video import slice_index
from tests.pure.video.conftest import Videos, videos

__all__ = ["videos"]

Person = Callable[..., User]
Recorded = Callable[..., Stream]


@pytest.fixture
def project(db: None, person: Person) -> Project:
    schema = LabelSchema.objects.create(name="core", version=1, definition={})
    project = Project.objects.create(name="Bottles", schema=schema)
    Membership.objects.create(project=project, user=person("ada"), role=Membership.Role.ANNOTATOR)
    person("otto")
    person("root", is_superuser=True)
    return project


@pytest.fixture
def episode(project: Project) -> Episode:
    dataset = Dataset.objects.create(
        name="bottles", format="test", source_path="bottles", fingerprint="0" * 64
    )
    episode = Episode.objects.create(
        dataset=dataset, key="0", index=0, duration_ns=10**9, rows=30, rate_num=30,
        content_sha256="0" * 64, state=Episode.State.READY,
    )  # fmt: skip
    ProjectEpisode.objects.create(project=project, episode=episode)
    return episode


@pytest.fixture
def recorded(videos: Videos, episode: Episode) -> Recorded:
    """Stores a synthetic video and makes a stream of some of its frames."""

    def record(name: str, start: int = 0, frames: int | None = None, offset: int = 0) -> Stream:
        video = videos(name)
        asset = store_asset(source=video.path)
        index = index_asset(asset=asset)
        part = slice_index(index, start, frames or video.frames - start)
        return Stream.objects.create(
            episode=episode, asset=asset, camera=name, source_key=name, start_frame=start,
            frames=part.frames, byte_start=part.byte_start, byte_end=part.byte_end,
            clock_offset_ns=offset,
        )  # fmt: skip

    return record


@pytest.fixture
def signed_in(project: Project) -> Callable[[str], Client]:
    def client(name: str) -> Client:
        browser = Client()
        browser.force_login(User.objects.get(username=name))
        return browser

    return client


@pytest.fixture
def ada(signed_in: Callable[[str], Client]) -> Client:
    return signed_in("ada")


@pytest.fixture
def stored(data_dir: Path) -> Callable[[MediaAsset], bytes]:
    return lambda asset: (data_dir / asset.path).read_bytes()


@pytest.fixture
def eager() -> Iterator[None]:
    """Tasks run where they are queued; what they raise stays with them, as on a worker."""
    app.conf.task_always_eager = True
    yield
    app.conf.task_always_eager = False
