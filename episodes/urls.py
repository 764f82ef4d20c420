"""Addresses of the episodes app."""

from django.urls import URLPattern, URLResolver, include, path

from episodes.api import filters as filters_api
from episodes.api import imports as imports_api
from episodes.api import records, uploads
from episodes.views import datasets, episodes, filters, imports, tasks

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/datasets", records.DatasetList.as_view(), name="api-datasets"),
    path("api/v1/datasets/<int:dataset_id>", records.DatasetOne.as_view(), name="api-dataset"),
    path("api/v1/episodes", records.EpisodeList.as_view(), name="api-episodes"),
    path("api/v1/episodes/<uuid:episode_id>", records.EpisodeOne.as_view(), name="api-episode"),
    path("api/v1/tasks", filters_api.TaskList.as_view(), name="api-tasks"),
    path("api/v1/tasks/<int:task_id>", filters_api.TaskOne.as_view(), name="api-task"),
    path("api/v1/saved-filters", filters_api.SavedFilterList.as_view(), name="api-filters"),
    path(
        "api/v1/saved-filters/<int:filter_id>",
        filters_api.SavedFilterOne.as_view(),
        name="api-filter",
    ),
    path("api/v1/imports", imports_api.ImportList.as_view(), name="api-imports"),
    path("api/v1/imports/<uuid:run_id>", imports_api.ImportOne.as_view(), name="api-import"),
    path(
        "api/v1/imports/<uuid:run_id>/items",
        imports_api.ImportItems.as_view(),
        name="api-import-items",
    ),
    path(
        "api/v1/imports/<uuid:run_id>/pause",
        imports_api.ImportPause.as_view(),
        name="api-import-pause",
    ),
    path(
        "api/v1/imports/<uuid:run_id>/resume",
        imports_api.ImportResume.as_view(),
        name="api-import-resume",
    ),
    path(
        "api/v1/imports/<uuid:run_id>/retry",
        imports_api.ImportRetry.as_view(),
        name="api-import-retry",
    ),
    path("", include("episodes.media_urls")),
    path("", include("episodes.sync_urls")),
    path("datasets/", datasets.dataset_list, name="dataset-list"),
    path("datasets/<int:dataset_id>/", datasets.dataset_detail, name="dataset-detail"),
    path("datasets/<int:dataset_id>/change", datasets.dataset_change, name="dataset-change"),
    path("episodes/", episodes.episode_list, name="episode-list"),
    path("episodes/quarantined/", episodes.episode_quarantine, name="episode-quarantine"),
    path("episodes/suggestions/", episodes.episode_suggestions, name="episode-suggestions"),
    path("episodes/bulk", episodes.episode_bulk, name="episode-bulk"),
    path("episodes/filters", filters.filter_save, name="filter-save"),
    path("episodes/filters/<int:filter_id>/delete", filters.filter_delete, name="filter-delete"),
    path("episodes/<uuid:episode_id>/", episodes.episode_detail, name="episode-detail"),
    path("episodes/<uuid:episode_id>/change", episodes.episode_change, name="episode-change"),
    path("tasks/", tasks.task_list, name="task-list"),
    path("tasks/<int:task_id>/", tasks.task_detail, name="task-detail"),
    path("tasks/<int:task_id>/change", tasks.task_change, name="task-change"),
    path("imports/", imports.import_home, name="import-home"),
    path("imports/start", imports.import_start, name="import-start"),
    path("imports/<uuid:run_id>/", imports.import_run, name="import-run"),
    path("imports/<uuid:run_id>/progress", imports.import_progress, name="import-progress"),
    path("imports/<uuid:run_id>/pause", imports.import_pause, name="import-pause"),
    path("imports/<uuid:run_id>/resume", imports.import_resume, name="import-resume"),
    path("imports/<uuid:run_id>/retry", imports.import_retry, name="import-retry"),
    path(
        "imports/<uuid:run_id>/retry/<int:item_id>", imports.import_retry, name="import-retry-item"
    ),
    path("imports/uploads/<uuid:upload_id>/", imports.import_upload, name="import-upload"),
    path("api/v1/uploads", uploads.Uploads.as_view(), name="api-uploads"),
    path("api/v1/uploads/<uuid:upload_id>", uploads.UploadChunks.as_view(), name="api-upload"),
    path(
        "api/v1/uploads/<uuid:upload_id>/complete",
        uploads.UploadComplete.as_view(),
        name="api-upload-complete",
    ),
    path(
        "api/v1/uploads/<uuid:upload_id>/answers",
        uploads.UploadAnswers.as_view(),
        name="api-upload-answers",
    ),
]
