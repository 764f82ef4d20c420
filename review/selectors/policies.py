"""How a project's episodes are reviewed; what holds where nobody decided it."""

from annotation.models import Project
from review.models import ReviewPolicy


def review_policy(project: Project) -> ReviewPolicy:
    """The project's, unsaved where there is none yet."""
    found = ReviewPolicy.objects.filter(project=project).first()
    return found or ReviewPolicy(project=project)
