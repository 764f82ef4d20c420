"""Addresses of media, frame indexes and signals."""

from django.urls import path

from episodes.api import media, streams

STREAM = "media/streams/<uuid:stream_id>/"

urlpatterns = [
    path("api/v1/streams/<uuid:stream_id>/index", streams.stream_index, name="stream-index"),
    path("api/v1/signals/<uuid:signal_id>/layout", streams.signal_layout, name="signal-layout"),
    path(
        "api/v1/signals/<uuid:signal_id>/tiles/<int:level>/<int:number>.bin",
        streams.signal_tile,
        name="signal-tile",
    ),
    path(
        "api/v1/signals/<uuid:signal_id>/spectrogram",
        streams.signal_spectrogram,
        name="signal-spectrogram",
    ),
    path(
        "api/v1/signals/<uuid:signal_id>/spectrogram/<int:number>.png",
        media.spectrogram_tile,
        name="signal-spectrogram-tile",
    ),
    path(f"{STREAM}<slug:sha256>.mp4", media.stream_bytes, name="stream-bytes"),
    path(f"{STREAM}sprite.jpg", media.stream_sprite, name="stream-sprite"),
    path(f"{STREAM}poster.jpg", media.stream_poster, name="stream-poster"),
    path(f"{STREAM}packs/<slug:profile>/index.json", media.pack_layout, name="stream-pack-layout"),
    path(f"{STREAM}packs/<slug:profile>/<int:number>.bin", media.pack, name="stream-pack"),
]
