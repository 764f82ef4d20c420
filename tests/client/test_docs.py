"""The examples of docs/api.md, run from top to bottom against a live server."""

import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User

from annotation.models import ApiToken
from annotation.services.tokens import create_token
from episodes.models import Dataset, Episode, ImportRun
from review.models import Release
from tests.annotation.scene import Team
from tests.pure.formats.sets import write_v30
from touchline_client import Touchline

DOCS = Path(__file__).resolve().parents[2] / "docs" / "api.md"


def test_every_example_runs(
    team: Team, live_server: Any, connect: Callable[..., Touchline], tmp_path: Path
) -> None:
    recordings = write_v30(tmp_path / "recordings")
    packed = tmp_path / "recordings.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for path in sorted(recordings.rglob("*")):
            archive.write(path, path.relative_to(tmp_path).as_posix())
    # Episodes of which a release can be made; those of the scene have no videos behind them.
    mei = connect(team.mei)
    team.project.project_episodes.all().delete()
    Episode.objects.all().delete()
    Dataset.objects.all().delete()
    mei.imports.start(str(recordings), name="Lying there")
    given: dict[str, Any] = {
        "address": live_server.url,
        "token": token(team.mei),
        "ada_token": token(team.ada),
        "ravi_token": token(team.ravi),
        "folder": tmp_path,
        "recordings_zip": packed,
    }
    try:
        for number, example in enumerate(examples()):
            exec(compile(example, f"docs/api.md, example {number + 1}", "exec"), given)
    finally:
        # The server waits for connections that are kept before it stops.
        for made in given.values():
            if isinstance(made, Touchline):
                made.close()
    assert (tmp_path / "release.zip").is_file()
    assert Release.objects.get().state == Release.State.READY
    assert ImportRun.objects.filter(dataset_name="Sent by a script").exists()


def examples() -> list[str]:
    found = re.findall(r"^```python\n(.*?)^```", DOCS.read_text(), re.S | re.M)
    assert len(found) > 10
    return found


def token(user: User) -> str:
    _, text = create_token(actor=user, name="docs", scopes=tuple(ApiToken.Scope), expires_at=None)
    return text
