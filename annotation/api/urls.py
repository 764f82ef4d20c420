"""Addresses below /api/v1/."""

from django.urls import path

from annotation.api import (
    activity,
    hand_out,
    hooks,
    openapi,  # noqa: F401  (registers itself)
    own,
    policies,
    projects,
    revisions,
    schemas,
    talk,
    views,
    work,
)
from annotation.api.preferences import OwnPreferences

urlpatterns = [
    path("projects", projects.ProjectList.as_view(), name="api-projects"),
    path("projects/<int:project_id>", projects.ProjectOne.as_view(), name="api-project"),
    path("projects/<int:project_id>/queue", projects.ProjectQueue.as_view(), name="api-queue"),
    path(
        "projects/<int:project_id>/members", projects.ProjectMembers.as_view(), name="api-members"
    ),
    path(
        "projects/<int:project_id>/members/<str:username>",
        projects.ProjectMember.as_view(),
        name="api-member",
    ),
    path(
        "projects/<int:project_id>/members/<str:username>/standing",
        hand_out.MemberStanding.as_view(),
        name="api-member-standing",
    ),
    path("projects/<int:project_id>/skips", hand_out.ProjectSkips.as_view(), name="api-skips"),
    path(
        "projects/<int:project_id>/reservations",
        hand_out.ProjectReservations.as_view(),
        name="api-reservations",
    ),
    path(
        "assignments/<uuid:assignment_id>/skip",
        hand_out.AssignmentSkip.as_view(),
        name="api-assignment-skip",
    ),
    path(
        "assignments/<uuid:assignment_id>/take-back",
        hand_out.AssignmentTakeBack.as_view(),
        name="api-assignment-take-back",
    ),
    path(
        "projects/<int:project_id>/guidelines",
        projects.ProjectGuidelines.as_view(),
        name="api-guidelines",
    ),
    path(
        "projects/<int:project_id>/history", projects.ProjectHistory.as_view(), name="api-history"
    ),
    path("projects/<int:project_id>/webhooks", hooks.WebhookList.as_view(), name="api-webhooks"),
    path("webhooks/<int:webhook_id>", hooks.WebhookOne.as_view(), name="api-webhook"),
    path(
        "webhooks/<int:webhook_id>/deliveries",
        hooks.WebhookDeliveries.as_view(),
        name="api-webhook-deliveries",
    ),
    path(
        "webhooks/deliveries/<uuid:delivery_id>/again",
        hooks.WebhookAgain.as_view(),
        name="api-webhook-again",
    ),
    path("assignments", work.AssignmentList.as_view(), name="api-assignments"),
    path("annotation-sets", work.AnnotationSetList.as_view(), name="api-sets"),
    path("annotation-sets/<uuid:set_id>", work.AnnotationSetOne.as_view(), name="api-set"),
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
    path(
        "projects/<int:project_id>/episodes/<uuid:episode_id>/comments",
        talk.EpisodeComments.as_view(),
        name="api-comments",
    ),
    path(
        "assignments/<uuid:assignment_id>/activity",
        activity.AssignmentActivity.as_view(),
        name="api-assignment-activity",
    ),
    path("comments/<uuid:comment_id>", talk.CommentOne.as_view(), name="api-comment"),
    path("preferences", OwnPreferences.as_view(), name="api-preferences"),
    path("notifications", own.NotificationList.as_view(), name="api-notifications"),
    path("notifications/read", own.NotificationRead.as_view(), name="api-notifications-read"),
    path("notifications/digest", own.NotificationDigest.as_view(), name="api-digest"),
    path("activity", own.OwnActivityOne.as_view(), name="api-activity"),
    path(
        "projects/<int:project_id>/activity",
        own.ProjectActivity.as_view(),
        name="api-project-activity",
    ),
    path(
        "projects/<int:project_id>/guidelines/readers",
        own.GuidelineReaders.as_view(),
        name="api-guideline-readers",
    ),
    path(
        "projects/<int:project_id>/guidelines/<int:number>/acknowledgement",
        own.GuidelineAcknowledge.as_view(),
        name="api-guideline-acknowledge",
    ),
    path(
        "projects/<int:project_id>/task-policies",
        policies.TaskPolicyList.as_view(),
        name="api-task-policies",
    ),
    path(
        "projects/<int:project_id>/task-policies/<int:policy_id>",
        policies.TaskPolicyOne.as_view(),
        name="api-task-policy",
    ),
    path(
        "projects/<int:project_id>/acceptance-policies",
        policies.AcceptanceList.as_view(),
        name="api-acceptance-policies",
    ),
    path(
        "projects/<int:project_id>/acceptance-policies/<int:policy_id>",
        policies.AcceptanceOne.as_view(),
        name="api-acceptance-policy",
    ),
    path("schemas", schemas.SchemaList.as_view(), name="api-schemas"),
    path("schemas/<int:schema_id>", schemas.SchemaOne.as_view(), name="api-schema-one"),
    path(
        "projects/<int:project_id>/schema-moves/<int:schema_id>",
        schemas.SchemaMove.as_view(),
        name="api-schema-move",
    ),
    path(
        "annotation-sets/<uuid:set_id>/revisions",
        revisions.RevisionList.as_view(),
        name="api-revisions",
    ),
    path(
        "annotation-sets/<uuid:set_id>/revisions/<int:number>",
        revisions.RevisionOne.as_view(),
        name="api-revision",
    ),
    path(
        "annotation-sets/<uuid:set_id>/revisions/<int:number>/restore",
        revisions.RevisionRestore.as_view(),
        name="api-revision-restore",
    ),
]
