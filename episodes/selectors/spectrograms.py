"""Spectrograms of sound: a layout and greyscale pictures beside a signal's samples."""

import json
from pathlib import Path
from typing import Any

from django.urls import reverse

from episodes.media_errors import MediaMissing
from episodes.models import Signal
from episodes.selectors.data_files import data_path

LAYOUT_NAME = "layout.json"


def spectrogram_folder(samples: Path) -> Path:
    """Where the pictures of a signal lie beside its samples."""
    return samples.with_suffix(".spectrogram")


def tile_name(number: int) -> str:
    return f"{number:05d}.png"


def is_sound(signal: Signal) -> bool:
    return signal.kind == Signal.Kind.AUDIO


def spectrogram_address(signal: Signal) -> str | None:
    """Where a client finds the layout; None for a signal that has no spectrogram."""
    if not is_sound(signal) or not _layout_path(signal).is_file():
        return None
    return reverse("signal-spectrogram", args=[signal.pk])


def spectrogram_layout(signal: Signal) -> dict[str, Any]:
    """The body of GET /api/v1/signals/<id>/spectrogram, an ``audio.Layout``. MediaMissing."""
    path = _layout_path(signal)
    if not path.is_file():
        raise _not_made(signal)
    layout: dict[str, Any] = json.loads(path.read_bytes())
    return layout


def stored_tile(signal: Signal, number: int) -> str:
    """The stored name of a picture. Raises MediaMissing."""
    name = spectrogram_folder(Path(signal.path)) / tile_name(number)
    if not _layout_path(signal).is_file():
        raise _not_made(signal)
    if not data_path(str(name)).is_file():
        raise MediaMissing(
            f"the spectrogram of {signal.name} has no picture {number}",
            remedy="The spectrogram's layout says how many there are.",
        )
    return str(name)


def _layout_path(signal: Signal) -> Path:
    return data_path(str(spectrogram_folder(Path(signal.path)) / LAYOUT_NAME))


def _not_made(signal: Signal) -> MediaMissing:
    if not is_sound(signal):
        return MediaMissing(
            f"{signal.name} is no sound", remedy="Only signals of kind audio have a spectrogram."
        )
    return MediaMissing(
        f"the spectrogram of {signal.name} is not made",
        remedy="The operator makes it with: manage.py make_spectrograms. What is recorded at less"
        " than 400 Hz has none.",
    )
