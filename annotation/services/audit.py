"""The trail that every mutation leaves, written in its transaction."""

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.models import User
from django.db import models

from annotation.models import AuditEntry, Project


def record(
    *,
    actor: User | None,
    action: str,
    project: Project | None,
    subject: models.Model,
    **facts: Any,
) -> AuditEntry:
    """``action`` is "<noun>.<verb in the past>"; ``facts`` are JSON-ready; no actor is a sweep."""
    return AuditEntry.objects.create(
        actor=actor,
        action=action,
        project=project,
        subject=f"{subject._meta.model_name}:{subject.pk}",
        facts=facts,
    )


def record_each(
    *, actor: User, action: str, subjects: Sequence[models.Model], facts: dict[str, Any]
) -> None:
    """The same entry for each of many records, in one statement a thousand; outside any project."""
    AuditEntry.objects.bulk_create(
        (
            AuditEntry(
                actor=actor,
                action=action,
                subject=f"{subject._meta.model_name}:{subject.pk}",
                facts=facts,
            )
            for subject in subjects
        ),
        batch_size=1000,
    )
