"""Addresses of dataset checks, judged segments, datasheets, quality reports and signatures."""

from django.urls import URLPattern, path

from review.api import quality as api
from review.views import quality, quality_reports

PROJECT = "review/projects/<int:project_id>/"
QUALITY = f"{PROJECT}quality/"
SEGMENT = "review/segments/<int:item_id>/"
RUN = "review/checks/<uuid:run_id>/"
RELEASE = "review/releases/<uuid:release_id>/"
REPORT = "review/reports/<uuid:report_id>"

quality_pages: list[URLPattern] = [
    path("api/v1/projects/<int:project_id>/checks", api.CheckRunList.as_view(), name="api-checks"),
    path("api/v1/checks/<uuid:run_id>", api.CheckRunOne.as_view(), name="api-check-run"),
    path("api/v1/releases/<uuid:release_id>/report", api.ReportOne.as_view(), name="api-report"),
    path("api/v1/releases/<uuid:release_id>/sign", api.ReleaseSign.as_view(), name="api-sign"),
    path(QUALITY, quality.project_quality, name="project-quality"),
    path(f"{QUALITY}run/", quality.quality_run, name="quality-run"),
    path(f"{QUALITY}settings/", quality.quality_settings, name="quality-settings"),
    path(f"{QUALITY}datasheet/", quality.project_datasheet, name="project-datasheet"),
    path(f"{QUALITY}segments/", quality.alignment_next, name="alignment-next"),
    path(f"{QUALITY}segments/draw/", quality.alignment_draw, name="alignment-draw"),
    path(SEGMENT, quality.alignment_segment, name="alignment-segment"),
    path(
        f"{SEGMENT}<uuid:stream_id>/<int:at_ns>.jpg",
        quality.alignment_still,
        name="alignment-still",
    ),
    path(RUN, quality.check_run, name="check-run"),
    path(f"{RUN}status/", quality.check_run_status, name="check-run-status"),
    path(f"{RELEASE}report/", quality_reports.report_again, name="report-again"),
    path(f"{RELEASE}sign/", quality_reports.release_sign, name="release-sign"),
    path(f"{REPORT}/", quality_reports.quality_report, name="quality-report"),
    path(f"{REPORT}.json", quality_reports.quality_report_json, name="quality-report-json"),
    path(f"{REPORT}.html", quality_reports.quality_report_document, name="quality-report-document"),
]
