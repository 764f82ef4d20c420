"""The synthetic videos, each made once a session and only when a test asks for it."""

from collections.abc import Callable

import pytest

from tests.fixtures_video import VideoFixture, build

Videos = Callable[[str], VideoFixture]


@pytest.fixture(scope="session")
def videos(tmp_path_factory: pytest.TempPathFactory) -> Videos:
    folder = tmp_path_factory.mktemp("videos")
    made: dict[str, VideoFixture] = {}

    def video(name: str) -> VideoFixture:
        if name not in made:
            made[name] = build(name, folder)
        return made[name]

    return video
