"""The records of an embodiment. Units are written as in SI: rad, deg, m, m/s, N; 1 is a ratio."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Self


class Kind(StrEnum):
    """What kind of body it is."""

    ROBOT = "robot"
    HUMAN_HAND = "human_hand"
    SIM = "sim"


class Use(StrEnum):
    """Which vector of an episode is described."""

    STATE = "state"
    ACTION = "action"


class Control(StrEnum):
    """What a number commands or says: where to be, how far to go from here, or how fast."""

    ABSOLUTE = "absolute"
    DELTA = "delta"
    VELOCITY = "velocity"
    TORQUE = "torque"


class Quantity(StrEnum):
    """What one dimension measures."""

    JOINT_POSITION = "joint_position"
    JOINT_VELOCITY = "joint_velocity"
    JOINT_TORQUE = "joint_torque"
    POSITION = "position"
    ROTATION = "rotation"
    ROTATION_MATRIX = "rotation_matrix"
    GRIPPER_APERTURE = "gripper_aperture"
    FORCE = "force"
    TORQUE = "torque"
    LINEAR_VELOCITY = "linear_velocity"
    ANGULAR_VELOCITY = "angular_velocity"
    SHAPE = "shape"


# Percent and ratio: servo ranges normalised by calibration. A joint in m is a linear one.
UNITS: Mapping[Quantity, tuple[str, ...]] = {
    Quantity.JOINT_POSITION: ("rad", "deg", "m", "1", "%"),
    Quantity.JOINT_VELOCITY: ("rad/s", "deg/s", "m/s"),
    Quantity.JOINT_TORQUE: ("Nm", "N"),
    Quantity.POSITION: ("m", "mm"),
    Quantity.ROTATION: ("rad", "deg"),
    Quantity.ROTATION_MATRIX: ("1",),
    Quantity.GRIPPER_APERTURE: ("1", "%", "m", "rad", "deg"),
    Quantity.FORCE: ("N",),
    Quantity.TORQUE: ("Nm",),
    Quantity.LINEAR_VELOCITY: ("m/s",),
    Quantity.ANGULAR_VELOCITY: ("rad/s", "deg/s"),
    Quantity.SHAPE: ("1",),
}


@dataclass(frozen=True, slots=True)
class DimensionSpec:
    """One dimension: ``lower`` and ``upper`` in ``unit``, None where no limit is known.

    ``positive`` says what a growing value means ("opens", "+y of the base frame"). Raises
    ValueError for a unit that the quantity is never in, and for limits out of order.
    """

    name: str
    quantity: Quantity
    unit: str
    frame: str = ""
    lower: float | None = None
    upper: float | None = None
    positive: str = ""

    def __post_init__(self) -> None:
        if self.unit not in UNITS[self.quantity]:
            known = ", ".join(UNITS[self.quantity])
            raise ValueError(
                f"{self.name}: a {self.quantity.value} is in {known}, not in {self.unit!r}"
            )
        if self.lower is not None and self.upper is not None and not self.lower < self.upper:
            raise ValueError(f"{self.name}: lower limit {self.lower} is not below {self.upper}")

    @property
    def span(self) -> float | None:
        """Upper less lower limit; None where one is unknown."""
        if self.lower is None or self.upper is None:
            return None
        return self.upper - self.lower

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"quantity": self.quantity.value}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """Read back what ``to_json`` made; raises TypeError, KeyError or ValueError otherwise."""
        return cls(**(dict(document) | {"quantity": Quantity(document["quantity"])}))


@dataclass(frozen=True, slots=True)
class Embodiment:
    """A body and one vector of numbers about it.

    ``robot_types`` are the names under which datasets know it, ``source`` says where the units and
    limits come from. Raises ValueError where two dimensions share a name.
    """

    id: str
    title: str
    kind: Kind
    control: Control
    uses: tuple[Use, ...]
    dimensions: tuple[DimensionSpec, ...]
    robot_types: tuple[str, ...] = ()
    source: str = ""

    def __post_init__(self) -> None:
        names = [dimension.name for dimension in self.dimensions]
        if len(set(names)) != len(names):
            raise ValueError(f"{self.id}: two dimensions share a name")

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "title": self.title,
            "kind": self.kind.value,
            "control": self.control.value,
            "uses": [use.value for use in self.uses],
            "dimensions": [dimension.to_json() for dimension in self.dimensions],
            "robot_types": list(self.robot_types),
            "source": self.source,
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """Read back what ``to_json`` made; raises TypeError, KeyError or ValueError otherwise."""
        return cls(
            id=document["id"],
            title=document["title"],
            kind=Kind(document["kind"]),
            control=Control(document["control"]),
            uses=tuple(Use(use) for use in document["uses"]),
            dimensions=tuple(DimensionSpec.from_json(row) for row in document["dimensions"]),
            robot_types=tuple(document["robot_types"]),
            source=document["source"],
        )
