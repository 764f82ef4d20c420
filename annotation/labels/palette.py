"""How a schema looks: shapes, contrast of colours, and keys that get in each other's way. Pure."""

import re
from collections import defaultdict
from dataclasses import dataclass

from annotation.labels.records import Kind
from annotation.labels.schema import LabelClass, LabelSchema

# Path data in a box from -8 to 8, as in frontend/timeline/src/stage/shapes.ts.
SHAPES = {
    "circle": "M-6 0A6 6 0 1 0 6 0A6 6 0 1 0 -6 0Z",
    "square": "M-5.5 -5.5H5.5V5.5H-5.5Z",
    "triangle": "M0 -6.5L6.5 5.5H-6.5Z",
    "triangle_down": "M0 6.5L6.5 -5.5H-6.5Z",
    "diamond": "M0 -7.5L6.5 0L0 7.5L-6.5 0Z",
    "chevron_left": "M4 -7L-4.5 0L4 7L7 4.5L1.5 0L7 -4.5Z",
    "chevron_right": "M-4 -7L4.5 0L-4 7L-7 4.5L-1.5 0L-7 -4.5Z",
    "hexagon": "M-3.5 -6.2H3.5L7 0L3.5 6.2H-3.5L-7 0Z",
    "star": (
        "M0 -7.5L2.1 -2.6L7.3 -2.2L3.3 1.2L4.6 6.4L0 3.6L-4.6 6.4L-3.3 1.2L-7.3 -2.2L-2.1 -2.6Z"
    ),
    "plus": "M-2 -7H2V-2H7V2H2V7H-2V2H-7V-2H-2Z",
    "cross": (
        "M-6.5 -4L-4 -6.5L0 -2.5L4 -6.5L6.5 -4L2.5 0L6.5 4L4 6.5L0 2.5L-4 6.5L-6.5 4L-2.5 0Z"
    ),
    "ring": (
        "M-7 0A7 7 0 1 0 7 0A7 7 0 1 0 -7 0ZM-3.5 0A3.5 3.5 0 1 1 3.5 0A3.5 3.5 0 1 1 -3.5 0Z"
    ),
    "bar": "M-7 -4H7V4H-7Z",
    "hatch": "M-7 5V1L-1 -5H3ZM-1 5L7 -3V1L3 5Z",
    "dots": (
        "M-7 -2A2 2 0 1 1 -3 -2A2 2 0 1 1 -7 -2ZM-2 3A2 2 0 1 1 2 3A2 2 0 1 1 -2 3ZM3"
        " -2A2 2 0 1 1 7 -2A2 2 0 1 1 3 -2Z"
    ),
    "check": "M-7 0.5L-4.5 -2L-2 0.5L4.5 -6L7 -3.5L-2 5.5Z",
    "half": "M-6.5 0A6.5 6.5 0 1 0 6.5 0A6.5 6.5 0 1 0 -6.5 0ZM0 -4.5A4.5 4.5 0 1 1 0 4.5Z",
    "dash": "M-7 -2H7V2H-7Z",
    "question": (
        "M-4.5 -3.5C-4.5 -6 -2.5 -7.5 0 -7.5C3 -7.5 5 -5.8 5 -3.3C5 -0.7 1.5 0 1.5 2."
        "5H-1.5C-1.5 -1 2 -1.3 2 -3.3C2 -4.3 1.2 -5 0 -5C-1.2 -5 -1.8 -4.4 -1.8 -3.5Z"
        "M-1.7 4.2H1.7V7.5H-1.7Z"
    ),
}
LIGHT, DARK = "#ffffff", "#181c21"
# WCAG 2.2, 1.4.11: what a mark needs against its background.
LEAST_CONTRAST = 3.0
# What the editor's own commands answer to; a class that takes one hides the command.
EDITOR_KEYS = frozenset({*"oOnNyYtTcC?", "Shift+N", "Space", "Escape", "Enter", "F1"})
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
# Outcomes and tags are dropped by a key after the outcome key, everything else by the key alone.
_AFTER_OUTCOME_KEY = frozenset({Kind.OUTCOME, Kind.TAG})


@dataclass(frozen=True, slots=True)
class SchemaFinding:
    """``severe`` ones keep a version from being stored; the others are advice."""

    field: str
    says: str
    severe: bool = False


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours "#rrggbb", 1 to 21 (WCAG 2.2, relative luminance)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def schema_findings(schema: LabelSchema) -> list[SchemaFinding]:
    """What is wrong with keys, colours and shapes; severe first."""
    found = [*_keys(schema), *(one for item in schema.classes for one in _looks(item))]
    return sorted(found, key=lambda one: not one.severe)


def _luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _keys(schema: LabelSchema) -> list[SchemaFinding]:
    found: list[SchemaFinding] = []
    taken: dict[tuple[bool, str], list[str]] = defaultdict(list)
    for item in schema.classes:
        if item.key:
            taken[item.kind in _AFTER_OUTCOME_KEY, _pressed(item.key)].append(item.id)
    for (after, key), ids in taken.items():
        if len(ids) > 1:
            says = f"{', '.join(ids)} have the same key, {key}."
            found.append(SchemaFinding(f"classes.{ids[1]}.key", says, severe=True))
        if not after and (key in EDITOR_KEYS):
            says = f"{key} is one of the editor's own keys; {ids[0]} would hide its command."
            found.append(SchemaFinding(f"classes.{ids[0]}.key", says, severe=True))
    return found


def _pressed(key: str) -> str:
    """ "q" and "Q" are one key, pressed without and with nothing else."""
    return key.upper() if len(key) == 1 else key


def _looks(item: LabelClass) -> list[SchemaFinding]:
    found = []
    where = f"classes.{item.id}"
    for field, name, colour, ground in (
        ("color", "light", item.color, LIGHT),
        ("color_dark", "dark", item.color_dark, DARK),
    ):
        if not _COLOUR.fullmatch(colour):
            says = f"The colour of {item.id}, {colour}, must be written as #rrggbb."
            found.append(SchemaFinding(f"{where}.{field}", says, severe=True))
        elif (ratio := contrast(colour, ground)) < LEAST_CONTRAST:
            says = f"{item.id} has a contrast of {ratio:.1f} on {name}; a mark needs 3."
            found.append(SchemaFinding(f"{where}.{field}", says))
    if item.shape not in SHAPES:
        says = f"The shape of {item.id}, {item.shape}, is not one of {', '.join(SHAPES)}."
        found.append(SchemaFinding(f"{where}.shape", says, severe=True))
    return found
