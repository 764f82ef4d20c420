"""What records say of the questions of a datasheet, and what the project's managers answered."""

from collections.abc import Sequence

from django.db.models import Count, Min, Q, QuerySet, Sum

from annotation.models import GuidelineVersion, Label, Project, ProjectEpisode
from episodes.models import Dataset
from review.models import Datasheet, Release
from review.selectors.dataset_checks import release_field, release_sets
from review.selectors.release_standing import datasets_of

MOST_TASKS = 20
MOST_CLASSES = 30

Places = QuerySet[ProjectEpisode]


def datasheet_of(project: Project) -> Datasheet:
    """The kept one, or an empty one of version 0."""
    return Datasheet.objects.filter(project=project).first() or Datasheet(
        project=project, version=0
    )


def recorded_facts(release: Release) -> dict[str, Sequence[str]]:
    """Sentences by question. A fixed number of queries."""
    datasets = datasets_of(release)
    places = ProjectEpisode.objects.filter(pk__in=release_sets(release).values("project_episode"))
    return {
        "makers": [f"Labelled in the project “{release.project.name}”."],
        "instances": _instances(places, datasets),
        "tasks": _tasks(places),
        "labels": _labels(release),
        "recording": _recording(datasets),
        "operators": _operators(places),
        "process": _process(release, places),
        "source": ["Recordings are kept as imported, each known by its sha256."],
        "licence": [f"{one.name}: {one.licence.strip() or 'not stated'}." for one, _ in datasets],
        "consent": [f"{one.name}: {one.get_consent_display().lower()}." for one, _ in datasets],
        "versions": [
            f"Version {release.version} of this project's releases.",
            "Earlier versions stay as they were.",
        ],
    }


def _instances(places: Places, datasets: Sequence[tuple[Dataset, int]]) -> list[str]:
    total = places.aggregate(ns=Sum("episode__duration_ns"), n=Count("pk"))
    hours = (total["ns"] or 0) / 3.6e12
    length = f"{hours:.1f} hours" if hours >= 1 else f"{hours * 60:.1f} minutes"
    listed = [
        f"{one.name}: {n} episodes, {one.get_domain_display().lower()}." for one, n in datasets
    ]
    return [f"{total['n']} episodes, {length} altogether.", *listed]


def _tasks(places: Places) -> list[str]:
    rows = (
        places.order_by()
        .values_list("episode__task__text")
        .annotate(n=Count("pk"))
        .order_by("-n", "episode__task__text")
    )
    found = list(rows[: MOST_TASKS + 1])
    listed = [f"{text or 'no task stated'}: {n}" for text, n in found[:MOST_TASKS]]
    return [*listed, "and more"] if len(found) > MOST_TASKS else listed


def _labels(release: Release) -> list[str]:
    sets = release_sets(release).values(release_field(release))
    rows = (
        Label.objects.filter(annotation_set__in=sets)
        .order_by()
        .values_list("label_class")
        .annotate(n=Count("pk"))
        .order_by("-n", "label_class")
    )
    counted = ", ".join(f"{name} {n}" for name, n in rows[:MOST_CLASSES])
    return [f"Labels by class: {counted}."] if counted else []


def _recording(datasets: Sequence[tuple[Dataset, int]]) -> list[str]:
    found = []
    for one, _ in datasets:
        robot = one.embodiment.name if one.embodiment else one.robot_type or "robot not stated"
        origin = f" {one.provenance.strip()}" if one.provenance.strip() else ""
        found.append(f"{one.name}: {robot}, format {one.format} {one.format_version}.{origin}")
    return found


def _operators(places: Places) -> list[str]:
    found = places.aggregate(
        operators=Count("episode__operator", distinct=True, filter=~Q(episode__operator="")),
        sessions=Count("episode__session", distinct=True, filter=~Q(episode__session="")),
    )
    if not found["operators"]:
        return []
    return [f"{found['operators']} operators in {found['sessions']} sessions are named in it."]


def _process(release: Release, places: Places) -> list[str]:
    project = release.project
    people = places.filter(assignments__annotation_sets__state="submitted").aggregate(
        n=Count("assignments__annotator", distinct=True)
    )["n"]
    first = GuidelineVersion.objects.filter(project=project).aggregate(
        n=Count("pk"), since=Min("created_at")
    )
    schema = project.schema.definition
    said = [
        f"{people} people labelled it, {project.overlap} each of {project.overlap_percent} %.",
        "Reviewers accepted every episode, or a sample of them, by batch.",
        f"Label schema {schema['name']}, version {schema['version']}.",
    ]
    if first["n"]:
        versions = "1 version" if first["n"] == 1 else f"{first['n']} versions"
        said.append(f"A guideline in {versions} since {first['since']:%Y-%m-%d}.")
    return said
