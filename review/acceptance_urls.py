"""Addresses of batches that are judged by a sample."""

from django.urls import URLPattern, path

from review.api import acceptance as api
from review.views import acceptance

BATCH = "review/batches/<int:batch_id>/"

acceptance_pages: list[URLPattern] = [
    path("review/projects/<int:project_id>/batches/new/", acceptance.batch_new, name="batch-new"),
    path(f"{BATCH}follow-up/", acceptance.follow_up, name="batch-follow-up"),
    path(f"{BATCH}fresh-sample/", acceptance.fresh_sample, name="batch-fresh-sample"),
    path(f"{BATCH}sample.<slug:kind>", acceptance.sample_table, name="batch-sample-table"),
    path("api/v1/batches/<int:batch_id>/samples", api.SampleList.as_view(), name="api-samples"),
    path("api/v1/batches/<int:batch_id>/follow-up", api.FollowUp.as_view(), name="api-follow-up"),
]
