"""A POST sent twice with one `Idempotency-Key` is carried out once and answered alike."""

import hashlib
from typing import Any

from django.contrib.auth.models import User
from django.http.response import HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.models import IdempotentRequest
from annotation.services.idempotency import keep_answer, take_key

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"


class Idempotent(APIView):
    """Views whose POST makes something derive from this; without the header nothing changes."""

    _taken: IdempotentRequest | None = None

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        answer = None
        try:
            answer = super().dispatch(request, *args, **kwargs)
        finally:
            if self._taken is not None:
                _keep(self._taken, answer)
        return answer

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        key = request.headers.get(HEADER, "")
        if request.method != "POST" or not key or not isinstance(request.user, User):
            return
        said = f"{request.method} {request.get_full_path()}\0".encode() + request.body
        row, fresh = take_key(
            user=request.user, key=key, fingerprint=hashlib.sha256(said).hexdigest()
        )
        if fresh:
            self._taken = row
        else:
            # The handler does not run: the first request's answer stands in its place.
            self.post = lambda *_, **__: _again(row)


def _again(row: IdempotentRequest) -> Response:
    return Response(
        row.body,
        status=row.status,
        content_type=row.media_type or None,
        headers={REPLAYED: "true"},
    )


def _keep(taken: IdempotentRequest, answer: HttpResponseBase | None) -> None:
    if not isinstance(answer, Response):
        keep_answer(row=taken, status=500, body=None, media_type="")
        return
    # Not rendered yet: a content type is there where a view or an error has chosen one.
    media_type = answer.content_type or ""
    keep_answer(row=taken, status=answer.status_code, body=answer.data, media_type=media_type)
