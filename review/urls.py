"""Addresses of the review app."""

from django.urls import URLPattern, URLResolver, path

from review.acceptance_urls import acceptance_pages
from review.agreement_urls import agreement_pages
from review.api import views as api
from review.api.dashboard import DashboardTable
from review.api.manifests import ReleaseManifest
from review.gold_urls import gold_pages
from review.quality_urls import quality_pages
from review.views import batches, dashboard, episode, releases, report, simulation
from review.workbench_urls import workbench_pages

PROJECT = "review/projects/<int:project_id>/"
BATCH = "review/batches/<int:batch_id>/"
EPISODE = "review/episodes/<int:item_id>/"
RELEASE = "review/releases/<uuid:release_id>/"
DASHBOARD = "projects/<int:project_id>/dashboard/"

urlpatterns: list[URLPattern | URLResolver] = [
    *acceptance_pages,
    *agreement_pages,
    *gold_pages,
    *quality_pages,
    *workbench_pages,
    path("api/v1/projects/<int:project_id>/batches", api.BatchList.as_view(), name="api-batches"),
    path(
        "api/v1/projects/<int:project_id>/dashboard/<slug:name>",
        DashboardTable.as_view(),
        name="api-dashboard",
    ),
    path("api/v1/batches/<int:batch_id>", api.BatchOne.as_view(), name="api-batch"),
    path(
        "api/v1/batches/<int:batch_id>/approve",
        api.BatchApprove.as_view(),
        name="api-batch-approve",
    ),
    path(
        "api/v1/projects/<int:project_id>/releases",
        api.ReleaseList.as_view(),
        name="api-releases",
    ),
    path("api/v1/releases/<uuid:release_id>", api.ReleaseOne.as_view(), name="api-release"),
    path(
        "api/v1/releases/<uuid:release_id>/archive",
        api.ReleaseArchive.as_view(),
        name="api-release-archive",
    ),
    path(
        "api/v1/releases/<uuid:release_id>/manifest",
        ReleaseManifest.as_view(),
        name="api-release-manifest",
    ),
    path(DASHBOARD, dashboard.dashboard, name="project-dashboard"),
    path(
        "projects/<int:project_id>/simulation/remove/",
        simulation.simulation_remove,
        name="simulation-remove",
    ),
    path(f"{DASHBOARD}report/", report.project_report, name="project-report"),
    path(f"{DASHBOARD}people/", dashboard.dashboard_people, name="project-dashboard-people"),
    path(f"{DASHBOARD}backlog/", dashboard.dashboard_backlog, name="project-dashboard-backlog"),
    path(f"{DASHBOARD}labels/", dashboard.dashboard_labels, name="project-dashboard-labels"),
    path(f"{DASHBOARD}sets/", dashboard.dashboard_sets, name="project-dashboard-sets"),
    path(f"{DASHBOARD}settings/", dashboard.dashboard_settings, name="project-dashboard-settings"),
    path(
        f"{DASHBOARD}<slug:name>.<slug:kind>",
        dashboard.dashboard_table,
        name="project-dashboard-table",
    ),
    path("review/", batches.home, name="review-home"),
    path(PROJECT, batches.project, name="review-project"),
    path(f"{PROJECT}batches/", batches.batch_create, name="batch-create"),
    path(f"{PROJECT}releases/", releases.release_list, name="review-releases"),
    path(f"{PROJECT}releases/new/", releases.release_create, name="review-release-create"),
    path(BATCH, batches.batch_detail, name="batch-detail"),
    path(f"{BATCH}approve/", batches.batch_approve, name="batch-approve"),
    path(EPISODE, episode.review_episode, name="review-episode"),
    path(f"{EPISODE}approve/", episode.review_approve, name="review-approve"),
    path(f"{EPISODE}return/", episode.review_return, name="review-return"),
    path(RELEASE, releases.release_detail, name="review-release"),
    path(f"{RELEASE}status/", releases.release_status, name="review-release-status"),
    path(f"{RELEASE}download/", releases.release_download, name="review-release-download"),
]
