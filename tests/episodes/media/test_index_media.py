"""manage.py index_media: repairs what is derived, names what is broken."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from episodes.models import FrameIndex
from tests.episodes.media.conftest import Recorded
from tests.episodes.media.test_services import damage


def test_what_is_missing_is_made(recorded: Recorded, data_dir: Path) -> None:
    stream = recorded("h264_g2")
    FrameIndex.objects.all().delete()
    out = StringIO()
    call_command("index_media", stdout=out)
    stream.refresh_from_db()
    assert FrameIndex.objects.count() == 1
    assert (data_dir / stream.sprite_path).is_file()
    assert out.getvalue() == "1 videos, 1 streams checked.\n"


def test_again_repairs_a_damaged_index(recorded: Recorded, data_dir: Path) -> None:
    stream = recorded("h264_g2")
    stored = data_dir / stream.asset.frame_index.path
    whole = stored.read_bytes()
    stored.write_bytes(b"damaged")
    call_command("index_media", again=True, stdout=StringIO())
    assert stored.read_bytes() == whole


def test_a_broken_video_is_named_and_the_others_go_on(recorded: Recorded, data_dir: Path) -> None:
    damage(recorded("av1_g2"), data_dir)
    whole = recorded("h264_g2")
    err = StringIO()
    with pytest.raises(CommandError, match="1 could not be read"):
        call_command("index_media", stdout=StringIO(), stderr=err)
    assert "decode" in err.getvalue()
    whole.refresh_from_db()
    assert whole.sprite_path
