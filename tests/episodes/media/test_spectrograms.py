"""GET /api/v1/signals/<id>/spectrogram and /spectrogram/<n>.png; an import makes what they send."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from annotation.selectors.editor import signals_part
from episodes.models import Episode, Signal
from episodes.records import DimensionRecord, SignalKind, SignalRecord
from episodes.services.imports_storing import write_signal
from episodes.services.spectrograms import make_spectrogram

RATE = 16_000
CLICK_S = 7.5
Recorded = Callable[..., Signal]


@pytest.fixture
def recorded(episode: Episode, data_dir: Path) -> Recorded:
    """Twelve seconds of faint noise with a click, kept as an import keeps them."""

    def record(kind: SignalKind = SignalKind.AUDIO) -> Signal:
        rows = 12 * RATE
        pcm = np.random.default_rng(2).normal(size=(rows, 2)) * 20
        pcm[round(CLICK_S * RATE)] = 30_000
        t_ns = np.arange(rows) * 1_000_000_000 // RATE
        dimensions = (DimensionRecord("left"), DimensionRecord("right"))
        record = SignalRecord("mic", kind, dimensions, t_ns, pcm.astype(np.int16))
        (data_dir / "episodes").mkdir(exist_ok=True)
        write_signal(data_dir / "episodes" / "signal-00.arrow", record)
        return Signal.objects.create(
            episode=episode, name="mic", kind=kind.value, samples=rows,
            dimensions=[{"name": "left"}, {"name": "right"}], path="episodes/signal-00.arrow",
        )  # fmt: skip

    return record


def picture(body: bytes) -> np.ndarray:
    read = cv2.imdecode(np.frombuffer(body, np.uint8), cv2.IMREAD_UNCHANGED)
    assert read is not None
    return read


def test_the_layout_says_where_a_click_is(ada: Client, recorded: Recorded) -> None:
    address = f"/api/v1/signals/{recorded().pk}/spectrogram"
    response = ada.get(address)
    layout = response.json()
    assert (layout["start_ns"], layout["rate_hz"]) == (-5_000_000, RATE)
    assert (layout["tile_columns"], layout["least_hz"], layout["least_db"]) == (1024, 50, -80)
    bands = layout["bands_hz"]
    assert len(bands) == 128
    assert 50 < bands[0] < 100 < 7500 < bands[-1] < 8000
    assert layout["levels"] == [
        {"columns": 1201, "column_ns": 10_000_000, "first_tile": 0},
        {"columns": 151, "column_ns": 80_000_000, "first_tile": 2},
    ]
    for level in layout["levels"]:
        tile = ada.get(f"{address}/{level['first_tile']}.png")
        assert (tile.status_code, tile["Content-Type"]) == (200, "image/png")
        shown = picture(tile.getvalue())
        assert shown.shape == (128, min(1024, level["columns"]))
        begin = layout["start_ns"] + int(shown.sum(axis=0).argmax()) * level["column_ns"]
        assert begin <= CLICK_S * 1e9 < begin + level["column_ns"]
    again = ada.get(address, headers={"if-none-match": response["ETag"]})
    assert again.status_code == 304


def test_the_last_picture_is_a_narrow_one(ada: Client, recorded: Recorded) -> None:
    address = f"/api/v1/signals/{recorded().pk}/spectrogram"
    assert picture(ada.get(f"{address}/1.png").getvalue()).shape == (128, 1201 - 1024)
    response = ada.get(f"{address}/3.png")
    assert (response.status_code, response.json()["code"]) == (404, "media_missing")
    assert "layout" in response.json()["remedy"]


def test_a_picture_that_is_made_anew_is_not_shown_from_the_browsers_cache(
    ada: Client, recorded: Recorded, data_dir: Path
) -> None:
    signal = recorded()
    address = f"/api/v1/signals/{signal.pk}/spectrogram/0.png"
    first = ada.get(address)
    assert "immutable" not in first["Cache-Control"]
    assert "no-cache" in first["Cache-Control"]
    assert ada.get(address, headers={"If-None-Match": first["ETag"]}).status_code == 304
    (data_dir / "episodes" / "signal-00.spectrogram" / "00000.png").write_bytes(b"another picture")
    again = ada.get(address, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.getvalue()) == (200, b"another picture")


@pytest.mark.parametrize("part", ["", "/0.png"])
def test_who_may_see_it(
    ada: Client, recorded: Recorded, signed_in: Callable[[str], Client], part: str
) -> None:
    address = f"/api/v1/signals/{recorded().pk}/spectrogram{part}"
    assert Client().get(address).status_code == 401
    refused = signed_in("otto").get(address)
    assert (refused.status_code, refused.json()["code"]) == (404, "stream_unknown")
    assert signed_in("root").get(address).status_code == 200
    for method in ("post", "put", "patch", "delete"):
        assert getattr(ada, method)(address).status_code == 405


@pytest.mark.parametrize("part", ["", "/0.png"])
def test_before_it_is_made_the_answer_says_how(
    ada: Client, recorded: Recorded, episode: Episode, data_dir: Path, part: str
) -> None:
    signal = recorded()
    (data_dir / "episodes" / "signal-00.spectrogram" / "layout.json").unlink()
    address = f"/api/v1/signals/{signal.pk}/spectrogram{part}"
    response = ada.get(address)
    assert (response.status_code, response.json()["code"]) == (404, "media_missing")
    assert "make_spectrograms" in response.json()["remedy"]
    assert signals_part(episode)[0]["spectrogram_url"] is None
    call_command("make_spectrograms")
    assert ada.get(address).status_code == 200
    assert signals_part(episode)[0]["spectrogram_url"] == address.removesuffix(part)


def test_other_signals_have_none(ada: Client, recorded: Recorded, data_dir: Path) -> None:
    signal = recorded(SignalKind.FORCE)
    assert not (data_dir / "episodes" / "signal-00.spectrogram").exists()
    response = ada.get(f"/api/v1/signals/{signal.pk}/spectrogram")
    assert (response.status_code, response.json()["code"]) == (404, "media_missing")
    assert "kind audio" in response.json()["remedy"]


def test_making_it_twice_changes_nothing(recorded: Recorded, data_dir: Path) -> None:
    signal = recorded()
    files = sorted((data_dir / "episodes" / "signal-00.spectrogram").iterdir())
    before = [(file.name, file.read_bytes()) for file in files]
    assert make_spectrogram(signal=signal) is False
    assert make_spectrogram(signal=signal, again=True) is True
    assert [(file.name, file.read_bytes()) for file in files] == before
    assert sorted(files[0].parent.iterdir()) == files


def test_the_command_names_what_it_cannot_read(
    recorded: Recorded, data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (data_dir / recorded().path).write_bytes(b"garbage")
    with pytest.raises(CommandError, match="1 could not be read"):
        call_command("make_spectrograms", again=True)
    assert "the samples of mic are damaged" in capsys.readouterr().err
