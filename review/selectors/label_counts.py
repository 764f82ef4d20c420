"""Labels by class and by how far they are."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from annotation.models import AnnotationSet, Label, Project
from review.selectors.credited import credited
from review.selectors.daily import Daily, Wanted
from review.selectors.dashboard import handed_in


@dataclass(frozen=True, slots=True)
class ClassCount:
    """Labels of a class: in drafts now; handed in on the chosen days, and of those sent back, and
    accepted."""

    label_class: str
    name: str
    kind: str
    drafts: int
    labels: int
    returned: int
    accepted: int


def class_counts(daily: Daily, wanted: Wanted) -> list[ClassCount]:
    """In the order of the project's schema; classes that it does not have come last. Two queries;
    of one person's labels those of their sets are counted."""
    if wanted.person is None:
        rows = {row["label_class"]: row for row in daily.labels(wanted, ["label_class"])}
    else:
        rows = _of_person(daily, wanted)
    drafts = dict(_drafts(daily.project, wanted).values_list("label_class").annotate(Count("pk")))
    defined = {
        str(one["id"]): (str(one["name"]), str(one["kind"]))
        for one in daily.project.schema.definition.get("classes", [])
    }
    names = [*defined, *sorted((rows.keys() | drafts.keys()) - defined.keys())]
    return [
        _count(
            name,
            defined.get(name, (name, "of another version")),
            drafts.get(name, 0),
            rows.get(name, {}),
        )
        for name in names
        if name in rows or name in drafts
    ]


_COUNTED = ("labels", "returned", "accepted")


def _drafts(project: Project, wanted: Wanted) -> QuerySet[Label]:
    sets = AnnotationSet.objects.filter(
        project_episode__project=project, state="draft", kind="annotator"
    )
    if wanted.person is not None:
        sets = sets.filter(assignment__annotator=wanted.person)
    if wanted.task is not None:
        sets = sets.filter(project_episode__episode__task=wanted.task)
    return Label.objects.filter(annotation_set__in=sets.order_by()).order_by()


def _count(
    label_class: str, named: tuple[str, str], drafts: int, row: Mapping[str, Any]
) -> ClassCount:
    labels, returned, accepted = (int(row.get(one, 0)) for one in _COUNTED)
    return ClassCount(label_class, *named, drafts, labels, returned, accepted)


def _of_person(daily: Daily, wanted: Wanted) -> dict[str, dict[str, Any]]:
    """Sums are kept of everybody together; one person's sets are few enough to be asked."""
    sets = handed_in(daily.project, wanted).order_by()
    later = AnnotationSet.objects.filter(
        assignment=OuterRef("annotation_set__assignment"),
        round=OuterRef("annotation_set__round") + 1,
    )
    labels = Label.objects.filter(annotation_set__in=sets).order_by().alias(again=Exists(later))
    rows = labels.values("label_class").annotate(
        labels=Count("pk"),
        returned=Count("pk", filter=Q(again=True)),
        accepted=Count("pk", filter=credited("annotation_set")),
    )
    return {row["label_class"]: dict(row) for row in rows}
