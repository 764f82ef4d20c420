"""Addresses of the episodes app."""

from django.urls import URLPattern, URLResolver, include, path

from episodes.api import uploads
from episodes.views import datasets, imports

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("episodes.media_urls")),
    path("datasets/", datasets.dataset_list, name="dataset-list"),
    path("datasets/<int:dataset_id>/", datasets.dataset_detail, name="dataset-detail"),
    path("imports/", imports.import_home, name="import-home"),
    path("imports/start", imports.import_start, name="import-start"),
    path("imports/<uuid:run_id>/", imports.import_run, name="import-run"),
    path("imports/<uuid:run_id>/progress", imports.import_progress, name="import-progress"),
    path("imports/uploads/<uuid:upload_id>/", imports.import_upload, name="import-upload"),
    path("api/v1/uploads", uploads.Uploads.as_view(), name="api-uploads"),
    path("api/v1/uploads/<uuid:upload_id>", uploads.UploadChunks.as_view(), name="api-upload"),
    path(
        "api/v1/uploads/<uuid:upload_id>/complete",
        uploads.UploadComplete.as_view(),
        name="api-upload-complete",
    ),
]
