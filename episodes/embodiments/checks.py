"""Values against what their dimensions promise: units, limits, life."""

from collections.abc import Sequence
from math import pi

from episodes.embodiments.specs import DimensionSpec, Quantity
from episodes.embodiments.value_stats import DimensionStats, ValueStats
from episodes.findings import Finding, Severity

# 98 % of a joint's values lie between q01 and q99; no joint of a robot is declared this far off.
UNIT_FACTOR = 1.5
# Read as degrees the values must then fit the limits, calibration errors of a tenth allowed.
UNIT_FIT = 1.1
FULL_TURN = 2 * pi
# Radians where degrees are declared: a joint moves, and none of several ever by 2 pi degrees.
MIN_SMALL_DIMENSIONS = 3
RED_BEYOND_SHARE = 0.05
RED_EXCESS_SHARE = 0.10
CLIPPED_SHARE = 0.05
# Of so few values over so many rows a sensor makes steps, not a movement.
QUANTISED_LEVELS = 32
QUANTISED_ROWS = 200
MIN_ROWS = 2

Pair = tuple[DimensionSpec, DimensionStats]


def check_values(stats: ValueStats) -> tuple[Finding, ...]:
    """Everything that is wrong or unknown about the values, in the order of the dimensions.

    Degrees under declared radians and values that are not finite are red; excess over limits is
    red where it is common and large; a dead, clipped or coarse dimension is amber: it may be meant.
    """
    pairs = list(zip(stats.specs, stats.dimensions(), strict=True))
    if stats.rows < MIN_ROWS:
        return (
            Finding(
                "values_too_few",
                Severity.UNKNOWN,
                f"{stats.rows} rows are too few to check.",
                "Check again once episodes are there.",
            ),
        )
    units = [*_degrees(pairs), *_radians(pairs)]
    wrong = {name for finding in units for name in finding.facts["dimensions"]}
    found = [*units]
    for spec, seen in pairs:
        found += _not_finite(spec, seen)
        if seen.constant:
            found.append(_dead(spec, seen))
        else:
            found += _coarse(spec, seen)
        if spec.name not in wrong:
            found += _beyond(spec, seen)
            found += _clipped(spec, seen)
    found += _without_limits(pairs)
    if not found:
        found.append(
            Finding(
                "values_fit",
                Severity.GREEN,
                f"{stats.rows} rows of {len(pairs)} dimensions lie within their limits.",
            )
        )
    return tuple(found)


def _largest(seen: DimensionStats) -> float:
    return max(abs(seen.q01 or 0.0), abs(seen.q99 or 0.0))


def _bound(spec: DimensionSpec) -> float:
    """The largest size that the limits allow; a full turn where there are none."""
    if spec.lower is None or spec.upper is None:
        return FULL_TURN
    return max(abs(spec.lower), abs(spec.upper))


def _degrees(pairs: Sequence[Pair]) -> list[Finding]:
    """Declared in radians, far beyond their limits, within them if read as degrees."""
    hit = [
        (spec, seen)
        for spec, seen in pairs
        if spec.unit == "rad"
        and _largest(seen) > UNIT_FACTOR * _bound(spec)
        and _largest(seen) * pi / 180 <= UNIT_FIT * _bound(spec)
    ]
    if not hit:
        return []
    spec, seen = hit[0]
    more = f", and {len(hit) - 1} more dimensions alike" if len(hit) > 1 else ""
    return [
        Finding(
            "degrees_as_radians",
            Severity.RED,
            f"{spec.name} is declared in rad, but 98 % of its values lie between "
            f"{_number(seen.q01)} and {_number(seen.q99)}, which fits degrees{more}.",
            "Declare degrees, or convert the values; tell from the recorder's documentation.",
            {"dimensions": [each.name for each, _ in hit]},
        )
    ]


def _radians(pairs: Sequence[Pair]) -> list[Finding]:
    """Declared in degrees, yet all of several joints that move stay within a turn of radians."""
    declared = [(spec, seen) for spec, seen in pairs if spec.unit == "deg" and not seen.constant]
    sizes = [max(abs(seen.minimum or 0.0), abs(seen.maximum or 0.0)) for _, seen in declared]
    if len(declared) < MIN_SMALL_DIMENSIONS or max(sizes) > FULL_TURN:
        return []
    return [
        Finding(
            "radians_as_degrees",
            Severity.AMBER,
            f"{len(declared)} dimensions are declared in deg, but none leaves "
            f"{_number(max(sizes))}, as radians would not.",
            "Declare radians, or confirm that the robot hardly moves.",
            {"dimensions": [spec.name for spec, _ in declared]},
        )
    ]


def _not_finite(spec: DimensionSpec, seen: DimensionStats) -> list[Finding]:
    if not seen.not_finite:
        return []
    return [
        Finding(
            "values_not_finite",
            Severity.RED,
            f"{spec.name}: {seen.not_finite} of {seen.count} values are not numbers.",
            "Leave these episodes out, or record them again.",
            {"dimensions": [spec.name], "count": seen.not_finite},
        )
    ]


def _dead(spec: DimensionSpec, seen: DimensionStats) -> Finding:
    return Finding(
        "dimension_dead",
        Severity.AMBER,
        f"{spec.name} is {_with_unit(seen.minimum, spec)} in all {seen.count} rows.",
        "Check the sensor; if the part is not used, mask the dimension when training.",
        {"dimensions": [spec.name], "value": seen.minimum},
    )


def _coarse(spec: DimensionSpec, seen: DimensionStats) -> list[Finding]:
    few = seen.levels <= QUANTISED_LEVELS and seen.count >= QUANTISED_ROWS
    # A gripper is often commanded open or shut and nothing between.
    if not few or seen.step is None or spec.quantity is Quantity.GRIPPER_APERTURE:
        return []
    return [
        Finding(
            "dimension_coarse",
            Severity.AMBER,
            f"{spec.name} takes {seen.levels} values in {seen.count} rows, "
            f"{_with_unit(seen.step, spec)} apart at the closest.",
            "Check the sensor's resolution and whether the recorder rounds.",
            {"dimensions": [spec.name], "levels": seen.levels, "step": seen.step},
        )
    ]


def _beyond(spec: DimensionSpec, seen: DimensionStats) -> list[Finding]:
    if not seen.beyond:
        return []
    share = seen.beyond / seen.count
    grave = share > RED_BEYOND_SHARE and (
        spec.span is None or seen.excess > RED_EXCESS_SHARE * spec.span
    )
    return [
        Finding(
            "beyond_limits",
            Severity.RED if grave else Severity.AMBER,
            f"{spec.name} leaves its limits ({_number(spec.lower)} to "
            f"{_with_unit(spec.upper, spec)}) in {_percent(share)} of rows, first in row "
            f"{seen.first_beyond}, by up to {_with_unit(seen.excess, spec)}.",
            "Check the limits, the unit and the zero of this dimension.",
            {
                "dimensions": [spec.name],
                "share": share,
                "first_row": seen.first_beyond,
                "excess": seen.excess,
            },
        )
    ]


def _clipped(spec: DimensionSpec, seen: DimensionStats) -> list[Finding]:
    # A gripper rests at its stops by design, a rotation matrix at 1.
    rests = (Quantity.GRIPPER_APERTURE, Quantity.ROTATION_MATRIX)
    share = max(seen.at_lower, seen.at_upper) / seen.count
    if seen.constant or spec.quantity in rests or share <= CLIPPED_SHARE:
        return []
    limit = spec.lower if seen.at_lower >= seen.at_upper else spec.upper
    return [
        Finding(
            "clipped_at_limit",
            Severity.AMBER,
            f"{spec.name} rests at its limit of {_with_unit(limit, spec)} in "
            f"{_percent(share)} of rows.",
            "Look whether the recorder clips; clipped values are not what the robot did.",
            {"dimensions": [spec.name], "share": share},
        )
    ]


def _without_limits(pairs: Sequence[Pair]) -> list[Finding]:
    unlimited = [
        spec.name
        for spec, _ in pairs
        if spec.quantity is Quantity.JOINT_POSITION and spec.span is None
    ]
    if not unlimited:
        return []
    return [
        Finding(
            "limits_unknown",
            Severity.UNKNOWN,
            f"{len(unlimited)} joints have no limits to check against, {unlimited[0]} the first.",
            "Enter the limits from the robot's description.",
            {"dimensions": unlimited},
        )
    ]


def _number(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.4g}"


def _with_unit(value: float | None, spec: DimensionSpec) -> str:
    unit = "" if spec.unit == "1" else f" {spec.unit}"
    return f"{_number(value)}{unit}"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %" if share >= 0.001 else "under 0.1 %"
