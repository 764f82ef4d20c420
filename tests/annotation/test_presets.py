"""A project starts from a preset in one click, and everything can be changed later."""

import pytest

from annotation.errors import ProjectNameTaken, RoleMissing
from annotation.labels.palette import schema_findings
from annotation.labels.schema import LabelSchema
from annotation.models import AcceptancePolicy, Project
from annotation.presets import PRESET_BY_ID, PRESETS, Preset
from annotation.selectors.guidelines import guideline_text
from annotation.services.start_project import start_project
from tests.annotation.scene import Team


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.id)
def test_each_makes_a_whole_project(team: Team, preset: Preset) -> None:
    project = start_project(actor=team.mei, name=preset.name, preset=preset)
    for name, value in preset.changes.items():
        assert getattr(project, name) == value
    assert AcceptancePolicy.objects.filter(project=project).count() == len(preset.bars)
    assert guideline_text(project) == preset.guideline
    kinds = {item["kind"] for item in project.schema.definition["classes"]}
    assert kinds == {kind.value for kind in preset.kinds}


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.id)
def test_the_schemas_are_sound(preset: Preset) -> None:
    schema = preset.schema()
    assert LabelSchema.from_json(schema.to_json()) == schema
    assert schema_findings(schema) == []


def test_two_projects_of_a_preset_share_a_schema(team: Team) -> None:
    preset = PRESET_BY_ID["outcomes"]
    one, two = (start_project(actor=team.mei, name=name, preset=preset) for name in ("A", "B"))
    assert one.schema == two.schema
    assert str(one.schema) == "core-outcomes v2"


def test_a_name_that_is_taken_leaves_nothing_behind(team: Team) -> None:
    with pytest.raises(ProjectNameTaken):
        start_project(actor=team.mei, name="Blocks", preset=PRESETS[0])
    assert Project.objects.count() == 1
    assert not AcceptancePolicy.objects.exists()


def test_annotators_start_nothing(team: Team) -> None:
    with pytest.raises(RoleMissing):
        start_project(actor=team.ada, name="Mine", preset=PRESETS[0])
