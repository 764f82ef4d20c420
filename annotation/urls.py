"""Addresses of the annotation app."""

from django.urls import URLPattern, URLResolver, include, path

from annotation.project_urls import project_pages
from annotation.views import activity, hand_out, programs, revisions, talk, work

PROJECT = "projects/<int:project_id>/"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", work.home, name="home"),
    path("queue/", work.queue, name="queue"),
    path("annotate/<uuid:assignment_id>/", work.annotate, name="annotate"),
    path("annotate/<uuid:assignment_id>/give-back/", work.give_back, name="give-back"),
    path("annotate/<uuid:assignment_id>/skip/", hand_out.assignment_skip, name="assignment-skip"),
    path(
        "assignments/<uuid:assignment_id>/take-back/",
        hand_out.assignment_take_back,
        name="assignment-take-back",
    ),
    *project_pages,
    path(f"{PROJECT}next/", work.next_episode, name="project-next"),
    path(f"{PROJECT}webhooks/", programs.webhook_list, name="webhook-list"),
    path("webhooks/<int:webhook_id>/", programs.webhook_detail, name="webhook-detail"),
    path("webhooks/<int:webhook_id>/events/", programs.webhook_events, name="webhook-events"),
    path("webhooks/<int:webhook_id>/state/", programs.webhook_state, name="webhook-state"),
    path("webhooks/<int:webhook_id>/secret/", programs.webhook_secret, name="webhook-secret"),
    path("webhooks/<int:webhook_id>/ping/", programs.webhook_ping, name="webhook-ping"),
    path("webhooks/<int:webhook_id>/delete/", programs.webhook_delete, name="webhook-delete"),
    path("webhooks/again/<uuid:delivery_id>/", programs.webhook_again, name="webhook-again"),
    path("tokens/", programs.token_list, name="token-list"),
    path("tokens/<int:token_id>/revoke/", programs.token_revoke, name="token-revoke"),
    path(
        f"{PROJECT}episodes/<uuid:episode_id>/comments/", talk.place_comments, name="place-comments"
    ),
    path(
        f"{PROJECT}episodes/<uuid:episode_id>/comments/resolve/",
        talk.comment_resolve,
        name="comment-resolve",
    ),
    path("sets/<uuid:set_id>/history/", revisions.set_history, name="set-history"),
    path("sets/<uuid:set_id>/history/restore/", revisions.set_restore, name="set-restore"),
    path("sets/<uuid:set_id>/", revisions.set_view, name="set-view"),
    path("activity/", activity.my_activity, name="my-activity"),
    path(f"{PROJECT}activity/", activity.project_activity, name="project-activity"),
    path("notifications/", talk.notification_list, name="notification-list"),
    path("notifications/read/", talk.notification_read, name="notification-read"),
    path("notifications/count/", talk.notification_count, name="notification-count"),
    path("notifications/<int:notification_id>/", talk.notification_open, name="notification-open"),
    path("api/v1/", include("annotation.api.urls")),
]
