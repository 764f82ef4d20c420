"""Store labels that are known to be right: from experts, or from the physics of a simulation."""

from collections.abc import Sequence

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from annotation.errors import LabelsInvalid
from annotation.labels.findings import errors
from annotation.labels.records import Label as LabelRecord
from annotation.labels.validation import validate_submit
from annotation.models import AnnotationSet, Label, Project, ProjectEpisode
from annotation.roles import Role, require_role
from annotation.selectors.frames import camera_frames
from annotation.selectors.labels import label_row, schema_of
from annotation.selectors.phrases import task_facts
from annotation.services import audit
from annotation.services.submit import stamp_frames


def record_gold(
    *, actor: User, project_episode: ProjectEpisode, labels: Sequence[LabelRecord], origin: str
) -> AnnotationSet:
    """A frozen gold set, the next version (``round``) of the episode's. Earlier ones stay.

    ``origin`` says where the labels come from, for the audit trail. Held to the same rules as a
    submit: raises LabelsInvalid with ``findings``. Raises RoleMissing below manager, NotFound, and
    what ``camera_frames`` raises.
    """
    project = project_episode.project
    require_role(actor, project, Role.MANAGER)
    cameras = camera_frames(project_episode.episode)
    with transaction.atomic():
        # Two recordings at once must not become the same version.
        ProjectEpisode.objects.select_for_update(no_key=True).get(pk=project_episode.pk)
        gold = _next_version(project, project_episode)
        _refuse_invalid(gold, labels, project_episode)
        Label.objects.bulk_create(label_row(gold, label) for label in labels)
        stamp_frames(gold, cameras)
        audit.record(
            actor=actor,
            action="gold_set.recorded",
            project=project,
            subject=gold,
            origin=origin,
            version=gold.round,
            labels=len(labels),
        )
        return gold


def _next_version(project: Project, project_episode: ProjectEpisode) -> AnnotationSet:
    before = AnnotationSet.objects.filter(
        project_episode=project_episode, kind=AnnotationSet.Kind.GOLD
    )
    last = before.aggregate(last=Max("round"))["last"] or 0
    return AnnotationSet.objects.create(
        project_episode=project_episode,
        kind=AnnotationSet.Kind.GOLD,
        round=last + 1,
        state=AnnotationSet.State.SUBMITTED,
        submitted_at=timezone.now(),
        schema_id=project.schema_id,
    )


def _refuse_invalid(
    gold: AnnotationSet, labels: Sequence[LabelRecord], project_episode: ProjectEpisode
) -> None:
    episode = project_episode.episode
    findings = validate_submit(
        labels, schema_of(gold), episode.duration_ns, task=task_facts(episode)
    )
    left = errors(findings)
    if left:
        raise LabelsInvalid(
            f"The gold labels of {project_episode.episode.key} break the rules: {left[0].message}",
            remedy="Correct the source of the labels and record them again.",
            findings=[finding.to_json() for finding in findings],
        )
