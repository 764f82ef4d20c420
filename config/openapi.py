"""What the OpenAPI document says of every operation alike.

A view declares its request and its own answers; from here come the summary, the group, the scope a
token needs, the Idempotency-Key, the problem documents of refusals and the examples.
"""

from http import HTTPStatus
from typing import Any

from django.utils.text import capfirst
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import Direction, OpenApiExample, OpenApiParameter
from rest_framework.permissions import SAFE_METHODS

from annotation.api.authentication import TokenHasScope
from annotation.api.idempotency import HEADER, REPLAYED, Idempotent
from annotation.api.serializers import ProblemAnswer
from annotation.models import ApiToken
from config.errors import PROBLEM
from config.openapi_examples import EXAMPLES

# The group of an operation is that of the last of these words in its path.
TAGS = {
    "datasets": "Recordings",
    "episodes": "Recordings",
    "streams": "Recordings",
    "signals": "Recordings",
    "tasks": "Recordings",
    "saved-filters": "Recordings",
    "uploads": "Imports",
    "imports": "Imports",
    "projects": "Projects",
    "schemas": "Label schemas",
    "schema-moves": "Label schemas",
    "assignments": "Work",
    "annotation-sets": "Work",
    "claim": "Work",
    "comments": "Talk",
    "notifications": "Talk",
    "gold": "Review",
    "adjudications": "Review",
    "agreement-runs": "Review",
    "quality": "Releases",
    "reports": "Releases",
    "calibration": "Review",
    "batches": "Review",
    "batch-items": "Review",
    "agreement": "Review",
    "checks": "Review",
    "releases": "Releases",
    "webhooks": "Webhooks",
    "preferences": "Oneself",
    "activity": "Activity",
    "dashboard": "Activity",
}
REFUSALS = {
    400: ("invalid", "The request has fields that cannot be read.", ""),
    401: (
        "not_authenticated",
        "Authentication credentials were not provided.",
        "Send “Authorization: Bearer” with a token of yours.",
    ),
    403: (
        "role_missing",
        "You are not a manager of this project.",
        "Ask one of its managers.",
    ),
    404: (
        "not_found",
        "There is no such project.",
        "Check the address, or ask a manager to add you to the project.",
    ),
    409: (
        "stale_project",
        "The project was changed while you were editing.",
        "Read it again and repeat your change on its present version.",
    ),
    413: ("too_large", "The request is larger than is accepted.", "Send less at once."),
    422: ("not_submittable", "Two things are missing.", "See the findings."),
}
DONE = ["200", "201", "202"]
KEY = OpenApiParameter(
    HEADER,
    str,
    OpenApiParameter.HEADER,
    description=(
        "Yours, at most 200 signs. The same request again under the same key within a day is "
        f"carried out once and answered alike, with `{REPLAYED}: true`; another request under it "
        "is a 409."
    ),
)


class Described(AutoSchema):
    """The schema class of every view."""

    def get_description(self) -> str:  # type: ignore[override]
        said = super().get_description().replace("``", "`")
        scope = self.scope()
        return f"{said}\n\nScope of a token: `{scope}`." if scope else said

    def get_summary(self) -> str:
        """The first sentence of the docstring, without its second thought."""
        said = str(super().get_description()).replace("``", "").strip()
        first = " ".join(said.split("\n\n")[0].split()).split(". ")[0].split(";")[0].rstrip(".")
        return capfirst(first)

    def get_operation_id(self) -> str:
        """A suffix of a file is no part of a name."""
        return str(super().get_operation_id()).replace(".bin", "")

    def get_tags(self) -> list[str]:
        words = [word for word in self.path.split("/") if word in TAGS]
        return [TAGS[words[-1]] if words else "Else"]

    def get_extensions(self) -> dict[str, Any]:
        scope = self.scope()
        return {"x-token-scope": scope} if scope else {}

    def get_override_parameters(self) -> list[Any]:
        return [KEY] if self.keyed() else []

    def keyed(self) -> bool:
        return self.method == "POST" and isinstance(self.view, Idempotent)

    def get_examples(self) -> list[OpenApiExample]:
        made = EXAMPLES.get(self.get_operation_id(), {})
        found = []
        if "request" in made:
            found.append(OpenApiExample("Request", made["request"], request_only=True))
        if "answer" in made:
            found.append(
                OpenApiExample("Answer", made["answer"], response_only=True, status_codes=DONE)
            )
        return found

    def scope(self) -> str:
        """Which scope a token needs; "" where any token will do."""
        if TokenHasScope not in self.view.permission_classes:
            return ""
        if self.method in SAFE_METHODS:
            return str(ApiToken.Scope.READ)
        return str(ApiToken.Scope(getattr(self.view, "scope", ApiToken.Scope.MANAGE)))

    def refusals(self) -> list[int]:
        """What every such operation can refuse with, whether or not its view says so."""
        codes = [401]
        if self.scope():
            codes.append(403)
        if "{" in self.path:
            codes.append(404)
        sends = self.method in ("POST", "PUT", "PATCH") and self.get_request_serializer()
        asks = any(one.get("in") == "query" for one in self._get_parameters())
        if sends or asks:
            codes.append(400)
        if self.keyed():
            codes.append(409)
        return codes

    def _get_parameters(self) -> list[dict[str, Any]]:
        """Filters are declared on the class of a list; what changes something takes none."""
        found: list[dict[str, Any]] = super()._get_parameters()
        if self.method in SAFE_METHODS:
            return found
        return [one for one in found if one["in"] != "query"]

    def _get_response_bodies(self, direction: Direction = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = dict(super()._get_response_bodies(direction))
        declared = [int(code) for code in bodies if code.isdecimal() and int(code) >= 400]
        for code in {*declared, *self.refusals()}:
            bodies[str(code)] = self._refusal(code, direction)
        return dict(sorted(bodies.items()))

    def _refusal(self, code: int, direction: Direction) -> dict[str, Any]:
        component = self.resolve_serializer(ProblemAnswer, direction)
        status = HTTPStatus(code)
        kind, detail, remedy = REFUSALS.get(code, ("error", status.description, ""))
        example = {
            "type": "about:blank",
            "title": status.phrase,
            "status": code,
            "code": kind,
            "detail": detail,
            "remedy": remedy,
        }
        content = {PROBLEM: {"schema": component.ref, "example": example}}
        return {"content": content, "description": status.phrase}
