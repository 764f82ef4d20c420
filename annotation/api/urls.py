"""Addresses below /api/v1/."""

from django.urls import path

from annotation.api import (
    openapi,  # noqa: F401  (registers itself)
    views,
)
from annotation.api.preferences import OwnPreferences

urlpatterns = [
    path("annotation-sets/<uuid:set_id>/labels", views.SetLabels.as_view(), name="api-set-labels"),
    path("annotation-sets/<uuid:set_id>/submit", views.SetSubmit.as_view(), name="api-set-submit"),
    path(
        "assignments/<uuid:assignment_id>/heartbeat",
        views.AssignmentHeartbeat.as_view(),
        name="api-assignment-heartbeat",
    ),
    path(
        "assignments/<uuid:assignment_id>/release",
        views.AssignmentRelease.as_view(),
        name="api-assignment-release",
    ),
    path(
        "assignments/<uuid:assignment_id>/ahead",
        views.AssignmentAhead.as_view(),
        name="api-assignment-ahead",
    ),
    path("projects/<int:project_id>/claim", views.ProjectClaim.as_view(), name="api-claim"),
    path("preferences", OwnPreferences.as_view(), name="api-preferences"),
]
