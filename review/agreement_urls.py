"""Addresses of agreement and its runs."""

from django.urls import URLPattern, path

from review.api import agreement as api
from review.views import agreement

PROJECT = "review/projects/<int:project_id>/agreement/"
RUN = "review/agreement-runs/<uuid:run_id>/"

agreement_pages: list[URLPattern] = [
    path(PROJECT, agreement.project_agreement, name="review-agreement"),
    path(f"{PROJECT}episodes/", agreement.agreement_episodes, name="review-agreement-episodes"),
    path(f"{PROJECT}figures.<slug:kind>", agreement.agreement_table, name="review-agreement-table"),
    path(f"{PROJECT}runs/", agreement.run_create, name="review-run-create"),
    path("review/comparisons/<uuid:pair_id>/", agreement.comparison, name="review-comparison"),
    path(RUN, agreement.run_detail, name="review-run"),
    path(f"{RUN}again/", agreement.run_again, name="review-run-again"),
    path(f"{RUN}figures.<slug:kind>", agreement.run_table, name="review-run-table"),
    path(
        "api/v1/projects/<int:project_id>/agreement",
        api.AgreementNow.as_view(),
        name="api-agreement",
    ),
    path(
        "api/v1/projects/<int:project_id>/agreement-runs",
        api.RunList.as_view(),
        name="api-agreement-runs",
    ),
    path("api/v1/agreement-runs/<uuid:run_id>", api.RunOne.as_view(), name="api-agreement-run"),
]
