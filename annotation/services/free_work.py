"""Take back what a person holds in a project that they leave."""

from django.contrib.auth.models import User

from annotation.models import Assignment, LookAhead, Project, ProjectEpisode
from annotation.services import audit
from annotation.services.progress import lock_place, note_progress

State = Assignment.State


def free_work_of(*, actor: User, project: Project, user: User) -> int:
    """Open assignments give their slots back, reservations go; drafts and history stay.

    In the caller's transaction, which holds the person's lock. Returns how many were freed.
    """
    own = Assignment.objects.filter(annotator=user, project_episode__project=project).exclude(
        state__in=[State.SUBMITTED, State.RELEASED]
    )
    places = sorted(set(own.values_list("project_episode", flat=True)))
    for place in places:
        lock_place(place)
    # Read again under the locks: what was handed in meanwhile stays handed in.
    freed = list(own.order_by("pk").select_for_update(no_key=True, of=("self",)))
    Assignment.objects.filter(pk__in=[one.pk for one in freed]).update(state=State.RELEASED)
    note_progress(places)
    ProjectEpisode.objects.filter(project=project, reserved_for=user).update(
        reserved_for=None, reserved_until=None
    )
    LookAhead.objects.filter(project=project, annotator=user).delete()
    for one in freed:
        audit.record(
            actor=actor,
            action="assignment.released",
            project=project,
            subject=one,
            left_project=user.username,
        )
    return len(freed)
