"""Filters over episodes that a person keeps, and the tasks of their episodes, for programs."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from episodes.api.paging import Pages, asked
from episodes.api.uploads import actor
from episodes.models import SavedFilter, Task
from episodes.selectors.filters import EpisodeFilter, saved_filters
from episodes.selectors.tasks import task_for, task_rows
from episodes.services.saved_filters import delete_filter, save_filter


class FilterAnswer(serializers.ModelSerializer[SavedFilter]):
    query = serializers.CharField(help_text="to be put behind /api/v1/episodes?")

    class Meta:
        model = SavedFilter
        fields = ("id", "name", "query", "created_at")


class FilterNew(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=80)
    query = serializers.CharField(max_length=2000, help_text="as of /api/v1/episodes")


class NameFilter(serializers.Serializer[Any]):
    name = serializers.CharField(required=False)


@extend_schema(parameters=[NameFilter])
class SavedFilterList(generics.ListAPIView[SavedFilter]):
    """One's own saved filters, by name."""

    serializer_class = FilterAnswer
    pagination_class = Pages
    ordering = ("name",)
    queryset = SavedFilter.objects.none()

    def get_queryset(self) -> QuerySet[SavedFilter]:
        return saved_filters(actor(self.request)).filter(**asked(NameFilter, self.request))

    @extend_schema(request=FilterNew, responses={201: FilterAnswer})
    def post(self, request: Request) -> Response:
        """Keep a filter under a name; one of the same name is replaced."""
        form = FilterNew(data=request.data)
        form.is_valid(raise_exception=True)
        wanted = EpisodeFilter.from_query(form.validated_data["query"])
        saved = save_filter(actor=actor(request), name=form.validated_data["name"], wanted=wanted)
        return Response(FilterAnswer(saved).data, status=status.HTTP_201_CREATED)


class SavedFilterOne(APIView):
    @extend_schema(responses={204: None})
    def delete(self, request: Request, filter_id: int) -> Response:
        """Delete one of one's own."""
        delete_filter(actor=actor(request), filter_id=filter_id)
        return Response(status=status.HTTP_204_NO_CONTENT)


class TaskAnswer(serializers.ModelSerializer[Task]):
    episodes = serializers.IntegerField(source="seen", help_text="that the person may see")

    class Meta:
        model = Task
        fields = ("id", "text", "episodes")


class TaskFilter(serializers.Serializer[Any]):
    text = serializers.CharField(required=False, help_text="a part of its words")


@extend_schema(parameters=[TaskFilter])
class TaskList(generics.ListAPIView[Task]):
    """The tasks that episodes of the person carry out, by their words."""

    serializer_class = TaskAnswer
    pagination_class = Pages
    ordering = ("text", "pk")
    queryset = Task.objects.none()

    def get_queryset(self) -> QuerySet[Task]:
        return task_rows(self.request.user, **asked(TaskFilter, self.request))


class TaskOne(APIView):
    @extend_schema(operation_id="tasks_retrieve", responses=TaskAnswer)
    def get(self, request: Request, task_id: int) -> Response:
        """One task."""
        return Response(TaskAnswer(task_for(request.user, task_id)).data)
