"""Refusals of the server as exceptions: RFC 9457 problem documents with a code and a remedy."""

from typing import Any

import httpx

PROBLEM = "application/problem+json"


class Problem(Exception):
    """What the server answered. ``code`` tells kinds apart, ``remedy`` says what to do.

    ``fields`` are the further members of the document: ``findings`` of labels that are wrong,
    ``revision`` and ``labels`` of a stale save, ``fields`` of a request that cannot be read.
    """

    def __init__(self, status: int, document: dict[str, Any]) -> None:
        self.status = status
        self.code = str(document.get("code", "error"))
        self.detail = str(document.get("detail", ""))
        self.remedy = str(document.get("remedy", ""))
        told = ("type", "title", "status", "code", "detail", "remedy")
        self.fields = {key: value for key, value in document.items() if key not in told}
        said = " ".join(part for part in (self.detail, self.remedy) if part)
        wrong = self.fields.get("fields")
        super().__init__(f"{self.code} ({status}): {said}" + (f" {wrong}" if wrong else ""))


class Invalid(Problem):
    """400 or 422: the request cannot be read, or what it says cannot be."""


class NotSignedIn(Problem):
    """401: the token is wrong, has ended or was revoked."""


class AccessRefused(Problem):
    """403: the token has not the scope, or its person not the role."""


class NotFound(Problem):
    """404: it is not there, or not for this person."""


class Conflict(Problem):
    """409: it does not go together with how things stand."""


class Stale(Conflict):
    """409: somebody else has changed it since it was read. Read it again."""


class ServerFailed(Problem):
    """5xx, also after all retries."""


class Unreachable(Exception):
    """No answer came, also after all retries."""


class DownloadDamaged(Exception):
    """Bytes are not those that the manifest lists; nothing is left under the wanted name."""


BY_STATUS: dict[int, type[Problem]] = {
    400: Invalid,
    401: NotSignedIn,
    403: AccessRefused,
    404: NotFound,
    409: Conflict,
    422: Invalid,
}


def problem_of(answer: httpx.Response) -> Problem:
    """The answer has to be read already."""
    document: dict[str, Any] = {"detail": answer.text[:500]}
    if answer.headers.get("content-type", "").split(";")[0] in (PROBLEM, "application/json"):
        found = answer.json()
        document = found if isinstance(found, dict) else document
    kind = BY_STATUS.get(answer.status_code, Problem)
    if answer.status_code >= 500:
        kind = ServerFailed
    if kind is Conflict and str(document.get("code", "")).startswith("stale_"):
        kind = Stale
    return kind(answer.status_code, document)
