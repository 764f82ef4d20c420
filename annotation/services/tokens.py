"""Give programs keys, recognise them, take them away."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone

from annotation.errors import NotFound, TokenNameTaken, TokenUnusable
from annotation.models import ApiToken
from annotation.services import audit

PREFIX = "tl_"
_HINT = 9
# Beyond this nobody knows any more what they are for.
MOST_TOKENS = 50
_USE_NOTED_EVERY = timedelta(minutes=1)


@transaction.atomic
def create_token(
    *, actor: User, name: str, scopes: Sequence[ApiToken.Scope], expires_at: datetime | None
) -> tuple[ApiToken, str]:
    """The token and its text, which is shown this once and cannot be had again.

    Raises TokenNameTaken, TokenUnusable for one without scopes, with an end in the past, or when
    the person has too many.
    """
    if not scopes:
        raise TokenUnusable("A token without a scope may do nothing.", remedy="Choose a scope.")
    if expires_at is not None and expires_at <= timezone.now():
        raise TokenUnusable("The token would have ended already.", remedy="Choose a later day.")
    if ApiToken.objects.filter(user=actor, revoked_at=None).count() >= MOST_TOKENS:
        raise TokenUnusable(
            f"You have {MOST_TOKENS} tokens.", remedy="Revoke those that nobody uses."
        )
    text = PREFIX + secrets.token_urlsafe(32)
    try:
        with transaction.atomic():
            token = ApiToken.objects.create(
                user=actor,
                name=name,
                hint=text[:_HINT],
                digest=digest_of(text),
                scopes=[scope.value for scope in scopes],
                expires_at=expires_at,
            )
    except IntegrityError as error:
        raise TokenNameTaken(
            f"You have a token named {name} already.",
            remedy="Choose another name, or revoke the old one.",
        ) from error
    audit.record(
        actor=actor, action="token.created", project=None, subject=token, scopes=token.scopes
    )
    return token, text


@transaction.atomic
def revoke_token(*, actor: User, token_id: int) -> None:
    """From now on it opens nothing; revoking twice is the same. Raises NotFound for another's."""
    token = ApiToken.objects.select_for_update().filter(pk=token_id, user=actor).first()
    if token is None:
        raise NotFound("You have no such token.", remedy="Look at the list of your tokens.")
    if token.revoked_at is None:
        token.revoked_at = timezone.now()
        token.save(update_fields=["revoked_at"])
        audit.record(actor=actor, action="token.revoked", project=None, subject=token)


def digest_of(text: str) -> str:
    # As random as a key: a slow hash would make each request slow and protect nothing more.
    return hashlib.sha256(text.encode()).hexdigest()


def recognise_token(text: str) -> ApiToken | None:
    """The living token of a living account, None for any other text. Notes that it was used."""
    token = ApiToken.objects.select_related("user").filter(digest=digest_of(text)).first()
    if token is None or not token.alive or not token.user.is_active:
        return None
    now = timezone.now()
    if token.last_used_at is None or now - token.last_used_at > _USE_NOTED_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return token
