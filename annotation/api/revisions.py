"""The history of an annotation set for programs: revisions, the labels of one, and going back."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.idempotency import Idempotent
from annotation.api.serializers import LabelSerializer, ProblemAnswer, SavedAnswer
from annotation.api.views import actor, parsed
from annotation.labels.records import labels_to_json
from annotation.models import ApiToken, SetRevision
from annotation.selectors.revisions import history_set, labels_at_revision, revisions_of
from annotation.services.restore import restore_revision
from episodes.api.paging import Pages, asked


class RevisionAnswer(serializers.ModelSerializer[SetRevision]):
    author = serializers.CharField(source="author.username")
    put = LabelSerializer(many=True, help_text="labels that are new or changed, as they became")
    before = LabelSerializer(many=True, help_text="what was changed or removed, as it was")
    remove = serializers.ListField(child=serializers.UUIDField())

    class Meta:
        model = SetRevision
        fields = ("number", "author", "created_at", "put", "remove", "before")


class RevisionFilter(serializers.Serializer[Any]):
    author = serializers.CharField(required=False, help_text="user name")


@extend_schema(parameters=[RevisionFilter])
class RevisionList(generics.ListAPIView[SetRevision]):
    """Every change of a set with who, when, before and after; newest first."""

    serializer_class = RevisionAnswer
    pagination_class = Pages
    ordering = ("-number",)
    queryset = SetRevision.objects.none()

    def get_queryset(self) -> QuerySet[SetRevision]:
        found = revisions_of(history_set(self.request.user, self.kwargs["set_id"]))
        wanted = asked(RevisionFilter, self.request)
        return found.filter(author__username=wanted["author"]) if wanted else found


class LabelsAtRevision(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    labels = LabelSerializer(many=True)


class RevisionOne(APIView):
    @extend_schema(operation_id="annotation_sets_revisions_retrieve", responses=LabelsAtRevision)
    def get(self, request: Request, set_id: UUID, number: int) -> Response:
        """The labels as they were at a revision; 0 is the empty beginning."""
        labels = labels_at_revision(history_set(request.user, set_id), number)
        return Response({"number": number, "labels": labels_to_json(labels)})


class RestoreWanted(serializers.Serializer[Any]):
    base_revision = serializers.IntegerField(min_value=0, help_text="the set's present one")


class RevisionRestore(Idempotent):
    scope = ApiToken.Scope.LABEL

    @extend_schema(request=RestoreWanted, responses={200: SavedAnswer, 409: ProblemAnswer})
    def post(self, request: Request, set_id: UUID, number: int) -> Response:
        """Bring the labels of a revision back into one's own draft, as a new revision."""
        history_set(request.user, set_id)
        saved = restore_revision(
            actor=actor(request),
            annotation_set_id=set_id,
            number=number,
            **parsed(RestoreWanted, request),
        )
        return Response({"revision": saved.revision, "saved_at": saved.saved_at})
