"""Datasets and episodes, to be read by programs."""

from dataclasses import fields
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from episodes.api.paging import Pages, asked
from episodes.filter_forms import EpisodeFilterForm
from episodes.models import Dataset, Episode, Signal, Stream
from episodes.selectors.datasets import dataset_for, dataset_rows
from episodes.selectors.episodes import episode_for
from episodes.selectors.filters import EpisodeFilter, matching_episodes


class DatasetAnswer(serializers.ModelSerializer[Dataset]):
    class Meta:
        model = Dataset
        fields = (
            *("id", "name", "format", "format_version", "robot_type", "domain", "licence"),
            *("provenance", "consent", "created_at"),
        )


class StreamAnswer(serializers.ModelSerializer[Stream]):
    class Meta:
        model = Stream
        fields = ("id", "camera", "role", "source_key", "frames")


class SignalAnswer(serializers.ModelSerializer[Signal]):
    class Meta:
        model = Signal
        fields = ("id", "name", "kind", "samples", "dimensions")


class EpisodeAnswer(serializers.ModelSerializer[Episode]):
    task = serializers.CharField(source="task.text", default="")

    class Meta:
        model = Episode
        fields: tuple[str, ...] = (
            *("id", "dataset", "key", "index", "task", "state", "held", "sync", "duration_ns"),
            *("rate_num", "rate_den", "scene", "operator", "session", "things", "tags"),
            "created_at",
        )


class EpisodeInFull(EpisodeAnswer):
    streams = StreamAnswer(many=True)
    signals = SignalAnswer(many=True)

    class Meta(EpisodeAnswer.Meta):
        fields = (*EpisodeAnswer.Meta.fields, "streams", "signals")


class DatasetFilter(serializers.Serializer[Any]):
    name = serializers.CharField(required=False, help_text="a part of it")
    format = serializers.CharField(required=False)
    domain = serializers.ChoiceField(Dataset.Domain.choices, required=False)


@extend_schema(parameters=[DatasetFilter])
class DatasetList(generics.ListAPIView[Dataset]):
    """The datasets that the person may see."""

    serializer_class = DatasetAnswer
    pagination_class = Pages
    ordering = ("name", "pk")
    queryset = Dataset.objects.none()

    def get_queryset(self) -> QuerySet[Dataset]:
        wanted = asked(DatasetFilter, self.request)
        if "name" in wanted:
            wanted["name__icontains"] = wanted.pop("name")
        return dataset_rows(self.request.user).filter(**wanted)


class DatasetOne(APIView):
    @extend_schema(operation_id="datasets_retrieve", responses=DatasetAnswer)
    def get(self, request: Request, dataset_id: int) -> Response:
        """One dataset."""
        return Response(DatasetAnswer(dataset_for(request.user, dataset_id)).data)


_FILTERS = [
    OpenApiParameter(field.name, OpenApiTypes.STR, description="As on the page of episodes.")
    for field in fields(EpisodeFilter)
]


@extend_schema(parameters=_FILTERS)
class EpisodeList(generics.ListAPIView[Episode]):
    """The episodes that the person may see, newest first; filters are those of the page."""

    serializer_class = EpisodeAnswer
    pagination_class = Pages
    ordering = ("-created_at", "pk")
    queryset = Episode.objects.none()

    def get_queryset(self) -> QuerySet[Episode]:
        asked: Any = self.request.query_params
        form = EpisodeFilterForm(asked, viewer=self.request.user)
        if not form.is_valid():
            raise serializers.ValidationError(
                {name: [str(one) for one in said] for name, said in form.errors.items()}
            )
        return matching_episodes(self.request.user, form.wanted).select_related("task")


class EpisodeOne(APIView):
    @extend_schema(operation_id="episodes_retrieve", responses=EpisodeInFull)
    def get(self, request: Request, episode_id: UUID) -> Response:
        """One episode with its cameras and signals."""
        return Response(EpisodeInFull(episode_for(request.user, episode_id)).data)
