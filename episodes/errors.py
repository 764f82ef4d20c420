"""Domain errors: a code, fields and a remedy; HTTP meets them once, in config.errors."""

from typing import Any, ClassVar


class TouchlineError(Exception):
    """A fact that stops a request, an import or a task.

    ``code`` is stable and for machines, the message names the thing, ``remedy`` says what to do,
    ``fields`` are JSON-ready facts for the caller. ``status`` is the HTTP status it maps to.
    """

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 400

    def __init__(self, message: str, *, remedy: str = "", **fields: Any) -> None:
        super().__init__(message)
        self.remedy = remedy
        self.fields = fields
