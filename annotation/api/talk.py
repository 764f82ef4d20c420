"""Comments on the episodes of a project."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.serializers import ProblemAnswer
from annotation.api.views import actor, parsed
from annotation.models import ApiToken
from annotation.selectors.comments import comment_json, place_for, talk_json, talk_on, thread_for
from annotation.services.comments import change_comment, post_comment


class AnswerJson(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    author = serializers.CharField()
    own = serializers.BooleanField(help_text="written by who asks")
    concerning = serializers.CharField(allow_null=True, help_text="whose work it is about")
    annotation_set = serializers.UUIDField(allow_null=True)
    label_id = serializers.UUIDField(allow_null=True)
    at_ns = serializers.IntegerField(allow_null=True)
    text = serializers.CharField()
    blocks = serializers.BooleanField()
    created_at = serializers.DateTimeField()
    edited_at = serializers.DateTimeField(allow_null=True)
    resolved_at = serializers.DateTimeField(allow_null=True)
    resolved_by = serializers.CharField(allow_null=True)


class ThreadJson(AnswerJson):
    answers = AnswerJson(many=True)


class TalkJson(serializers.Serializer[Any]):
    threads = ThreadJson(many=True)
    people = serializers.ListField(child=serializers.CharField(), help_text="who can be named")
    may_block = serializers.BooleanField()


class CommentNew(serializers.Serializer[Any]):
    id = serializers.UUIDField(help_text="yours: the same id again makes nothing new")
    text = serializers.CharField(trim_whitespace=False)
    # DRF takes declared fields off the class: its own attribute of this name is untouched.
    parent = serializers.UUIDField(required=False, allow_null=True)  # type: ignore[assignment]
    annotation_set = serializers.UUIDField(required=False, allow_null=True)
    label_id = serializers.UUIDField(required=False, allow_null=True)
    at_ns = serializers.IntegerField(required=False, allow_null=True)
    concerning = serializers.CharField(required=False, allow_blank=True, help_text="user name")
    blocks = serializers.BooleanField(default=False)


class CommentChange(serializers.Serializer[Any]):
    text = serializers.CharField(required=False, trim_whitespace=False)
    resolved = serializers.BooleanField(required=False)


class EpisodeComments(APIView):
    """The talk about an episode, as far as one may read it."""

    scope = ApiToken.Scope.LABEL

    @extend_schema(responses={200: TalkJson, 404: ProblemAnswer})
    def get(self, request: Request, project_id: int, episode_id: UUID) -> Response:
        """Threads in time order, those about the whole episode first."""
        place = place_for(actor(request), project_id, episode_id)
        return Response(talk_json(talk_on(actor(request), place)))

    @extend_schema(
        request=CommentNew,
        responses={
            201: AnswerJson,
            400: ProblemAnswer,
            403: ProblemAnswer,
            404: ProblemAnswer,
            409: ProblemAnswer,
        },
    )
    def post(self, request: Request, project_id: int, episode_id: UUID) -> Response:
        """Write a comment, or an answer to ``parent``; @name tells a member of the project."""
        person = actor(request)
        place_for(person, project_id, episode_id)
        fields = parsed(CommentNew, request)
        made = post_comment(
            actor=person,
            project_id=project_id,
            episode_id=episode_id,
            comment_id=fields.pop("id"),
            **fields,
        )
        talk, comment, _ = thread_for(person, made.pk)
        return Response(comment_json(talk, comment), status=status.HTTP_201_CREATED)


class CommentOne(APIView):
    scope = ApiToken.Scope.LABEL

    @extend_schema(
        request=CommentChange,
        responses={200: AnswerJson, 400: ProblemAnswer, 403: ProblemAnswer, 404: ProblemAnswer},
    )
    def patch(self, request: Request, comment_id: UUID) -> Response:
        """Change one's own words, or resolve a thread and open it again."""
        thread_for(actor(request), comment_id)
        change_comment(
            actor=actor(request), comment_id=comment_id, **parsed(CommentChange, request)
        )
        talk, comment, _ = thread_for(actor(request), comment_id)
        return Response(comment_json(talk, comment))
