"""Shapes of requests and answers. Labels themselves are read by annotation.labels.records."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from annotation.labels.records import Kind, Source


class LabelSerializer(serializers.Serializer[Any]):
    """For the API's description only."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=[kind.value for kind in Kind])
    label_class = serializers.CharField()
    start_ns = serializers.IntegerField(allow_null=True)
    end_ns = serializers.IntegerField(allow_null=True)
    effector = serializers.CharField(required=False, allow_blank=True)
    text = serializers.CharField(required=False, allow_blank=True)
    attributes = serializers.DictField(required=False)
    uncertainty_ns = serializers.IntegerField(required=False, min_value=0)
    source = serializers.ChoiceField(  # type: ignore[assignment]  # a field of that name
        required=False, choices=[one.value for one in Source]
    )


@extend_schema_field(LabelSerializer(many=True))
class LabelsField(serializers.JSONField):
    """Passed on as it came: the label parser names wrong fields better."""


@extend_schema_field(serializers.ListSerializer(child=serializers.UUIDField()))
class IdsField(serializers.JSONField):
    """Passed on as it came."""


class SaveRequest(serializers.Serializer[Any]):
    base_revision = serializers.IntegerField(min_value=0)
    request_id = serializers.UUIDField()
    client_id = serializers.CharField(max_length=64, required=False, allow_blank=True, default="")
    put = LabelsField(required=False)
    remove = IdsField(required=False)


class SavedAnswer(serializers.Serializer[Any]):
    revision = serializers.IntegerField()
    saved_at = serializers.DateTimeField()


class SetAnswer(serializers.Serializer[Any]):
    revision = serializers.IntegerField()
    state = serializers.ChoiceField(choices=["draft", "submitted"])
    labels = LabelSerializer(many=True)


class SubmitRequest(serializers.Serializer[Any]):
    base_revision = serializers.IntegerField(min_value=0)
    request_id = serializers.UUIDField()
    claim_next = serializers.BooleanField(
        required=False, default=False, help_text="claim the next episode and answer with its page"
    )


class NextEpisode(serializers.Serializer[Any]):
    url = serializers.CharField(help_text="the page of the new assignment")
    payload = serializers.DictField(help_text="what that page carries for the editor")


class SubmittedAnswer(serializers.Serializer[Any]):
    state = serializers.ChoiceField(choices=["submitted"])
    revision = serializers.IntegerField()
    next_url = serializers.CharField(allow_null=True)
    queue_url = serializers.CharField()
    next = NextEpisode(allow_null=True)


class LeaseAnswer(serializers.Serializer[Any]):
    expires_at = serializers.DateTimeField()
    seconds = serializers.IntegerField()
    revision = serializers.IntegerField(help_text="of the last round's labels", allow_null=True)


class AheadAnswer(serializers.Serializer[Any]):
    """The recording that will probably come next, as in the editor's payload."""

    episode = serializers.DictField()
    streams = serializers.ListField(child=serializers.DictField())
    signals = serializers.ListField(child=serializers.DictField())


class ClaimAnswer(serializers.Serializer[Any]):
    assignment_id = serializers.UUIDField()
    url = serializers.CharField()


class ProblemAnswer(serializers.Serializer[Any]):
    """RFC 9457 problem document; further members depend on ``code``."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField()
    detail = serializers.CharField()
    remedy = serializers.CharField()
