"""Addresses of clocks and embodiments."""

from django.urls import URLPattern, path

from episodes.views import dataset_clocks, embodiments, sync

urlpatterns: list[URLPattern] = [
    path("episodes/<uuid:episode_id>/sync/", sync.episode_sync, name="episode-sync"),
    path("episodes/<uuid:episode_id>/sync/decide", sync.sync_decide, name="episode-sync-decide"),
    path("episodes/<uuid:episode_id>/sync/accept", sync.sync_accept, name="episode-sync-accept"),
    path("episodes/<uuid:episode_id>/sync/clock", sync.sync_clock, name="episode-sync-clock"),
    path("episodes/<uuid:episode_id>/sync/undo", sync.sync_undo, name="episode-sync-undo"),
    path("episodes/<uuid:episode_id>/sync/measure", sync.sync_measure, name="episode-sync-measure"),
    path("datasets/<int:dataset_id>/sync/", sync.dataset_sync, name="dataset-sync"),
    path(
        "datasets/<int:dataset_id>/sync/clock",
        dataset_clocks.dataset_clock,
        name="dataset-sync-clock",
    ),
    path(
        "datasets/<int:dataset_id>/sync/undo",
        dataset_clocks.dataset_clock_undo,
        name="dataset-sync-undo",
    ),
    path(
        "datasets/<int:dataset_id>/embodiment/",
        embodiments.dataset_embodiment,
        name="dataset-embodiment",
    ),
    path("embodiments/", embodiments.embodiment_list, name="embodiment-list"),
    path("embodiments/new", embodiments.embodiment_new, name="embodiment-new"),
    path(
        "embodiments/<int:embodiment_id>/",
        embodiments.embodiment_detail,
        name="embodiment-detail",
    ),
    path(
        "embodiments/<int:embodiment_id>/change",
        embodiments.embodiment_change,
        name="embodiment-change",
    ),
]
