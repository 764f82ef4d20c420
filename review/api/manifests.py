"""What a release consists of, so that whoever downloads it can hold it to that."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.serializers import ProblemAnswer
from review.errors import ReleaseNotReady
from review.models import Release
from review.selectors.releases import managed_release


class FileAnswer(serializers.Serializer[Any]):
    path = serializers.CharField(help_text="below the archive's folder")
    size = serializers.IntegerField()
    sha256 = serializers.CharField()


class DatasetPart(serializers.Serializer[Any]):
    name = serializers.CharField()
    folder = serializers.CharField()
    episodes = serializers.IntegerField()
    frames = serializers.IntegerField()
    manifest_sha256 = serializers.CharField(help_text="of the folder's manifest.json")
    files = FileAnswer(many=True)


class ManifestAnswer(serializers.Serializer[Any]):
    content_sha256 = serializers.CharField(
        help_text='over the sorted lines "sha256  path" and the JSON list of manifest_sha256'
    )
    datasets = DatasetPart(many=True)


class ReleaseManifest(APIView):
    @extend_schema(
        operation_id="releases_manifest_retrieve",
        responses={200: ManifestAnswer, 409: ProblemAnswer},
    )
    def get(self, request: Request, release_id: UUID) -> Response:
        """Every file of a release with its size and checksum; 409 while it is built."""
        release = managed_release(request.user, release_id)
        if release.state != Release.State.READY:
            raise ReleaseNotReady("The release is not ready.", remedy="Wait until it is built.")
        datasets = release.manifest["datasets"]
        facts = {"content_sha256": release.content_sha256, "datasets": datasets}
        return Response(ManifestAnswer(facts).data)
