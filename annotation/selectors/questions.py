"""Questions that block episodes. The one place that says which episodes wait for an answer."""

from collections.abc import Collection

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet

from annotation.models import Assignment, Comment, Project, ProjectEpisode


def open_questions() -> QuerySet[Comment]:
    return Comment.objects.filter(blocks=True, resolved_at=None).order_by()


def not_blocked(path: str = "pk") -> Q:
    """The condition that the episode may be handed out; ``path`` leads to the project episode."""
    return ~Q(**{f"{path}__in": open_questions().values("project_episode")})


def is_blocked(episode: ProjectEpisode) -> bool:
    return open_questions().filter(project_episode=episode).exists()


def answered_assignments(projects: Collection[Project], user: User) -> QuerySet[Assignment]:
    """The person's own work that waited for an answer and has it; it comes before anything new."""
    waiting = Assignment.objects.filter(
        annotator=user, state=Assignment.State.WAITING, project_episode__project__in=projects
    )
    return waiting.filter(not_blocked("project_episode")).order_by("claimed_at")
