"""Addresses of the annotation app."""

from django.urls import URLPattern, URLResolver, include, path

from annotation.views import projects, work

PROJECT = "projects/<int:project_id>/"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", work.home, name="home"),
    path("queue/", work.queue, name="queue"),
    path("annotate/<uuid:assignment_id>/", work.annotate, name="annotate"),
    path("annotate/<uuid:assignment_id>/give-back/", work.give_back, name="give-back"),
    path("projects/", projects.project_list, name="project-list"),
    path("projects/new/", projects.project_new, name="project-new"),
    path("projects/take/", projects.project_take, name="project-take"),
    path(PROJECT, projects.project_detail, name="project-detail"),
    path(f"{PROJECT}next/", work.next_episode, name="project-next"),
    path(f"{PROJECT}settings/", projects.project_update, name="project-update"),
    path(f"{PROJECT}guideline/", projects.project_guideline, name="project-guideline"),
    path(f"{PROJECT}episodes/", projects.project_add_episodes, name="project-add-episodes"),
    path(f"{PROJECT}members/", projects.project_set_member, name="project-set-member"),
    path("api/v1/", include("annotation.api.urls")),
]
