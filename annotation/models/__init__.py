"""What people say about episodes: projects, schemas, assignments, annotation sets, labels."""

from annotation.models.activity import ActivitySpan
from annotation.models.ahead import LookAhead
from annotation.models.audit import AuditEntry
from annotation.models.comments import Comment, DigestChoice, Mention, Notification
from annotation.models.guidelines import (
    GuidelineAcknowledgement,
    GuidelinePicture,
    GuidelineVersion,
)
from annotation.models.labels import Label, LabelFrame
from annotation.models.policies import AcceptancePolicy, TaskPolicy
from annotation.models.preferences import Preferences
from annotation.models.projects import Membership, Project, ProjectEpisode, ProjectQuerySet
from annotation.models.queue_counts import QueueCount
from annotation.models.rework import ReworkPoint
from annotation.models.schemas import LabelSchema, SchemaDraft
from annotation.models.skips import Skip, SkipDecision
from annotation.models.tokens import ApiToken, IdempotentRequest
from annotation.models.webhooks import Webhook, WebhookDelivery
from annotation.models.work import AnnotationSet, Assignment, AssignmentQuerySet, SetRevision
from annotation.models.work_counts import WorkCount

__all__ = [
    "AcceptancePolicy",
    "ActivitySpan",
    "AnnotationSet",
    "ApiToken",
    "Assignment",
    "AssignmentQuerySet",
    "AuditEntry",
    "Comment",
    "DigestChoice",
    "GuidelineAcknowledgement",
    "GuidelinePicture",
    "GuidelineVersion",
    "IdempotentRequest",
    "Label",
    "LabelFrame",
    "LabelSchema",
    "LookAhead",
    "Membership",
    "Mention",
    "Notification",
    "Preferences",
    "Project",
    "ProjectEpisode",
    "ProjectQuerySet",
    "QueueCount",
    "ReworkPoint",
    "SchemaDraft",
    "SetRevision",
    "Skip",
    "SkipDecision",
    "TaskPolicy",
    "Webhook",
    "WebhookDelivery",
    "WorkCount",
]
