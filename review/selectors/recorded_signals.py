"""What the dataset's checks read of a recording: gripper, position and force by effector, actions.

Which column is what comes from the embodiment's description and the import's kinds; names decide
only which side a column belongs to and which axis it is.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from episodes.embodiments import Quantity
from episodes.errors import TouchlineError
from episodes.models import Embodiment, Signal
from episodes.selectors.embodiments import lane_dimensions, space_signal, specs_of
from episodes.selectors.samples import signal_table
from review.measures.checks.alignment import EffectorSignals
from review.measures.checks.coverage import Dimension
from review.measures.checks.reading import RecordedSignals, aperture, side_of
from review.measures.checks.signals import Series

Floats = NDArray[np.float64]
Kind = Signal.Kind

# A command says best when a gripper closes; a measured aperture stops at the object.
GRIPPERS = (Kind.ACTION, Kind.GRIPPER, Kind.STATE)
READ = (*GRIPPERS, Kind.END_EFFECTOR, Kind.FORCE)
AXES = ("x", "y", "z")
_TURNED = frozenset(("rot", "rotation", "quat", "euler", "roll", "pitch", "yaw", "torque"))
_WORD = re.compile(r"[a-z]+")
_METRES = {"mm": 0.001}


@dataclass(frozen=True, slots=True)
class _Column:
    signal: Signal
    at: int
    name: str
    unit: str
    quantity: str
    opens: bool

    @property
    def side(self) -> str:
        return side_of(f"{self.signal.name} {self.name}")

    @property
    def words(self) -> set[str]:
        return set(_WORD.findall(self.name.lower()))


def declared_dimensions(embodiment: Embodiment | None) -> tuple[Dimension, ...]:
    """The action space with its limits, as the robot's configuration declares it."""
    if embodiment is None:
        return ()
    specs = specs_of(embodiment, "action")
    return tuple(
        Dimension(
            spec.name, spec.lower, spec.upper, rests=spec.quantity is Quantity.GRIPPER_APERTURE
        )
        for spec in specs
    )


class SignalReader:
    """Reads one episode's signals; ``unreadable`` names those whose file is damaged or gone."""

    def __init__(self, signals: Sequence[Signal], embodiment: Embodiment | None) -> None:
        self._signals = [one for one in signals if one.kind in READ]
        self._embodiment = embodiment
        self._described = lane_dimensions(self._signals, embodiment)
        self._read: dict[str, tuple[NDArray[np.int64], Floats] | None] = {}
        self.unreadable: list[str] = []

    def all(self) -> RecordedSignals:
        sides: dict[str, dict[str, Series]] = {}
        for name, found in (
            ("gripper", self._grippers()),
            ("position", self._positions()),
            ("force", self._forces()),
        ):
            for side, series in found.items():
                sides.setdefault(side, {})[name] = series
        effectors = _shared(sides)
        positions = [one.position.values for one in effectors.values() if one.position is not None]
        return RecordedSignals(
            by_effector=effectors,
            actions=self._actions(),
            positions=np.concatenate(positions) if positions else None,
        )

    def _values(self, signal: Signal) -> tuple[NDArray[np.int64], Floats] | None:
        if signal.name not in self._read:
            try:
                table = signal_table(signal)
            except TouchlineError:
                self.unreadable.append(signal.name)
                self._read[signal.name] = None
            else:
                self._read[signal.name] = _arrays(table)
        return self._read[signal.name]

    def _columns(self, *kinds: str) -> Iterator[_Column]:
        for kind in kinds:
            for signal in self._signals:
                if signal.kind == kind:
                    for at, one in enumerate(self._described[signal.name]):
                        yield _Column(
                            signal,
                            at,
                            one.get("name") or "",
                            one.get("unit") or "",
                            one.get("quantity") or "",
                            one.get("positive") != "closes",
                        )

    def _grippers(self) -> dict[str, Series]:
        found: dict[str, Series] = {}
        for column in self._columns(*GRIPPERS):
            named = column.signal.kind == Kind.GRIPPER or "gripper" in column.words
            is_one = column.quantity == Quantity.GRIPPER_APERTURE or (not column.quantity and named)
            if is_one and column.side not in found:
                read = self._values(column.signal)
                if read is not None:
                    times, values = read
                    found[column.side] = aperture(times, values[:, column.at], opens=column.opens)
        return found

    def _positions(self) -> dict[str, Series]:
        """Where the end effector is, in metres: x, y, z by name, else the first three of a kind."""
        triples: dict[tuple[str, str], list[_Column]] = {}
        for column in self._columns(Kind.END_EFFECTOR, Kind.STATE):
            measures = column.quantity == Quantity.POSITION or (
                not column.quantity and column.signal.kind == Kind.END_EFFECTOR
            )
            if measures and not column.words & _TURNED:
                triples.setdefault((column.side, column.signal.name), []).append(column)
        found: dict[str, Series] = {}
        for (side, _), columns in triples.items():
            axes = [next((c for c in columns if axis in c.words), None) for axis in AXES]
            chosen = [one for one in axes if one is not None]
            chosen = chosen if len(chosen) == 3 else columns[:3]
            if len(chosen) == 3 and side not in found:
                read = self._values(chosen[0].signal)
                if read is not None:
                    times, values = read
                    scale = _METRES.get(chosen[0].unit, 1.0)
                    found[side] = Series(times, values[:, [one.at for one in chosen]] * scale)
        return found

    def _forces(self) -> dict[str, Series]:
        """Newton: the length of a vector, or the greatest of several fingers."""
        groups: dict[tuple[str, str], list[_Column]] = {}
        for column in self._columns(Kind.FORCE):
            torque = column.unit == "Nm" or column.words & _TURNED
            if not torque:
                groups.setdefault((column.side, column.signal.name), []).append(column)
        found: dict[str, Series] = {}
        for (side, _), columns in groups.items():
            read = self._values(columns[0].signal)
            if read is None or side in found:
                continue
            times, values = read
            own = values[:, [one.at for one in columns]]
            vector = len(columns) == 3 and all(one.words & set(AXES) for one in columns)
            force = np.linalg.norm(own, axis=1) if vector else np.abs(own).max(axis=1)
            found[side] = Series(times, force)
        return found

    def _actions(self) -> Floats | None:
        if self._embodiment is None:
            return None
        specs = specs_of(self._embodiment, "action")
        signal = space_signal(self._signals, "action", specs) if specs else None
        read = None if signal is None else self._values(signal)
        return None if read is None else read[1]


def _shared(sides: Mapping[str, Mapping[str, Series]]) -> dict[str, EffectorSignals]:
    """What has no side in its name belongs to the only arm, or to none of two."""
    arms = [side for side in sides if side]
    common = sides.get("", {})
    if not arms:
        return {"": EffectorSignals(**common)} if common else {}
    shared = common if len(arms) == 1 else {}
    return {side: EffectorSignals(**{**shared, **sides[side]}) for side in sorted(arms)}


def _arrays(table: pa.Table) -> tuple[NDArray[np.int64], Floats]:
    columns = [
        table.column(at).cast(pa.float64(), safe=False).to_numpy()
        for at in range(1, table.num_columns)
    ]
    times = table.column(0).to_numpy().astype(np.int64)
    return times, np.stack(columns, axis=1) if columns else np.zeros((len(times), 0))
