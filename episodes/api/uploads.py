"""Resumable uploads of zipped datasets, and of those that are one file.

Announce the file, PUT its chunks in order with Content-Range (and Content-Digest where the client
can), complete it. After a cut-off, GET says how many bytes are stored; go on from there. In the
state “asking” POST the answers.
"""

import re
from functools import partial
from uuid import UUID

from django.contrib.auth.models import User
from django.http import HttpRequest
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from episodes.errors import UploadDamaged, UploadRefused
from episodes.models import Upload
from episodes.services.uploads import (
    MAX_CHUNK_BYTES,
    SEND_AGAIN,
    answer_upload,
    close_upload,
    own_upload,
    start_upload,
    store_chunk,
    upload_questions,
)
from episodes.tasks import handed_over, start_import, unpack_upload_task

CONTENT_RANGE = re.compile(r"bytes (\d{1,15})-(\d{1,15})/(\d{1,15})")


class UploadRequest(serializers.Serializer[dict[str, object]]):
    filename = serializers.CharField(max_length=255)
    size = serializers.IntegerField(min_value=1)
    sha256 = serializers.CharField(required=False, allow_blank=True, default="")
    dataset_name = serializers.CharField(
        required=False, allow_blank=True, max_length=200, default=""
    )


class QuestionAnswer(serializers.Serializer[dict[str, object]]):
    id = serializers.CharField()
    text = serializers.CharField()
    required = serializers.BooleanField()  # type: ignore[assignment]  # a field of that name
    choices = serializers.ListField(child=serializers.CharField())
    unit = serializers.CharField()
    why = serializers.CharField()


class UploadAnswer(serializers.Serializer[dict[str, object]]):
    id = serializers.UUIDField()
    state = serializers.CharField()
    size = serializers.IntegerField()
    received = serializers.IntegerField()
    url = serializers.CharField()
    page_url = serializers.CharField()
    questions = QuestionAnswer(many=True)


class AnswersRequest(serializers.Serializer[dict[str, object]]):
    answers = serializers.DictField(child=serializers.CharField(allow_blank=True, max_length=500))


def actor(request: Request) -> User:
    """The person asking; the permission classes let nobody anonymous come this far."""
    if not isinstance(request.user, User):
        raise TypeError("An endpoint was reached without a person.")
    return request.user


def answer(upload: Upload, code: int = status.HTTP_200_OK) -> Response:
    facts = {
        "id": upload.pk,
        "state": upload.state,
        "size": upload.size,
        "received": upload.received,
        "url": reverse("api-upload", args=[upload.pk]),
        "page_url": reverse("import-upload", args=[upload.pk]),
        "questions": upload_questions(upload),
    }
    return Response(UploadAnswer(facts).data, status=code)


class Uploads(APIView):
    @extend_schema(request=UploadRequest, responses={201: UploadAnswer})
    def post(self, request: Request) -> Response:
        """Announce a zip archive, or a dataset's one file."""
        form = UploadRequest(data=request.data)
        form.is_valid(raise_exception=True)
        upload = start_upload(actor=actor(request), **form.validated_data)
        return answer(upload, status.HTTP_201_CREATED)


class UploadChunks(APIView):
    @extend_schema(responses={200: UploadAnswer})
    def get(self, request: Request, upload_id: UUID) -> Response:
        """How many bytes are stored and verified: the place to go on from."""
        return answer(own_upload(actor=actor(request), upload_id=upload_id))

    @extend_schema(
        request={"application/octet-stream": OpenApiTypes.BINARY}, responses={200: UploadAnswer}
    )
    def put(self, request: Request, upload_id: UUID) -> Response:
        """Store a chunk: ``Content-Range: bytes first-last/size``, at most 16 MiB."""
        own_upload(actor=actor(request), upload_id=upload_id)
        start, end, total = _content_range(request)
        upload = store_chunk(
            actor=actor(request),
            upload_id=upload_id,
            start=start,
            end=end,
            total=total,
            body=_body(request._request, end - start),
            digest=request.headers.get("Content-Digest", ""),
        )
        return answer(upload)


class UploadComplete(APIView):
    @extend_schema(request=None, responses={202: UploadAnswer})
    def post(self, request: Request, upload_id: UUID) -> Response:
        """All bytes are sent: check, unpack and import them."""
        upload = close_upload(actor=actor(request), upload_id=upload_id)
        handed_over(partial(unpack_upload_task.delay, str(upload.pk)))
        return answer(upload, status.HTTP_202_ACCEPTED)


class UploadAnswers(APIView):
    @extend_schema(request=AnswersRequest, responses={202: UploadAnswer})
    def post(self, request: Request, upload_id: UUID) -> Response:
        """Answer what the dataset does not say (``questions``); then its import starts."""
        upload = own_upload(actor=actor(request), upload_id=upload_id)
        form = AnswersRequest(data=request.data)
        form.is_valid(raise_exception=True)
        run = answer_upload(
            actor=actor(request), upload_id=upload_id, answers=form.validated_data["answers"]
        )
        handed_over(partial(start_import.delay, str(run.pk)))
        upload.refresh_from_db()
        return answer(upload, status.HTTP_202_ACCEPTED)


def _content_range(request: Request) -> tuple[int, int, int]:
    """(first byte, one past the last, size of the file). Raises UploadRefused."""
    found = CONTENT_RANGE.fullmatch(request.headers.get("Content-Range", ""))
    if found is None:
        raise UploadRefused(
            "The chunk has no readable Content-Range.",
            remedy="Send “Content-Range: bytes first-last/size”.",
        )
    first, last, total = (int(number) for number in found.groups())
    if last - first + 1 > MAX_CHUNK_BYTES:
        raise UploadRefused(
            f"The chunk has {last - first + 1:,} bytes; at most {MAX_CHUNK_BYTES:,} at once.",
            remedy="Send smaller chunks.",
        )
    return first, last + 1, total


def _body(request: HttpRequest, expected: int) -> bytes:
    """The bytes that arrived, one more than expected at most. Raises UploadDamaged."""
    try:
        return request.read(expected + 1)
    except OSError as error:
        raise UploadDamaged(
            "The connection broke within the chunk; nothing of it is kept.", remedy=SEND_AGAIN
        ) from error
