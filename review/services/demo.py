"""The demo: recorded episodes, the people of the tour, gold from the physics, and a worked example.

Everything goes through the services that the pages use. Seeding twice adds nothing.
"""

import json
import random
import uuid
from dataclasses import dataclass, replace
from pathlib import Path

from django.contrib.auth.models import User

from annotation.labels.records import Kind, Label
from annotation.labels.schema import LabelSchema
from annotation.models import AnnotationSet, Project, ProjectEpisode
from annotation.roles import Role
from annotation.services.add_episodes import add_episodes
from annotation.services.claim_next import claim_next
from annotation.services.create_project import create_project
from annotation.services.save_labels import save_labels
from annotation.services.set_membership import set_membership
from annotation.services.submit import submit
from episodes.models import Dataset, Task
from episodes.services.change_dataset import change_dataset
from episodes.services.embodiments import assign_template
from episodes.services.tasks import describe_task
from review.services.gold import set_gold
from review.services.score import score_episodes

DATASET = "SO-101 pick and place (simulated)"
PROJECT = "SO-101 pick and place"
SIMULATION = "Months of work (simulated)"
EXAMPLE = "Worked example (simulated annotators)"
EXAMPLE_EPISODES = 3
# The simulation writes radians; a name alone would fit degrees as well.
EMBODIMENT = "so101_rad_6"
GOLD_ORIGIN = "physics of the simulation"
PROVENANCE = "Recorded by demo/record.py: MuJoCo physics, a scripted controller, two cameras."
GUIDELINE = """\
Mark every contact instant of the gripper at its first frame, cut the episode into atomic
instructions without gaps, mark each failure with what was done about it, and give the outcome.
"""
GOALS = {
    "over_square": "the block was carried and lies at least partly on the square",
    "inside_square": "all of the block lies on the square",
}
SQUARE = "white square"
PHRASES = (
    "move the gripper above the {0}",
    "lower the gripper around the {0}",
    "close the gripper on the {0}",
    "lift the {0}",
    "carry the {0} to the square",
    "lower the {0} onto the square",
    "open the gripper to release the block",
    "raise the gripper off the {0}",
)
PEOPLE = {"ada": Role.ANNOTATOR, "abe": Role.ANNOTATOR, "ravi": Role.REVIEWER, "mei": Role.MANAGER}
SIMULATED = ("sim_anna", "sim_bo")
NAMESPACE = uuid.UUID("9a0f3f0e-6d5b-4f60-8c86-62f6c2f2a7d1")


@dataclass(frozen=True)
class DemoSummary:
    project: Project
    episodes: int
    gold: int


def people() -> dict[str, User]:
    """The cast, made when missing; a password changed since stays changed."""
    found = {name: _person(name, name.capitalize()) for name in (*PEOPLE, "root")}
    if not found["root"].is_superuser:
        found["root"].is_superuser = found["root"].is_staff = True
        found["root"].save(update_fields=["is_superuser", "is_staff"])
    return found


def seed_projects(*, dataset: Dataset, truth: Path) -> DemoSummary:
    """Both demo projects over an imported dataset; ``truth`` is the sidecar of physics labels."""
    cast = people()
    labels = read_truth(truth)
    _describe_dataset(cast["root"], dataset)
    _describe_tasks(cast["root"], dataset)
    episodes = list(dataset.episodes.ready().order_by("index"))
    project = _project(PROJECT, cast)
    if dataset.embodiment is None:
        # Only now is mei a manager of something.
        assign_template(actor=cast["mei"], dataset_id=dataset.pk, template_id=EMBODIMENT)
    add_episodes(actor=cast["mei"], project=project, episode_ids=[each.pk for each in episodes])
    gold = _seed_gold(project, labels, cast["mei"])
    if not Project.objects.filter(name=EXAMPLE).exists():
        example = _project(EXAMPLE, cast)
        chosen = [each.pk for each in episodes[:EXAMPLE_EPISODES]]
        add_episodes(actor=cast["mei"], project=example, episode_ids=chosen)
        _seed_gold(example, labels, cast["mei"])
        _simulate(example, labels, cast["mei"])
    return DemoSummary(project, len(episodes), gold)


def _describe_dataset(actor: User, dataset: Dataset) -> None:
    """What its files do not say; left alone once somebody said it."""
    if dataset.domain == Dataset.Domain.UNKNOWN:
        facts = {
            "domain": Dataset.Domain.SIM,
            "consent": Dataset.Consent.NOT_NEEDED,
            "provenance": PROVENANCE,
        }
        change_dataset(actor=actor, dataset_id=dataset.pk, facts=facts)


def _describe_tasks(actor: User, dataset: Dataset) -> None:
    """The goals and the usual steps of "Put the red block on the white square."."""
    for task in Task.objects.filter(episode__dataset=dataset, goals=[]).distinct():
        colour = task.text.split()[2]
        describe_task(
            actor=actor, task=task, goals=GOALS, things=(f"{colour} block", SQUARE), phrases=PHRASES
        )


def read_truth(path: Path) -> dict[int, tuple[Label, ...]]:
    """Labels by episode index, from one JSON line an episode."""
    lines = (json.loads(line) for line in path.read_text().splitlines() if line.strip())
    return {
        line["episode_index"]: tuple(Label.from_json(label) for label in line["labels"])
        for line in lines
    }


def _person(name: str, shown: str) -> User:
    user, created = User.objects.get_or_create(username=name, defaults={"first_name": shown})
    if created:
        user.set_password(f"{name}-demo")
        user.save(update_fields=["password"])
    return user


def _project(name: str, cast: dict[str, User]) -> Project:
    project = Project.objects.filter(name=name).first()
    if project is None:
        project = create_project(actor=cast["root"], name=name, guideline=GUIDELINE, overlap=2)
        for person, role in PEOPLE.items():
            set_membership(actor=cast["root"], project=project, user=cast[person], role=role)
    return project


def _seed_gold(project: Project, labels: dict[int, tuple[Label, ...]], actor: User) -> int:
    rows = ProjectEpisode.objects.filter(project=project).select_related("episode")
    golden = [row for row in rows if row.episode.index in labels]
    schema = LabelSchema.from_json(project.schema.definition)
    for row in golden:
        truth = _under(schema, labels[row.episode.index])
        set_gold(actor=actor, project_episode=row, labels=truth, origin=GOLD_ORIGIN)
    return len(golden)


def _under(schema: LabelSchema, labels: tuple[Label, ...]) -> tuple[Label, ...]:
    """What the schema has words for: a project begun under the first version stays under it."""
    return tuple(
        replace(label, attributes={key: label.attributes[key] for key in kept})
        for label in labels
        for known in [schema.class_by_id[label.label_class]]
        for kept in [[key for key in label.attributes if known.attribute_for(key)]]
    )


def _simulate(project: Project, labels: dict[int, tuple[Label, ...]], manager: User) -> None:
    """Two simulated annotators hand in the truth with small, seeded human errors."""
    for number, name in enumerate(SIMULATED):
        user = _person(name, f"Simulated {name.removeprefix('sim_').capitalize()}")
        set_membership(actor=manager, project=project, user=user, role=Role.ANNOTATOR)
        chance = random.Random(number)
        while claim := claim_next(actor=user, project=project):
            row = claim.assignment.project_episode
            draft = claim.assignment.annotation_sets.get(state=AnnotationSet.State.DRAFT)
            period = row.episode.duration_ns // row.episode.rows
            made = [
                _as_annotated(label, name, period, row.episode.duration_ns, chance)
                for label in labels[row.episode.index]
            ]
            saved = save_labels(
                actor=user,
                annotation_set_id=draft.pk,
                base_revision=draft.revision,
                request_id=uuid.uuid5(NAMESPACE, f"save {draft.pk}"),
                put=[label.to_json() for label in made],
                remove=[],
            )
            submit(
                actor=user,
                annotation_set_id=draft.pk,
                base_revision=saved.revision,
                request_id=uuid.uuid5(NAMESPACE, f"submit {draft.pk}"),
            )
    score_episodes(ProjectEpisode.objects.filter(project=project).values_list("pk", flat=True))


def _as_annotated(
    label: Label, name: str, period: int, duration_ns: int, chance: random.Random
) -> Label:
    """The label as this person would have marked it: contacts a few frames off, the rest exact."""
    moved = label.start_ns
    if label.kind is Kind.INSTANT and moved is not None:
        frames = chance.choice((-1, 0, 0, 0, 1, 2, 7))
        moved = min(max(moved + frames * period, 0), duration_ns - period)
    identity = str(uuid.uuid5(NAMESPACE, f"{name} {label.id}"))
    return replace(label, id=identity, start_ns=moved)
