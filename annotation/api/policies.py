"""Policies of a project for programs: what holds for a task, and the bars of acceptance."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.serializers import ProblemAnswer
from annotation.api.views import actor, parsed
from annotation.models import AcceptancePolicy, Project, TaskPolicy
from annotation.roles import Role, require_role
from annotation.selectors.project_pages import acceptance_policies, task_policies, tasks_of
from annotation.selectors.projects import project_for
from annotation.services import policies
from episodes.api.paging import Pages, asked
from episodes.models import Task

MOST_PRIORITY = 100
_LEAST_NS, _MOST_NS = 1_000_000, 10_000_000_000


class TaskPolicyAnswer(serializers.ModelSerializer[TaskPolicy]):
    text = serializers.CharField(source="task.text", help_text="the task's instruction")

    class Meta:
        model = TaskPolicy
        fields = (
            *("id", "task", "text", "priority", "deadline", "tolerance_ns"),
            "boundary_tolerance_ns",
        )


class TaskPolicyWanted(serializers.Serializer[Any]):
    version = serializers.IntegerField(min_value=1, help_text="of the project, as it was read")
    task = serializers.IntegerField(help_text="see /api/v1/tasks")
    priority = serializers.IntegerField(
        min_value=-MOST_PRIORITY, max_value=MOST_PRIORITY, default=0, help_text="higher comes first"
    )
    deadline = serializers.DateField(required=False, allow_null=True)
    tolerance_ns = serializers.IntegerField(
        required=False, allow_null=True, min_value=_LEAST_NS, max_value=_MOST_NS
    )
    boundary_tolerance_ns = serializers.IntegerField(
        required=False, allow_null=True, min_value=_LEAST_NS, max_value=_MOST_NS
    )


class TaskPolicyFilter(serializers.Serializer[Any]):
    task = serializers.IntegerField(required=False)


class AcceptanceAnswer(serializers.ModelSerializer[AcceptancePolicy]):
    class Meta:
        model = AcceptancePolicy
        fields = (
            *("id", "task", "label_type", "evaluation", "bar_ppm", "confidence_ppm", "plan"),
            "most_defects",
        )


class AcceptanceWanted(serializers.Serializer[Any]):
    version = serializers.IntegerField(min_value=1, help_text="of the project, as it was read")
    task = serializers.IntegerField(required=False, allow_null=True, help_text="none: all tasks")
    label_type = serializers.ChoiceField(
        AcceptancePolicy.LabelType.choices, default="", allow_blank=True
    )
    evaluation = serializers.BooleanField(default=False, help_text="for evaluation episodes")
    bar_ppm = serializers.IntegerField(min_value=10_000, max_value=999_000)
    confidence_ppm = serializers.IntegerField(min_value=500_000, max_value=999_000, default=950_000)
    plan = serializers.ChoiceField(
        AcceptancePolicy.Plan.choices, default=AcceptancePolicy.Plan.BOUND
    )
    most_defects = serializers.IntegerField(min_value=0, max_value=1000, default=2)


class AcceptanceFilter(TaskPolicyFilter):
    label_type = serializers.ChoiceField(
        AcceptancePolicy.LabelType.choices, required=False, allow_blank=True
    )
    evaluation = serializers.BooleanField(required=False, allow_null=True, default=None)


@extend_schema(parameters=[TaskPolicyFilter])
class TaskPolicyList(generics.ListAPIView[TaskPolicy]):
    """What holds for single tasks of a project; reviewers and managers."""

    serializer_class = TaskPolicyAnswer
    pagination_class = Pages
    ordering = ("task__text", "pk")
    queryset = TaskPolicy.objects.none()

    def get_queryset(self) -> QuerySet[TaskPolicy]:
        project = opened(self.request, self.kwargs["project_id"], Role.REVIEWER)
        return task_policies(project).filter(**asked(TaskPolicyFilter, self.request))

    @extend_schema(request=TaskPolicyWanted, responses={200: TaskPolicyAnswer, 409: ProblemAnswer})
    def put(self, request: Request, project_id: int) -> Response:
        """Say what holds for a task; 409 ``stale_project`` after another's change."""
        project = opened(request, project_id, Role.MANAGER)
        wanted = parsed(TaskPolicyWanted, request)
        wanted["task"] = task_of(project, wanted["task"])
        made = policies.set_task_policy(actor=actor(request), project=project, **wanted)
        return Response(TaskPolicyAnswer(made).data)


class TaskPolicyOne(APIView):
    @extend_schema(responses={204: None})
    def delete(self, request: Request, project_id: int, policy_id: int) -> Response:
        """Let the project's and the schema's values hold for the task again."""
        project = opened(request, project_id, Role.MANAGER)
        policies.remove_task_policy(actor=actor(request), project=project, policy_id=policy_id)
        return Response(status=status.HTTP_204_NO_CONTENT)


@extend_schema(parameters=[AcceptanceFilter])
class AcceptanceList(generics.ListAPIView[AcceptancePolicy]):
    """The bars of acceptance of a project; the most exact row holds. Reviewers and managers."""

    serializer_class = AcceptanceAnswer
    pagination_class = Pages
    ordering = ("pk",)
    queryset = AcceptancePolicy.objects.none()

    def get_queryset(self) -> QuerySet[AcceptancePolicy]:
        project = opened(self.request, self.kwargs["project_id"], Role.REVIEWER)
        wanted = asked(AcceptanceFilter, self.request)
        given = {name: value for name, value in wanted.items() if value is not None}
        return acceptance_policies(project).filter(**given)

    @extend_schema(request=AcceptanceWanted, responses={200: AcceptanceAnswer, 409: ProblemAnswer})
    def put(self, request: Request, project_id: int) -> Response:
        """Set the bar for a task and a kind of label; 409 ``stale_project`` after a change."""
        project = opened(request, project_id, Role.MANAGER)
        wanted = parsed(AcceptanceWanted, request)
        task = wanted.pop("task", None)
        made = policies.set_acceptance(
            actor=actor(request),
            project=project,
            task=None if task is None else task_of(project, task),
            **wanted,
        )
        return Response(AcceptanceAnswer(made).data)


class AcceptanceOne(APIView):
    @extend_schema(responses={204: None})
    def delete(self, request: Request, project_id: int, policy_id: int) -> Response:
        """Remove a bar; the next less exact one holds again."""
        project = opened(request, project_id, Role.MANAGER)
        policies.remove_acceptance(actor=actor(request), project=project, policy_id=policy_id)
        return Response(status=status.HTTP_204_NO_CONTENT)


def opened(request: Request, project_id: int, least: Role) -> Project:
    project = project_for(request.user, project_id)
    require_role(request.user, project, least)
    return project


def task_of(project: Project, task_id: int) -> Task:
    found = tasks_of(project).filter(pk=task_id).first()
    if found is None:
        raise serializers.ValidationError(
            {"task": [f"No episode of {project.name} carries out a task {task_id}."]}
        )
    return found
