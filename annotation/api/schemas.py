"""Label schemas for programs: versions, and moving a project to one."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.idempotency import Idempotent
from annotation.api.serializers import ProblemAnswer
from annotation.api.views import actor, parsed
from annotation.labels.schema import LabelSchema as Definition
from annotation.models import LabelSchema
from annotation.roles import Role, require_role
from annotation.selectors.projects import project_for
from annotation.selectors.schemas import move_of, readable_schemas, schema_for
from annotation.services.schemas import delete_schema, move_project, store_schema
from episodes.api.paging import Pages, asked


class SchemaAnswer(serializers.ModelSerializer[LabelSchema]):
    class Meta:
        model = LabelSchema
        fields: tuple[str, ...] = ("id", "name", "version", "created_at")


class SchemaInFull(SchemaAnswer):
    definition = serializers.DictField(help_text="as the editor page exports it")

    class Meta(SchemaAnswer.Meta):
        fields = (*SchemaAnswer.Meta.fields, "definition")


class SchemaNew(serializers.Serializer[Any]):
    definition = serializers.DictField(help_text="with its name and a version that is free")


class SchemaFilter(serializers.Serializer[Any]):
    name = serializers.CharField(required=False)
    version = serializers.IntegerField(required=False)


@extend_schema(parameters=[SchemaFilter])
class SchemaList(generics.ListAPIView[LabelSchema], Idempotent):
    """Label schemas, by name and newest first: of one's projects; managers see them all."""

    serializer_class = SchemaAnswer
    pagination_class = Pages
    ordering = ("name", "-version")
    queryset = LabelSchema.objects.none()

    def get_queryset(self) -> QuerySet[LabelSchema]:
        wanted = asked(SchemaFilter, self.request)
        return readable_schemas(actor(self.request)).filter(**wanted).defer("definition")

    @extend_schema(request=SchemaNew, responses={201: SchemaInFull, 409: ProblemAnswer})
    def post(self, request: Request) -> Response:
        """Store a version; one that is stored never changes. Managers of any project."""
        definition = Definition.from_json(parsed(SchemaNew, request)["definition"])
        stored = store_schema(actor=actor(request), definition=definition)
        return Response(SchemaInFull(stored).data, status=status.HTTP_201_CREATED)


class SchemaOne(APIView):
    @extend_schema(operation_id="schemas_retrieve", responses=SchemaInFull)
    def get(self, request: Request, schema_id: int) -> Response:
        """One version with its definition."""
        found = schema_for(schema_id, readable_schemas(actor(request)))
        return Response(SchemaInFull(found).data)

    @extend_schema(responses={204: None, 409: ProblemAnswer})
    def delete(self, request: Request, schema_id: int) -> Response:
        """Delete a version that nothing uses; 409 ``schema_in_use`` names what does."""
        found = schema_for(schema_id, readable_schemas(actor(request)))
        delete_schema(actor=actor(request), schema_id=found.pk)
        return Response(status=status.HTTP_204_NO_CONTENT)


class MoveRowAnswer(serializers.Serializer[Any]):
    label_class = serializers.CharField(source="item.id")
    drafts = serializers.IntegerField(help_text="labels of it in drafts")
    submitted = serializers.IntegerField(help_text="labels of it that are handed in and stay")
    targets = serializers.SerializerMethodField(help_text="what its labels could become")
    decide = serializers.BooleanField(help_text="the new version does not have it as it is")

    def get_targets(self, row: Any) -> list[str]:
        return [item.id for item in row.targets]


class MoveAnswer(serializers.Serializer[Any]):
    old = serializers.CharField()
    new = serializers.CharField()
    added = serializers.ListField(child=serializers.CharField(), help_text="classes")
    removed = serializers.ListField(child=serializers.CharField(), help_text="classes")
    drafts = serializers.IntegerField(help_text="sets that could go along")
    submitted = serializers.IntegerField(help_text="sets that stay under their version")
    rows = MoveRowAnswer(many=True, help_text="the classes that are in use")


class MoveWanted(serializers.Serializer[Any]):
    version = serializers.IntegerField(min_value=1, help_text="of the project, as it was read")
    mapping = serializers.DictField(
        child=serializers.CharField(allow_blank=True),
        default=dict,
        help_text="by class: what its labels become, empty for drafts that stay",
    )


class MovedAnswer(serializers.Serializer[Any]):
    drafts = serializers.IntegerField(help_text="went along")
    kept = serializers.IntegerField(help_text="stay under their version")


class SchemaMove(Idempotent):
    """What moving a project to a label schema would change, and the move."""

    @extend_schema(operation_id="projects_schema_moves_retrieve", responses=MoveAnswer)
    def get(self, request: Request, project_id: int, schema_id: int) -> Response:
        """What moving the project to the version would change; managers."""
        project = project_for(request.user, project_id)
        require_role(request.user, project, Role.MANAGER)
        move = move_of(project, schema_for(schema_id))
        facts = {
            "old": str(move.old),
            "new": str(move.new),
            "added": [item.id for item in move.diff.added],
            "removed": [item.id for item in move.diff.removed],
            "drafts": move.drafts,
            "submitted": move.submitted,
            "rows": move.rows,
        }
        return Response(MoveAnswer(facts).data)

    @extend_schema(request=MoveWanted, responses={200: MovedAnswer, 409: ProblemAnswer})
    def post(self, request: Request, project_id: int, schema_id: int) -> Response:
        """Move the project; drafts go along as ``mapping`` says, what is handed in stays."""
        project = project_for(request.user, project_id)
        require_role(request.user, project, Role.MANAGER)
        wanted = parsed(MoveWanted, request)
        schema = schema_for(schema_id)
        moved = move_project(actor=actor(request), project=project, schema=schema, **wanted)
        return Response(MovedAnswer(moved).data)
