"""Whether a webhook's request comes from Touchline, and now."""

import hashlib
import hmac
import time


class SignatureWrong(Exception):
    """The request is not signed with the webhook's secret, or is too old to be believed."""


def check_signature(
    secret: str,
    header: str,
    body: bytes,
    *,
    tolerance_s: float = 300.0,
    now: float | None = None,
) -> int:
    """When the request was sent, Unix seconds, by the header Touchline-Signature ("t=…,v1=…").

    ``body`` are the bytes as they came, before any parsing. Raises SignatureWrong. A receiver whose
    clock cannot be trusted gives a larger ``tolerance_s`` and remembers the ids of deliveries.
    """
    parts = dict(part.split("=", 1) for part in header.split(",") if "=" in part)
    sent, given = parts.get("t", ""), parts.get("v1", "")
    if not sent.isdecimal() or not given:
        raise SignatureWrong("Touchline-Signature is missing or has another form than t=…,v1=….")
    expected = hmac.new(secret.encode(), f"{sent}.".encode() + body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected.encode(), given.encode()):
        raise SignatureWrong("The signature is not one of this secret over these bytes.")
    if abs((time.time() if now is None else now) - int(sent)) > tolerance_s:
        raise SignatureWrong("The request was signed too long ago, or a clock is wrong.")
    return int(sent)
