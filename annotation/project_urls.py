"""Addresses below a project, and of label schemas."""

from django.urls import path

from annotation.schema_urls import schema_pages
from annotation.views import (
    guidelines,
    hand_out,
    history,
    policies,
    project_episodes,
    projects,
    schemas,
)

PROJECT = "projects/<int:project_id>/"

project_pages = [
    path("projects/", projects.project_list, name="project-list"),
    path("projects/new/", projects.project_new, name="project-new"),
    path("projects/take/", projects.project_take, name="project-take"),
    path(PROJECT, projects.project_detail, name="project-detail"),
    path(f"{PROJECT}settings/", projects.project_update, name="project-update"),
    path(f"{PROJECT}people/", projects.project_people, name="project-people"),
    path(f"{PROJECT}members/", projects.project_set_member, name="project-set-member"),
    path(f"{PROJECT}episodes/", project_episodes.project_episodes, name="project-episodes"),
    path(
        f"{PROJECT}episodes/add/",
        project_episodes.project_add_episodes,
        name="project-add-episodes",
    ),
    path(
        f"{PROJECT}episodes/change/",
        project_episodes.project_change_episodes,
        name="project-change-episodes",
    ),
    path(f"{PROJECT}skips/", hand_out.project_skips, name="project-skips"),
    path(f"{PROJECT}skips/decide/", hand_out.project_skip_decide, name="project-skip-decide"),
    path(f"{PROJECT}people/<str:username>/", hand_out.project_person, name="project-person"),
    path(
        f"{PROJECT}people/<str:username>/standing/",
        hand_out.project_person_standing,
        name="project-person-standing",
    ),
    path(
        f"{PROJECT}people/<str:username>/remove/",
        hand_out.project_person_remove,
        name="project-person-remove",
    ),
    path(f"{PROJECT}policies/", policies.project_policies, name="project-policies"),
    path(f"{PROJECT}policies/tasks/", policies.task_policy_set, name="task-policy-set"),
    path(f"{PROJECT}policies/bars/", policies.acceptance_set, name="acceptance-set"),
    path(
        f"{PROJECT}policies/tasks/<int:policy_id>/remove/",
        policies.task_policy_remove,
        name="task-policy-remove",
    ),
    path(
        f"{PROJECT}policies/bars/<int:policy_id>/remove/",
        policies.acceptance_remove,
        name="acceptance-remove",
    ),
    path(f"{PROJECT}history/", history.project_history, name="project-history"),
    path(f"{PROJECT}history.csv", history.project_history_csv, name="project-history-csv"),
    path(f"{PROJECT}guideline/", guidelines.project_guideline, name="project-guideline"),
    path(
        f"{PROJECT}guideline/edit/",
        guidelines.project_guideline_edit,
        name="project-guideline-edit",
    ),
    path(
        f"{PROJECT}guideline/read/",
        guidelines.project_guideline_read,
        name="project-guideline-read",
    ),
    path(
        f"{PROJECT}guideline/compare/",
        guidelines.project_guideline_compare,
        name="project-guideline-compare",
    ),
    path(f"{PROJECT}guideline/pictures/", guidelines.guideline_pictures, name="guideline-pictures"),
    path(
        f"{PROJECT}guideline/pictures/<str:name>",
        guidelines.guideline_picture,
        name="guideline-picture",
    ),
    path(
        f"{PROJECT}guideline/stills/<uuid:stream_id>/<int:at_ns>.jpg",
        guidelines.guideline_still,
        name="guideline-still",
    ),
    path(f"{PROJECT}schema/", schemas.project_schema, name="project-schema"),
    path(
        f"{PROJECT}schema/<int:schema_id>/", schemas.project_schema_move, name="project-schema-move"
    ),
    *schema_pages,
]
