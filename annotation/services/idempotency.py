"""Keep how requests with an Idempotency-Key were answered.

After draft-ietf-httpapi-idempotency-key-header: the first request takes its key, one that comes
while it runs is told so, later ones get its answer. Failures of the server keep nothing, so that a
repeat tries again.
"""

from datetime import timedelta

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone

from annotation.errors import KeyReused, RequestUnderWay
from annotation.models import IdempotentRequest

KEPT = timedelta(days=1)
# A server that was killed leaves its keys taken; nobody waits longer than this for an answer.
GIVEN_UP = timedelta(minutes=2)
LONGEST_KEY = 200


def take_key(*, user: User, key: str, fingerprint: str) -> tuple[IdempotentRequest, bool]:
    """The key's row, and whether it is a new one to answer under; otherwise it has the answer.

    Raises KeyReused for another request's key, and while the first request is being answered.
    """
    if len(key) > LONGEST_KEY or not key.isprintable():
        raise KeyReused(
            f"An Idempotency-Key has at most {LONGEST_KEY} printable characters.",
            remedy="Send a new UUID for each thing that you want done.",
        )
    now = timezone.now()
    rows = IdempotentRequest.objects.filter(user=user, key=key)
    rows.filter(created_at__lt=now - KEPT).delete()
    rows.filter(status=0, created_at__lt=now - GIVEN_UP).delete()
    try:
        with transaction.atomic():
            row = IdempotentRequest.objects.create(user=user, key=key, fingerprint=fingerprint)
            return row, True
    except IntegrityError:
        earlier = rows.first()
    if earlier is not None and earlier.fingerprint != fingerprint:
        raise KeyReused(
            "This Idempotency-Key was used for another request.",
            remedy="Send a new UUID for each thing that you want done.",
        )
    if earlier is None or earlier.status == 0:
        raise RequestUnderWay(
            "The first request with this Idempotency-Key is still being answered.",
            remedy="Wait a moment and send it again with the same key.",
        )
    return earlier, False


def keep_answer(*, row: IdempotentRequest, status: int, body: object, media_type: str) -> None:
    """Remember an answer, or give the key back after a failure of the server."""
    if status >= 500:
        row.delete()
        return
    row.status, row.body, row.media_type = status, body, media_type
    row.save(update_fields=["status", "body", "media_type"])


def forget_answers() -> int:
    """Drop what is older than a day; how many."""
    dropped, _ = IdempotentRequest.objects.filter(created_at__lt=timezone.now() - KEPT).delete()
    return dropped
