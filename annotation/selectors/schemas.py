"""Label schemas as managers see them: versions, where they are used, what a move would change."""

from collections import Counter
from dataclasses import dataclass, field

from django.contrib.auth.models import User
from django.db.models import Count, Max, Q, QuerySet

from annotation.errors import NotFound
from annotation.labels.palette import DARK, LIGHT, SHAPES, SchemaFinding, schema_findings
from annotation.labels.records import Kind
from annotation.labels.schema import LabelClass
from annotation.labels.schema import LabelSchema as Definition
from annotation.labels.schema_diff import SchemaDiff, schema_diff, targets_of, unmapped
from annotation.models import AnnotationSet, Label, LabelSchema, Project
from annotation.roles import may_create_projects

KINDS = {
    Kind.INSTANT: "Instants",
    Kind.SEGMENT: "Instructions and phases",
    Kind.SPAN: "Failures and recoveries",
    Kind.OUTCOME: "Outcomes",
    Kind.TAG: "Tags",
}


@dataclass(frozen=True, slots=True)
class Swatch:
    """A class as it looks on one ground."""

    item: LabelClass
    colour: str
    path: str


@dataclass(frozen=True, slots=True)
class Palette:
    """All classes on one ground, by kind in the order of the editor."""

    name: str
    ground: str
    groups: list[tuple[str, list[Swatch]]]

    @property
    def lane(self) -> list[tuple[int, Swatch]]:
        """Every instant's mark once, spread over a lane: position and swatch."""
        marks = [one for _, group in self.groups for one in group if one.item.kind == Kind.INSTANT]
        return [(14 + 26 * place, one) for place, one in enumerate(marks)]


@dataclass(frozen=True, slots=True)
class SchemaRow:
    stored: LabelSchema
    title: str
    classes: int
    projects: int
    sets: int


def palettes(definition: Definition, of: Kind | None = None) -> list[Palette]:
    """Light and dark; of one kind, or of all."""
    return [
        Palette("Light", LIGHT, _groups(definition, "color", of)),
        Palette("Dark", DARK, _groups(definition, "color_dark", of)),
    ]


def class_groups(definition: Definition) -> list[tuple[str, list[tuple[LabelClass, str]]]]:
    """Classes with the path of their shape, by kind in the order of the editor."""
    return [
        (name, [(item, _path(item)) for item in definition.classes_of(kind)])
        for kind, name in KINDS.items()
        if definition.classes_of(kind)
    ]


def findings_of(definition: Definition) -> list[SchemaFinding]:
    return schema_findings(definition)


def definition_of(stored: LabelSchema) -> Definition:
    return Definition.from_json(stored.definition)


def schema_rows() -> list[SchemaRow]:
    """All versions, by name, newest first. Three queries."""
    projects = _counts(Project.objects.all())
    sets = _counts(AnnotationSet.objects.all())
    return [
        SchemaRow(
            stored=stored,
            title=str(stored.definition.get("title", "")),
            classes=len(stored.definition.get("classes", [])),
            projects=projects[stored.pk],
            sets=sets[stored.pk],
        )
        for stored in LabelSchema.objects.order_by("name", "-version")
    ]


def readable_schemas(user: User) -> QuerySet[LabelSchema]:
    """All for who may write them; else those of one's projects and of one's own labels."""
    if may_create_projects(user):
        return LabelSchema.objects.all()
    projects = Project.objects.visible_to(user).order_by()
    own = AnnotationSet.objects.filter(assignment__annotator=user).order_by()
    return LabelSchema.objects.filter(
        Q(pk__in=projects.values("schema")) | Q(pk__in=own.values("schema"))
    )


def schema_for(schema_id: int, among: QuerySet[LabelSchema] | None = None) -> LabelSchema:
    """Raises NotFound."""
    found = LabelSchema.objects.all() if among is None else among
    stored = found.filter(pk=schema_id).first()
    if stored is None:
        raise NotFound("There is no such label schema.", remedy="Choose one of the list.")
    return stored


def next_version(name: str) -> int:
    last = LabelSchema.objects.filter(name=name).aggregate(last=Max("version"))["last"]
    return (last or 0) + 1


def projects_under(stored: LabelSchema) -> QuerySet[Project]:
    """Every project that stands under the version, or has labels made under it."""
    made = AnnotationSet.objects.filter(schema=stored).order_by()
    direct = Project.objects.filter(schema=stored)
    return (
        direct | Project.objects.filter(pk__in=made.values("project_episode__project"))
    ).order_by("name")


def visible_projects_under(user: User, stored: LabelSchema) -> tuple[list[Project], int]:
    """Those that the person may know of, and how many others there are."""
    every = projects_under(stored)
    seen = list(every.filter(pk__in=Project.objects.visible_to(user).values("pk")))
    return seen, every.count() - len(seen)


def other_versions(project: Project) -> QuerySet[LabelSchema]:
    """What the project can be moved to: versions of the same name first, then the others."""
    return LabelSchema.objects.exclude(pk=project.schema_id).order_by("name", "-version")


@dataclass(frozen=True, slots=True)
class MoveRow:
    """A class that is used in drafts, how often, and what its labels could become.

    ``decide``: the new version does not have it as it is.
    """

    item: LabelClass
    drafts: int
    submitted: int
    targets: tuple[LabelClass, ...]
    decide: bool


@dataclass(frozen=True, slots=True)
class Move:
    """What moving a project to another version would change, before it happens."""

    old: LabelSchema
    new: LabelSchema
    diff: SchemaDiff
    rows: list[MoveRow] = field(default_factory=list)
    drafts: int = 0
    submitted: int = 0


def move_of(project: Project, new: LabelSchema) -> Move:
    """Three queries."""
    old, after = definition_of(project.schema), definition_of(new)
    sets = AnnotationSet.objects.filter(project_episode__project=project).exclude(schema=new)
    states = Counter(dict(sets.order_by().values_list("state").annotate(Count("pk"))))
    used = Label.objects.filter(annotation_set__in=sets).order_by()
    counts: dict[str, Counter[str]] = {}
    for name, state, total in used.values_list("label_class", "annotation_set__state").annotate(
        Count("pk")
    ):
        counts.setdefault(name, Counter())[state] += total
    open_ones = set(unmapped(counts, old, after, {}))
    rows = [
        MoveRow(
            item=item,
            drafts=counts[item.id][AnnotationSet.State.DRAFT],
            submitted=counts[item.id][AnnotationSet.State.SUBMITTED],
            targets=targets_of(item, after),
            decide=item.id in open_ones,
        )
        for item in old.classes
        if item.id in counts
    ]
    return Move(
        old=project.schema,
        new=new,
        diff=schema_diff(old, after),
        rows=sorted(rows, key=lambda row: not row.decide),
        drafts=states[AnnotationSet.State.DRAFT],
        submitted=states[AnnotationSet.State.SUBMITTED],
    )


def _groups(definition: Definition, colour: str, of: Kind | None) -> list[tuple[str, list[Swatch]]]:
    return [
        (
            name,
            [
                Swatch(item, getattr(item, colour), _path(item))
                for item in definition.classes_of(kind)
            ],
        )
        for kind, name in KINDS.items()
        if of in (None, kind) and definition.classes_of(kind)
    ]


def _path(item: LabelClass) -> str:
    return SHAPES.get(item.shape, SHAPES["circle"])


def _counts(rows: QuerySet[Project] | QuerySet[AnnotationSet]) -> Counter[int]:
    return Counter(dict(rows.order_by().values_list("schema").annotate(Count("pk"))))
