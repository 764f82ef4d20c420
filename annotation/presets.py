"""Ways to start a project: a schema, settings, bars and a guideline that go together.

Everything that a preset sets can be changed afterwards; nothing remembers which one it was.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from annotation.labels.records import Kind
from annotation.labels.schema import LabelSchema, core_schema

MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Bar:
    """An acceptance policy to begin with."""

    label_type: str
    bar_ppm: int
    evaluation: bool = False


@dataclass(frozen=True, slots=True)
class Preset:
    """``kinds``: those of the core schema's classes that the project labels."""

    id: str
    name: str
    says: str
    kinds: tuple[Kind, ...]
    guideline: str
    changes: Mapping[str, Any] = field(default_factory=dict)
    bars: tuple[Bar, ...] = ()

    def schema(self) -> LabelSchema:
        """The core schema's classes of these kinds, under a name of their own; all of them are
        the core schema itself."""
        core = core_schema()
        classes = tuple(one for one in core.classes if one.kind in self.kinds)
        if len(classes) == len(core.classes):
            return core
        kept = {one.id for one in classes}
        return replace(
            core,
            name=f"{core.name}-{self.id}",
            title=f"{core.title}: {self.name.lower()}",
            classes=tuple(
                replace(
                    one,
                    follows=one.follows if one.follows in kept else "",
                    next=one.next if one.next in kept else "",
                )
                for one in classes
            ),
        )


_OUTCOME = """## Outcome

Look at the goal, not at the way: did the task end as its instruction says?

- **Success**: everything that the instruction asks for is so in the last frames.
- **Partial**: some of it is. Say how far it came.
- **Failure**: none of it is.
- **Aborted** or **unclear**: say why in the note.
"""
_CONTACT = """## Contacts

Mark the frame in which it is first so; go frame by frame to be sure.

- **Grasp closed**: the fingers hold the object and close no further.
- **Lift off**: the object has left what it stood on.
- **Placed**: it carries its own weight again. **Release**: the fingers no longer touch it.
- If a hand hides the contact, widen the uncertainty instead of guessing.
"""
_INSTRUCTION = """## Instructions

One action an instruction: a verb and its object, as one would say it to a helper. “pick up the red
cup”, not “pick up the cup and pour”. The next one begins where the last one ends.
"""
_FAILURE = """## Failures and recoveries

A failure begins with the first frame in which the intended way is left, and ends when the robot
stops making it worse. A recovery begins with the first movement that answers it. Choose the most
exact mode; what you only suspect belongs in the cause.
"""

PRESETS = (
    Preset(
        id="everything",
        name="Everything",
        says="The whole core schema: contacts, instructions, failures, recoveries, outcomes, tags. "
        "Two people an episode.",
        kinds=tuple(Kind),
        guideline=f"{_CONTACT}\n{_INSTRUCTION}\n{_FAILURE}\n{_OUTCOME}",
        changes={"overlap": 2},
        bars=(Bar("", 900_000),),
    ),
    Preset(
        id="contacts",
        name="Contacts and instructions",
        says="Contact instants to the frame, atomic instructions and the outcome. Two people an "
        "episode, so that agreement can be measured.",
        kinds=(Kind.INSTANT, Kind.SEGMENT, Kind.OUTCOME),
        guideline=f"{_CONTACT}\n{_INSTRUCTION}\n{_OUTCOME}",
        changes={"overlap": 2},
        bars=(Bar("instant", 950_000), Bar("segment", 900_000)),
    ),
    Preset(
        id="outcomes",
        name="Outcomes only",
        says="One key an episode: how it ended. Two people on a fifth of the episodes, one on the "
        "others.",
        kinds=(Kind.OUTCOME, Kind.TAG),
        guideline=_OUTCOME,
        changes={"overlap": 2, "overlap_percent": 20},
        bars=(Bar("outcome", 980_000),),
    ),
    Preset(
        id="failures",
        name="Failures and recoveries",
        says="Where it goes wrong, how, why, and what is done about it; with the outcome. Two "
        "people an episode.",
        kinds=(Kind.SPAN, Kind.OUTCOME),
        guideline=f"{_FAILURE}\n{_OUTCOME}",
        changes={"overlap": 2},
        bars=(Bar("span", 850_000), Bar("outcome", 950_000)),
    ),
    Preset(
        id="evaluation",
        name="Evaluation set",
        says="Labels that models are measured against: the whole core schema, three people an "
        "episode, more gold, training and qualification first, and a stricter bar.",
        kinds=tuple(Kind),
        guideline=f"{_CONTACT}\n{_INSTRUCTION}\n{_FAILURE}\n{_OUTCOME}",
        changes={
            "overlap": 3,
            "gold_percent": 10,
            "training_required": True,
            "qualification_required": True,
        },
        bars=(Bar("", 950_000), Bar("", 975_000, evaluation=True)),
    ),
)
PRESET_BY_ID = {preset.id: preset for preset in PRESETS}
